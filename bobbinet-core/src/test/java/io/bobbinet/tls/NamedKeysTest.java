package io.bobbinet.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class NamedKeysTest {
    @TempDir
    private Path folder;

    private MadeCertificate authority;
    private MadeCertificate exact;
    private MadeCertificate star;
    private MadeCertificate rest;
    private X509ExtendedTrustManager trust;

    @BeforeEach
    void makeCertificates() throws Exception {
        authority = MadeCertificate.of("authority");
        exact = authority.issue("www.example.org");
        star = authority.issue("star.example.org");
        rest = authority.issue("rest");
        trust = TlsTrust.only(Files.writeString(folder.resolve("ca.pem"), authority.pem()))
                .trustManager();
    }

    private TlsIdentity identity(MadeCertificate certificate) throws Exception {
        return TlsIdentity.ofPem(
                certificate.writeTo(folder.resolve(certificate.certificate().getSerialNumber() + ".pem")));
    }

    private Map<String, TlsIdentity> names() throws Exception {
        return Map.of("WWW.Example.org.", identity(exact), "*.example.org", identity(star));
    }

    private void assertPresented(MadeCertificate expected, NamedKeys keys, String asked) throws Exception {
        Optional<String> host = Optional.of(asked).filter(a -> !a.isEmpty());
        for (String protocol : new String[] {"TLSv1.3", "TLSv1.2"}) {
            assertThat(EngineHandshake.between(trust, keys)
                            .with(protocol)
                            .asking(host)
                            .run())
                    .as(asked + " " + protocol)
                    .containsExactly(expected.certificate());
        }
    }

    @Test
    void theNameDecides() throws Exception {
        NamedKeys keys = new NamedKeys(names(), Optional.of(identity(rest)));
        assertPresented(exact, keys, "www.example.org");
        assertPresented(exact, keys, "wWw.eXample.ORG");
        assertPresented(star, keys, "mail.example.org");
        assertPresented(rest, keys, "a.b.example.org");
        assertPresented(rest, keys, "example.org");
        assertPresented(rest, keys, "localhost");
        assertPresented(rest, keys, "");
    }

    @Test
    void withoutAMatchTheHandshakeFails() throws Exception {
        NamedKeys keys = new NamedKeys(names(), Optional.empty());
        assertPresented(exact, keys, "www.example.org");
        EngineHandshake unknown = EngineHandshake.between(trust, keys).asking(Optional.of("example.net"));
        assertThatThrownBy(unknown::run).isInstanceOf(SSLHandshakeException.class);
        EngineHandshake nameless = EngineHandshake.between(trust, keys).asking(Optional.empty());
        assertThatThrownBy(nameless::run).isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void replacedFilesAreTakenUpForNamesToo() throws Exception {
        Path file = exact.writeTo(folder.resolve("www.pem"));
        NamedKeys keys = new NamedKeys(Map.of("www.example.org", TlsIdentity.ofPem(file)), Optional.of(identity(rest)));
        assertPresented(exact, keys, "www.example.org");
        star.writeTo(file);
        assertPresented(star, keys, "www.example.org");
    }

    @Test
    void aClientHasTheKeysThatAreForAll() throws Exception {
        NamedKeys keys = new NamedKeys(names(), Optional.of(identity(rest)));
        String[] types = {"EC"};
        String alias = Objects.requireNonNull(keys.chooseEngineClientAlias(types, null, null));
        assertThat(keys.getPrivateKey(Objects.requireNonNull(keys.chooseClientAlias(types, null, null))))
                .isEqualTo(rest.key());
        assertThat(keys.getCertificateChain(alias)).containsExactly(rest.certificate());
        assertThat(keys.getPrivateKey(alias)).isEqualTo(rest.key());
        assertThat(new NamedKeys(names(), Optional.empty()).chooseEngineClientAlias(types, null, null))
                .isNull();
    }

    @Test
    void allAliasesLeadToTheirKeys() throws Exception {
        NamedKeys keys = new NamedKeys(names(), Optional.of(identity(rest)));
        assertThat(keys.getServerAliases("EC", null))
                .extracting(keys::getPrivateKey)
                .containsExactlyInAnyOrder(exact.key(), star.key(), rest.key());
        assertThat(keys.getClientAliases("EC", null)).hasSize(3);
        assertThat(keys.getServerAliases("RSA", null)).isNull();
    }

    @Test
    void anIdentityForSeveralNamesCountsOnce() throws Exception {
        TlsIdentity one = identity(exact);
        NamedKeys keys = new NamedKeys(Map.of("a", one, "b", one), Optional.of(one));
        assertThat(keys.getServerAliases("EC", null)).hasSize(1);
    }
}
