package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code echo}, {@code connect} and {@code listen} with datagrams. */
@Timeout(60)
class DatagramCommandTest {
    /** Sends what it reads, line by line, from a name that the system chooses, and prints what comes. */
    private static final String PYTHON_CLIENT = """
        import socket, sys
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        peer.bind('')
        for line in sys.stdin:
            peer.sendto(line.rstrip().encode(), sys.argv[1].replace('@', '\\0'))
            print(peer.recv(65536).decode(), flush=True)
        """;

    @TempDir
    private Path folder;

    private static void say(CommandProcess peer, String line) throws IOException {
        peer.in().write((line + "\n").getBytes(UTF_8));
        peer.in().flush();
    }

    private static void assertAnswers(CommandProcess peer, String... lines) throws IOException {
        for (String line : lines) {
            say(peer, line);
            assertThat(peer.readLine()).isEqualTo(line);
        }
    }

    // -- echo

    @ParameterizedTest
    @ValueSource(strings = {"linux", "nio"})
    void socatAndNcatGetBackTheirDatagrams(String backend) throws Exception {
        PeerProgram.require("socat");
        PeerProgram.require("ncat");
        try (var echo = CommandProcess.start("--backend", backend, "echo", "udp://127.0.0.1:0")) {
            String port = Integer.toString(echo.awaitPort());
            try (var socat = CommandProcess.program("socat", "-", "UDP:127.0.0.1:" + port);
                    var ncat = CommandProcess.program("ncat", "-u", "127.0.0.1", port)) {
                assertAnswers(socat, "from socat", "and more");
                assertAnswers(ncat, "from ncat", "and more");
            }
            echo.signal("TERM").assertEnds();
        }
    }

    @Test
    void socatGetsBackItsUnixDatagrams() throws Exception {
        PeerProgram.require("socat");
        Path path = folder.resolve("echo");
        try (var echo = CommandProcess.start("echo", "unixgram://" + path)) {
            assertThat(echo.awaitListening()).isEqualTo("unixgram://" + path);
            try (var socat =
                    CommandProcess.program("socat", "-", "UNIX-SENDTO:" + path + ",bind=" + folder.resolve("client"))) {
                assertAnswers(socat, "from socat", "and more");
            }
            assertThat(path).exists();
            echo.signal("TERM").assertEnds();
            assertThat(path).doesNotExist();
        }
    }

