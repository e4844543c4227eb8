package io.bobbinet.net;

import io.bobbinet.stream.ByteStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.util.Set;

/**
 * A connected stream socket: a {@link ByteStream} that has addresses and options.
 *
 * <p>What {@link ByteStream} promises holds here; the transport adds this. Nothing is read ahead of a receive, so a slow
 * receiver holds back its peer. A cancelled, timed-out or interrupted call leaves the socket open. A reset that any call
 * has met makes every later receive broken once the data that still came is used up, unless the end of the stream had been
 * received before.
 */
public sealed interface SocketStream extends ByteStream permits TcpStream, UnixStream, UnixDescriptorStream {

    /**
     * {@return the address of this end} As it was when the stream was made; known after the close.
     */
    SocketAddress localAddress();

    /**
     * {@return the address of the other end} As it was when the stream was made; known after the close, and after a reset.
     */
    SocketAddress peerAddress();

    /**
     * Asks for the value of a socket option.
     *
     * @param <T> the type of the value
     * @param option the option
     * @return its value
     * @throws UnsupportedOperationException if this socket does not have the option
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the stream
     * @throws IOException if the system refuses
     */
    <T> T option(SocketOption<T> option) throws IOException;

    /**
     * Sets a socket option.
     *
     * @param <T> the type of the value
     * @param option the option
     * @param value its value
     * @throws UnsupportedOperationException if this socket does not have the option
     * @throws IllegalArgumentException if the option does not take the value
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the stream
     * @throws IOException if the system refuses
     */
    <T> void setOption(SocketOption<T> option, T value) throws IOException;

    /**
     * {@return the options that can be asked for or set}
     */
    Set<SocketOption<?>> supportedOptions();

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
