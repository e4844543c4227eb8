package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class RelayCommandTest {
    private static final int CHUNK = 1 << 20;
    private static final int CHUNKS = 1 << 10;

    @TempDir
    private Path folder;

    private ServerSocket server;
    private String to;

    @BeforeEach
    void listen() throws Exception {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        to = "tcp://127.0.0.1:" + server.getLocalPort();
    }

    @AfterEach
    void close() throws Exception {
        server.close();
    }

    @Test
    void aGibibyteArrivesUnchangedAndTheAnswerComesAfterItsEnd() throws Exception {
        try (var relay = CommandProcess.start("relay", "tcp://127.0.0.1:0", to);
                var peer = Executors.newVirtualThreadPerTaskExecutor();
                Socket client = new Socket("127.0.0.1", relay.awaitPort())) {
            peer.submit(this::answerWithDigest);
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] chunk = new byte[CHUNK];
            new SplittableRandom(4711).nextBytes(chunk);
            OutputStream out = client.getOutputStream();
            for (int i = 0; i < CHUNKS; i++) {
                chunk[i] ^= (byte) i; // no chunk is like the one before
                digest.update(chunk);
                out.write(chunk);
            }
            client.shutdownOutput();
            String expected = HexFormat.of().formatHex(digest.digest());
            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                    .isEqualTo(expected);
            relay.signal("TERM").assertEnds();
        }
    }

    /** Answers when the other side has ended its sending, and not before. */
    private Void answerWithDigest() throws Exception {
        try (Socket socket = server.accept()) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            InputStream in = socket.getInputStream();
            byte[] chunk = new byte[CHUNK];
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                digest.update(chunk, 0, count);
            }
            socket.getOutputStream()
                    .write(HexFormat.of().formatHex(digest.digest()).getBytes(UTF_8));
        }
        return null;
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux", "nio"})
    void theServerMayEndItsSendingFirst(String backend) throws Exception {
        Path path = folder.resolve("socket");
        try (var relay = CommandProcess.start("--backend", backend, "relay", "tcp://127.0.0.1:0", to);
                var front = CommandProcess.start(
                        "--backend", backend, "relay", "unix://" + path, "tcp://127.0.0.1:" + relay.awaitPort())) {
            // Two relays in a row, over both kinds of sockets.
            assertThat(front.awaitListening()).isEqualTo("unix://" + path);
            try (var connect = CommandProcess.start("--backend", backend, "connect", "unix://" + path);
                    Socket peer = server.accept()) {
                peer.getOutputStream().write("greeting\n".getBytes(UTF_8));
                assertThat(connect.readLine()).isEqualTo("greeting");
                connect.in().write('x');
                connect.in().flush();
                assertThat(peer.getInputStream().read()).isEqualTo('x');
                peer.shutdownOutput();
                assertThat(connect.readAll()).isEmpty();
                connect.assertEnds();
                assertThat(peer.getInputStream().read()).isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux", "nio"})
    void aRefusedServerIsToldInOneLineAndTheNextClientIsServed(String backend) throws Exception {
        int port = server.getLocalPort();
        server.close();
        try (var relay = CommandProcess.startWithOpenError("--backend", backend, "relay", "tcp://127.0.0.1:0", to);
                var err = relay.errReader()) {
            int from = relay.awaitPort();
            try (Socket client = new Socket("127.0.0.1", from)) {
                assertThatThrownBy(() -> client.getInputStream().read())
                        .isInstanceOf(SocketException.class)
                        .hasMessageContaining("reset");
            }
            assertThat(err.readLine())
                    .isEqualTo("bobbinet: Cannot connect to tcp://127.0.0.1:" + port + ": Connection refused");
            server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
            try (Socket client = new Socket("127.0.0.1", from);
                    Socket peer = server.accept()) {
                client.getOutputStream().write('a');
                assertThat(peer.getInputStream().read()).isEqualTo('a');
            }
            relay.signal("TERM");
            assertThat(err.readLine()).isNull();
            assertThat(relay.awaitExit()).isZero();
        }
    }

    @Test
    void aResetOnOneSideIsAResetOnTheOther() throws Exception {
        try (var relay = CommandProcess.start("relay", "tcp://127.0.0.1:0", to)) {
            int from = relay.awaitPort();
            try (Socket client = new Socket("127.0.0.1", from)) {
                try (Socket peer = server.accept()) {
                    peer.setSoLinger(true, 0);
                }
                assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            }
            try (Socket peer = resetBehind(from)) {
                assertThatThrownBy(() -> peer.getInputStream().read()).isInstanceOf(SocketException.class);
            }
        }
    }

    /** {@return what the server accepts from a relay whose client is reset} */
    private Socket resetBehind(int relay) throws IOException {
        try (Socket client = new Socket("127.0.0.1", relay)) {
            Socket peer = server.accept();
            client.setSoLinger(true, 0);
            return peer;
        }
    }

    @Test
    void joinsAbstractNames() throws Exception {
        String name = "unix:@bobbinet-relay-" + ProcessHandle.current().pid();
        try (var inner = CommandProcess.start("relay", name, to);
                var outer = CommandProcess.start("relay", "tcp://127.0.0.1:0", name)) {
            assertThat(inner.awaitListening()).isEqualTo(name);
            try (Socket client = new Socket("127.0.0.1", outer.awaitPort());
                    Socket peer = server.accept()) {
                client.getOutputStream().write('a');
                assertThat(peer.getInputStream().read()).isEqualTo('a');
            }
        }
    }

    @Test
    void aSignalRemovesTheSocket() throws Exception {
        Path path = folder.resolve("socket");
        try (var relay = CommandProcess.start("relay", "unix://" + path, to)) {
            relay.awaitListening();
            relay.signal("TERM").assertEnds();
            assertThat(path).doesNotExist();
        }
    }
}
