package io.bobbinet.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLKeyException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every form of key that openssl writes, read with its certificate. That the right key came out is checked by the library:
 * it signs, and the certificate has to verify it.
 */
@Timeout(60)
class PemTest {
    private static final char[] PASSWORD = "secret".toCharArray();
    private static final String OUT = " -passout pass:secret -out key.pem";

    @TempDir
    private static Path folder;

    private static OpenSsl openssl;

    /** Made once: RSA keys take their time. */
    @BeforeAll
    static void makeKeysAndCertificates() throws Exception {
        openssl = new OpenSsl(folder);
        openssl.run("genrsa -out rsa.pem 2048");
        openssl.run("ecparam -name prime256v1 -genkey -out ec.pem");
        openssl.run("genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out pss.pem");
        openssl.run("genpkey -algorithm ed25519 -out ed25519.pem");
        openssl.run("genpkey -algorithm ed448 -out ed448.pem");
        for (String name : List.of("rsa", "ec", "pss", "ed25519", "ed448")) {
            openssl.run("req -x509 -key " + name + ".pem -subj /CN=localhost -days 365 -out " + certificate(name));
        }
    }

    private static String certificate(String name) {
        return name + "-cert.pem";
    }

    /** Reads key.pem, which a command has written. */
    private static void assertReads(String name, String command, String label) throws Exception {
        openssl.run(command);
        Path key = openssl.file("key.pem");
        assertThat(Files.readString(key)).as(command).contains("-----BEGIN " + label + "-----");
        TlsIdentity.ofPem(openssl.file(certificate(name)), key);
        TlsIdentity.ofPem(openssl.file(certificate(name)), key, PASSWORD);
    }

    private static void assertDecrypts(String name, String command, String mark) throws Exception {
        openssl.run(command);
        Path key = openssl.file("key.pem");
        Path certificate = openssl.file(certificate(name));
        assertThat(Files.readString(key)).as(command).contains(mark);
        TlsIdentity.ofPem(certificate, key, PASSWORD);
        assertKeyFails(
                () -> TlsIdentity.ofPem(certificate, key), "is encrypted", "use ofPem(certificates, key, password)");
        assertKeyFails(() -> TlsIdentity.ofPem(certificate, key, "other".toCharArray()), "wrong password");
        assertKeyFails(() -> TlsIdentity.ofPem(certificate, key, new char[0]), "wrong password");
    }

