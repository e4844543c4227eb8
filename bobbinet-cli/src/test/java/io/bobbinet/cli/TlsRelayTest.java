package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code relay} between TLS and what is not. */
@Timeout(60)
class TlsRelayTest {
    @TempDir
    private static Path folder;

    private static DevelopmentPair pair;

    private ServerSocket plainServer;
    private String to;

    @BeforeAll
    static void makePair() throws Exception {
        pair = DevelopmentPair.make(folder.resolve("pair"), "localhost", "127.0.0.1");
    }

    @BeforeEach
    void listen() throws Exception {
        plainServer = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        to = "tcp://127.0.0.1:" + plainServer.getLocalPort();
    }

    @AfterEach
    void close() throws Exception {
        plainServer.close();
    }

    private static CommandProcess opensslServer(String... options) throws IOException {
        PeerProgram.require("openssl");
        return CommandProcess.program(Stream.of(
                        new String[] {"openssl", "s_server", "-accept", "127.0.0.1:0"},
                        new String[] {
                            "-cert",
                            pair.certificate().toString(),
                            "-key",
                            pair.key().toString()
                        },
                        options)
                .flatMap(Stream::of)
                .toArray(String[]::new));
    }

    private static String awaitAccept(CommandProcess openssl) throws IOException {
        String line = openssl.readLine();
        while (line != null && !line.startsWith("ACCEPT")) {
            line = openssl.readLine();
        }
        assertThat(line).as("what openssl says when it accepts").isNotNull();
        return "tls://127.0.0.1:" + CommandProcess.portOf(line);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void terminatesTlsForAServerThatHasNone(String version) throws Exception {
        PeerProgram.require("openssl");
        try (var relay = CommandProcess.start(pair.owner("relay", "tls://127.0.0.1:0", to));
                var openssl = CommandProcess.program(
                        "openssl",
                        "s_client",
                        "-connect",
                        "127.0.0.1:" + relay.awaitPort(),
                        "-CAfile",
                        pair.certificate().toString(),
                        "-verify_return_error",
                        "-quiet",
                        "-no_ign_eof",
                        version);
                Socket peer = plainServer.accept();
                var in = new BufferedReader(new InputStreamReader(peer.getInputStream(), UTF_8))) {
            openssl.in().write("question\n".getBytes(UTF_8));
            openssl.in().flush();
            assertThat(in.readLine()).isEqualTo("question");
            peer.getOutputStream().write("answer\n".getBytes(UTF_8));
            assertThat(openssl.readLine()).isEqualTo("answer");
            openssl.in().close(); // with its input it ends
            assertThat(in.readLine()).isNull();
            peer.shutdownOutput();
            assertThat(openssl.awaitExit()).as(openssl::err).isZero();
            relay.signal("TERM").assertEnds();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void originatesTlsForAClientThatHasNone(String version) throws Exception {
        try (var openssl = opensslServer("-rev", version);
                var relay = CommandProcess.start(pair.truster("relay", "tcp://127.0.0.1:0", awaitAccept(openssl)));
                Socket client = new Socket("127.0.0.1", relay.awaitPort());
                var in = new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8))) {
            client.getOutputStream().write("drawer\n".getBytes(UTF_8));
            assertThat(in.readLine()).isEqualTo("reward");
            if (version.equals("-tls1_3")) {
                client.shutdownOutput();
            } else {
                openssl.signal("TERM"); // before 1.3 the end of the client is kept back
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux", "nio"})
    void halfClosesAreKeptThroughTlsAndBack(String backend) throws Exception {
        Path socket = folder.resolve(backend);
        try (var inner = CommandProcess.start(pair.owner("--backend", backend, "relay", "tls://127.0.0.1:0", to));
                var outer = CommandProcess.start(
                        pair.truster("--backend", backend, "relay", "unix://" + socket, inner.awaitListening()))) {
            outer.awaitListening();
            try (var connect = CommandProcess.start("--backend", backend, "connect", "unix://" + socket);
                    Socket peer = plainServer.accept()) {
                connect.input("question");
                assertThat(peer.getInputStream().readAllBytes()).isEqualTo("question".getBytes(UTF_8));
                peer.getOutputStream().write("answer".getBytes(UTF_8));
                peer.shutdownOutput();
                assertThat(connect.readAll()).isEqualTo("answer");
                connect.assertEnds();
            }
            outer.signal("TERM").assertEnds();
            inner.signal("TERM").assertEnds();
        }
    }

    @Test
    void betweenTwoTlsEndpointsTheCertificateIsOursAndTheAuthoritiesAreForTheOther() throws Exception {
        DevelopmentPair front = DevelopmentPair.make(folder.resolve("front"), "front.example");
        try (var openssl = opensslServer("-rev");
                var relay = CommandProcess.start(
                        pair.truster(front.owner("relay", "tls://127.0.0.1:0", awaitAccept(openssl))));
                var connect = CommandProcess.start(
                        front.truster("connect", "--server-name", "front.example", relay.awaitListening()))) {
            // The client shows no certificate, and none is asked for.
            assertThat(connect.input("live\n").readAll()).isEqualTo("evil\n");
            connect.assertEnds();
            relay.signal("TERM").assertEnds();
        }
    }

    @Test
    void helpTellsWhichSideTheAuthoritiesAreFor() throws Exception {
        try (var relay = CommandProcess.start("relay", "--help")) {
            assertThat(relay.readAll().replaceAll("\\s+", " "))
                    .contains("If TO is tls://, they are trusted there", "and FROM asks for no certificates");
            relay.assertEnds();
        }
    }

    @Test
    void tellsWhatWasAgreedUponWithTheServerBehindIt() throws Exception {
        try (var openssl = opensslServer("-rev")) {
            String to = awaitAccept(openssl).replace("127.0.0.1", "localhost");
            try (var relay = CommandProcess.start(pair.truster("relay", "--verbose", "tcp://127.0.0.1:0", to));
                    var connect = CommandProcess.start("connect", relay.awaitListening())) {
                assertThat(connect.input("live\n").readAll()).isEqualTo("evil\n");
                relay.signal("TERM");
                assertThat(relay.awaitExit()).isZero();
                assertThat(relay.err())
                        .containsPattern("bobbinet: connected to " + to + " for tcp://127\\.0\\.0\\.1:\\d+: TLSv1\\.3,"
                                + " TLS_\\w+, server name localhost, peer CN=localhost\n");
            }
        }
    }

    @Test
    void aServerThatIsNotTrustedIsToldAndTheClientSeesNoOrderlyEnd() throws Exception {
        try (var openssl = opensslServer();
                var relay = CommandProcess.startWithOpenError("relay", "tcp://127.0.0.1:0", awaitAccept(openssl));
                var err = relay.errReader();
                Socket client = new Socket("127.0.0.1", relay.awaitPort())) {
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThat(err.readLine())
                    .startsWith("bobbinet: Cannot connect to tls://")
                    .contains("--ca");
        }
    }

    @Test
    void aResetBehindTheRelayCutsTls() throws Exception {
        try (var relay = CommandProcess.start(pair.owner("relay", "tls://127.0.0.1:0", to));
                var connect = CommandProcess.start(pair.truster("connect", relay.awaitListening()))) {
            try (Socket peer = plainServer.accept()) {
                peer.getOutputStream().write("half of it\n".getBytes(UTF_8));
                assertThat(connect.readLine()).isEqualTo("half of it");
                peer.setSoLinger(true, 0);
            }
            connect.assertFails(1, "without a close_notify");
        }
    }

    @Test
    void tlsThatWasCutIsAResetOnTheOtherSide() throws Exception {
        try (var openssl = opensslServer();
                var relay = CommandProcess.start(pair.truster("relay", "tcp://127.0.0.1:0", awaitAccept(openssl)));
                Socket client = new Socket("127.0.0.1", relay.awaitPort())) {
            openssl.in().write('a');
            openssl.in().write('\n');
            openssl.in().flush();
            assertThat(client.getInputStream().readNBytes(2)).isEqualTo("a\n".getBytes(UTF_8));
            openssl.signal("KILL");
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }
}
