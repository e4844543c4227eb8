package io.bobbinet.tests.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.examples.PostgresClient;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.Certificates;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsTrust;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example speaks with a real server. */
@OnEachBackend
@DisplayName("PostgresClientTest")
@Timeout(60)
class PostgresClientTest {
    private static final Certificates AUTHORITY = Certificates.authority("Postgres CA");

    private static PostgresServer server;

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException, InterruptedException {
        server = PostgresServer.start(folder, AUTHORITY.issue("127.0.0.1"), true);
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        if (server != null) {
            server.stop();
        }
    }

    private static PostgresClient connect(Certificates authority, String password) throws IOException {
        var options = TlsOptions.defaults().withTrust(TlsTrust.ofKeyStore(authority.trustStore()));
        return PostgresClient.connect("127.0.0.1", server.port(), options, PostgresServer.USER, password);
    }

    @Test
    void logsInAndAsksForTheVersion() throws IOException {
        try (PostgresClient client = connect(AUTHORITY, PostgresServer.PASSWORD)) {
            assertThat(client.query("SELECT version()"))
                    .singleElement()
                    .satisfies(row -> assertThat(row).singleElement().asString().startsWith("PostgreSQL "));
            assertThat(client.query("SELECT 1, NULL UNION ALL SELECT 2, 'ä'"))
                    .containsExactly(List.of("1", "NULL"), List.of("2", "ä"));
        }
    }

    @Test
    void theServerSeesTheEncryption() throws IOException {
        try (PostgresClient client = connect(AUTHORITY, PostgresServer.PASSWORD)) {
            assertThat(client.query("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
                    .containsExactly(List.of("t", "TLSv1.3"));
        }
    }

    @Test
    void aWrongPasswordIsRefused() {
        assertThatThrownBy(() -> connect(AUTHORITY, "wrong"))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("password authentication failed for user \"tester\"");
    }

    @Test
    void anotherCertificateIsRefusedBeforeAnythingIsTold() {
        assertThatThrownBy(() -> connect(Certificates.authority("Other CA"), PostgresServer.PASSWORD))
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("TlsOptions.withTrust");
    }

    @Test
    void aMistakeInAQueryIsTold() throws IOException {
        try (PostgresClient client = connect(AUTHORITY, PostgresServer.PASSWORD)) {
            assertThatThrownBy(() -> client.query("SELEKT 1"))
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageContaining("syntax error at or near \"SELEKT\"");
        }
    }

    /** CVE-2021-23222: libpq took what came behind the S, from whomever, for the server's word. */
    @Test
    void textBehindTheAnswerIsNoAnswer() throws IOException {
        assertThatThrownBy(() -> connectTo("SR\0\0\0\u0008\0\0\0\0Z\0\0\0\u0005I"))
                .isInstanceOf(SSLException.class);
    }

    @Test
    void aServerWithoutTlsIsToldNothing() throws IOException {
        assertThatThrownBy(() -> connectTo("N"))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("The server has no TLS");
    }

    /** Connects to a server that answers the request for TLS with this. */
    private static void connectTo(String answer) throws IOException {
        TaskGroup.run(group -> {
            try (TcpListener fake = Tcp.listen("127.0.0.1", 0)) {
                group.fork(() -> {
                    try (TcpStream client = fake.accept()) {
                        assertThat(client.receive(8)).containsExactly(0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f);
                        client.send(answer.getBytes(ISO_8859_1));
                        client.awaitReceivable(); // the end or, where it is to be fooled, an alert
                    }
                });
                PostgresClient.connect("127.0.0.1", fake.localAddress().getPort(), TlsOptions.defaults(), "a", "b")
                        .close();
            }
        });
    }
}
