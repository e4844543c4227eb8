package io.bobbinet.net;

import io.bobbinet.stream.ByteStream;
import java.io.IOException;
import java.net.SocketAddress;

/**
 * A connected stream socket: a {@link ByteStream} that has addresses and options.
 *
 * <p>What {@link ByteStream} promises holds here; the transport adds this. Nothing is read ahead of a receive, so a slow
 * receiver holds back its peer. A cancelled, timed-out or interrupted call leaves the socket open. A reset that any call
 * has met makes every later receive broken once the data that still came is used up, unless the end of the stream had been
 * received before.
 */
public sealed interface SocketStream extends ByteStream, SocketView
        permits TcpStream, UnixStream, UnixDescriptorStream {

    /**
     * {@return the address of the other end} As it was when the stream was made; known after the close, and after a reset.
     */
    SocketAddress peerAddress();

    /**
     * Makes a descriptor of this socket, to be sent to another process or kept: another number for the same connection. It
     * belongs to the caller and is independent of this stream, which stays as it is; the connection ends when all of its
     * descriptors are closed. Linux only.
     *
     * @return the descriptor
     * @throws UnsupportedOperationException if this is a channel of the JDK, as all are of the backend {@code nio} and all
     *     that were adopted
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the stream
     * @throws IOException if the system gives none
     */
    Descriptor toDescriptor() throws IOException;
}
