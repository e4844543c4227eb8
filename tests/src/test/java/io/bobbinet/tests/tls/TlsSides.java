package io.bobbinet.tests.tls;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.Certificates;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import io.bobbinet.tls.TlsTrust;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The two sides of TLS that tests against hostile peers begin with. */
final class TlsSides {
    static final String TLS_1_2 = "TLSv1.2";
    static final String TLS_1_3 = "TLSv1.3";

    private static final char[] PASSWORD = "tests".toCharArray();
    private static final Certificates AUTHORITY = Certificates.authority("Hostile tests");
    private static final KeyStore KEYS = AUTHORITY.issue("localhost").keyStore(PASSWORD);
    private static final TlsIdentity IDENTITY = TlsIdentity.ofKeyStore(KEYS, PASSWORD);
    private static final TlsTrust TRUST = TlsTrust.ofKeyStore(AUTHORITY.trustStore());

    private static final TlsOptions SERVER = TlsOptions.defaults().withIdentity(IDENTITY);

    private TlsSides() {}

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    /** All that still comes until the peer has closed. */
    static byte[] drained(ByteStream stream) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            try {
                all.write(stream.receive());
            } catch (EndOfStreamException e) {
                return all.toByteArray();
            }
        }
    }

    /** A client without memory of earlier sessions, so that each handshake is a full one. */
    static TlsOptions client(String... versions) {
        return TlsOptions.defaults()
                .withServerName("localhost")
                .withTrust(TRUST)
                .withProtocols(versions);
    }

    /** A server. Only a client's memory resumes a session. */
    static TlsOptions server(String... versions) {
        return SERVER.withProtocols(versions);
    }

    static TlsOptions options(boolean server, String... versions) {
        return server ? server(versions) : client(versions);
    }

    /** Takes over a stream as one side or the other. */
    static TlsStream over(ByteStream below, boolean server, TlsOptions options) throws IOException {
        return server ? Tls.server(below, options) : Tls.client(below, options);
    }

    /** A client on the left and a server on the right, which have done the handshake. */
    static StreamPair<TlsStream> pair(ByteStream left, ByteStream right, String version) throws IOException {
        return TaskGroup.call(group -> {
            Task<TlsStream> server = group.fork(() -> Tls.server(right, server(version)));
            TlsStream client = Tls.client(left, client(version));
            return new StreamPair<>(client, server.join());
        });
    }

    /** A client on the left and a server on the right over memory. */
    static StreamPair<TlsStream> pair(String version) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        return pair(below.left(), below.right(), version);
    }

    /** For engines of the JDK: the server's keys, and trust in the authority. */
    static SSLContext context() {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(KEYS, PASSWORD);
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(AUTHORITY.trustStore());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
