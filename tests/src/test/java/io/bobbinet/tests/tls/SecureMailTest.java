package io.bobbinet.tests.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.examples.SecureMail;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.Certificates;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import io.bobbinet.testing.ReservedPort;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsTrust;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example speaks with a real server, and does not let itself be fooled by others. */
@OnEachBackend
@DisplayName("SecureMailTest")
@Timeout(60)
class SecureMailTest {
    private static final Certificates AUTHORITY = Certificates.authority("Mail CA");

    @TempDir
    private Path folder;

    private static TlsOptions trusting(Certificates authority) {
        return TlsOptions.defaults().withTrust(TlsTrust.ofKeyStore(authority.trustStore()));
    }

    // -- a real server

    /** Python's aiosmtpd, which puts mails into a folder. With a certificate it takes none without TLS. */
    private record MailServer(ReservedPort reserved, PeerProcess process, Path mails) implements AutoCloseable {
        static MailServer start(Path folder, List<String> options) throws IOException {
            var port = new ReservedPort();
            try {
                Path mails = folder.resolve("mails");
                List<String> line = new ArrayList<>(List.of(Peers.program("aiosmtpd"), "--nosetuid", "--debug"));
                line.addAll(List.of("--listen", "127.0.0.1:" + port.number()));
                line.addAll(options);
                line.addAll(List.of("--class", "aiosmtpd.handlers.Mailbox", mails.toString()));
                var server = new MailServer(port, PeerProcess.start(line.toArray(String[]::new)), mails);
                server.awaitReady();
                return server;
            } catch (Throwable t) {
                port.close();
                throw t;
            }
        }

        private void awaitReady() {
            try {
                process.awaitErrorLine(line -> line.contains("Server is listening"));
            } catch (Throwable t) {
                process.close();
                throw t;
            }
        }

        int port() {
            return reserved.number();
        }

        List<Path> arrived() throws IOException {
            try (Stream<Path> files = Files.list(mails.resolve("new"))) {
                return files.toList();
            }
        }

        @Override
        public void close() throws IOException {
            process.close();
            reserved.close();
        }
    }

    private MailServer startSecureServer() throws IOException {
        Certificates.Issued certificate = AUTHORITY.issue("127.0.0.1");
        Path chain = certificate.writeChain(folder.resolve("cert.pem"));
        Path key = certificate.writeKey(folder.resolve("key.pem"));
        return MailServer.start(folder, List.of("--tlscert", chain.toString(), "--tlskey", key.toString()));
    }

    @Test
    void aMailArrives() throws IOException {
        try (MailServer server = startSecureServer()) {
            SecureMail.send(
                    "127.0.0.1",
                    server.port(),
                    trusting(AUTHORITY),
                    "ada@client.example",
                    "ben@mail.example",
                    "Subject: a knot\n\nDear Ben,\n.\n.. and so on\nAda\n");
            // It has answered QUIT, so the mail is where it belongs; and it takes none without TLS.
            assertThat(server.arrived())
                    .singleElement()
                    .satisfies(mail -> assertThat(Files.readAllLines(mail))
                            .contains("Subject: a knot", "X-MailFrom: ada@client.example", "X-RcptTo: ben@mail.example")
                            .endsWith("", "Dear Ben,", ".", ".. and so on", "Ada"));
        }
    }

    @Test
    void anUntrustedServerGetsNoMail() throws IOException {
        try (MailServer server = startSecureServer()) {
            assertThatThrownBy(() -> SecureMail.send(
                            "127.0.0.1", server.port(), trusting(Certificates.authority("Other")), "a@b", "c@d", "e"))
                    .isInstanceOf(SSLHandshakeException.class);
            assertThat(server.arrived()).isEmpty();
        }
    }

    @Test
    void aServerWithoutStartTlsGetsNoMail() throws IOException {
        try (MailServer server = MailServer.start(folder, List.of())) {
            assertThatThrownBy(
                            () -> SecureMail.send("127.0.0.1", server.port(), trusting(AUTHORITY), "a@b", "c@d", "e"))
                    .isInstanceOf(ProtocolException.class)
                    .hasMessage("127.0.0.1 offers no STARTTLS, and is told nothing without");
            assertThat(server.arrived()).isEmpty();
        }
    }

    @Test
    void anAddressIsNoPlaceForCommands() throws IOException {
        try (MailServer server = startSecureServer()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SecureMail.send(
                            "127.0.0.1",
                            server.port(),
                            trusting(AUTHORITY),
                            "a@b>\r\nRCPT TO:<everybody@mail.example",
                            "c@d",
                            "e"));
            assertThat(server.arrived()).isEmpty();
        }
    }

    // -- somebody in the middle

    /** CVE-2011-0411 and its kin: who can write into the connection before TLS speaks with the server's voice. */
    @Test
    void textBehindTheGoAheadIsNoAnswer() throws IOException {
        TaskGroup.run(group -> {
            try (TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
                var server = group.fork(() -> playServer(
                        listener,
                        "250-mail.example\r\n250 STARTTLS\r\n",
                        "220 go ahead\r\n250 injected\r\n250 injected\r\n250 injected\r\n354 injected\r\n"));
                int port = listener.localAddress().getPort();
                assertThatThrownBy(() -> SecureMail.send(
                                "127.0.0.1", port, trusting(AUTHORITY), "ada@client.example", "c@d", "secret"))
                        .isInstanceOf(SSLException.class);
                assertThat(server.join())
                        .startsWith("EHLO client.example\r\nSTARTTLS\r\n")
                        .doesNotContain("MAIL", "ada", "secret");
            }
        });
    }

    /** Greets a client, answers its lines with these texts, and gives all that it has said. */
    private static String playServer(TcpListener listener, String... answers) throws IOException {
        try (var client = BufferedByteStream.over(listener.accept())) {
            var heard = new StringBuilder();
            client.send("220 mail.example\r\n".getBytes(ISO_8859_1));
            for (String answer : answers) {
                heard.append(new String(client.receiveUntil(new byte[] {'\n'}, 512), ISO_8859_1))
                        .append('\n');
                client.send(answer.getBytes(ISO_8859_1));
            }
            client.forEach(bytes -> heard.append(new String(bytes, ISO_8859_1)));
            return heard.toString();
        }
    }
}
