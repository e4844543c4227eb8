package io.bobbinet.net;

import io.bobbinet.task.Backends;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;

/**
 * TCP: connections, listeners, and the ways to make them.
 *
 * <p>{@link #connect} and {@link #listen} are for nine users in ten; {@link #connector} and {@link #binder} give the same
 * with options.
 */
public final class Tcp {
    /** Stands for the host where none is given; no host has such a name. */
    static final String EVERYWHERE = "*";

    private Tcp() {}

    /**
     * Connects to a host. If the name has several addresses they are tried as RFC 8305 says ("Happy Eyeballs"): the families
     * in turn, IPv6 first, the next one after 250 ms or as soon as an attempt fails; the first to answer wins. There is no
     * time limit but that of the system: use a {@link io.bobbinet.task.CancelScope#failAfter scope}, or a
     * {@link TcpConnector#withConnectTimeout connector}.
     *
     * @param host a name or a numeric address, an IPv6 one with or without a scope
     * @param port the port, 1 to 65535
     * @return the connection, which belongs to the caller
     * @throws IllegalArgumentException if the port is out of range
     * @throws java.net.UnknownHostException if the name is malformed or has no address
     * @throws ConnectionFailedException if no attempt succeeds; each is a suppressed exception with its address
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; all attempts have been closed
     * @throws IOException as {@link java.io.InterruptedIOException} if the thread was interrupted by the user
     */
    public static TcpStream connect(String host, int port) throws IOException {
        return connector(host, port).connect();
    }

    /**
     * Makes a connector with the default options.
     *
     * @param host a name or a numeric address, an IPv6 one with or without a scope; looked up at each connect
     * @param port the port, 1 to 65535
     * @return the connector
     * @throws IllegalArgumentException if the port is out of range
     */
    public static TcpConnector connector(String host, int port) {
        HostNames.checkPort(port, 1);
        return new TcpConnector(host, InetSocketAddress.createUnresolved(host, port), ConnectSettings.DEFAULT);
    }

    /**
     * Makes a connector with the default options.
     *
     * @param remote where to; if unresolved, it is looked up at each connect
     * @return the connector
     * @throws IllegalArgumentException if the port is 0
     */
    public static TcpConnector connector(InetSocketAddress remote) {
        HostNames.checkPort(remote.getPort(), 1);
        return new TcpConnector(remote.getHostString(), remote, ConnectSettings.DEFAULT);
    }

    /**
     * Listens on all addresses of this machine, IPv6 and IPv4 on one port.
     *
     * @param port the port, or 0 to let the system choose
     * @return the listener, which belongs to the caller
     * @throws IllegalArgumentException if the port is out of range
     * @throws java.net.BindException if the port is taken or forbidden; with the address in the message
     * @throws IOException if the system refuses otherwise
     */
    public static TcpListener listen(int port) throws IOException {
        return binder(port).listen();
    }

    /**
     * Listens on the addresses of a host, all of them if the name has several, on one port.
     *
     * @param host a name or a numeric address of this machine; {@code "::"} takes IPv4 as well
     * @param port the port, or 0 to let the system choose
     * @return the listener, which belongs to the caller
     * @throws IllegalArgumentException if the port is out of range
     * @throws java.net.UnknownHostException if the name is malformed or has no address
     * @throws java.net.BindException if the port is taken or forbidden, or an address not of this machine; with the address
     *     in the message
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; nothing is left open
     * @throws IOException if the system refuses otherwise
     */
    public static TcpListener listen(String host, int port) throws IOException {
        return binder(host, port).listen();
    }

    /**
     * Makes a binder for all addresses of this machine.
     *
     * @param port the port, or 0 to let the system choose
     * @return the binder
     * @throws IllegalArgumentException if the port is out of range
     */
    public static TcpBinder binder(int port) {
        return new TcpBinder(
                InetSocketAddress.createUnresolved(EVERYWHERE, HostNames.checkPort(port, 0)), BindSettings.DEFAULT);
    }

    /**
     * Makes a binder for the addresses of a host.
     *
     * @param host a name or a numeric address of this machine; looked up at each listen
     * @param port the port, or 0 to let the system choose
     * @return the binder
     * @throws IllegalArgumentException if the port is out of range
     */
    public static TcpBinder binder(String host, int port) {
        HostNames.checkPort(port, 0);
        return new TcpBinder(InetSocketAddress.createUnresolved(host, port), BindSettings.DEFAULT);
    }

    /**
     * Makes a binder for an address.
     *
     * @param local the address; if unresolved, it is looked up at each listen; the wildcard means all addresses of both
     *     families, as with the JDK
     * @return the binder
     */
    public static TcpBinder binder(InetSocketAddress local) {
        return new TcpBinder(local, BindSettings.DEFAULT);
    }

    /**
     * Takes over a connected channel of the JDK. It must not be used by others any more. It lives on the backend
     * {@code nio}, whichever is in force. If this throws, the channel still belongs to the caller.
     *
     * @param channel the channel
     * @return the stream, which owns the channel
     * @throws java.nio.channels.NotYetConnectedException if it is not connected
     * @throws IllegalArgumentException if it is not one of TCP, or is registered with a selector
     * @throws IOException if it is closed
     */
    public static TcpStream adopt(SocketChannel channel) throws IOException {
        Adoption.checkConnected(channel, InetSocketAddress.class);
        return TcpStream.over(Backends.named("nio").adoptStream(channel));
    }

    /**
     * Takes over a listening channel of the JDK. It must not be used by others any more. It lives on the backend
     * {@code nio}, whichever is in force. If this throws, the channel still belongs to the caller.
     *
     * @param channel the channel
     * @return the listener, which owns the channel
     * @throws java.nio.channels.NotYetBoundException if it is not bound
     * @throws IllegalArgumentException if it is not one of TCP, or is registered with a selector
     * @throws IOException if it is closed
     */
    public static TcpListener adopt(ServerSocketChannel channel) throws IOException {
        Adoption.checkBound(channel, InetSocketAddress.class);
        return TcpListener.over(List.of(Backends.named("nio").adoptListener(channel)));
    }
}
