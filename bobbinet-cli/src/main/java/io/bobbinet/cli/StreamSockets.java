package io.bobbinet.cli;

import io.bobbinet.net.Endpoint;
import io.bobbinet.net.SocketStream;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixStream;
import io.bobbinet.stream.Connector;
import io.bobbinet.stream.Listener;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** The stream sockets that endpoints name. */
final class StreamSockets {
    private StreamSockets() {}

    /**
     * A listener and where it can be reached.
     *
     * @param endpoint with the real port
     * @param listener the listener
     */
    record Bound(Endpoint endpoint, Listener<? extends SocketStream> listener) {}

    /** {@return a listener on an endpoint} If it is a UNIX path, the socket file goes when the listener is closed. */
    static Bound listen(Endpoint endpoint) throws IOException {
        return switch (endpoint) {
            case Endpoint.Tcp tcp -> {
                TcpListener listener =
                        tcp.host().isEmpty() ? Tcp.listen(tcp.port()) : Tcp.listen(tcp.host(), tcp.port());
                yield new Bound(tcp.withPort(listener.localAddress().getPort()), listener);
            }
            case Endpoint.Unix unix -> {
                UnixListener listener =
                        Unix.binder(unix.address()).withDeleteOnClose().listen();
                yield new Bound(unix, listener);
            }
            case Endpoint.Tls _, Endpoint.Udp _, Endpoint.UnixDatagram _ -> throw unsuitable(endpoint);
        };
    }

    /**
     * {@return what connects to an endpoint}
     *
     * @param timeout how long an attempt may take
     */
    static Connector<? extends SocketStream> connector(Endpoint endpoint, Optional<Duration> timeout) {
        return switch (endpoint) {
            case Endpoint.Tcp tcp -> {
                if (tcp.host().isEmpty() || tcp.port() == 0) {
                    throw new UsageException(
                            "The endpoint '" + tcp + "' is for listening; to connect, name a host and a port");
                }
                var connector = Tcp.connector(tcp.host(), tcp.port());
                yield timeout.map(connector::withConnectTimeout).orElse(connector);
            }
            case Endpoint.Unix unix -> {
                var connector = Unix.connector(unix.address());
                yield timeout.map(connector::withConnectTimeout).orElse(connector);
            }
            case Endpoint.Tls _, Endpoint.Udp _, Endpoint.UnixDatagram _ -> throw unsuitable(endpoint);
        };
    }

    private static UsageException unsuitable(Endpoint endpoint) {
        return new UsageException("The endpoint '" + endpoint + "' is of a kind that this command cannot use;"
                + " write tcp://HOST:PORT or unix:///PATH");
    }

    /** {@return who is at the other end, for people} */
    static String peerName(SocketStream stream) {
        return switch (stream) {
            case TcpStream tcp ->
                new Endpoint.Tcp(
                                tcp.peerAddress().getAddress().getHostAddress(),
                                tcp.peerAddress().getPort())
                        .toString();
            // Clients of UNIX sockets have no name, as a rule; the server has.
            case UnixStream unix ->
                "unix:"
                        + (unix.peerAddress().isUnnamed()
                                ? unix.localAddress() + " (client)"
                                : unix.peerAddress().toString());
        };
    }
}
