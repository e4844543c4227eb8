package io.bobbinet.tests.tls;

import static io.bobbinet.tests.tls.TlsPairs.AUTHORITY;
import static io.bobbinet.tests.tls.TlsPairs.OPTIONS;
import static io.bobbinet.tests.tls.TlsPairs.PASSWORD;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.examples.TlsExamples;
import io.bobbinet.net.Tcp;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.stream.TextStream;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingConsumer;
import io.bobbinet.task.ThrowingRunnable;
import io.bobbinet.testing.Certificates;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import io.bobbinet.testing.ReservedPort;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsAttributes;
import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import io.bobbinet.tls.TlsTrust;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples of TLS, which the guide shows, do what they say. */
@OnEachBackend
@DisplayName("TlsExamplesTest")
@Timeout(60)
class TlsExamplesTest {
    @TempDir
    private Path folder;

    /** A client that trusts the authority of the tests, with a memory of its own. */
    private static TlsOptions client() {
        return TlsOptions.defaults().withTrust(TlsTrust.ofKeyStore(AUTHORITY.trustStore()));
    }

    private static TlsIdentity identity(String... names) {
        return TlsIdentity.ofKeyStore(AUTHORITY.issue(names).keyStore(PASSWORD), PASSWORD);
    }

    private Path authorityFile() throws IOException {
        return AUTHORITY.write(folder.resolve("ca.pem"));
    }

    // -- how servers and clients are put together

    private interface PortServer {
        void serve(int port) throws IOException;
    }

    /** Runs a server that is told its port, and a client once the server waits for it. */
    private static void with(PortServer server, ThrowingConsumer<Integer, IOException> client) throws IOException {
        try (ReservedPort port = new ReservedPort()) {
            with(() -> server.serve(port.number()), () -> client.accept(port.number()));
        }
    }

    private static void with(ThrowingRunnable<IOException> server, ThrowingRunnable<IOException> client)
            throws IOException {
        TaskGroup.run(group -> {
            Task<?> serving = group.fork(server);
            Blocked.await(serving);
            client.run();
            serving.cancel();
        });
    }

    private static String receiveLine(ByteStream stream) throws IOException {
        return TextStream.over(stream, UTF_8).receiveLine(1024);
    }

    // -- certificates

    @Test
    void aServerGreetsAClient() throws IOException {
        with(
                port -> TlsExamples.server(identity("localhost"), port),
                port -> assertThat(TlsExamples.client("localhost", port, client()))
                        .isEqualTo("Hello, Client"));
    }

    @Test
    void theCommandOfTheGuideMakesACertificateForDevelopment() throws Exception {
        Path certificate = folder.resolve("cert.pem");
        Path key = folder.resolve("key.pem");
        String command =
                "req -x509 -newkey rsa:2048 -subj /CN=localhost -keyout key.pem -out cert.pem -nodes -days 365";
        List<String> line = Stream.concat(Stream.of(Peers.openssl()), Stream.of(command.split(" ")))
                .toList();
        try (PeerProcess openssl = PeerProcess.start(line, Map.of(), folder)) {
            assertThat(openssl.awaitExit()).as(openssl::toString).isZero();
        }
        with(
                port -> TlsExamples.files(certificate, key, port),
                port -> assertThat(TlsExamples.development(certificate, port)).isEqualTo("Hello, Client"));
    }

    @Test
    void renewedFilesAreTakenUp() throws IOException {
        Path certificate = folder.resolve("cert.pem");
        Path key = folder.resolve("key.pem");
        Certificates.Issued first = AUTHORITY.issue("localhost");
        Certificates.Issued second = AUTHORITY.issue("localhost");
        first.writeChain(certificate);
        first.writeKey(key);
        with(port -> TlsExamples.files(certificate, key, port), port -> {
            assertThat(certificateAt(port, client())).isEqualTo(first.certificate());
            replace(key, second.keyPem());
            replace(certificate, second.chainPem());
            assertThat(certificateAt(port, client())).isEqualTo(second.certificate());
        });
    }

