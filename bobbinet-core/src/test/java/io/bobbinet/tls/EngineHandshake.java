package io.bobbinet.tls;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** A TLS handshake between two engines in memory. */
final class EngineHandshake {
    private final SSLContext clients;
    private final SSLContext servers;
    private String protocol = "TLSv1.3";
    private Optional<String> host = Optional.of("localhost");
    private Optional<String> check = Optional.empty();

    private EngineHandshake(SSLContext clients, SSLContext servers) {
        this.clients = clients;
        this.servers = servers;
    }

    static EngineHandshake between(TrustManager client, KeyManager server) throws GeneralSecurityException {
        return between(context(null, client), context(server, null));
    }

    static EngineHandshake between(SSLContext clients, SSLContext servers) {
        return new EngineHandshake(clients, servers);
    }

    static SSLContext context(@Nullable KeyManager keys, @Nullable TrustManager trust) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                keys == null ? new KeyManager[0] : new KeyManager[] {keys},
                trust == null ? new TrustManager[0] : new TrustManager[] {trust},
                null);
        // A resumed session would show the certificate of the first handshake.
        context.getServerSessionContext().setSessionTimeout(1);
        return context;
    }

    EngineHandshake with(String newProtocol) {
        protocol = newProtocol;
        return this;
    }

    /** Asks for this name, or for none. */
    EngineHandshake asking(Optional<String> name) {
        host = name;
        return this;
    }

    /** Asks for this host, and checks that the certificate is for it. */
    EngineHandshake checking(String name) {
        host = Optional.of(name);
        check = Optional.of(name);
        return this;
    }

    /** The server's certificates. */
    List<X509Certificate> run() throws SSLException {
        SSLEngine client = check.isPresent() ? clients.createSSLEngine(check.get(), 1) : clients.createSSLEngine();
        client.setUseClientMode(true);
        SSLParameters parameters = client.getSSLParameters();
        host.ifPresent(h -> parameters.setServerNames(List.of(new SNIHostName(h))));
        check.ifPresent(c -> parameters.setEndpointIdentificationAlgorithm("HTTPS"));
        parameters.setProtocols(new String[] {protocol});
        client.setSSLParameters(parameters);
        SSLEngine server = servers.createSSLEngine();
        server.setUseClientMode(false);
        ByteBuffer toServer = ByteBuffer.allocate(1 << 17);
        ByteBuffer toClient = ByteBuffer.allocate(1 << 17);
        boolean moved = true;
        while (moved) {
            moved = step(client, toClient, toServer) | step(server, toServer, toClient);
        }
        return List.of(client.getSession().getPeerCertificates()).stream()
                .map(X509Certificate.class::cast)
                .toList();
    }

    /** Whether there was something to do. */
    private static boolean step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
        ByteBuffer nothing = ByteBuffer.allocate(1 << 15);
        HandshakeStatus status = engine.getHandshakeStatus();
        switch (status) {
            case NEED_TASK -> {
                Runnable task = engine.getDelegatedTask();
                if (task != null) {
                    task.run();
                }
                return true;
            }
            case NEED_WRAP -> {
                engine.wrap(ByteBuffer.allocate(0), out);
                return true;
            }
            default -> {
                if (status == HandshakeStatus.NOT_HANDSHAKING
                        && !engine.getSession().isValid()) {
                    engine.beginHandshake();
                    return true;
                }
                in.flip();
                boolean some = in.hasRemaining() && engine.unwrap(in, nothing).bytesConsumed() > 0;
                in.compact();
                return some;
            }
        }
    }
}
