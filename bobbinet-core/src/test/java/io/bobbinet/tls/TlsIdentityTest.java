package io.bobbinet.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where identities come from, and which certificates they present. */
@Timeout(30)
final class TlsIdentityTest {
    private static final char[] PASSWORD = "secret".toCharArray();

    @TempDir
    private Path folder;

    private MadeCertificate root;
    private MadeCertificate middle;
    private MadeCertificate server;
    private X509ExtendedTrustManager trust;

    @BeforeEach
    void makeCertificates() throws Exception {
        root = MadeCertificate.of("root");
        middle = root.issue("middle");
        server = middle.issue("localhost");
        trust = TlsTrust.only(Files.writeString(folder.resolve("ca.pem"), root.pem()))
                .trustManager();
    }

    private void assertPresents(TlsIdentity identity, X509Certificate... chain) throws Exception {
        assertThat(EngineHandshake.between(trust, identity.keyManager()).run()).containsExactly(chain);
    }

    private TlsIdentity fromFile(String... blocks) throws Exception {
        return TlsIdentity.ofPem(Files.writeString(folder.resolve("both.pem"), String.join("", blocks)));
    }

    @Test
    void theChainIsSortedWhateverItsOrderInTheFile() throws Exception {
        X509Certificate[] chain = {server.certificate(), middle.certificate()};
        assertPresents(fromFile(server.keyPem(), server.pem(), middle.pem()), chain);
        assertPresents(fromFile(middle.pem(), server.pem(), server.keyPem()), chain);
        X509Certificate[] whole = {server.certificate(), middle.certificate(), root.certificate()};
        assertPresents(fromFile(root.pem(), middle.pem(), server.keyPem(), server.pem()), whole);
    }

    @Test
    void certificatesOfOthersAndRepeatedOnesAreLeftOut() throws Exception {
        String other = MadeCertificate.of("other").pem();
        String namesake = MadeCertificate.of("middle").pem();
        assertPresents(
                fromFile(other, server.pem(), server.keyPem(), namesake, server.pem(), middle.pem(), middle.pem()),
                server.certificate(),
                middle.certificate());
    }

    @Test
    void aKeyStoreIsTakenAsItIs() throws Exception {
        KeyStore store = KeyStores.empty();
        store.setKeyEntry(
                "one", server.key(), PASSWORD, new Certificate[] {server.certificate(), middle.certificate()});
        store.setCertificateEntry("trusted", root.certificate());
        TlsIdentity identity = TlsIdentity.ofKeyStore(store, PASSWORD);
        assertPresents(identity, server.certificate(), middle.certificate());
        assertThat(identity).hasToString("TlsIdentity[key store of type PKCS12]");
        store.deleteEntry("one");
        assertPresents(identity, server.certificate(), middle.certificate());
    }

    @Test
    void aKeyStoreWithoutKeyOrWithAnotherPasswordIsRefused() throws Exception {
        KeyStore store = KeyStores.empty();
        assertThatThrownBy(() -> TlsIdentity.ofKeyStore(store, PASSWORD))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("No private key in the key store");
        store.setKeyEntry(
                "one", server.key(), PASSWORD, new Certificate[] {server.certificate(), middle.certificate()});
        assertThatThrownBy(() -> TlsIdentity.ofKeyStore(store, "other".toCharArray()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasCauseInstanceOf(UnrecoverableKeyException.class);
        KeyStore notLoaded = KeyStore.getInstance("PKCS12");
        assertThatThrownBy(() -> TlsIdentity.ofKeyStore(notLoaded, PASSWORD))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theKeyIsNotDecryptedInEveryHandshake() throws Exception {
        KeyStore store = KeyStores.empty();
        store.setKeyEntry(
                "one", server.key(), PASSWORD, new Certificate[] {server.certificate(), middle.certificate()});
        var keys = TlsIdentity.ofKeyStore(store, PASSWORD).keyManager();
        String first = keys.chooseEngineServerAlias("EC", null, null);
        String second = keys.chooseEngineServerAlias("EC", null, null);
        assertThat(first).isNotNull().isNotEqualTo(second);
        assertThat(keys.getPrivateKey(String.valueOf(first))).isSameAs(keys.getPrivateKey(String.valueOf(second)));
    }
}
