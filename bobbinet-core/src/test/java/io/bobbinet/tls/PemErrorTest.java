package io.bobbinet.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLKeyException;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is said about PEM files that are no good, before anything is opened. */
@Timeout(30)
final class PemErrorTest {
    @TempDir
    private Path folder;

    private MadeCertificate server;
    private Path file;

    @BeforeEach
    void makeCertificate() throws Exception {
        server = MadeCertificate.of("localhost");
        file = folder.resolve("both.pem");
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertIdentity(
            Class<? extends IOException> type, String content) throws IOException {
        Files.writeString(file, content, ISO_8859_1);
        return assertThatThrownBy(() -> TlsIdentity.ofPem(file)).isExactlyInstanceOf(type);
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertTrust(String content) throws IOException {
        Files.writeString(file, content, ISO_8859_1);
        return assertThatThrownBy(() -> TlsTrust.only(file)).isExactlyInstanceOf(SSLException.class);
    }

    @Test
    void aMissingFileIsToldByName() throws Exception {
        Path none = folder.resolve("none.pem");
        server.writeTo(file);
        assertThatThrownBy(() -> TlsIdentity.ofPem(none))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(none.toString());
        assertThatThrownBy(() -> TlsIdentity.ofPem(file, none)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> TlsIdentity.ofPem(none, file)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> TlsTrust.only(none)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> TlsTrust.platform().adding(none)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void nothingIsReadInACancelledScope() throws Exception {
        server.writeTo(file);
        CancelScope.create().run(() -> {
            CancelScope.current().orElseThrow().cancel();
            assertThatThrownBy(() -> TlsIdentity.ofPem(file)).isInstanceOf(CancelledException.class);
            assertThatThrownBy(() -> TlsTrust.only(file)).isInstanceOf(CancelledException.class);
            assertThatThrownBy(() -> TlsTrust.platform().adding(file)).isInstanceOf(CancelledException.class);
        });
    }

    @Test
    void whatIsMissingInAFileIsToldWithWhatIsThere() throws Exception {
        assertIdentity(SSLKeyException.class, server.pem())
                .hasMessage("No private key in " + file + " (it has: CERTIFICATE)");
        assertIdentity(SSLException.class, server.keyPem())
                .hasMessage("No certificate in " + file + " (it has: PRIVATE KEY)");
        assertIdentity(SSLKeyException.class, "hello")
                .hasMessage("No private key in " + file + " (it has no PEM block at all)");
        assertTrust("").hasMessage("No certificate in " + file + " (it has no PEM block at all)");
        assertTrust(MadeCertificate.pem("TRUSTED CERTIFICATE", new byte[1]))
                .hasMessageContaining("it has: TRUSTED CERTIFICATE");
    }

    @Test
    void twoPrivateKeysAreOneTooMany() throws Exception {
        String text = server.keyPem() + server.pem() + server.keyPem();
        assertIdentity(SSLKeyException.class, text)
                .hasMessageContainingAll(file.toString(), "2 private keys", "lines 1, ");
    }

    @Test
    void keyTypesThatTlsDoesNotKnowAreToldByName() throws Exception {
        for (String label : new String[] {"DSA PRIVATE KEY", "OPENSSH PRIVATE KEY"}) {
            assertIdentity(SSLKeyException.class, MadeCertificate.pem(label, new byte[] {0x30, 0}))
                    .hasMessageContainingAll(file + ", line 1 (" + label + ")", "key type " + label + " is unknown");
        }
    }

    @Test
    void brokenBase64IsToldByLine() throws Exception {
        String key = server.keyPem();
        String[] lines = key.split("\r?\n");
        String broken = lines[0] + "\n" + lines[1] + "\n!" + lines[2].substring(1) + "\n" + lines[3] + "\n";
        assertIdentity(SSLException.class, "text\n" + broken + server.pem())
                .hasMessageContaining(file + ", line 4: ")
                .hasMessageContaining("block PRIVATE KEY that begins in line 2")
                .message()
                .doesNotContain(lines[2].substring(1, 12));
        assertTrust("-----BEGIN CERTIFICATE-----\nABCDE\n-----END CERTIFICATE-----\n")
                .hasMessageContaining(file + ", line 1 (CERTIFICATE): the base64 of this block is broken");
    }

    @Test
    void aBlockWithoutEndIsToldByLine() throws Exception {
        String text = server.pem().replaceFirst("-----END[^\n]*\n", "");
        assertTrust(text).hasMessage(file + ", line 1: the block CERTIFICATE has no end");
        assertTrust("\n\n" + text + server.pem()).hasMessage(file + ", line 3: the block CERTIFICATE has no end");
        assertTrust(server.pem().replace("END CERTIFICATE", "END PRIVATE KEY")).hasMessageContaining("has no end");
    }

    @Test
    void brokenContentIsToldByBlock() throws Exception {
        byte[] whole = server.certificate().getEncoded();
        byte[] cut = Arrays.copyOf(whole, whole.length - 1);
        byte[] longer = Arrays.copyOf(whole, whole.length + 1);
        for (byte[] content : new byte[][] {cut, longer, {}, {0x30, 0}, {1, 2, 3}}) {
            assertTrust(MadeCertificate.pem("CERTIFICATE", content))
                    .hasMessage(file + ", line 1 (CERTIFICATE): this is not a certificate that can be read")
                    .hasCauseInstanceOf(Exception.class);
            for (String label :
                    new String[] {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"}) {
                assertIdentity(SSLKeyException.class, MadeCertificate.pem(label, content) + server.pem())
                        .hasMessageContaining(file + ", line 1 (" + label + "): the private key ");
            }
        }
    }

    @Test
    void anUnknownHeaderOfEncryptionIsTold() throws Exception {
        for (String info : new String[] {
            "", "DEK-Info: AES-256-CBC", "DEK-Info: AES-256-CBC,12", "DEK-Info: X,12", "DEK-Info: AES-256-CBC,zz"
        }) {
            String text = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n" + info
                    + "\n\nAAAA\n-----END EC PRIVATE KEY-----\n";
            assertIdentity(SSLKeyException.class, text + server.pem())
                    .hasMessageContaining(file + ", line 1 (EC PRIVATE KEY): the private key cannot be read");
        }
    }

    @Test
    void aSec1KeyThatDoesNotTellItsCurveIsRefused() throws Exception {
        byte[] key = DerWriter.value(
                DerReader.SEQUENCE, new byte[] {2, 1, 1}, DerWriter.value(DerReader.OCTET_STRING, new byte[32]));
        assertIdentity(SSLKeyException.class, MadeCertificate.pem("EC PRIVATE KEY", key))
                .hasMessageContaining("does not tell its curve");
    }

    @Test
    void moreRoundsThanAnybodyNeedsAreNotComputed() throws Exception {
        byte[] rounds = {DerReader.INTEGER, 4, 0x7f, -1, -1, -1};
        byte[] salt = DerWriter.value(DerReader.OCTET_STRING, new byte[8]);
        byte[] older = {DerReader.OBJECT_IDENTIFIER, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 5, 3
        };
        byte[] key = DerWriter.value(
                DerReader.SEQUENCE,
                DerWriter.value(DerReader.SEQUENCE, older, DerWriter.value(DerReader.SEQUENCE, salt, rounds)),
                DerWriter.value(DerReader.OCTET_STRING, new byte[16]));
        assertIdentity(SSLKeyException.class, MadeCertificate.pem("ENCRYPTED PRIVATE KEY", key))
                .hasMessageContaining("2147483647 times");
    }

    @Test
    void otherTextAndLineEndsDoNotMatter() throws Exception {
        String text =
                "\u00ef\u00bb\u00bf" + "Bag Attributes\n" + server.keyPem() + "subject=x\n \n" + server.pem() + "end\n";
        Files.writeString(file, text, ISO_8859_1);
        TlsIdentity.ofPem(file);
        Files.writeString(file, text.replace("\r", "").replace("\n", "\r\n"), ISO_8859_1);
        TlsIdentity.ofPem(file);
        Files.writeString(file, text.replace("\n", "  \n").replace("CERTIFICATE", "X509 CERTIFICATE"), ISO_8859_1);
        assertThat(TlsTrust.only(file)).hasToString("TlsTrust[" + file + "]");
        Files.writeString(file, server.keyPem().strip() + "\n" + server.pem().strip(), ISO_8859_1);
        TlsIdentity.ofPem(file);
        Files.writeString(file, "\u00ef\u00bb\u00bf" + server.pem() + server.keyPem(), ISO_8859_1);
        TlsIdentity.ofPem(file);
    }
}
