package io.bobbinet.tls;

import io.bobbinet.net.SocketAttributes;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ByteStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** One side of handshakes: what all connections of a connector or a listener have in common. */
final class Role {
    /** Sessions are kept by name and port; not at all for -1. */
    private static final int UNKNOWN_PORT = 0;

    private final TlsOptions options;
    private final boolean server;

    /** The name that is verified; empty on a server. */
    private final String serverName;

    private Role(TlsOptions options, boolean server, String serverName) {
        this.options = options;
        this.server = server;
        this.serverName = serverName;
        newEngine(UNKNOWN_PORT); // Unknown protocols and suites are refused here, before anything is opened.
    }

    /** The side of a client of a host; the name in the options goes first. */
    static Role client(TlsOptions options, Optional<String> host) {
        String name = options.offer().serverName();
        return new Role(options, false, name.isEmpty() ? verifiable(host) : name);
    }

    private static String verifiable(Optional<String> host) {
        String name = host.orElseThrow(() -> new IllegalArgumentException(
                "A client must name the server that it verifies, and this goes to no host: use withServerName"));
        try {
            return TlsOptions.serverName(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + "; withServerName names another", e);
        }
    }

    static Role server(TlsOptions options) {
        if (!options.context().canServe()) {
            throw new IllegalArgumentException(
                    "A server needs a key and a certificate: use withIdentity or withContext");
        }
        if (options.offer().clientAuth() != TlsClientAuth.NONE
                && !options.context().canJudgeClients()) {
            throw new IllegalArgumentException(
                    "A server that asks for client certificates must say whose are trusted: use withTrust");
        }
        return new Role(options, true, "");
    }

    SSLEngine newEngine(ByteStream transport) {
        return newEngine(
                transport.find(SocketAttributes.PEER_ADDRESS).orElse(null) instanceof InetSocketAddress address
                        ? address.getPort()
                        : UNKNOWN_PORT);
    }

    private SSLEngine newEngine(int port) {
        SSLEngine engine = server
                ? options.context().sslContext().createSSLEngine()
                : options.context().sslContext().createSSLEngine(serverName, port);
        engine.setUseClientMode(!server);
        SSLParameters parameters = engine.getSSLParameters();
        options.offer().applyTo(parameters);
        if (server) {
            switch (options.offer().clientAuth()) {
                case NONE -> parameters.setNeedClientAuth(false);
                case WANT -> parameters.setWantClientAuth(true);
                case NEED -> parameters.setNeedClientAuth(true);
            }
        } else {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            parameters.setServerNames(isAddress() ? List.of() : List.of(new SNIHostName(serverName)));
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** RFC 6066, section 3: addresses are not asked for. */
    private boolean isAddress() {
        try {
            InetAddress.ofLiteral(serverName);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    TlsOptions options() {
        return options;
    }

    boolean isServer() {
        return server;
    }

    String serverName() {
        return serverName;
    }

    /** Whether the engine's two directions end apart from TLS 1.3 on; what others do is not known. */
    boolean endsApart() {
        return options.context().isOfJdk();
    }

    /** Verifies what only the JDK's engines are known to verify whatever the trust manager does: the name of the server. */
    void verify(SSLSession session) throws SSLPeerUnverifiedException {
        if (!server && !options.context().isOfJdk()) {
            ServerNames.verify((X509Certificate) session.getPeerCertificates()[0], serverName);
        }
    }

    /** The other side, for messages. */
    String peer(ByteStream transport) {
        String address =
                transport.find(SocketAttributes.PEER_ADDRESS).map(Role::text).orElse("");
        if (server) {
            return address.isEmpty() ? "the client" : address;
        }
        return address.isEmpty() ? serverName : serverName + " at " + address;
    }

    private static String text(SocketAddress address) {
        String text = address.toString();
        return address instanceof InetSocketAddress ? text.substring(text.indexOf('/') + 1) : text;
    }

    /** The time for a handshake, for messages. */
    String limit() {
        return options.handshakeTimeout().toString().substring(2).toLowerCase(Locale.ROOT);
    }

    /** What is known without a connection. */
    <T> Optional<T> find(Attribute<T> attribute) {
        return TlsAttributes.END
                .match(attribute, options.end())
                .or(() -> TlsAttributes.SERVER_SIDE.match(attribute, server));
    }
}