    private void replace(Path file, String content) throws IOException {
        Path written = Files.writeString(folder.resolve("new"), content);
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static X509Certificate certificateAt(int port, TlsOptions options) throws IOException {
        try (TlsStream stream = Tls.connect("localhost", port, options)) {
            return stream.find(TlsAttributes.PEER_CERTIFICATES).orElseThrow().getFirst();
        }
    }

    @Test
    void theSystemChoosesAPortAndTellsIt() throws IOException {
        var port = new CompletableFuture<Integer>();
        with(
                () -> TlsExamples.anyPort(OPTIONS, port::complete),
                () -> assertThat(welcome(port.join(), client())).isEqualTo("Hello"));
    }

    @Test
    void anEncryptedKeyAndAKeyStoreAreIdentities() throws Exception {
        Certificates.Issued issued = AUTHORITY.issue("localhost");
        Path certificate = issued.writeChain(folder.resolve("cert.pem"));
        issued.writeKey(folder.resolve("plain.pem"));
        List<String> line = List.of(
                Peers.openssl(), "pkcs8", "-topk8", "-in", "plain.pem", "-out", "key.pem", "-passout", "pass:secret");
        try (PeerProcess openssl = PeerProcess.start(line, Map.of(), folder)) {
            assertThat(openssl.awaitExit()).as(openssl::toString).isZero();
        }
        Path store = folder.resolve("store.p12");
        try (var out = Files.newOutputStream(store)) {
            issued.keyStore(PASSWORD).store(out, PASSWORD);
        }
        for (TlsIdentity identity : TlsExamples.encrypted(certificate, folder.resolve("key.pem"), store, PASSWORD)) {
            with(
                    port -> TlsExamples.server(identity, port),
                    port -> assertThat(TlsExamples.client("localhost", port, client()))
                            .isEqualTo("Hello, Client"));
        }
    }

    @Test
    void clientsAreKnownByTheirCertificates() throws IOException {
        Certificates.Issued alice = AUTHORITY.issueClient("alice");
        Path certificate = alice.writeChain(folder.resolve("alice.pem"));
        Path key = alice.writeKey(folder.resolve("alice-key.pem"));
        Path authority = authorityFile();
        TlsTrust trust = TlsTrust.only(authority);
        with(port -> TlsExamples.mutual(identity("localhost"), authority, port), port -> {
            assertThat(TlsExamples.mutual("localhost", port, trust, certificate, key))
                    .isEqualTo("Hello, CN=alice");
            assertThatThrownBy(() -> TlsExamples.client("localhost", port, client()))
                    .isInstanceOfAny(SSLHandshakeException.class, BrokenResourceException.class);
        });
    }

    @Test
    void aClientIsShownTheCertificateOfTheNameItAsksFor() throws IOException {
        TlsOptions options = TlsExamples.names(
                identity("example.org"), identity("*.shop.example"), identity("others.example", "localhost"));
        with(
                port -> {
                    try (var listener = Tls.listen(port, options)) {
                        listener.serve(stream -> stream.forEach(bytes -> {}));
                    }
                },
                port -> {
                    assertThat(subjectOf(port, "example.org")).isEqualTo("CN=example.org");
                    assertThat(subjectOf(port, "books.shop.example")).isEqualTo("CN=*.shop.example");
                    assertThat(subjectOf(port, "localhost")).isEqualTo("CN=others.example");
                });
    }

    private static String subjectOf(int port, String name) throws IOException {
        return certificateAt(port, client().withServerName(name))
                .getSubjectX500Principal()
                .getName();
    }

    @Test
    void optionsAreForBothSides() throws IOException {
        Certificates.Issued issued = AUTHORITY.issue("localhost");
        Path certificate = issued.writeChain(folder.resolve("cert.pem"));
        Path key = issued.writeKey(folder.resolve("key.pem"));
        TlsOptions options = TlsExamples.options(authorityFile(), certificate, key);
        with(
                port -> {
                    try (var listener = Tls.listen(port, options)) {
                        listener.serve(stream -> stream.forEach(bytes -> {}));
                    }
                },
                port -> {
                    try (TlsStream stream = Tls.connect("localhost", port, options)) {
                        assertThat(stream.find(TlsAttributes.ALPN)).contains("h2");
                        assertThat(TlsExamples.attributes(stream)).matches("TLSv1.3 TLS_\\w+ CN=localhost");
                    }
                });
    }

    @Test
    void anotherProvidersContextIsGoodToo() throws IOException, GeneralSecurityException {
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(AUTHORITY.trustStore());
        TlsOptions options = TlsExamples.context(Security.getProvider("SunJSSE"), trust.getTrustManagers());
        with(
                port -> TlsExamples.server(identity("localhost"), port),
                port -> assertThat(TlsExamples.client("localhost", port, options))
                        .isEqualTo("Hello, Client"));
    }

    // -- conversations

    @Test
    void aProtocolIsAgreedUpon() throws IOException {
        with(port -> TlsExamples.protocols(identity("localhost"), port), port -> {
            assertThat(welcome(port, client().withAlpn("chat/2", "chat/1"))).isEqualTo("{\"welcome\": 2}");
            assertThat(welcome(port, client().withAlpn("chat/1"))).isEqualTo("welcome");
            assertThat(welcome(port, client())).isEqualTo("welcome");
        });
    }

    private static String welcome(int port, TlsOptions options) throws IOException {
        try (TlsStream stream = Tls.connect("localhost", port, options)) {
            return receiveLine(stream);
        }
    }

    @Test
    void bothSidesGoOverToTls() throws IOException {
        try (var listener = Tcp.listen("127.0.0.1", 0)) {
            with(() -> TlsExamples.upgradeServer(listener.accept(), OPTIONS), () -> {
                try (var mail = BufferedByteStream.over(
                        Tcp.connect("127.0.0.1", listener.localAddress().getPort()))) {
                    mail.send("EHLO example.org\r\n".getBytes(UTF_8));
                    assertThat(receiveLine(mail)).isEqualTo("250 ok, with no TLS");
                    TlsExamples.upgrade(mail, "localhost", client());
                    assertThat(receiveLine(mail)).isEqualTo("250 ok, with TLSv1.3");
                }
            });
        }
    }

    @Test
    void aRaggedEndIsAnEndForTheLenientAlone() throws IOException {
        with(
                port -> {
                    try (var listener = Tcp.listen(port)) {
                        listener.serve(connection ->
                                Tls.server(connection, OPTIONS).send("Hello".getBytes(UTF_8))); // and no close of TLS
                    }
                },
                port -> {
                    assertThat(TlsExamples.ragged("localhost", port, client())).isEqualTo("Hello");
                    assertThatThrownBy(() -> {
                                try (TlsStream strict = Tls.connect("localhost", port, client())) {
                                    strict.forEach(bytes -> {});
                                }
                            })
                            .isInstanceOf(BrokenResourceException.class)
                            .hasMessageContaining("without a close_notify");
                });
    }

    @Test
    void aReportArrivesWhole() throws IOException {
        byte[] report = new byte[1_000_000];
        new Random(1).nextBytes(report);
        var arrived = new ByteArrayOutputStream();
        with(
                port -> {
                    try (var listener = Tls.listen(port, OPTIONS)) {
                        listener.serve(stream -> stream.forEach(arrived::write));
                    }
                },
                port -> TlsExamples.report("localhost", port, client(), report));
        assertThat(arrived.toByteArray()).isEqualTo(report);
    }

    @Test
    void aConnectionThatIsCutOnPurposeIsNotAnEnd() throws IOException {
        TaskGroup.run(group -> {
            StreamPair<TlsStream> pair = TlsPairs.overTcp(OPTIONS);
            pair.right().send("Hello".getBytes(UTF_8));
            TlsExamples.cut(pair.right());
            try (TlsStream client = pair.left()) {
                assertThat(new String(client.receive(), UTF_8)).isEqualTo("Hello");
                assertThatThrownBy(client::receive)
                        .isInstanceOf(BrokenResourceException.class)
                        .hasMessageContaining("without a close_notify");
            }
        });
    }

    @Test
    void aReceiveThatIsLateLeavesTheConnectionGood() throws IOException {
        TaskGroup.run(group -> {
            StreamPair<TlsStream> pair = TlsPairs.overTcp(OPTIONS);
            try (TlsStream client = pair.left()) {
                group.fork(() -> {
                    try (TlsStream server = pair.right()) {
                        assertThat(receiveLine(server)).isEqualTo("Are you there?");
                        server.send("yes\n".getBytes(UTF_8));
                    }
                });
                assertThat(TlsExamples.news(TextStream.over(client, UTF_8), Duration.ofMillis(10)))
                        .isEqualTo("yes");
            }
        });
    }

    @Test
    void aServerThatKnowsNoTlsIsServed() throws IOException {
        try (var plain = Tcp.listen("localhost", 0)) {
            int plainPort = plain.localAddress().getPort();
            with(
                    () -> plain.serve(connection -> connection.forEach(bytes -> connection.send(bytes))),
                    () -> with(port -> TlsExamples.terminate(OPTIONS, port, "localhost", plainPort), port -> {
                        try (TlsStream client = Tls.connect("localhost", port, client())) {
                            client.send("Hello\n".getBytes(UTF_8));
                            assertThat(receiveLine(client)).isEqualTo("Hello");
                            client.sendEof();
                            client.forEach(bytes -> {});
                        }
                    }));
        }
    }

    @Test
    void bothSidesAreInOneProgram() throws IOException {
        var answers = new LinkedBlockingQueue<String>();
        TlsExamples.memory(OPTIONS, client(), answers::add);
        assertThat(answers).containsExactly("Hello");
    }

    @Test
    void aConversationGoesBackToPlainText() throws IOException {
        TaskGroup.run(group -> {
            StreamPair<TlsStream> pair = TlsPairs.overTcp(OPTIONS);
            group.fork(() -> {
                assertThat(receiveLine(pair.right())).isEqualTo("CCC");
                try (var plain = pair.right().unwrap()) {
                    plain.send("200 plain\r\n".getBytes(UTF_8));
                }
            });
            assertThat(TlsExamples.downgrade(pair.left())).isEqualTo("200 plain");
        });
    }

    @Test
    void aUnixSocketCarriesTlsToo() throws IOException {
        Path path = folder.resolve("socket");
        TlsOptions server = TlsOptions.defaults().withIdentity(identity("localhost"));
        with(
                () -> TlsExamples.unixServer(path, server),
                () -> assertThat(TlsExamples.unixClient(path, client())).isEqualTo("Hello"));
    }

    @Test
    void aClientThatSpeaksNoTlsIsToldOfAndDisturbsNobody() throws IOException {
        var log = new LinkedBlockingQueue<String>();
        with(port -> TlsExamples.impatient(OPTIONS, port, log::add), port -> {
            try (var plain = Tcp.connect("localhost", port)) {
                plain.send("GET / HTTP/1.1\r\n\r\n".getBytes(UTF_8));
                plain.awaitReceivable();
            }
            try (TlsStream stream = Tls.connect("localhost", port, client())) {
                assertThat(receiveLine(stream)).isEqualTo("Hello");
            }
            assertThat(log).singleElement().asString().contains("The TLS handshake with", "failed");
        });
    }
}
