package io.bobbinet.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class CertificatesTest {
    private final Certificates authority = Certificates.authority("Test CA");

    /** As everybody who trusts the authority would. */
    private void check(Certificates.Issued issued) throws GeneralSecurityException {
        PKIXParameters parameters = new PKIXParameters(authority.trustStore());
        parameters.setRevocationEnabled(false);
        CertPathValidator.getInstance("PKIX")
                .validate(CertificateFactory.getInstance("X.509").generateCertPath(issued.chain()), parameters);
    }

    @Test
    void whatIsIssuedIsTrusted() throws Exception {
        Certificates.Issued server = authority.issue("localhost", "127.0.0.1", "::1");
        check(server);
        check(authority.issueClient("alice"));
        check(authority.issue(Certificates.keys("Ed25519"), "localhost"));
        assertThat(server.certificate().getSubjectAlternativeNames())
                .containsExactlyInAnyOrder(
                        List.of(2, "localhost"), List.of(7, "127.0.0.1"), List.of(7, "0:0:0:0:0:0:0:1"));
    }

    @Test
    void intermediateAuthoritiesComeWithTheirChain() throws Exception {
        Certificates.Issued server =
                authority.intermediate("second").intermediate("third").issue("localhost");
        check(server);
        assertThat(server.chain())
                .extracting(c -> c.getSubjectX500Principal().getName())
                .containsExactly("CN=localhost", "CN=third", "CN=second");
    }

    @Test
    void theExpiredAndTheSelfSignedAreNot() {
        assertThatThrownBy(() -> check(authority.issueExpired("localhost")))
                .isInstanceOf(CertPathValidatorException.class)
                .hasMessageContaining("validity");
        assertThatThrownBy(() -> check(Certificates.selfSigned(Certificates.keys("EC"), "localhost")))
                .isInstanceOf(CertPathValidatorException.class)
                .hasMessageContaining("trust anchor");
    }

    @Test
    void filesAreWhatOthersRead(@TempDir Path folder) throws Exception {
        Path file = authority.issue("localhost").writeBoth(folder.resolve("both.pem"));
        try (PeerProcess openssl = PeerProcess.start(
                Peers.openssl(), "x509", "-in", file.toString(), "-noout", "-subject", "-ext", "subjectAltName")) {
            assertThat(openssl.awaitExit()).isZero();
            assertThat(new String(openssl.readToEnd(), UTF_8)).contains("CN = localhost", "DNS:localhost");
        }
        assertThat(Files.readString(file)).startsWith("-----BEGIN PRIVATE KEY-----\n");
    }
}
