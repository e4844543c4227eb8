package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code echo}, {@code connect} and {@code listen} over TLS. */
@Timeout(60)
class TlsCommandTest {
    @TempDir
    private static Path folder;

    private static DevelopmentPair server;
    private static DevelopmentPair client;

    @BeforeAll
    static void makePairs() throws Exception {
        server = DevelopmentPair.make(folder.resolve("server"), "localhost", "127.0.0.1", "*.example.org");
        client = DevelopmentPair.make(folder.resolve("client"), "client");
    }

    private static CommandProcess echo(String... options) throws IOException {
        return CommandProcess.start(Stream.of(new String[] {"echo", "tls://127.0.0.1:0"}, server.owner(), options)
                .flatMap(Stream::of)
                .toArray(String[]::new));
    }

    /** Starts a server of OpenSSL, which prints what comes and sends what it is given. */
    private static CommandProcess opensslServer(String... options) throws IOException {
        PeerProgram.require("openssl");
        return CommandProcess.program(Stream.of(
                        new String[] {"openssl", "s_server", "-accept", "127.0.0.1:0"},
                        new String[] {
                            "-cert",
                            server.certificate().toString(),
                            "-key",
                            server.key().toString()
                        },
                        options)
                .flatMap(Stream::of)
                .toArray(String[]::new));
    }

    private static String awaitLine(CommandProcess process, String start) throws IOException {
        String line = process.readLine();
        while (line != null && !line.startsWith(start)) {
            line = process.readLine();
        }
        assertThat(line).as("the line that begins with " + start).isNotNull();
        return line;
    }

