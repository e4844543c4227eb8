package io.bobbinet.cli;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramTransport;
import io.bobbinet.net.Endpoint;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpBinder;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.spi.Capability;
import io.bobbinet.task.Backends;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.file.FileSystemException;

/** The datagram sockets that endpoints name. */
final class DatagramSockets {
    /** More than any UDP datagram has, and than UNIX datagrams have unless somebody has raised the system's limit. */
    static final int LONGEST = 1 << 18;

    private DatagramSockets() {}

    static boolean isDatagram(Endpoint endpoint) {
        return endpoint instanceof Endpoint.Udp || endpoint instanceof Endpoint.UnixDatagram;
    }

    /**
     * A bound socket and where it can be reached.
     *
     * @param <A> the kind of address
     * @param endpoint with the real port
     * @param socket the socket
     */
    record Bound<A extends SocketAddress>(Endpoint endpoint, DatagramTransport<A> socket) {}

    /** {@return a socket on an endpoint} If it is a UNIX path, the socket file goes when the socket is closed. */
    static Bound<?> bind(Endpoint endpoint) throws IOException {
        if (endpoint instanceof Endpoint.UnixDatagram unix) {
            return new Bound<>(
                    unix,
                    UnixDatagram.binder(unix.address()).withDeleteOnClose().bind());
        }
        Endpoint.Udp udp = (Endpoint.Udp) endpoint;
        UdpBinder binder = udp.host().isEmpty() ? Udp.binder(udp.port()) : Udp.binder(udp.host(), udp.port());
        // An answer has to come from the address that was asked, where the system tells which that was.
        boolean tells = Backends.current().capabilities().contains(Capability.DESTINATION_ADDRESS);
        UdpSocket socket = (tells ? binder.withDestination() : binder).bind();
        return new Bound<>(udp.withPort(socket.localAddress().getPort()), socket);
    }

    /** {@return an endpoint to connect to} If this backend has no such sockets, this fails, rather than each connect. */
    static Target<ConnectedDatagramTransport<?>> target(Endpoint endpoint) throws IOException {
        if (endpoint instanceof Endpoint.UnixDatagram unix) {
            UnixDatagram.open().close();
            return new Target<>(unix, UnixDatagram.connector(unix.address()));
        }
        Endpoint.Udp udp = (Endpoint.Udp) endpoint;
        Target.check(udp, udp.host(), udp.port());
        return new Target<>(udp, Udp.connector(udp.host(), udp.port()));
    }

    /** {@return what a failure of a socket that is connected to an endpoint means, for people} */
    static IOException failure(Endpoint peer, IOException failure) {
        String message = switch (failure) {
            case PortUnreachableException _ -> "Cannot reach " + peer + ": nobody has the port";
            case ConnectException _, NoRouteToHostException _, FileSystemException _ ->
                "Cannot reach " + peer + ": " + Complaints.describe(failure);
            default -> "The exchange with " + peer + " failed: " + Complaints.describe(failure);
        };
        return new IOException(message, failure);
    }

    /** {@return who has sent a datagram, for people} */
    static String sender(Datagram<?> datagram) {
        return datagram.peer().map(DatagramSockets::name).orElse("a socket without a name");
    }

    private static String name(SocketAddress address) {
        return switch (address) {
            case InetSocketAddress inet ->
                new Endpoint.Udp(inet.getAddress().getHostAddress(), inet.getPort()).toString();
            // As an endpoint, but for what is bound to a relative path.
            case UnixAddress unix
            when unix.isAbstract() || unix.bytes()[0] == '/' -> new Endpoint.UnixDatagram(unix).toString();
            default -> "unixgram:" + address;
        };
    }
}
