package io.bobbinet.cli;

import io.bobbinet.cli.Server.Bound;
import io.bobbinet.net.Endpoint;
import io.bobbinet.net.SocketStream;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixStream;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.Optional;

/** The stream sockets that endpoints name. */
final class StreamSockets {
    private StreamSockets() {}

    /** {@return a listener on an endpoint} If it is a UNIX path, the socket file goes when the listener is closed. */
    static Bound<SocketStream> listen(Endpoint endpoint) throws IOException {
        return switch (endpoint) {
            case Endpoint.Tcp tcp -> {
                TcpListener listener =
                        tcp.host().isEmpty() ? Tcp.listen(tcp.port()) : Tcp.listen(tcp.host(), tcp.port());
                yield new Bound<>(tcp.withPort(listener.localAddress().getPort()), listener);
            }
            case Endpoint.Unix unix -> {
                UnixListener listener =
                        Unix.binder(unix.address()).withDeleteOnClose().listen();
                yield new Bound<>(unix, listener);
            }
            case Endpoint.Tls _, Endpoint.Udp _, Endpoint.UnixDatagram _ -> throw unsuitable(endpoint);
        };
    }

    /**
     * {@return an endpoint to connect to}
     *
     * @param timeout how long an attempt may take
     */
    static Target<SocketStream> target(Endpoint endpoint, Optional<Duration> timeout) {
        return switch (endpoint) {
            case Endpoint.Tcp tcp -> {
                if (tcp.host().isEmpty() || tcp.port() == 0) {
                    throw new UsageException(
                            "The endpoint '" + tcp + "' is for listening; to connect, name a host and a port");
                }
                var connector = Tcp.connector(tcp.host(), tcp.port());
                yield new Target<>(
                        tcp, timeout.map(connector::withConnectTimeout).orElse(connector));
            }
            case Endpoint.Unix unix -> {
                var connector = Unix.connector(unix.address());
                yield new Target<>(
                        unix, timeout.map(connector::withConnectTimeout).orElse(connector));
            }
            case Endpoint.Tls _, Endpoint.Udp _, Endpoint.UnixDatagram _ -> throw unsuitable(endpoint);
        };
    }

    private static UsageException unsuitable(Endpoint endpoint) {
        return new UsageException("The endpoint '" + endpoint + "' is of a kind that this command cannot use;"
                + " write " + EndpointConverter.FORMS);
    }

    /** Makes the end of a connection a bad one, where that can be: whoever cannot tell takes a part for the whole. */
    static void spoil(SocketStream stream) {
        if (stream instanceof TcpStream) {
            try {
                stream.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException e) {
                // It is closed or broken already, and ends as it can.
            }
        }
    }

    /** {@return who is at the other end, for people} */
    static String peerName(SocketStream stream) {
        return switch (stream) {
            case TcpStream tcp ->
                new Endpoint.Tcp(
                                tcp.peerAddress().getAddress().getHostAddress(),
                                tcp.peerAddress().getPort())
                        .toString();
            case UnixStream unix -> peerName(unix.localAddress(), unix.peerAddress());
            case UnixDescriptorStream unix -> peerName(unix.localAddress(), unix.peerAddress());
        };
    }

    /** Clients of UNIX sockets have no name, as a rule; the server has. */
    private static String peerName(UnixAddress local, UnixAddress peer) {
        return peer.isUnnamed() ? text(local) + " (client)" : text(peer);
    }

    /** As an endpoint, but for what is bound to a relative path. */
    private static String text(UnixAddress address) {
        boolean isRelative = address.isPath() && address.bytes()[0] != '/';
        return isRelative || address.isUnnamed() ? "unix:" + address : new Endpoint.Unix(address).toString();
    }
}
