package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes wrong is told in one line, with the right exit status. */
@Timeout(60)
class FailureTest {
    @TempDir
    private Path folder;

    @Test
    void busyPort() throws Exception {
        try (var taken = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var echo = CommandProcess.start("echo", "tcp://127.0.0.1:" + taken.getLocalPort())) {
            echo.assertFails(1, "127.0.0.1:" + taken.getLocalPort(), "in use");
        }
    }

    @Test
    void aBusyPortLeavesNoSocketOfTheOthersBehind() throws Exception {
        Path path = folder.resolve("socket");
        try (var taken = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var echo = CommandProcess.start("echo", "unix://" + path, "tcp://127.0.0.1:" + taken.getLocalPort())) {
            echo.assertFails(1, "in use");
            assertThat(path).doesNotExist();
        }
    }

    @Test
    void aFileInTheWayIsLeftAlone() throws Exception {
        Path path = Files.writeString(folder.resolve("file"), "precious");
        try (var echo = CommandProcess.start("echo", "unix://" + path)) {
            echo.assertFails(1, path.toString());
            assertThat(path).hasContent("precious");
        }
    }

    @Test
    void refusedConnection() throws Exception {
        int port;
        try (var closed = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        try (var connect = CommandProcess.start("connect", "tcp://127.0.0.1:" + port)) {
            connect.assertFails(1, "bobbinet: Cannot connect to tcp://127.0.0.1:" + port + ": Connection refused\n");
        }
    }

    @Test
    void noUnixServer() throws Exception {
        Path path = folder.resolve("nobody");
        try (var connect = CommandProcess.start("connect", "unix://" + path)) {
            connect.assertFails(1, "bobbinet: Cannot connect to unix://" + path + ": no such file\n");
        }
    }

    @Test
    void unknownHost() throws Exception {
        try (var connect = CommandProcess.start("connect", "tcp://no-such-host.invalid:80")) {
            connect.assertFails(1, "bobbinet: Cannot connect to tcp://no-such-host.invalid:80: unknown host\n");
        }
    }

    @Test
    void debugShowsTheStackTraceToo() throws Exception {
        try (var connect = CommandProcess.start("--debug", "connect", "tcp://no-such-host.invalid:80")) {
            assertThat(connect.awaitExit()).isEqualTo(1);
            assertThat(connect.err())
                    .startsWith("bobbinet: Cannot connect to tcp://no-such-host.invalid:80: unknown host\n")
                    .contains("\n\tat io.bobbinet.");
        }
    }

    @Test
    void wrongUri() throws Exception {
        try (var echo = CommandProcess.start("echo", "tcp://127.0.0.1")) {
            echo.assertFails(2, "The endpoint 'tcp://127.0.0.1' has no port; write tcp://HOST:PORT");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        echo tcp://127.0.0.1                        | has no port
        echo http://127.0.0.1:80                    | has a scheme that is not known; write tcp://HOST:PORT,
        echo 127.0.0.1                              | has no scheme; write tcp://HOST:PORT,
        echo tcp://127.0.0.1:0 tcp://x              | The endpoint 'tcp://x' has no port
        echo tcp://127.0.0.1:0 --frobnicate         | Unknown option: '--frobnicate'
        connect --frobnicate                        | Unknown option: '--frobnicate'
        connect -x=1                                | Unknown option: '-x=1'
        relay tcp://:0 --frobnicate                 | Unknown option: '--frobnicate'
        pass tcp://127.0.0.1:0 pom.xml              | Open files travel over UNIX stream sockets alone
        pass unix:@nobody                           | FILE
        pass unix:@nobody --frobnicate              | Unknown option: '--frobnicate'
        take unixgram:@nobody                       | Open files travel over UNIX stream sockets alone
        take                                        | URI
        echo udp://127.0.0.1                        | has no port
        echo udp://127.0.0.1:0 --cert cert.pem      | --cert is for tls:// endpoints, and there is none
        echo udp://127.0.0.1:0 --max-connections 2  | --max-connections is for endpoints that have connections
        connect udp://127.0.0.1:1 --alpn h2         | --alpn is for tls:// endpoints, and there is none
        connect unixgram:@nobody --insecure         | --insecure is for tls:// servers, and 'unixgram:@nobody' is none
        connect udp://127.0.0.1:0                   | is for listening; to connect, name a host and a port
        connect udp://127.0.0.1:1 --wait now        | write 500ms, 5s or 2m
        connect tcp://127.0.0.1:1 --wait 1s         | --wait is for datagrams
        listen unixgram:@nobody --lenient-eof       | --lenient-eof is for tls:// endpoints, and there is none
        relay udp://:0 tcp://127.0.0.1:1            | Streams are relayed to streams, and datagrams to datagrams
        relay unix:@nobody unixgram:@anybody        | Streams are relayed to streams, and datagrams to datagrams
        listen --frobnicate 3 udp://:0              | Unknown option: '--frobnicate'
        relay udp://:0 udp://:1                     | is for listening; to connect, name a host and a port
        relay udp://:0 udp://127.0.0.1:1 --ca a.pem | --ca is for tls:// endpoints, and there is none
        take udp://127.0.0.1:1                      | Open files travel over UNIX stream sockets alone
        echo tls://127.0.0.1:0                      | give --cert and --key; 'bobbinet cert' makes
        listen tls://127.0.0.1:0                    | give --cert and --key; 'bobbinet cert' makes
        relay tls://127.0.0.1:0 tcp://127.0.0.1:1   | give --cert and --key; 'bobbinet cert' makes
        relay tls://127.0.0.1:0 tls://127.0.0.1:1   | give --cert and --key; 'bobbinet cert' makes
        echo tcp://127.0.0.1:0 --cert cert.pem      | --cert is for tls:// endpoints, and there is none
        connect tcp://127.0.0.1:1 --ca cert.pem     | --ca is for tls:// endpoints, and there is none
        connect tcp://127.0.0.1:1 --alpn h2         | --alpn is for tls:// endpoints, and there is none
        connect tcp://127.0.0.1:1 --lenient-eof     | --lenient-eof is for tls:// endpoints, and there is none
        connect tcp://127.0.0.1:1 --insecure        | --insecure is for tls:// servers, and 'tcp://127.0.0.1:1' is none
        connect unix:@nobody --server-name a        | --server-name is for tls:// servers, and 'unix:@nobody' is none
        relay tls://:0 tcp://127.0.0.1:1 --cert c --insecure | --insecure is for tls:// servers
        echo tls://127.0.0.1:0 --insecure           | Unknown option: '--insecure'
        connect tls://127.0.0.1:1 --key key.pem     | --key is of no use without the certificate: give --cert too
        connect tls://127.0.0.1:1 --key-password-file f | --key-password-file is of no use without the certificate: give --cert
        connect tls://a_b$c:1                       | --server-name NAME names another
        connect tls://127.0.0.1:1 --insecure --ca c | --insecure goes with neither --ca
        connect tls://127.0.0.1:1 --server-name a$b | --server-name: No c
        connect tls://127.0.0.1:1 --alpn h2,,x      | --alpn:
        connect tls://:0                            | is for listening
        cert                                        | NAME
        cert localhost:8443                         | No server can be called 'localhost:8443'
        cert a_b.example                            | No server can be called 'a_b.example' in a certificate
        cert a..example                             | No server can be called 'a..example'
        cert -- -a.example                          | No server can be called '-a.example' in a certificate
        cert fe80::1%1                              | it has a zone
        cert localhost --days 0                     | at least 1 day and at most 36500, not '0'
        cert localhost --days 36501                 | at least 1 day and at most 36500, not '36501'
        cert localhost --days 99999999999           | at least 1 day and at most 36500, not '99999999999'
        cert localhost --days soon                  | at least 1 day and at most 36500, not 'soon'
        echo                                        | URI
        connect tcp://:0                            | is for listening
        connect                                     | URI
        relay tcp://:0                              | TO
        echo --max-connections 0 tcp://127.0.0.1:0  | at least 1 connection
        connect --timeout 5 tcp://127.0.0.1:1       | write 500ms, 5s or 2m
        echo --frobnicate tcp://127.0.0.1:0         | --frobnicate
        frobnicate                                  | frobnicate
        tour --show 999-nothing                     | 999-nothing
        --backend none backends                     | No backend is named 'none'
        """)
    void wrongUsage(String commandLine, String part) throws Exception {
        // In this process, because there are so many; what the command prints is all that matters.
        var said = new ByteArrayOutputStream();
        PrintStream err = System.err;
        System.setErr(new PrintStream(said, true, UTF_8));
        try {
            assertThat(Main.run(commandLine.split(" +"))).isEqualTo(2);
        } finally {
            System.setErr(err);
        }
        assertThat(said.toString(UTF_8).lines()).hasSize(1);
        assertThat(said.toString(UTF_8)).startsWith("bobbinet: ").contains(part, "--help");
    }

    @Test
    void abstractNamesNeedABackendThatHasThem() throws Exception {
        try (var connect = CommandProcess.start("--backend", "nio", "connect", "unix:@nobody")) {
            connect.assertFails(1, "abstract", "linux");
        }
    }

    @Test
    void unixDatagramsNeedABackendThatHasThem() throws Exception {
        try (var echo = CommandProcess.start("--backend", "nio", "echo", "udp://127.0.0.1:0", "unixgram:@nobody");
                var connect = CommandProcess.start("--backend", "nio", "connect", "unixgram:@nobody")) {
            echo.assertFails(1, "The backend nio has no UNIX datagram sockets; the backend linux has");
            connect.assertFails(1, "The backend nio has no UNIX datagram sockets; the backend linux has");
        }
    }

    @Test
    void aBusyUdpPortLeavesNoSocketOfTheOthersBehind() throws Exception {
        Path path = folder.resolve("socket");
        try (var taken = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                var echo = CommandProcess.start(
                        "echo",
                        "unix://" + path,
                        "unixgram://" + path + "2",
                        "udp://127.0.0.1:" + taken.getLocalPort())) {
            echo.assertFails(1, "127.0.0.1:" + taken.getLocalPort(), "in use");
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void noUnixDatagramServer() throws Exception {
        Path path = folder.resolve("nobody");
        try (var connect = CommandProcess.start("connect", "unixgram://" + path)) {
            connect.assertFails(1, "bobbinet: Cannot connect to unixgram://" + path + ": no such file\n");
        }
    }

    @Test
    void noUdpServer() throws Exception {
        int port;
        try (var closed = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        try (var connect = CommandProcess.start("connect", "udp://127.0.0.1:" + port)) {
            connect.input("anybody there?\n");
            connect.assertFails(1, "bobbinet: Cannot reach udp://127.0.0.1:" + port + ": nobody has the port\n");
        }
    }

    @Test
    void unknownHostOfDatagrams() throws Exception {
        try (var connect = CommandProcess.start("connect", "udp://no-such-host.invalid:80")) {
            connect.assertFails(1, "bobbinet: Cannot connect to udp://no-such-host.invalid:80: unknown host\n");
        }
    }

    @Test
    void aLineThatIsNoDatagram() throws Exception {
        try (var peer = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                var connect = CommandProcess.start("connect", "udp://127.0.0.1:" + peer.getLocalPort())) {
            connect.input("x".repeat(65_508) + "\n");
            connect.assertFails(
                    1, "The exchange with udp://127.0.0.1:" + peer.getLocalPort(), "65508 bytes", "too long");
        }
    }

    @Test
    void descriptorsNeedABackendThatHasThem() throws Exception {
        Path path = folder.resolve("socket");
        try (var pass = CommandProcess.start("--backend", "nio", "pass", "unix://" + path, "pom.xml");
                var take = CommandProcess.start("--backend", "nio", "take", "unix://" + path)) {
            pass.assertFails(1, "The backend nio has no descriptors; the backend linux has");
            take.assertFails(1, "The backend nio has no descriptors; the backend linux has");
            assertThat(path).doesNotExist();
        }
    }

    @Test
    void aLimitOfTimeIsToldWithWhereToItWas() throws Exception {
        Path path = folder.resolve("socket");
        try (var full = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            full.bind(UnixDomainSocketAddress.of(path), 1);
            List<SocketChannel> waiting = fill(path);
            try (var connect = CommandProcess.start("connect", "--timeout", "100ms", "unix://" + path)) {
                connect.assertFails(1, "bobbinet: Cannot connect to unix://" + path + ": the time limit of 0.1s");
            } finally {
                for (SocketChannel each : waiting) {
                    each.close();
                }
            }
        }
    }

    /** Connects until the backlog is full. */
    private static List<SocketChannel> fill(Path path) throws Exception {
        List<SocketChannel> waiting = new ArrayList<>();
        boolean connected = true;
        while (connected) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            waiting.add(channel);
            channel.configureBlocking(false);
            try {
                connected = channel.connect(UnixDomainSocketAddress.of(path));
            } catch (SocketException e) {
                connected = false; // EAGAIN
            }
        }
        return waiting;
    }
}
