package io.bobbinet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.MoveOnScope;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CertCommandTest {
    @TempDir
    private Path folder;

    private CommandProcess cert(String... names) throws Exception {
        String[] line = new String[names.length + 3];
        line[0] = "cert";
        line[1] = "--directory";
        line[2] = folder.toString();
        System.arraycopy(names, 0, line, 3, names.length);
        return CommandProcess.start(line);
    }

    private static X509Certificate read(Path file) throws Exception {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    @Test
    void printsBothFilesAndHowToUseThem() throws Exception {
        try (var cert = cert("localhost")) {
            assertThat(cert.readLine()).isEqualTo(folder + "/cert.pem");
            assertThat(cert.readLine()).isEqualTo(folder + "/key.pem");
            assertThat(cert.readAll())
                    .contains("echo tls://localhost:8443 --cert " + folder + "/cert.pem --key " + folder + "/key.pem")
                    .contains("connect tls://localhost:8443 --ca " + folder + "/cert.pem")
                    .hasLineCount(2);
            cert.assertEnds();
        }
    }

    @Test
    void tellsHowToUseThemAsAShellTakesIt() throws Exception {
        Path spaced = Files.createDirectory(folder.resolve("it's here"));
        try (var cert = CommandProcess.start("cert", "::1", "--directory", spaced.toString())) {
            assertThat(cert.readAll().lines().skip(2))
                    .containsExactly(
                            "a server: bobbinet echo 'tls://[::1]:8443' --cert '" + folder
                                    + "/it'\\''s here/cert.pem' --key '" + folder + "/it'\\''s here/key.pem'",
                            "a client: bobbinet connect 'tls://[::1]:8443' --ca '" + folder
                                    + "/it'\\''s here/cert.pem'");
            cert.assertEnds();
        }
    }

    @Test
    void opensslTakesTheCertificateForEachNameAndTheKeyForTheCertificate() throws Exception {
        PeerProgram.require("openssl");
        DevelopmentPair pair = DevelopmentPair.make(
                folder.resolve("pair"), "localhost", "*.example.org", "127.0.0.1", "[::1]", "bücher.example");
        String file = pair.certificate().toString();
        try (var verify = CommandProcess.program("openssl", "verify", "-x509_strict", "-CAfile", file, file);
                var names = CommandProcess.program(
                        "openssl", "x509", "-in", file, "-noout", "-subject", "-ext", "subjectAltName");
                var certified = CommandProcess.program("openssl", "x509", "-in", file, "-noout", "-pubkey");
                var own = CommandProcess.program(
                        "openssl", "pkey", "-in", pair.key().toString(), "-pubout")) {
            assertThat(verify.readAll()).isEqualTo(file + ": OK\n");
            assertThat(names.readAll())
                    .contains("subject=CN = localhost")
                    .contains("DNS:localhost, DNS:*.example.org, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1,"
                            + " DNS:xn--bcher-kva.example");
            assertThat(certified.readAll())
                    .startsWith("-----BEGIN PUBLIC KEY-----")
                    .isEqualTo(own.readAll());
        }
    }

    @Test
    void isValidForAYearOrAsLongAsIsSaid() throws Exception {
        try (var year = cert("localhost")) {
            year.readAll();
            year.assertEnds();
        }
        assertThat(validity()).isEqualTo(Duration.ofDays(365));
        try (var week = cert("localhost", "--days", "7", "--force")) {
            week.readAll();
            week.assertEnds();
        }
        assertThat(validity()).isEqualTo(Duration.ofDays(7));
    }

    private Duration validity() throws Exception {
        X509Certificate certificate = read(folder.resolve("cert.pem"));
        return Duration.between(
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant());
    }

    @Test
    void nobodyElseMayReadTheKey() throws Exception {
        DevelopmentPair pair = DevelopmentPair.make(folder.resolve("pair"), "localhost");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(pair.key())))
                .isEqualTo("rw-------");
        assertThat(Files.list(folder.resolve("pair"))).containsExactlyInAnyOrder(pair.certificate(), pair.key());
    }

    @Test
    void leavesNothingInTheTemporaryFolder() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        try (var cert =
                CommandProcess.startWithTemporary(temporary, "cert", "localhost", "--directory", folder.toString())) {
            cert.readAll();
            cert.assertEnds();
        }
        assertThat(folder.resolve("cert.pem")).exists();
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void replacesNothingUnlessItMust() throws Exception {
        Path key = Files.writeString(folder.resolve("key.pem"), "precious");
        try (var cert = cert("localhost")) {
            cert.assertFails(1, key + " is there already; --force replaces it");
        }
        assertThat(key).hasContent("precious");
        assertThat(folder.resolve("cert.pem")).doesNotExist();
        Files.writeString(folder.resolve("cert.pem"), "precious too");
        try (var cert = cert("localhost", "--force")) {
            cert.readAll();
            cert.assertEnds();
        }
        assertThat(key).content().startsWith("-----BEGIN PRIVATE KEY-----\n");
        assertThat(folder.resolve("cert.pem")).content().startsWith("-----BEGIN CERTIFICATE-----\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
    }

    @Test
    void whatIsInTheWayOfTheSecondFileLeavesNoFirst() throws Exception {
        Path first = folder.resolve("first");
        Path second = Files.createDirectory(folder.resolve("second"));
        var files = List.of(new NewFile(first, "1", "rw-------"), new NewFile(second, "2", "rw-r--r--"));
        assertThatThrownBy(() -> NewFile.writeAll(files, false)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(Files.list(folder)).containsExactly(second);
    }

    @Test
    void whatCannotBeWrittenReplacesNothing() throws Exception {
        Path first = Files.writeString(folder.resolve("first"), "precious");
        var files = List.of(
                new NewFile(first, "1", "rw-------"), new NewFile(folder.resolve("missing/second"), "2", "rw-r--r--"));
        assertThatThrownBy(() -> NewFile.writeAll(files, true)).isInstanceOf(NoSuchFileException.class);
        assertThat(first).hasContent("precious");
        assertThat(Files.list(folder)).containsExactly(first);
    }

    @Test
    void aCancelledToolLeavesNothingBehind() throws Exception {
        MoveOnScope scope = CancelScope.create();
        scope.cancel();
        var names = List.of("dns:localhost");
        assertThat(scope.<IOException>run(() -> KeyTool.selfSigned(folder, "CN=localhost", names, 1)))
                .isFalse();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFolderThatIsMissingIsNotMade() throws Exception {
        Path missing = folder.resolve("missing");
        try (var cert = CommandProcess.start("cert", "localhost", "--directory", missing.toString())) {
            cert.assertFails(1, missing + ": no such directory");
        }
        assertThat(missing).doesNotExist();
    }

    @Test
    void makesOneForALongName() throws Exception {
        String name = ("a".repeat(60) + ".").repeat(3) + "example";
        DevelopmentPair pair = DevelopmentPair.make(folder.resolve("pair"), name);
        X509Certificate certificate = read(pair.certificate());
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=Bobbinet development");
        assertThat(certificate.getSubjectAlternativeNames()).containsExactly(List.of(2, name));
    }
}
