package io.bobbinet.net;

import io.bobbinet.task.Backends;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;

/**
 * UDP: datagrams between hosts, RFC 768.
 *
 * {@snippet file="UdpExamples.java" region="serve"}
 *
 * {@snippet file="UdpExamples.java" region="connect"}
 */
public final class Udp {
    private Udp() {}

    /**
     * Makes a socket on a port that the system chooses, of both families: one that asks first, and whom nobody knows before.
     *
     * @return the socket, which belongs to the caller
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if the system refuses
     */
    public static UdpSocket open() throws IOException {
        return binder(0).bind();
    }

    /**
     * Makes a socket on all addresses of this machine, IPv6 and IPv4.
     *
     * @param port the port, or 0 to let the system choose
     * @return the socket, which belongs to the caller
     * @throws IllegalArgumentException if the port is out of range
     * @throws java.net.BindException if the port is taken or forbidden; with the address in the message
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if the system refuses otherwise
     */
    public static UdpSocket bind(int port) throws IOException {
        return binder(port).bind();
    }

    /**
     * Makes a socket on one address of this machine.
     *
     * @param host a numeric address of this machine, or a name, of which the first address counts; {@code "::"} takes IPv4 as
     *     well
     * @param port the port, or 0 to let the system choose
     * @return the socket, which belongs to the caller
     * @throws IllegalArgumentException if the port is out of range
     * @throws java.net.UnknownHostException if the name is malformed or has no address
     * @throws java.net.BindException if the port is taken or forbidden, or the address not of this machine; with the address
     *     in the message
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if the system refuses otherwise
     */
    public static UdpSocket bind(String host, int port) throws IOException {
        return binder(host, port).bind();
    }

    /**
     * Makes a socket that is connected to a host. Nothing is sent by that, and so nobody may be there.
     *
     * @param host a name or a numeric address; of several addresses the first that the system has a way to
     * @param port the port, 1 to 65535
     * @return the socket, which belongs to the caller
     * @throws IllegalArgumentException if the port is out of range
     * @throws java.net.UnknownHostException if the name is malformed or has no address
     * @throws ConnectionFailedException if the system has no way to any address; each is a suppressed exception
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; nothing is left open
     * @throws IOException as {@link java.io.InterruptedIOException} if the thread was interrupted by the user
     */
    public static ConnectedUdpSocket connect(String host, int port) throws IOException {
        return connector(host, port).connect();
    }

    /**
     * Makes a binder for all addresses of this machine.
     *
     * @param port the port, or 0 to let the system choose
     * @return the binder
     * @throws IllegalArgumentException if the port is out of range
     */
    public static UdpBinder binder(int port) {
        return new UdpBinder(InetSocketAddress.createUnresolved(Tcp.EVERYWHERE, HostNames.checkPort(port, 0)));
    }

    /**
     * Makes a binder for the first address of a host.
     *
     * @param host a name or a numeric address of this machine; looked up at each bind
     * @param port the port, or 0 to let the system choose
     * @return the binder
     * @throws IllegalArgumentException if the port is out of range
     */
    public static UdpBinder binder(String host, int port) {
        HostNames.checkPort(port, 0);
        return new UdpBinder(InetSocketAddress.createUnresolved(host, port));
    }

    /**
     * Makes a binder for an address.
     *
     * @param local the address; if unresolved, it is looked up at each bind; the wildcard means all addresses of both
     *     families, as with the JDK
     * @return the binder
     */
    public static UdpBinder binder(InetSocketAddress local) {
        return new UdpBinder(local);
    }

    /**
     * Makes a connector for a host.
     *
     * @param host a name or a numeric address; looked up at each connect
     * @param port the port, 1 to 65535
     * @return the connector
     * @throws IllegalArgumentException if the port is out of range
     */
    public static UdpConnector connector(String host, int port) {
        return new UdpConnector(host, InetSocketAddress.createUnresolved(host, HostNames.checkPort(port, 1)));
    }

    /**
     * Makes a connector for an address.
     *
     * @param remote the address; if unresolved, it is looked up at each connect
     * @return the connector
     * @throws IllegalArgumentException if the port is 0
     */
    public static UdpConnector connector(InetSocketAddress remote) {
        HostNames.checkPort(remote.getPort(), 1);
        return new UdpConnector(remote.getHostString(), remote);
    }

    /**
     * Takes over a bound channel of the JDK that is not connected. Multicast groups that it has joined stay so until it is closed. It must not be used by others any more. It lives on the
     * backend {@code nio}, whichever is in force. If this throws, the channel still belongs to the caller.
     *
     * @param channel the channel
     * @return the socket, which owns the channel
     * @throws java.nio.channels.NotYetBoundException if it is not bound
     * @throws IllegalArgumentException if it is connected, or registered with a selector
     * @throws IOException if it is closed
     */
    public static UdpSocket adopt(DatagramChannel channel) throws IOException {
        Adoption.checkBound(channel);
        return UdpSocket.over(Backends.named("nio").adoptDatagram(channel));
    }

    /**
     * Takes over a connected channel of the JDK. It must not be used by others any more. It lives on the backend
     * {@code nio}, whichever is in force. If this throws, the channel still belongs to the caller.
     *
     * @param channel the channel
     * @return the socket, which owns the channel
     * @throws java.nio.channels.NotYetConnectedException if it is not connected
     * @throws IllegalArgumentException if it is registered with a selector
     * @throws IOException if it is closed
     */
    public static ConnectedUdpSocket adoptConnected(DatagramChannel channel) throws IOException {
        Adoption.checkConnected(channel);
        return ConnectedUdpSocket.over(Backends.named("nio").adoptDatagram(channel));
    }
}
