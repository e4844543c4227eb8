package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ConnectCommandTest {
    @TempDir
    private Path folder;

    private ServerSocket server;
    private String uri;

    @BeforeEach
    void listen() throws Exception {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        uri = "tcp://127.0.0.1:" + server.getLocalPort();
    }

    @AfterEach
    void close() throws Exception {
        server.close();
    }

    @Test
    void theEndOfTheInputEndsTheSendingAlone() throws Exception {
        try (var connect = CommandProcess.start("connect", uri);
                Socket peer = server.accept()) {
            connect.input("question");
            assertThat(peer.getInputStream().readAllBytes()).isEqualTo("question".getBytes(UTF_8));
            peer.getOutputStream().write("answer".getBytes(UTF_8));
            peer.shutdownOutput();
            assertThat(connect.readAll()).isEqualTo("answer");
            connect.assertEnds();
        }
    }

    @Test
    void theEndOfTheConnectionEndsItThoughTheInputIsOpen() throws Exception {
        try (var connect = CommandProcess.start("connect", uri)) {
            try (Socket peer = server.accept()) {
                peer.getOutputStream().write("bye".getBytes(UTF_8));
            }
            assertThat(connect.readAll()).isEqualTo("bye");
            connect.assertEnds();
        }
    }

    @Test
    void inputThatIsReadyIsSentThoughThePeerHasEndedItsSending() throws Exception {
        String much = "0123456789".repeat(300_000);
        try (var connect = CommandProcess.start("connect", uri);
                Socket peer = server.accept()) {
            peer.shutdownOutput();
            connect.input(much);
            assertThat(new String(peer.getInputStream().readAllBytes(), UTF_8)).isEqualTo(much);
            connect.assertEnds();
        }
    }

    @Test
    void aResetIsAFailure() throws Exception {
        try (var connect = CommandProcess.start("connect", uri)) {
            try (Socket peer = server.accept()) {
                peer.setSoLinger(true, 0);
            }
            connect.assertFails(1, "reset");
        }
    }

    @Test
    void timeoutEndsAnIdleConnection() throws Exception {
        try (var connect = CommandProcess.start("connect", "--timeout", "2s", uri);
                Socket peer = server.accept()) {
            connect.assertFails(1, "was idle for 2s");
            assertThat(peer.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void progressIsShownOnStandardErrorAlone() throws Exception {
        try (var connect = CommandProcess.startWithOpenError("connect", "--progress", uri);
                Socket peer = server.accept();
                var err = connect.errReader()) {
            peer.getOutputStream().write(new byte[5000]);
            assertThat(err.readLine()).startsWith("4.9 KiB received, 0 B sent, ");
            peer.shutdownOutput();
            assertThat(connect.readAll()).hasSize(5000);
            assertThat(connect.awaitExit()).isZero();
        }
    }

    @Test
    void talksToUnixSockets() throws Exception {
        Path path = folder.resolve("socket");
        try (var unixServer = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            unixServer.bind(UnixDomainSocketAddress.of(path));
            try (var connect = CommandProcess.start("connect", "unix://" + path);
                    SocketChannel peer = unixServer.accept()) {
                connect.input("question");
                assertThat(Channels.newInputStream(peer).readAllBytes()).isEqualTo("question".getBytes(UTF_8));
                peer.write(ByteBuffer.wrap("answer".getBytes(UTF_8)));
                peer.shutdownOutput();
                assertThat(connect.readAll()).isEqualTo("answer");
                connect.assertEnds();
            }
        }
    }

    @Test
    void talksToSocat() throws Exception {
        PeerProgram.require("socat");
        Path path = folder.resolve("socket");
        try (var socat = CommandProcess.programWithOpenError(
                        "socat", "-dd", "UNIX-LISTEN:" + path, "SYSTEM:tr a-z A-Z");
                var err = socat.errReader()) {
            assertThat(err.readLine()).contains("listening on");
            try (var connect = CommandProcess.start("connect", "unix://" + path)) {
                assertThat(connect.input("shout\n").readAll()).isEqualTo("SHOUT\n");
                connect.assertEnds();
            }
        }
    }
}