    @Test
    void pythonGetsBackItsUnixDatagramsOverAbstractNames() throws Exception {
        PeerProgram.require("python3");
        String name = "unixgram:@bobbinet-echo-" + ProcessHandle.current().pid();
        try (var echo = CommandProcess.start("echo", name)) {
            assertThat(echo.awaitListening()).isEqualTo(name);
            try (var python =
                    CommandProcess.program("python3", "-c", PYTHON_CLIENT, name.substring("unixgram:".length()))) {
                assertAnswers(python, "from Python", "and more");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux", "nio"})
    void streamsAndDatagramsAreServedSideBySide(String backend) throws Exception {
        try (var echo = CommandProcess.start(
                "--backend", backend, "echo", "udp://127.0.0.1:0", "tcp://127.0.0.1:0", "udp://[::1]:0")) {
            String first = echo.awaitListening();
            String second = echo.awaitListening();
            String third = echo.awaitListening();
            assertThat(first).startsWith("udp://127.0.0.1:");
            assertThat(second).startsWith("tcp://127.0.0.1:");
            assertThat(third).startsWith("udp://[::1]:");
            try (UdpPeer peer = new UdpPeer();
                    Socket socket = new Socket("127.0.0.1", CommandProcess.portOf(second))) {
                assertThat(peer.ask("a datagram", CommandProcess.portOf(first))).isEqualTo("a datagram");
                assertThat(peer.ask("", CommandProcess.portOf(first))).isEmpty();
                socket.getOutputStream().write('x');
                assertThat(socket.getInputStream().read()).isEqualTo('x');
                try (var connect = CommandProcess.start("connect", "--wait", "100ms", third)) {
                    assertThat(connect.input("over IPv6\n").readAll()).isEqualTo("over IPv6\n");
                    connect.assertEnds();
                }
            }
            echo.signal("TERM").assertEnds();
        }
    }

    @Test
    void sendersWithoutANameAreToldOnceAndDisturbNobody() throws Exception {
        PeerProgram.require("socat");
        PeerProgram.require("python3");
        Path path = folder.resolve("echo");
        try (var echo = CommandProcess.start("echo", "--verbose", "unixgram://" + path)) {
            echo.awaitListening();
            for (int i = 0; i < 2; i++) {
                try (var socat = CommandProcess.program("socat", "-u", "-", "UNIX-SENDTO:" + path)) {
                    socat.input("nobody\n").assertEnds();
                }
            }
            try (var python = CommandProcess.program("python3", "-c", PYTHON_CLIENT, path.toString())) {
                assertAnswers(python, "somebody");
            }
            echo.signal("TERM");
            assertThat(echo.awaitExit()).isZero();
            assertThat(echo.err())
                    .containsOnlyOnce("7 B from a socket without a name, which cannot be answered")
                    .containsPattern("bobbinet: 8 B from unixgram:@[0-9a-f]{5}\n");
        }
    }

    // -- connect

    @Test
    void eachLineIsADatagramAndEachDatagramALine() throws Exception {
        try (UdpPeer peer = new UdpPeer();
                var connect = CommandProcess.start("connect", "--wait", "500ms", "udp://127.0.0.1:" + peer.port())) {
            connect.input("one\ntwo\r\n\n\u00fcnfinished");
            var one = peer.receive();
            assertThat(one.text()).isEqualTo("one");
            assertThat(peer.receive()).isEqualTo(new UdpPeer.Received("two", one.sender()));
            assertThat(peer.receive().text()).isEmpty();
            assertThat(peer.receive().text()).isEqualTo("\u00fcnfinished");
            peer.send("answer", one.sender());
            peer.send("", one.sender());
            peer.send("another", one.sender());
            assertThat(connect.readAll()).isEqualTo("answer\n\nanother\n");
            connect.assertEnds();
        }
    }

    /** Sends, to a path, a datagram of 300,000 bytes. */
    private static final String PYTHON_LONG_SENDER = """
        import socket, sys
        SO_SNDBUFFORCE = 32
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            peer.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 21)
            peer.sendto(b'x' * 300000, sys.argv[1])
        except OSError as e:
            print(e)
        """;

    @Test
    void whatIsPrintedInPartIsTold() throws Exception {
        PeerProgram.require("python3");
        Path path = folder.resolve("listen");
        try (var listen = CommandProcess.startWithOpenError("listen", "unixgram://" + path);
                var err = listen.errReader()) {
            assertThat(awaitListening(err)).isEqualTo("unixgram://" + path);
            try (var python = CommandProcess.program("python3", "-c", PYTHON_LONG_SENDER, path.toString())) {
                String refused = python.readAll();
                assumeTrue(refused.isEmpty(), "only root may send so much at once: " + refused);
            }
            assertThat(listen.readLine()).isEqualTo("x".repeat(1 << 18));
            assertThat(err.readLine())
                    .isEqualTo("bobbinet: a datagram of 300000 B from a socket without a name is too long: its first"
                            + " 262144 B are printed");
            listen.signal("TERM");
            assertThat(listen.awaitExit()).isZero();
        }
    }

    @Test
    void answersArePrintedWhileTheInputIsOpen() throws Exception {
        try (UdpPeer peer = new UdpPeer();
                var connect = CommandProcess.start("connect", "udp://127.0.0.1:" + peer.port())) {
            say(connect, "question");
            peer.send("answer", peer.receive().sender());
            assertThat(connect.readLine()).isEqualTo("answer");
        }
    }

    @Test
    void timeoutEndsAnExchangeThatIsIdle() throws Exception {
        try (UdpPeer peer = new UdpPeer();
                var connect = CommandProcess.start("connect", "--timeout", "100ms", "udp://127.0.0.1:" + peer.port())) {
            connect.assertFails(1, "bobbinet: Nothing was sent or received for 100ms\n");
        }
    }

    @Test
    void verboseTellsOfTheExchange() throws Exception {
        try (UdpPeer peer = new UdpPeer();
                var connect = CommandProcess.start(
                        "connect", "--verbose", "--wait", "10ms", "udp://127.0.0.1:" + peer.port())) {
            connect.input("12345\n");
            assertThat(connect.awaitExit()).isZero();
            assertThat(connect.err())
                    .contains("bobbinet: exchange with udp://127.0.0.1:" + peer.port() + " begins\n")
                    .containsPattern(" ends after \\d+ ms: 0 B received, 5 B sent\n");
        }
    }

    // -- listen

    private static String awaitListening(BufferedReader err) throws IOException {
        String line = err.readLine();
        assertThat(line).startsWith("listening ");
        return line.substring("listening ".length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux", "nio"})
    void linesOfTheInputGoToWhoWasHeardLast(String backend) throws Exception {
        try (var listen = CommandProcess.startWithOpenError("--backend", backend, "listen", "udp://127.0.0.1:0");
                var err = listen.errReader();
                UdpPeer first = new UdpPeer();
                UdpPeer second = new UdpPeer()) {
            int port = CommandProcess.portOf(awaitListening(err));
            say(listen, "to whoever comes");
            first.send("first", port);
            assertThat(listen.readLine()).isEqualTo("first");
            assertThat(first.receive().text()).isEqualTo("to whoever comes");
            second.send("second", port);
            assertThat(listen.readLine()).isEqualTo("second");
            say(listen, "to the second");
            assertThat(second.receive().text()).isEqualTo("to the second");
            first.send("", port);
            assertThat(listen.readLine()).isEmpty();
            listen.signal("TERM");
            assertThat(listen.awaitExit()).isZero();
            assertThat(err.readLine()).isNull();
        }
    }

    @Test
    void whoCannotBeAnsweredIsTold() throws Exception {
        PeerProgram.require("socat");
        Path path = folder.resolve("listen");
        try (var listen = CommandProcess.startWithOpenError("listen", "unixgram://" + path);
                var err = listen.errReader();
                var socat = CommandProcess.program("socat", "-u", "-", "UNIX-SENDTO:" + path)) {
            assertThat(awaitListening(err)).isEqualTo("unixgram://" + path);
            say(listen, "reply");
            socat.input("nobody\n").assertEnds();
            assertThat(listen.readLine()).isEqualTo("nobody");
            assertThat(err.readLine()).contains("The sender has no name");
            listen.signal("TERM");
            assertThat(listen.awaitExit()).isZero();
            assertThat(path).doesNotExist();
        }
    }

    @Test
    void timeoutEndsTheWaitForDatagrams() throws Exception {
        try (var listen = CommandProcess.start("listen", "--timeout", "100ms", "udp://127.0.0.1:0")) {
            assertThat(listen.awaitExit()).isEqualTo(1);
            assertThat(listen.err()).endsWith("\nbobbinet: Nobody has sent anything for 100ms\n");
        }
    }
}