    /** Starts {@code openssl s_client}, which ends with its input. */
    private static CommandProcess opensslClient(int port, String... options) throws IOException {
        PeerProgram.require("openssl");
        return CommandProcess.program(Stream.of(
                        new String[] {"openssl", "s_client", "-connect", "127.0.0.1:" + port},
                        new String[] {"-CAfile", server.certificate().toString(), "-verify_return_error"},
                        options)
                .flatMap(Stream::of)
                .toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux", "nio"})
    void connectGetsBackWhatItSends(String backend) throws Exception {
        try (var echo = echo("--backend", backend)) {
            String uri = echo.awaitListening();
            assertThat(uri).matches("tls://127\\.0\\.0\\.1:[1-9]\\d*");
            try (var connect = CommandProcess.start(server.truster("--backend", backend, "connect", uri))) {
                assertThat(connect.input("over TLS\n").readAll()).isEqualTo("over TLS\n");
                connect.assertEnds();
            }
            echo.signal("TERM").assertEnds();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void opensslGetsBackWhatItSends(String version) throws Exception {
        try (var echo = echo();
                var openssl = opensslClient(echo.awaitPort(), version, "-quiet", "-no_ign_eof")) {
            openssl.in().write("from openssl\n".getBytes(UTF_8));
            openssl.in().flush();
            assertThat(openssl.readLine()).isEqualTo("from openssl");
            openssl.in().close();
            assertThat(openssl.awaitExit()).as(openssl::err).isZero();
            echo.signal("TERM").assertEnds();
        }
    }

    @Test
    void connectTalksToOpenssl() throws Exception {
        try (var openssl = opensslServer("-rev")) {
            int port = CommandProcess.portOf(awaitLine(openssl, "ACCEPT"));
            try (var connect = CommandProcess.start(server.truster("connect", "tls://localhost:" + port))) {
                assertThat(connect.input("stressed\n").readAll()).isEqualTo("desserts\n");
                connect.assertEnds();
            }
        }
    }

    @Test
    void beforeTls13TheEndOfTheInputLeavesTheConnectionOpen() throws Exception {
        try (var openssl = opensslServer("-tls1_2")) {
            int port = CommandProcess.portOf(awaitLine(openssl, "ACCEPT"));
            try (var connect =
                    CommandProcess.start(server.truster("connect", "tls://localhost:" + port, "--lenient-eof"))) {
                connect.input("question\n");
                awaitLine(openssl, "question");
                openssl.in().write("answer\n".getBytes(UTF_8));
                openssl.in().flush();
                assertThat(connect.readLine()).isEqualTo("answer");
                openssl.input("Q\n"); // it goes, without a close_notify
                assertThat(connect.readAll()).isEmpty();
                connect.assertEnds();
            }
        }
    }

    @Test
    void asksAWebServerOfOldTls() throws Exception {
        try (var openssl = opensslServer("-www", "-tls1_2")) {
            int port = CommandProcess.portOf(awaitLine(openssl, "ACCEPT"));
            try (var connect = CommandProcess.start(server.truster("connect", "tls://localhost:" + port))) {
                assertThat(connect.input("GET / HTTP/1.0\r\n\r\n").readAll())
                        .startsWith("HTTP/1.0 200 ok")
                        .contains("TLSv1.2");
                connect.assertEnds();
            }
        }
    }

    @Test
    void aConnectionThatWasCutIsAFailureUnlessTheUserIsLenient() throws Exception {
        assertThat(endOfACutConnection()).isEqualTo(1);
        assertThat(endOfACutConnection("--lenient-eof")).isZero();
    }

    private static int endOfACutConnection(String... options) throws Exception {
        try (var openssl = opensslServer()) {
            String uri = "tls://127.0.0.1:" + CommandProcess.portOf(awaitLine(openssl, "ACCEPT"));
            String[] line = Stream.of(new String[] {"connect", uri}, server.truster(), options)
                    .flatMap(Stream::of)
                    .toArray(String[]::new);
            try (var connect = CommandProcess.start(line)) {
                openssl.in().write("half of it\n".getBytes(UTF_8));
                openssl.in().flush();
                assertThat(connect.readLine()).isEqualTo("half of it");
                openssl.signal("KILL");
                int status = connect.awaitExit();
                assertThat(connect.err().contains("close_notify")).isEqualTo(status != 0);
                return status;
            }
        }
    }

    @Test
    void negotiatesAProtocolAndTellsOfIt() throws Exception {
        try (var echo = echo("--alpn", "h2,http/1.1", "--verbose");
                var openssl = opensslClient(echo.awaitPort(), "-alpn", "http/1.1,h2", "-servername", "localhost")) {
            assertThat(awaitLine(openssl, "ALPN protocol")).isEqualTo("ALPN protocol: h2");
            openssl.in().close();
            openssl.awaitExit();
            echo.signal("TERM");
            assertThat(echo.awaitExit()).isZero();
            assertThat(echo.err())
                    .containsPattern(
                            "connection with tls://127\\.0\\.0\\.1:\\d+ begins: TLSv1\\.3, TLS_\\w+, ALPN h2, server"
                                    + " name localhost\n");
        }
    }

    @Test
    void noCommonProtocolIsAFailureOfBoth() throws Exception {
        try (var echo = echo("--alpn", "h2")) {
            String uri = echo.awaitListening();
            try (var connect = CommandProcess.start(server.truster("connect", uri, "--alpn", "http/1.1"))) {
                connect.assertFails(1, "Cannot connect to " + uri + ": the TLS handshake failed: ", "no_application");
            }
            echo.signal("TERM");
            assertThat(echo.awaitExit()).isZero();
            assertThat(echo.err())
                    .matches("bobbinet: The TLS handshake with 127\\.0\\.0\\.1:\\d+ failed: .*no_application.*\n");
        }
    }

    @Test
    void theServerNameIsAskedForAndVerifiedInPlaceOfTheHost() throws Exception {
        try (var echo = echo("--verbose")) {
            String uri = echo.awaitListening();
            try (var right = CommandProcess.start(server.truster("connect", uri, "--server-name", "a.example.org"));
                    var wrong = CommandProcess.start(server.truster("connect", uri, "--server-name", "example.com"))) {
                assertThat(right.input("hello").readAll()).isEqualTo("hello");
                right.assertEnds();
                wrong.assertFails(
                        1,
                        "Cannot connect to " + uri + ": the server's certificate is for another name",
                        "example.com",
                        "--server-name");
            }
            echo.signal("TERM");
            assertThat(echo.awaitExit()).isZero();
            assertThat(echo.err()).contains("server name a.example.org\n");
        }
    }

    @Test
    void aServerThatNobodyVouchesForIsRefusedUnlessAnybodyWillDo() throws Exception {
        try (var echo = echo()) {
            String uri = echo.awaitListening();
            try (var careful = CommandProcess.start("connect", uri);
                    var insecure =
                            CommandProcess.start("connect", uri, "--insecure", "--server-name", "other.example")) {
                careful.assertFails(
                        1,
                        "Cannot connect to " + uri + ": the server's certificate is of no authority that is trusted",
                        "--ca",
                        "--insecure");
                assertThat(insecure.input("hello").readAll()).isEqualTo("hello");
                assertThat(insecure.awaitExit()).isZero();
                assertThat(insecure.err()).isEqualTo("bobbinet: --insecure: nobody checks who the server is\n");
            }
        }
    }

    @Test
    void aServerWithAuthoritiesServesTheirClientsAlone() throws Exception {
        try (var echo = CommandProcess.startWithOpenError(
                        Stream.of(new String[] {"echo", "tls://127.0.0.1:0"}, server.owner(), client.truster())
                                .flatMap(Stream::of)
                                .toArray(String[]::new));
                var err = echo.errReader()) {
            String uri = echo.awaitListening();
            try (var nobody = CommandProcess.start(server.truster("connect", uri))) {
                nobody.assertFails(1, "certificate_required", "--cert and --key");
            }
            assertThat(err.readLine()).startsWith("bobbinet: The TLS handshake with 127.0.0.1:");
            try (var stranger = opensslClient(
                    CommandProcess.portOf(uri),
                    "-cert",
                    server.certificate().toString(),
                    "-key",
                    server.key().toString())) {
                stranger.awaitExit();
            }
            assertThat(err.readLine()).endsWith(" failed: the client's certificate is of no authority in --ca");
            try (var known = CommandProcess.start(server.truster(client.owner("connect", uri)));
                    var openssl = opensslClient(
                            CommandProcess.portOf(uri),
                            "-quiet",
                            "-no_ign_eof",
                            "-cert",
                            client.certificate().toString(),
                            "-key",
                            client.key().toString())) {
                assertThat(known.input("hello").readAll()).isEqualTo("hello");
                known.assertEnds();
                openssl.in().write("hello\n".getBytes(UTF_8));
                openssl.in().flush();
                assertThat(openssl.readLine()).isEqualTo("hello");
            }
            echo.signal("TERM");
            assertThat(echo.awaitExit()).isZero();
        }
    }

    @Test
    void aKeyMayBeInTheFileOfTheCertificateAndEncrypted() throws Exception {
        PeerProgram.require("openssl");
        Path encrypted = folder.resolve("encrypted.pem");
        try (var openssl = CommandProcess.program(
                "openssl",
                "pkcs8",
                "-topk8",
                "-in",
                server.key().toString(),
                "-out",
                encrypted.toString(),
                "-passout",
                "pass:open sesame")) {
            openssl.assertEnds();
        }
        Path both = Files.writeString(
                folder.resolve("both.pem"), Files.readString(encrypted) + Files.readString(server.certificate()));
        Path password = Files.writeString(folder.resolve("password"), "open sesame\n");
        try (var locked = CommandProcess.start("echo", "tls://127.0.0.1:0", "--cert", both.toString());
                var echo = CommandProcess.start(
                        "echo", "tls://127.0.0.1:0", "--cert", both.toString(), "--key-password-file", "" + password);
                var connect = CommandProcess.start(server.truster("connect", echo.awaitListening()))) {
            locked.assertFails(1, both.toString(), "is encrypted; --key-password-file");
            assertThat(connect.input("hello").readAll()).isEqualTo("hello");
            connect.assertEnds();
        }
    }

    @Test
    void whatIsNoGoodInFilesIsToldWithTheFile() throws Exception {
        Path missing = folder.resolve("missing.pem");
        try (var noCert = CommandProcess.start("echo", "tls://127.0.0.1:0", "--cert", missing.toString());
                var noAuthority = CommandProcess.start(
                        "connect", "tls://127.0.0.1:1", "--ca", server.key().toString());
                var wrongKey = CommandProcess.start(
                        "echo",
                        "tls://127.0.0.1:0",
                        "--cert",
                        server.certificate().toString(),
                        "--key",
                        client.key().toString())) {
            noCert.assertFails(1, "bobbinet: no such file: " + missing + "\n");
            noAuthority.assertFails(1, "No certificate in " + server.key());
            wrongKey.assertFails(
                    1,
                    "does not belong",
                    client.key().toString(),
                    server.certificate().toString());
        }
    }

    @Test
    void aRenewedCertificateIsTakenUpAndABadOneIsNot() throws Exception {
        DevelopmentPair pair = DevelopmentPair.make(folder.resolve("renewed"), "127.0.0.1");
        Path old = Files.copy(pair.certificate(), folder.resolve("old.pem"));
        try (var echo = CommandProcess.startWithOpenError(pair.owner("echo", "tls://127.0.0.1:0"));
                var err = echo.errReader()) {
            String uri = echo.awaitListening();
            try (var cert = CommandProcess.start(
                    "cert", "127.0.0.1", "--force", "--directory", "" + folder.resolve("renewed"))) {
                cert.readAll();
                cert.assertEnds();
            }
            try (var connect = CommandProcess.start(pair.truster("connect", uri));
                    var stale = CommandProcess.start("connect", uri, "--ca", old.toString())) {
                assertThat(connect.input("hello").readAll()).isEqualTo("hello");
                stale.assertFails(1, "the server's certificate is of no authority that is trusted");
            }
            assertThat(err.readLine()).contains("The TLS handshake with", "alert");
            Path renewed = Files.copy(pair.certificate(), folder.resolve("renewed.pem"));
            Files.writeString(pair.certificate(), "not a certificate");
            try (var connect = CommandProcess.start("connect", uri, "--ca", renewed.toString())) {
                assertThat(connect.input("hello").readAll()).isEqualTo("hello");
            }
            assertThat(err.readLine())
                    .startsWith("bobbinet: ")
                    .contains(pair.certificate().toString());
            echo.signal("TERM");
            assertThat(err.readLine()).isNull();
            assertThat(echo.awaitExit()).isZero();
        }
    }

    @Test
    void whoFailsInTheHandshakeIsToldAndTheOthersAreServed() throws Exception {
        // As one of several endpoints too, where connections are served before their handshake.
        try (var echo = CommandProcess.startWithOpenError(
                        server.owner("echo", "tls://127.0.0.1:0", "tcp://127.0.0.1:0"));
                var err = echo.errReader()) {
            String uri = echo.awaitListening();
            String plainUri = echo.awaitListening();
            try (Socket plain = new Socket("127.0.0.1", CommandProcess.portOf(uri))) {
                plain.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(UTF_8));
                assertThat(err.readLine())
                        .matches("bobbinet: The TLS handshake with 127\\.0\\.0\\.1:\\d+ failed: .*plaintext.*");
            }
            try (var connect = CommandProcess.start(server.truster("connect", uri));
                    var plain = CommandProcess.start("connect", plainUri)) {
                assertThat(connect.input("hello").readAll()).isEqualTo("hello");
                assertThat(plain.input("hello").readAll()).isEqualTo("hello");
            }
            echo.signal("TERM");
            assertThat(err.readLine()).isNull();
            assertThat(echo.awaitExit()).isZero();
        }
    }

    @Test
    void theTimeoutHoldsForTheHandshake() throws Exception {
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var connect = CommandProcess.start(
                        "connect", "--timeout", "2s", "tls://127.0.0.1:" + silent.getLocalPort())) {
            connect.assertFails(
                    1,
                    "Cannot connect to tls://127.0.0.1:" + silent.getLocalPort()
                            + ": the TLS handshake with 127.0.0.1");
        }
    }

    @Test
    void listenJoinsOneConnection() throws Exception {
        try (var listen = CommandProcess.startWithOpenError(server.owner("listen", "tls://127.0.0.1:0"));
                var err = listen.errReader();
                var connect = CommandProcess.start(server.truster("connect", awaitUri(err)))) {
            listen.input("from the server");
            assertThat(connect.input("from the client").readAll()).isEqualTo("from the server");
            connect.assertEnds();
            assertThat(listen.readAll()).isEqualTo("from the client");
            assertThat(err.readLine()).isNull();
            assertThat(listen.awaitExit()).isZero();
        }
    }

    private static String awaitUri(BufferedReader err) throws IOException {
        String line = err.readLine();
        assertThat(line).startsWith("listening tls://127.0.0.1:");
        return line.substring("listening ".length());
    }

    @Test
    void listenWaitsForAnotherWhenAHandshakeFails() throws Exception {
        try (var listen = CommandProcess.startWithOpenError(server.owner("listen", "tls://127.0.0.1:0"));
                var err = listen.errReader()) {
            String uri = awaitUri(err);
            try (Socket plain = new Socket("127.0.0.1", CommandProcess.portOf(uri))) {
                plain.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(UTF_8));
                assertThat(err.readLine()).startsWith("bobbinet: The TLS handshake with 127.0.0.1:");
            }
            try (var stranger = CommandProcess.start("connect", uri)) {
                stranger.assertFails(1, "--ca");
                assertThat(err.readLine()).startsWith("bobbinet: The TLS handshake with 127.0.0.1:");
            }
            try (var connect = CommandProcess.start(server.truster("connect", uri))) {
                listen.input("from the server");
                assertThat(connect.input("from the client").readAll()).isEqualTo("from the server");
                connect.assertEnds();
            }
            assertThat(listen.readAll()).isEqualTo("from the client");
            assertThat(err.readLine()).isNull();
            assertThat(listen.awaitExit()).isZero();
        }
    }

    @Test
    void aSignalEndsListenInTheMiddleOfAHandshake() throws Exception {
        try (var listen = CommandProcess.startWithOpenError(server.owner("listen", "tls://127.0.0.1:0"));
                var err = listen.errReader();
                Socket silent = new Socket("127.0.0.1", CommandProcess.portOf(awaitUri(err)))) {
            listen.signal("TERM");
            assertThat(listen.awaitExit()).isZero();
            assertThat(err.readLine()).isNull();
            assertThat(silent.isConnected()).isTrue();
        }
    }

    @Test
    void severalFilesOfAuthoritiesAreTrustedOnBothSides() throws Exception {
        String[] all = Stream.of(new String[][] {server.truster(), client.truster()})
                .flatMap(Stream::of)
                .toArray(String[]::new);
        try (var echo = echo(all);
                var connect = CommandProcess.start(Stream.of(
                                new String[][] {{"connect", echo.awaitListening()}, client.truster(), server.owner(all)
                                })
                        .flatMap(Stream::of)
                        .toArray(String[]::new))) {
            assertThat(connect.input("hello").readAll()).isEqualTo("hello");
            connect.assertEnds();
        }
    }

    @Test
    void anAddressIsNoServerNameThatIsAskedFor() throws Exception {
        try (var echo = echo("--verbose");
                var connect = CommandProcess.start(server.truster("connect", "--verbose", echo.awaitListening()))) {
            assertThat(connect.input("hello").readAll()).isEqualTo("hello");
            assertThat(connect.awaitExit()).isZero();
            assertThat(connect.err()).contains(" begins: TLSv1.3, ").doesNotContain("server name");
            echo.signal("TERM");
            assertThat(echo.awaitExit()).isZero();
            assertThat(echo.err()).contains(" begins: TLSv1.3, ").doesNotContain("server name");
        }
    }

    @Test
    void listenThatKeepsOnOutlivesAFailedHandshake() throws Exception {
        try (var listen = CommandProcess.startWithOpenError(server.owner("listen", "--keep", "tls://127.0.0.1:0"));
                var err = listen.errReader()) {
            String uri = awaitUri(err);
            try (var stranger = CommandProcess.start("connect", uri)) {
                stranger.assertFails(1, "--ca");
            }
            assertThat(err.readLine()).contains("The TLS handshake with 127.0.0.1:", "certificate_unknown");
            try (var connect = CommandProcess.start(server.truster("connect", uri))) {
                connect.input("hello\n");
                assertThat(listen.readLine()).isEqualTo("hello");
            }
            listen.signal("TERM");
            assertThat(listen.awaitExit()).isZero();
        }
    }
}
