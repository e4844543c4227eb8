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
     * @throws FullBacklogException if it would have to wait so, and was bound, on {@code nio}
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

    /**
     * Receives bytes and what travels beside them, one {@code recvmsg}, waiting if need be. Descriptors that come are
     * close-on-exec. {@link #read} would have closed them.
     *
     * @param max how many bytes at most; with 0 what travels beside the next byte is taken, and the byte is left
     * @return what came
     * @throws IOException if the connection is broken or the handle closed
     * @throws InterruptedException if the thread is interrupted while it waits; then nothing was received
     * @throws UnsupportedOperationException if the backend lacks {@link Capability#DESCRIPTORS}, or it is no UNIX socket
     */
    default SystemMessage receiveMessage(int max) throws IOException, InterruptedException {
        throw withoutControlData();
    }

    /**
     * Sends at least one of the remaining bytes and, with the first of them, what is to travel beside them.
     *
     * @param source the bytes; at least one must remain
     * @param control what travels beside them; stays the caller's
     * @return how many bytes the system took, at least 1
     * @throws ControlRefusedException if the system refuses what is to travel beside them, for instance more than 253
     *     descriptors, one that is closed, or the credentials of others; then nothing was sent
     * @throws IOException if the connection is broken or the handle closed
     * @throws InterruptedException if the thread is interrupted while it waits; then nothing was sent
     * @throws UnsupportedOperationException if the backend lacks {@link Capability#DESCRIPTORS}, or it is no UNIX socket
     */
    default int sendMessage(ByteBuffer source, ControlData control) throws IOException, InterruptedException {
        throw withoutControlData();
    }

    /**
     * {@return who the peer of a UNIX stream was when it connected or began to listen, {@code SO_PEERCRED}}
     *
     * @throws IOException if the handle is closed or not connected
     * @throws UnsupportedOperationException if the backend lacks {@link Capability#PEER_CREDENTIALS}, or it is no UNIX
     *     socket
     */
    default ProcessCredentials peerCredentials() throws IOException {
        throw new UnsupportedOperationException(
                "This socket does not tell its peer's process, user and group; UNIX streams of the backend linux do");
    }

    private static UnsupportedOperationException withoutControlData() {
        return new UnsupportedOperationException(
                "This socket has no control messages; UNIX streams of the backend linux have");
    }
}
