package io.bobbinet.spi;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * A stream socket. One thread at a time may read and one may write; the layer above sees to that. {@link #close()} and
 * {@link #shutdownWrite()} may come from any thread.
 */
public interface StreamHandle extends SocketHandle {

    /**
     * Connects. After a failure or an interrupt the handle can only be closed. A UNIX connect that meets a full backlog
     * waits; but the backend {@code nio} lets one fail whose socket was bound.
     *
     * @param remote the address, resolved
     * @throws IOException if the connection cannot be made
     * @throws InterruptedException if the thread is interrupted
     */
    void connect(SocketAddress remote) throws IOException, InterruptedException;

    /**
     * {@return the address of the peer} An {@link java.net.InetSocketAddress} or a {@link UnixName}.
     *
     * @throws IOException if the socket is not connected or the system does not tell
     */
    SocketAddress remoteAddress() throws IOException;

    /**
     * Reads at least one byte, waiting for it if need be. If interrupted, nothing was read.
     *
     * @param target where the bytes go; at least one byte must remain
     * @return how many bytes were read, or -1 at the end of the stream
     * @throws IOException if the connection is broken or the handle closed
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    int read(ByteBuffer target) throws IOException, InterruptedException;

    /**
     * Reads at least one byte into an array of just the right size, made when the bytes are there: a waiting reader
     * holds no buffer.
     *
     * @param max how many bytes at most, at least 1
     * @return what arrived, or an empty array at the end of the stream
     * @throws IOException if the connection is broken or the handle closed
     * @throws InterruptedException if the thread is interrupted while it waits; then nothing was read
     */
    byte[] read(int max) throws IOException, InterruptedException;

    /**
     * Waits until a read would not wait: for data, the end of the stream or a failure. Takes nothing.
     *
     * @throws IOException if the handle is closed
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    void awaitReadable() throws IOException, InterruptedException;

    /**
     * Writes at least one of the remaining bytes, waiting for room if need be. The position of the source tells how many
     * went out, also when it throws.
     *
     * @param source the bytes; at least one must remain
     * @return how many bytes the system took, at least 1
     * @throws IOException if the connection is broken or the handle closed
     * @throws InterruptedException if the thread is interrupted while it waits; then nothing was written by this call
     */
    int write(ByteBuffer source) throws IOException, InterruptedException;

    /**
     * Writes at least one of the remaining bytes of several buffers, in their order, waiting for room if need be.
     *
     * @param sources the buffers; at least one byte must remain in them
     * @param offset the first buffer to use
     * @param length how many buffers to use
     * @return how many bytes the system took, at least 1
     * @throws IOException if the connection is broken or the handle closed
     * @throws InterruptedException if the thread is interrupted while it waits; then nothing was written by this call
     */
    long write(ByteBuffer[] sources, int offset, int length) throws IOException, InterruptedException;

    /**
     * Ends the outgoing direction, {@code shutdown(SHUT_WR)}. Idempotent; does not wait. A write that is blocked then, and
     * every later one, fails.
     *
     * @throws IOException if the system refuses or the handle is closed
     */
    void shutdownWrite() throws IOException;
}
