package io.bobbinet.net;

import io.bobbinet.spi.StreamHandle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;

/**
 * A TCP connection.
 *
 * <p>Made by {@link Tcp#connect}, a {@link TcpConnector}, a {@link TcpListener} or {@link Tcp#adopt}. {@code TCP_NODELAY} is
 * on, but for adopted channels, which are left as they are. If a send was cut off in its middle, or is under way when it
 * comes, {@link #close()} resets the connection, and the peer gets an error instead of an end. Closing with data unread makes the peer see a reset too: that
 * is what the system does.
 */
public final class TcpStream extends HandleStream implements SocketStream {
    private final InetSocketAddress local;
    private final InetSocketAddress peer;

    private TcpStream(StreamHandle handle, InetSocketAddress local, InetSocketAddress peer) {
        super(handle);
        this.local = local;
        this.peer = peer;
    }

    /** Makes a stream of a connected handle, whose addresses may not be known any more if it was reset meanwhile. */
    static TcpStream over(StreamHandle handle) {
        return new TcpStream(handle, address(handle::localAddress), address(handle::remoteAddress));
    }

    private interface AddressSource {
        SocketAddress ask() throws IOException;
    }

    private static InetSocketAddress address(AddressSource source) {
        try {
            if (source.ask() instanceof InetSocketAddress address) {
                return address;
            }
        } catch (IOException e) {
            // Reset before it was accepted: the data that came before can still be received.
        }
        return new InetSocketAddress(0);
    }

    /**
     * {@return the address of this end} An IPv4 address if the connection is one of IPv4, even if the socket is not. As it
     * was when the stream was made; known after the close. The wildcard with port 0 if the connection was reset before it
     * was accepted and the system could not tell any more.
     */
    @Override
    public InetSocketAddress localAddress() {
        return local;
    }

    /**
     * {@return the address of the other end} An IPv4 address if the connection is one of IPv4, even if the socket is not.
     * As it was when the stream was made; known after the close. The wildcard with port 0 if the connection was reset
     * before it was accepted and the system could not tell any more.
     */
    @Override
    public InetSocketAddress peerAddress() {
        return peer;
    }

    /**
     * Asks for what the system knows of this connection: times, windows, losses, counts. Possible after a reset too.
     *
     * @return the state of this moment
     * @throws UnsupportedOperationException if the socket is one of the backend {@code nio}; the message names one that can
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the stream
     * @throws IOException if the system refuses
     */
    public TcpInfo info() throws IOException {
        return TcpInfo.of(option(TcpInfo.OPTION));
    }

    @Override
    SocketAddress peer() {
        return peer;
    }

    @Override
    void closeWillReset() throws IOException {
        handle.setOption(StandardSocketOptions.SO_LINGER, 0);
    }
}
