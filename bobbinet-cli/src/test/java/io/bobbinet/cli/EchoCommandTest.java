package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class EchoCommandTest {
    private static final int MANY = 1000;

    @TempDir
    private Path folder;

    @Test
    void socatGetsBackWhatItSends() throws Exception {
        PeerProgram.require("socat");
        try (var echo = CommandProcess.start("echo", "tcp://127.0.0.1:0");
                var socat = CommandProcess.program("socat", "-", "TCP:127.0.0.1:" + echo.awaitPort())) {
            assertThat(socat.input("from socat\n").readAll()).isEqualTo("from socat\n");
            socat.assertEnds();
        }
    }

    @Test
    void socatGetsBackWhatItSendsOverUnixSockets() throws Exception {
        PeerProgram.require("socat");
        Path path = folder.resolve("socket");
        try (var echo = CommandProcess.start("echo", "unix://" + path)) {
            assertThat(echo.awaitListening()).isEqualTo("unix://" + path);
            try (var socat = CommandProcess.program("socat", "-", "UNIX-CONNECT:" + path)) {
                assertThat(socat.input("from socat\n").readAll()).isEqualTo("from socat\n");
                socat.assertEnds();
            }
        }
    }

    @Test
    void socatGetsBackWhatItSendsOverAbstractNames() throws Exception {
        PeerProgram.require("socat");
        String name = "bobbinet echo@" + ProcessHandle.current().pid();
        try (var echo = CommandProcess.start("echo", "unix:@" + name)) {
            String uri = echo.awaitListening();
            assertThat(uri).isEqualTo("unix:@" + name.replace(" ", "%20"));
            try (var socat = CommandProcess.program("socat", "-", "ABSTRACT-CONNECT:" + name);
                    var connect = CommandProcess.start("connect", uri)) {
                assertThat(socat.input("from socat\n").readAll()).isEqualTo("from socat\n");
                socat.assertEnds();
                assertThat(connect.input("from connect\n").readAll()).isEqualTo("from connect\n");
                connect.assertEnds();
            }
        }
    }

    @Test
    void ncatGetsBackWhatItSends() throws Exception {
        PeerProgram.require("ncat");
        try (var echo = CommandProcess.start("echo", "tcp://127.0.0.1:0");
                var ncat = CommandProcess.program("ncat", "127.0.0.1", Integer.toString(echo.awaitPort()))) {
            assertThat(ncat.input("from ncat\n").readAll()).isEqualTo("from ncat\n");
            ncat.assertEnds();
        }
    }

    @Test
    void servesAThousandConnectionsAtOnce() throws Exception {
        try (var echo = CommandProcess.start("echo", "tcp://127.0.0.1:0")) {
            int port = echo.awaitPort();
            var connected = new CountDownLatch(MANY);
            List<Future<String>> answers = new ArrayList<>();
            try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < MANY; i++) {
                    answers.add(clients.submit(client(port, "client " + i, connected)));
                }
            }
            for (int i = 0; i < MANY; i++) {
                assertThat(answers.get(i).get()).isEqualTo("client " + i);
            }
        }
    }

    private static Callable<String> client(int port, String text, CountDownLatch connected) {
        return () -> {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                socket.getOutputStream().write(text.getBytes(UTF_8));
                byte[] first = socket.getInputStream().readNBytes(1);
                connected.countDown();
                connected.await(); // all are served at the same time
                socket.shutdownOutput();
                return new String(first, UTF_8)
                        + new String(socket.getInputStream().readAllBytes(), UTF_8);
            }
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux", "nio"})
    void servesSeveralEndpoints(String backend) throws Exception {
        Path path = folder.resolve("socket");
        try (var echo = CommandProcess.start(
                "--backend", backend, "echo", "tcp://127.0.0.1:0", "unix://" + path, "tcp://[::1]:0")) {
            int port = echo.awaitPort();
            assertThat(echo.awaitListening()).isEqualTo("unix://" + path);
            String inet6 = echo.awaitListening();
            assertThat(inet6).startsWith("tcp://[::1]:");
            assertThat(ask("127.0.0.1", port)).isEqualTo("hello");
            assertThat(ask("::1", CommandProcess.portOf(inet6))).isEqualTo("hello");
            try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                channel.write(ByteBuffer.wrap("hello".getBytes(UTF_8)));
                channel.shutdownOutput();
                assertThat(Channels.newInputStream(channel).readAllBytes()).isEqualTo("hello".getBytes(UTF_8));
            }
        }
    }

    private static String ask(String host, int port) throws IOException {
        try (Socket socket = new Socket(host, port)) {
            socket.getOutputStream().write("hello".getBytes(UTF_8));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void aSignalEndsItInGoodOrder(String signal) throws Exception {
        Path path = folder.resolve("socket");
        try (var echo = CommandProcess.startInForeground("echo", "unix://" + path, "tcp://127.0.0.1:0")) {
            echo.awaitListening();
            ask("127.0.0.1", echo.awaitPort());
            assertThat(path).exists();
            echo.signal(signal).assertEnds();
            assertThat(path).doesNotExist();
        }
    }

    @Test
    void aSignalLetsConnectionsGoOnForAWhile() throws Exception {
        try (var echo = CommandProcess.start("echo", "tcp://127.0.0.1:0")) {
            int port = echo.awaitPort();
            try (Socket socket = new Socket("127.0.0.1", port)) {
                socket.getOutputStream().write('a');
                assertThat(socket.getInputStream().read()).isEqualTo('a');
                echo.signal("TERM");
                while (isOpen(port)) {
                    Thread.onSpinWait(); // until it has stopped accepting
                }
                socket.getOutputStream().write('b');
                assertThat(socket.getInputStream().read()).isEqualTo('b');
            }
            echo.assertEnds();
        }
    }

    private static boolean isOpen(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aSignalEndsItThoughAClientStays() throws Exception {
        try (var echo = CommandProcess.start("echo", "tcp://127.0.0.1:0");
                Socket socket = new Socket("127.0.0.1", echo.awaitPort())) {
            socket.getOutputStream().write('a');
            assertThat(socket.getInputStream().read()).isEqualTo('a');
            echo.signal("TERM").assertEnds();
        }
    }

    @Test
    void maxConnectionsMakesTheNextOneWait() throws Exception {
        try (var echo = CommandProcess.start("echo", "--max-connections", "1", "--verbose", "tcp://127.0.0.1:0")) {
            int port = echo.awaitPort();
            try (Socket first = new Socket("127.0.0.1", port);
                    Socket second = new Socket("127.0.0.1", port)) {
                first.getOutputStream().write('a');
                assertThat(first.getInputStream().read()).isEqualTo('a');
                second.getOutputStream().write('b');
                first.shutdownOutput();
                assertThat(second.getInputStream().read()).isEqualTo('b');
            }
            echo.signal("TERM");
            assertThat(echo.awaitExit()).isZero();
            // The second began after the first had ended.
            assertThat(echo.err().lines().map(line -> line.replaceAll(".*(begins|ends).*", "$1")))
                    .containsExactly("begins", "ends", "begins", "ends");
        }
    }

    @Test
    void maxConnectionsHoldsForAllEndpointsTogether() throws Exception {
        try (var echo = CommandProcess.start(
                "echo", "--max-connections", "1", "--verbose", "tcp://127.0.0.1:0", "tcp://127.0.0.1:0")) {
            try (Socket first = new Socket("127.0.0.1", echo.awaitPort());
                    Socket second = new Socket("127.0.0.1", echo.awaitPort())) {
                second.getOutputStream().write('b');
                first.getOutputStream().write('a');
                first.shutdownOutput();
                second.shutdownOutput();
                assertThat(first.getInputStream().readAllBytes()).asString().isEqualTo("a");
                assertThat(second.getInputStream().readAllBytes()).asString().isEqualTo("b");
            }
            echo.signal("TERM");
            assertThat(echo.awaitExit()).isZero();
            assertThat(echo.err().lines().map(line -> line.replaceAll(".*(begins|ends).*", "$1")))
                    .containsExactly("begins", "ends", "begins", "ends");
        }
    }

    @Test
    void timeoutEndsIdleConnections() throws Exception {
        try (var echo = CommandProcess.start("echo", "--timeout", "100ms", "--verbose", "tcp://127.0.0.1:0")) {
            try (Socket socket = new Socket("127.0.0.1", echo.awaitPort())) {
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
            echo.signal("TERM");
            assertThat(echo.awaitExit()).isZero();
            assertThat(echo.err()).contains("was idle for 100ms").doesNotContain("Exception");
        }
    }

    @Test
    void verboseTellsOfEachConnection() throws Exception {
        try (var echo = CommandProcess.start("echo", "--verbose", "tcp://127.0.0.1:0")) {
            ask("127.0.0.1", echo.awaitPort());
            echo.signal("TERM");
            assertThat(echo.awaitExit()).isZero();
            assertThat(echo.err())
                    .containsPattern("bobbinet: connection with tcp://127\\.0\\.0\\.1:\\d+ begins\n")
                    .containsPattern("bobbinet: connection with tcp://127\\.0\\.0\\.1:\\d+ ends after \\d+ ms:"
                            + " 5 B received, 5 B sent\n");
        }
    }
}