    private static void assertKeyFails(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call)
                .isExactlyInstanceOf(SSLKeyException.class)
                .hasMessageContaining("key.pem, line ")
                .hasMessageContainingAll(parts);
    }

    @Test
    @Tag("smoke")
    void thePairOfTheUsualCommandIsRead() throws Exception {
        // The command of AnyIO's documentation.
        openssl.run("req -x509 -newkey rsa:2048 -subj /CN=localhost -keyout self-key.pem -out self-cert.pem -nodes"
                + " -days 365");
        Path key = openssl.file("self-key.pem");
        Path certificate = openssl.file("self-cert.pem");
        assertThat(TlsIdentity.ofPem(certificate, key)).hasToString("TlsIdentity[" + certificate + " and " + key + "]");
        TlsTrust.only(certificate);
    }

    @Test
    void keysInPkcs8AreRead() throws Exception {
        for (String name : List.of("rsa", "ec", "pss", "ed25519", "ed448")) {
            assertReads(name, "pkcs8 -topk8 -nocrypt -in " + name + ".pem -out key.pem", "PRIVATE KEY");
        }
    }

    @Test
    void keysInTheOlderFormsAreRead() throws Exception {
        assertReads("rsa", "rsa -traditional -in rsa.pem -out key.pem", "RSA PRIVATE KEY");
        assertReads("ec", "ec -in ec.pem -out key.pem", "EC PRIVATE KEY");
        assertThat(openssl.file("ec.pem")).content().contains("BEGIN EC PARAMETERS");
        TlsIdentity.ofPem(openssl.file(certificate("ec")), openssl.file("ec.pem"));
    }

    @Test
    void encryptedKeysInPkcs8AreRead() throws Exception {
        for (String name : List.of("rsa", "ec", "pss", "ed25519", "ed448")) {
            assertDecrypts(name, "pkcs8 -topk8 -in " + name + ".pem" + OUT, "BEGIN ENCRYPTED PRIVATE KEY");
        }
        assertDecrypts("rsa", "rsa -des3 -in rsa.pem" + OUT, "BEGIN ENCRYPTED PRIVATE KEY");
    }

    @Test
    void everyCipherAndHashOfPkcs8IsRead() throws Exception {
        for (String cipher : List.of("aes128", "aes-192-cbc", "aes256", "des3")) {
            assertDecrypts("ec", "pkcs8 -topk8 -v2 " + cipher + " -in ec.pem" + OUT, "ENCRYPTED");
        }
        for (String hash : List.of("SHA1", "SHA224", "SHA256", "SHA384", "SHA512")) {
            assertDecrypts("ec", "pkcs8 -topk8 -v2prf hmacWith" + hash + " -in ec.pem" + OUT, "ENCRYPTED");
        }
        assertDecrypts("ec", "pkcs8 -topk8 -iter 100000 -in ec.pem" + OUT, "ENCRYPTED");
    }

    @Test
    void olderSchemesOfPkcs8AreRead() throws Exception {
        List<String> read = new ArrayList<>();
        for (String scheme : List.of("PBE-SHA1-3DES", "PBE-MD5-DES", "PBE-SHA1-RC2-40", "PBE-SHA1-RC4-128")) {
            String command = " -topk8 -v1 " + scheme + " -in ec.pem" + OUT;
            // What OpenSSL 3 calls legacy comes from a provider of its own, if it is installed.
            String with = openssl.can("pkcs8" + command) ? "" : " -provider legacy -provider default";
            if (openssl.can("pkcs8" + with + command)) {
                assertDecrypts("ec", "pkcs8" + with + command, "ENCRYPTED");
                read.add(scheme);
            }
        }
        assertThat(read).contains("PBE-SHA1-3DES");
    }

    @Test
    void encryptedKeysInTheOlderFormsAreRead() throws Exception {
        for (String cipher : List.of("aes128", "aes192", "aes256", "des3")) {
            assertDecrypts("rsa", "rsa -traditional -" + cipher + " -in rsa.pem" + OUT, "DEK-Info: ");
            assertDecrypts("ec", "ec -" + cipher + " -in ec.pem" + OUT, "DEK-Info: ");
        }
    }

    @Test
    void passwordsOutsideAsciiAreUtf8() throws Exception {
        char[] password = "g\u00e4nsef\u00fc\u00dfchen \u20ac".toCharArray();
        Path file = Files.writeString(openssl.file("password"), new String(password) + "\n");
        for (String command : List.of("pkcs8 -topk8", "ec -aes256")) {
            openssl.run(command + " -in ec.pem -passout file:" + file.getFileName() + " -out key.pem");
            TlsIdentity.ofPem(openssl.file(certificate("ec")), openssl.file("key.pem"), password);
        }
    }

    @Test
    void whatIsNotKnownIsSaidWithTheWayOut() throws Exception {
        Path certificate = openssl.file(certificate("ec"));
        Path key = openssl.file("key.pem");
        Callable<TlsIdentity> read = () -> TlsIdentity.ofPem(certificate, key, PASSWORD);
        openssl.run("pkcs8 -topk8 -scrypt -scrypt_N 1024 -in ec.pem" + OUT);
        assertKeyFails(read::call, "scrypt", "openssl pkcs8 -topk8 -v2 aes256");
        openssl.run("pkcs8 -topk8 -v2 camellia-256-cbc -in ec.pem" + OUT);
        assertKeyFails(read::call, "cipher is unknown", "AES-192");
        openssl.run("ec -camellia256 -in ec.pem" + OUT);
        assertKeyFails(read::call, "encryption is unknown", "AES-192-CBC");
        openssl.run("genpkey -algorithm X25519 -out key.pem");
        assertKeyFails(read::call, "key type 1.3.101.110 is unknown", "Ed25519");
        openssl.run("ecparam -name secp256k1 -genkey -noout -out key.pem");
        assertKeyFails(read::call, "no EC key of a kind that this JVM knows");
        openssl.run("ec -in ec.pem -param_enc explicit -out key.pem");
        assertKeyFails(read::call, "no EC key of a kind that this JVM knows");
    }

    @Test
    void theKeyOfAnotherCertificateIsRefused() throws Exception {
        List<String> names = List.of("rsa", "ec", "pss", "ed25519", "ed448");
        for (String key : names) {
            for (String certificate : names) {
                if (!key.equals(certificate)) {
                    assertMismatch(openssl.file(certificate(certificate)), openssl.file(key + ".pem"));
                }
            }
        }
        openssl.run("ecparam -name prime256v1 -genkey -out other.pem");
        assertMismatch(openssl.file(certificate("ec")), openssl.file("other.pem"));
        openssl.run("genpkey -algorithm ed25519 -out other.pem");
        assertMismatch(openssl.file(certificate("ed25519")), openssl.file("other.pem"));
    }

    private static void assertMismatch(Path certificate, Path key) {
        assertThatThrownBy(() -> TlsIdentity.ofPem(certificate, key))
                .isExactlyInstanceOf(SSLKeyException.class)
                .hasMessage("The private key in " + key + " does not belong to a certificate in " + certificate
                        + ", where the first is for CN=localhost");
    }

    @Test
    void binaryFilesAreRefusedWithAHint() throws Exception {
        openssl.run("x509 -in ec-cert.pem -outform der -out cert.der");
        openssl.run("pkcs8 -topk8 -nocrypt -in rsa.pem -outform der -out key.der");
        openssl.run("pkcs12 -export -inkey ec.pem -in ec-cert.pem -passout pass:secret -out store.p12");
        openssl.run("pkey -in ed25519.pem -outform der -out short.der");
        for (String name : List.of("cert.der", "key.der", "short.der", "store.p12")) {
            Path file = openssl.file(name);
            assertThatThrownBy(() -> TlsTrust.only(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll(file.toString(), "not PEM");
            assertThatThrownBy(() -> TlsIdentity.ofPem(openssl.file(certificate("ec")), file))
                    .hasMessageContainingAll(file.toString(), "not PEM");
        }
    }

    @Test
    void whatOpensslSaysAboutACertificateIsNoHindrance() throws Exception {
        openssl.run("x509 -in ec-cert.pem -text -out text.pem");
        Path both = openssl.file("both.pem");
        String text = Files.readString(openssl.file("text.pem")) + Files.readString(openssl.file("ec.pem"));
        Files.writeString(both, text);
        TlsIdentity.ofPem(both);
        Files.writeString(both, text.replace("\n", "\r\n"));
        TlsIdentity.ofPem(both);
        TlsTrust.only(both);
    }
}
