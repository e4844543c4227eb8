package io.bobbinet.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.testing.Certificates;
import io.bobbinet.tls.TlsAttributes;
import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsTrust;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What connections make of PEM files. */
@Timeout(60)
class PemHandshakeTest {
    private final Certificates authority = Certificates.authority("Test CA");

    @TempDir
    private Path folder;

    private Path file;
    private TlsOptions client;

    @BeforeEach
    void trustTheAuthority() throws IOException {
        file = folder.resolve("both.pem");
        client = TlsOptions.defaults()
                .withTrust(TlsTrust.only(authority.write(folder.resolve("ca.pem"))))
                .withServerName("localhost");
    }

    /** The certificates that a server shows to a client. */
    private static List<X509Certificate> shown(TlsOptions client, TlsOptions server) throws IOException {
        var pair = TlsPairs.over(MemoryByteStream.pair(), client, server);
        try (var left = pair.left();
                var right = pair.right()) {
            right.send(new byte[] {1});
            assertThat(left.receive()).containsExactly(1);
            return left.find(TlsAttributes.PEER_CERTIFICATES).orElseThrow();
        }
    }

    @Test
    @Tag("smoke")
    void everyTypeOfKeyServesInBothVersions() throws IOException {
        for (String type : List.of("EC", "RSA", "RSASSA-PSS", "Ed25519", "Ed448")) {
            KeyPair keys = Certificates.keys(type);
            Certificates.Issued issued = authority.intermediate("second").issue(keys, "localhost");
            TlsOptions server = TlsOptions.defaults().withIdentity(TlsIdentity.ofPem(issued.writeBoth(file)));
            for (String protocol : List.of("TLSv1.3", "TLSv1.2")) {
                assertThat(shown(client, server.withProtocols(protocol)))
                        .as(type + " " + protocol)
                        .isEqualTo(issued.chain());
            }
        }
    }

    @Test
    void replacedFilesAreTakenUpByNewConnectionsAndBadOnesAreLoggedOnce() throws IOException {
        Certificates.Issued first = authority.issue("localhost");
        Certificates.Issued second = authority.issue("localhost");
        Path key = first.writeKey(folder.resolve("key.pem"));
        Path chain = first.writeChain(folder.resolve("cert.pem"));
        TlsOptions server = TlsOptions.defaults().withIdentity(TlsIdentity.ofPem(chain, key));
        try (LogOf log = new LogOf(TlsIdentity.class)) {
            assertThat(shown(fresh(), server)).isEqualTo(first.chain());
            second.writeKey(key);
            assertThat(shown(fresh(), server)).isEqualTo(first.chain());
            assertThat(shown(fresh(), server)).isEqualTo(first.chain());
            assertThat(log.lines).singleElement().satisfies(l -> assertThat(l).contains("does not belong"));
            second.writeChain(chain);
            assertThat(shown(fresh(), server)).isEqualTo(second.chain());
            assertThat(log.lines).hasSize(1);
        }
    }

    /** The client's options with a context of their own: it has no session to resume. */
    private TlsOptions fresh() throws IOException {
        return client.withTrust(TlsTrust.only(folder.resolve("ca.pem")));
    }

    @Test
    void replacedTrustIsTakenUpByNewConnections() throws IOException {
        TlsOptions server = TlsOptions.defaults()
                .withIdentity(TlsIdentity.ofPem(authority.issue("localhost").writeBoth(file)));
        TlsOptions trusting =
                client.withTrust(TlsTrust.only(Certificates.authority("Other").write(folder.resolve("trusted.pem"))));
        assertThatThrownBy(() -> shown(trusting, server)).isInstanceOf(SSLException.class);
        authority.write(folder.resolve("trusted.pem"));
        assertThat(shown(trusting, server)).hasSize(1);
    }

    @Test
    void theNameThatIsAskedForChoosesTheFile() throws IOException {
        Certificates.Issued one = authority.issue("one.example");
        Certificates.Issued any = authority.issue("two.any.example");
        Certificates.Issued rest = authority.issue("localhost");
        TlsOptions server = TlsOptions.defaults()
                .withIdentity(TlsIdentity.ofPem(rest.writeBoth(file)))
                .withIdentityFor("one.example", TlsIdentity.ofPem(one.writeBoth(folder.resolve("one.pem"))))
                .withIdentityFor("*.any.example", TlsIdentity.ofPem(any.writeBoth(folder.resolve("any.pem"))));
        assertThat(shown(client.withServerName("ONE.example"), server)).isEqualTo(one.chain());
        assertThat(shown(client.withServerName("two.any.example"), server)).isEqualTo(any.chain());
        assertThat(shown(client, server)).isEqualTo(rest.chain());
    }

    /** The messages that a class logs. */
    private static final class LogOf extends Handler implements AutoCloseable {
        private final List<String> lines = new CopyOnWriteArrayList<>();
        private final Logger logger;

        LogOf(Class<?> owner) {
            logger = Logger.getLogger(owner.getName());
            logger.addHandler(this);
            logger.setUseParentHandlers(false);
        }

        @Override
        public void publish(LogRecord line) {
            lines.add(line.getLevel() + " " + line.getMessage());
        }

        @Override
        public void flush() {
            // Nothing is held back.
        }

        @Override
        public void close() {
            logger.setUseParentHandlers(true);
            logger.removeHandler(this);
        }
    }
}
