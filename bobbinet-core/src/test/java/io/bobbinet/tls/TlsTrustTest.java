package io.bobbinet.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class TlsTrustTest {
    @TempDir
    private Path folder;

    private MadeCertificate authority;
    private MadeCertificate other;
    private MadeCertificate server;
    private Path pem;
    private TlsIdentity identity;

    @BeforeEach
    void makeCertificates() throws Exception {
        authority = MadeCertificate.of("authority");
        other = MadeCertificate.of("other");
        server = authority.issue("localhost");
        pem = Files.writeString(folder.resolve("ca.pem"), authority.pem());
        identity = TlsIdentity.ofPem(server.writeTo(folder.resolve("both.pem")));
    }

    private EngineHandshake handshake(TlsTrust trust) throws Exception {
        return EngineHandshake.between(trust.trustManager(), identity.keyManager());
    }

    private static X509Certificate[] ofThisJvm() throws Exception {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        return ((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers();
    }

    private static KeyStore storeOf(MadeCertificate certificate) throws Exception {
        KeyStore store = KeyStores.empty();
        store.setCertificateEntry("one", certificate.certificate());
        return store;
    }

    @Test
    void thePlatformTrustsWhatTheJvmTrusts() throws Exception {
        assertThat(TlsTrust.platform().trustManager().getAcceptedIssuers())
                .hasSizeGreaterThan(10)
                .containsExactlyInAnyOrder(ofThisJvm());
        assertThatThrownBy(handshake(TlsTrust.platform())::run).isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void onlyTheFileIsTrusted() throws Exception {
        TlsTrust trust = TlsTrust.only(pem);
        assertThat(trust.trustManager().getAcceptedIssuers()).containsExactly(authority.certificate());
        assertThat(handshake(trust).run()).containsExactly(server.certificate());
        Path others = Files.writeString(folder.resolve("other.pem"), other.pem());
        assertThatThrownBy(handshake(TlsTrust.only(others))::run).isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void addedFilesAreTrustedBesidesThePlatform() throws Exception {
        Path others = Files.writeString(folder.resolve("other.pem"), other.pem());
        TlsTrust one = TlsTrust.platform().adding(others);
        TlsTrust both = one.adding(pem);
        assertThat(both.trustManager().getAcceptedIssuers())
                .contains(ofThisJvm())
                .contains(authority.certificate(), other.certificate());
        assertThat(handshake(both).run()).containsExactly(server.certificate());
        assertThatThrownBy(handshake(one)::run).isInstanceOf(SSLHandshakeException.class);
        assertThat(both).hasToString("TlsTrust[platform, " + others + ", " + pem + "]");
    }

    @Test
    void aKeyStoreIsTrustedAndCanBeAddedTo() throws Exception {
        TlsTrust trust = TlsTrust.ofKeyStore(storeOf(other));
        assertThatThrownBy(handshake(trust)::run).isInstanceOf(SSLHandshakeException.class);
        assertThat(handshake(trust.adding(pem)).run()).containsExactly(server.certificate());
        assertThat(handshake(TlsTrust.ofKeyStore(storeOf(authority))).run()).containsExactly(server.certificate());
    }

    @Test
    void aKeyStoreWithoutCertificatesIsRefused() throws Exception {
        KeyStore notLoaded = KeyStore.getInstance("PKCS12");
        KeyStore empty = KeyStores.empty();
        assertThatThrownBy(() -> TlsTrust.ofKeyStore(empty))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("No certificate in the key store");
        assertThatThrownBy(() -> TlsTrust.ofKeyStore(notLoaded)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theHostIsCheckedWithFilesToo() throws Exception {
        TlsTrust trust = TlsTrust.only(pem);
        assertThat(handshake(trust).checking("localhost").run()).containsExactly(server.certificate());
        assertThatThrownBy(handshake(trust).checking("example.org")::run)
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("example.org");
    }
}
