package io.bobbinet.cli;

import io.bobbinet.cli.Server.Bound;
import io.bobbinet.net.Endpoint;
import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpConnector;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Connector;
import io.bobbinet.stream.Listener;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsAttributes;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.Optional;

/** The stream sockets that endpoints name. */
final class StreamSockets {
    private StreamSockets() {}

    /**
     * {@return a listener on an endpoint} If it is a UNIX path, the socket file goes when the listener is closed.
     *
     * @param secure how TLS is spoken, if the endpoint is such
     */
    static Bound<ByteStream> listen(Endpoint endpoint, TlsOptions secure) throws IOException {
        return switch (endpoint) {
            case Endpoint.Tcp tcp -> {
                TcpListener listener =
                        tcp.host().isEmpty() ? Tcp.listen(tcp.port()) : Tcp.listen(tcp.host(), tcp.port());
                yield new Bound<>(tcp.withPort(listener.localAddress().getPort()), listener);
            }
            case Endpoint.Tls tls -> {
                Listener<TlsStream> listener = tls.host().isEmpty()
                        ? Tls.listen(tls.port(), secure)
                        : Tls.listen(tls.host(), tls.port(), secure);
                yield new Bound<>(tls.withPort(port(listener)), listener);
            }
            case Endpoint.Unix unix -> {
                UnixListener listener =
                        Unix.binder(unix.address()).withDeleteOnClose().listen();
                yield new Bound<>(unix, listener);
            }
            case Endpoint.Udp _, Endpoint.UnixDatagram _ -> throw unsuitable(endpoint);
        };
    }

    private static int port(Listener<?> listener) {
        return listener.find(SocketAttributes.LOCAL_ADDRESS)
                .map(InetSocketAddress.class::cast)
                .orElseThrow()
                .getPort();
    }

    /**
     * {@return an endpoint to connect to}
     *
     * @param timeout how long an attempt may take
     * @param secure how TLS is spoken, if the endpoint is such
     */
    static Target<ByteStream> target(Endpoint endpoint, Optional<Duration> timeout, TlsOptions secure) {
        return switch (endpoint) {
            case Endpoint.Tcp tcp -> new Target<>(tcp, connector(tcp, tcp.host(), tcp.port(), timeout));
            case Endpoint.Tls tls ->
                new Target<>(tls, secured(connector(tls, tls.host(), tls.port(), timeout), secure));
            case Endpoint.Unix unix -> {
                var connector = Unix.connector(unix.address());
                yield new Target<>(
                        unix, timeout.map(connector::withConnectTimeout).orElse(connector));
            }
            case Endpoint.Udp _, Endpoint.UnixDatagram _ -> throw unsuitable(endpoint);
        };
    }

    private static TcpConnector connector(Endpoint endpoint, String host, int port, Optional<Duration> timeout) {
        Target.check(endpoint, host, port);
        TcpConnector connector = Tcp.connector(host, port);
        return timeout.map(connector::withConnectTimeout).orElse(connector);
    }

    private static Connector<TlsStream> secured(TcpConnector below, TlsOptions secure) {
        try {
            return Tls.connector(below, secure);
        } catch (IllegalArgumentException e) {
            // Of what can be wrong here the command line decides nothing but the server's name.
            throw new UsageException("No TLS server can be called that: "
                    + TlsFailures.withoutHint(Complaints.describe(e)) + "; --server-name NAME names another");
        }
    }

    private static IllegalArgumentException unsuitable(Endpoint endpoint) {
        return new IllegalArgumentException("No streams go over '" + endpoint + "'");
    }

    /** Makes the end of a connection a bad one, where that can be: whoever cannot tell takes a part for the whole. */
    static void spoil(ByteStream stream) {
        try {
            switch (stream) {
                case TcpStream tcp -> tcp.setOption(StandardSocketOptions.SO_LINGER, 0);
                case TlsStream tls -> {
                    // A close in a cancelled scope says no goodbye, so that the peer sees a connection that was cut.
                    MoveOnScope cancelled = CancelScope.create();
                    cancelled.cancel();
                    cancelled.run(tls::close);
                }
                default -> {}
            }
        } catch (IOException e) {
            // It is closed or broken already, and ends as it can.
        }
    }

    /** {@return who is at the other end, for people} */
    static String peerName(ByteStream stream) {
        return switch (stream) {
            case TcpStream tcp ->
                new Endpoint.Tcp(
                                tcp.peerAddress().getAddress().getHostAddress(),
                                tcp.peerAddress().getPort())
                        .toString();
            case TlsStream tls ->
                tls.find(SocketAttributes.PEER_ADDRESS)
                        .map(InetSocketAddress.class::cast)
                        .map(peer -> new Endpoint.Tls(peer.getAddress().getHostAddress(), peer.getPort()).toString())
                        .orElse("a TLS peer");
            case UnixStream unix -> peerName(unix.localAddress(), unix.peerAddress());
            case UnixDescriptorStream unix -> peerName(unix.localAddress(), unix.peerAddress());
            default -> stream.toString();
        };
    }

    /** {@return what a TLS handshake has agreed upon, for people; nothing for other connections} */
    static String agreement(ByteStream stream) {
        if (!(stream instanceof TlsStream)) {
            return "";
        }
        StringBuilder text = new StringBuilder(": ");
        text.append(stream.find(TlsAttributes.PROTOCOL).orElse("")).append(", ");
        text.append(stream.find(TlsAttributes.CIPHER_SUITE).orElse(""));
        stream.find(TlsAttributes.ALPN)
                .ifPresent(protocol -> text.append(", ALPN ").append(protocol));
        stream.find(TlsAttributes.SERVER_NAME)
                .filter(name -> !isAddress(name)) // a client verifies those, but does not ask for them
                .ifPresent(name -> text.append(", server name ").append(name));
        stream.find(TlsAttributes.PEER_CERTIFICATES)
                .ifPresent(chain -> text.append(", peer ")
                        .append(chain.getFirst().getSubjectX500Principal().getName()));
        return text.toString();
    }

    private static boolean isAddress(String name) {
        try {
            InetAddress.ofLiteral(name);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
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
