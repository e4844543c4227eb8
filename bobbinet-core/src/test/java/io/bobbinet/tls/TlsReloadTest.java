package io.bobbinet.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.X509ExtendedKeyManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Replaced PEM files, as handshakes see them. */
@Timeout(30)
final class TlsReloadTest {
    @TempDir
    private Path folder;

    private Path file;
    private Path trusted;
    private MadeCertificate first;
    private MadeCertificate second;
    private final LogLines log = new LogLines();

    @BeforeEach
    void makeCertificates() throws Exception {
        first = MadeCertificate.of("localhost");
        second = MadeCertificate.of("localhost");
        file = folder.resolve("both.pem");
        trusted = Files.writeString(folder.resolve("ca.pem"), first.pem() + second.pem());
    }

    private EngineHandshake handshake(X509ExtendedKeyManager keys) throws Exception {
        return EngineHandshake.between(TlsTrust.only(trusted).trustManager(), keys);
    }

    @Test
    void newHandshakesPresentTheReplacedCertificate() throws Exception {
        TlsIdentity identity = TlsIdentity.ofPem(first.writeTo(file));
        for (String protocol : List.of("TLSv1.3", "TLSv1.2")) {
            EngineHandshake handshake = handshake(identity.keyManager()).with(protocol);
            first.writeTo(file);
            assertThat(handshake.run()).containsExactly(first.certificate());
            second.writeTo(file);
            assertThat(handshake.run()).containsExactly(second.certificate());
        }
    }

    @Test
    void aPairOfWhichOnlyOneFileIsNewStaysOutOfUse() throws Exception {
        Path key = Files.writeString(folder.resolve("key.pem"), first.keyPem());
        Path chain = Files.writeString(folder.resolve("cert.pem"), first.pem());
        PemKeys keys = new PemKeys(chain, key, null, log);
        EngineHandshake handshake = handshake(keys);
        Files.writeString(key, second.keyPem());
        assertThat(handshake.run()).containsExactly(first.certificate());
        assertThat(handshake.run()).containsExactly(first.certificate());
        assertThat(log.lines)
                .singleElement()
                .satisfies(l -> assertThat(l)
                        .startsWith("WARNING ")
                        .contains(key.toString(), chain.toString(), "does not belong"));
        Files.writeString(chain, second.pem());
        assertThat(handshake.run()).containsExactly(second.certificate());
        assertThat(log.lines).hasSize(1);
    }

    @Test
    void aHalfWrittenFileStaysOutOfUse() throws Exception {
        PemKeys keys = new PemKeys(first.writeTo(file), file, null, log);
        EngineHandshake handshake = handshake(keys);
        second.writeTo(file);
        String whole = Files.readString(file);
        for (int part = 1; part < 8; part++) {
            Files.writeString(file, whole.substring(0, whole.length() * part / 8));
            assertThat(handshake.run()).containsExactly(first.certificate());
        }
        Files.writeString(file, whole);
        assertThat(handshake.run()).containsExactly(second.certificate());
    }

    @Test
    void keyAndChainOfAHandshakeAreOfOneGeneration() throws Exception {
        PemKeys keys = new PemKeys(first.writeTo(file), file, null, log);
        String chosen = chosen(keys);
        second.writeTo(file);
        assertThat(chosen(keys)).isNotEqualTo(chosen);
        assertThat(keys.getPrivateKey(chosen)).isEqualTo(first.key());
        assertThat(keys.getCertificateChain(chosen)).containsExactly(first.certificate());
        assertThat(keys.getPrivateKey(chosen(keys))).isEqualTo(second.key());
        assertThat(keys.getCertificateChain(chosen(keys))).containsExactly(second.certificate());
    }

    @Test
    void generationsThatNoHandshakeCanWantAreForgotten() throws Exception {
        PemKeys keys = new PemKeys(first.writeTo(file), file, null, log);
        String oldest = chosen(keys);
        for (int i = 0; i < 3; i++) {
            (i % 2 == 0 ? second : first).writeTo(file);
            chosen(keys);
        }
        assertThat(keys.getPrivateKey(oldest)).isEqualTo(first.key());
        first.writeTo(file);
        chosen(keys);
        assertThat(keys.getPrivateKey(oldest)).isNull();
        assertThat(keys.getCertificateChain(oldest)).isNull();
    }

    private static String chosen(X509ExtendedKeyManager keys) {
        return Objects.requireNonNull(keys.chooseEngineServerAlias("EC", null, null));
    }

    @Test
    void everyWayToAskLeadsToTheKey() throws Exception {
        PemKeys keys = new PemKeys(first.writeTo(file), file, null, log);
        String[] types = {"RSA", "EC"};
        assertThat(Stream.of(
                                Stream.of(chosen(keys), keys.chooseServerAlias("EC", null, null)),
                                Stream.of(keys.getServerAliases("EC", null)),
                                Stream.of(keys.getClientAliases("EC", null)),
                                Stream.of(keys.chooseClientAlias(types, null, null)),
                                Stream.of(keys.chooseEngineClientAlias(types, null, null)))
                        .flatMap(aliases -> aliases))
                .hasSize(6)
                .doesNotContainNull()
                .extracting(keys::getPrivateKey)
                .containsOnly(first.key());
        assertThat(keys.chooseEngineServerAlias("RSA", null, null)).isNull();
        assertThat(keys.getServerAliases("RSA", null)).isNull();
    }

    @Test
    void handshakesGoOnWhileFilesAreReplaced() throws Exception {
        EngineHandshake handshake = handshake(new PemKeys(first.writeTo(file), file, null, log));
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                all.add(executor.submit(() -> {
                    for (int i = 0; i < 20; i++) {
                        assertThat(handshake.run()).hasSize(1);
                    }
                    return true;
                }));
            }
            for (int i = 0; i < 20; i++) {
                (i % 2 == 0 ? second : first).writeTo(file);
            }
            for (Future<Boolean> each : all) {
                assertThat(each.get()).isTrue();
            }
        }
    }

    @Test
    void newHandshakesGoByReplacedTrust() throws Exception {
        TlsIdentity identity = TlsIdentity.ofPem(first.writeTo(file));
        EngineHandshake handshake =
                EngineHandshake.between(new PemTrust(List.of(), List.of(trusted), log), identity.keyManager());
        assertThat(handshake.run()).containsExactly(first.certificate());
        Files.writeString(trusted, second.pem());
        assertThatThrownBy(handshake::run).isInstanceOf(SSLHandshakeException.class);
        Files.writeString(trusted, "nothing");
        second.writeTo(file);
        assertThat(handshake.run()).containsExactly(second.certificate());
        Files.writeString(trusted, first.pem());
        assertThatThrownBy(handshake::run).isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void badTrustFilesAreToldOnce() throws Exception {
        PemTrust trust = new PemTrust(List.of(), List.of(trusted), log);
        Files.writeString(trusted, "nothing");
        assertThat(trust.getAcceptedIssuers()).containsExactlyInAnyOrder(first.certificate(), second.certificate());
        assertThat(trust.getAcceptedIssuers()).hasSize(2);
        assertThat(log.lines)
                .singleElement()
                .satisfies(l -> assertThat(l).startsWith("WARNING ").contains("No certificate in " + trusted));
    }
}
