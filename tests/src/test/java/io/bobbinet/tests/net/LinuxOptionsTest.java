package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.LinuxOptions;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixStream;
import io.bobbinet.spi.Capability;
import io.bobbinet.task.Backends;
import io.bobbinet.task.ThrowingRunnable;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Options by name and by numbers that only Linux has. */
@OnEachBackend(having = Capability.RAW_OPTIONS)
@DisplayName("LinuxOptionsTest")
@Timeout(30)
class LinuxOptionsTest {
    // <asm-generic/socket.h>, <netinet/tcp.h>
    private static final SocketOption<byte[]> RCVLOWAT = LinuxOptions.of("SO_RCVLOWAT", 1, 18, Integer.BYTES);
    private static final SocketOption<byte[]> KEEPIDLE = LinuxOptions.of("TCP_KEEPIDLE", 6, 4, Integer.BYTES);
    private static final SocketOption<byte[]> CONGESTION = LinuxOptions.of("TCP_CONGESTION", 6, 13, 16);
    private static final SocketOption<byte[]> KEEPALIVE = LinuxOptions.of("SO_KEEPALIVE", 1, 9, Integer.BYTES);

    @TempDir
    Path folder;

    private static byte[] number(int value) {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .array();
    }

    @Test
    void aValueIsSetAndAskedForAsBytes() throws IOException {
        try (TcpPair pair = TcpPair.open()) {
            pair.ours().setOption(KEEPIDLE, number(77));
            assertThat(pair.ours().option(KEEPIDLE)).isEqualTo(number(77));
            pair.ours().setOption(KEEPALIVE, number(1));
            assertThat(pair.ours().option(StandardSocketOptions.SO_KEEPALIVE)).isTrue();
            pair.ours().setOption(StandardSocketOptions.SO_KEEPALIVE, false);
            assertThat(pair.ours().option(KEEPALIVE)).isEqualTo(number(0));
        }
    }

    @Test
    void aValueMayBeShorterThanItsOption() throws IOException {
        try (TcpPair pair = TcpPair.open()) {
            pair.ours().setOption(CONGESTION, Sockets.bytes("reno"));
            assertThat(pair.ours().option(CONGESTION)).startsWith(Sockets.bytes("reno\0"));
        }
    }

    @Test
    void aValueAskedForIsAsLongAsTheSystemMakesIt() throws IOException {
        SocketOption<byte[]> roomy = LinuxOptions.of("TCP_KEEPIDLE", 6, 4, 100);
        SocketOption<byte[]> tight = LinuxOptions.of("TCP_KEEPIDLE", 6, 4, 1);
        try (TcpPair pair = TcpPair.open()) {
            pair.ours().setOption(KEEPIDLE, number(77));
            assertThat(pair.ours().option(roomy)).isEqualTo(number(77));
            assertThat(pair.ours().option(tight)).hasSize(1);
        }
    }

    @Test
    void everySocketTakesThem() throws IOException {
        try (TcpListener listener = Tcp.binder("127.0.0.1", 0)
                        .withOption(KEEPIDLE, number(33))
                        .listen();
                TcpStream client = Tcp.connector(
                                "127.0.0.1", listener.localAddress().getPort())
                        .withOption(KEEPIDLE, number(44))
                        .connect();
                TcpStream accepted = listener.accept()) {
            assertThat(listener.option(KEEPIDLE)).isEqualTo(number(33));
            assertThat(client.option(KEEPIDLE)).isEqualTo(number(44));
            assertThat(accepted.option(KEEPIDLE)).isEqualTo(number(33)); // inherited
            listener.setOption(KEEPIDLE, number(55));
            assertThat(listener.option(KEEPIDLE)).isEqualTo(number(55));
        }
        Path path = folder.resolve("s");
        try (UnixListener listener =
                        Unix.binder(path).withOption(RCVLOWAT, number(3)).listen();
                UnixStream client =
                        Unix.connector(path).withOption(RCVLOWAT, number(4)).connect();
                UnixStream accepted = listener.accept()) {
            assertThat(listener.option(RCVLOWAT)).isEqualTo(number(3));
            assertThat(client.option(RCVLOWAT)).isEqualTo(number(4));
            accepted.setOption(RCVLOWAT, number(5));
            assertThat(accepted.option(RCVLOWAT)).isEqualTo(number(5));
        }
    }

    @Test
    void credentialsArePassedToUnixSocketsThatAskForThem() throws IOException {
        SocketOption<byte[]> raw = LinuxOptions.of("SO_PASSCRED", 1, 16, Integer.BYTES);
        try (UnixPair pair = UnixPair.open(folder.resolve("s"));
                TcpPair tcp = TcpPair.open()) {
            assertThat(pair.ours().option(LinuxOptions.SO_PASSCRED)).isFalse();
            pair.ours().setOption(LinuxOptions.SO_PASSCRED, true);
            assertThat(pair.ours().option(LinuxOptions.SO_PASSCRED)).isTrue();
            assertThat(pair.ours().option(raw)).isEqualTo(number(1));
            assertThat(pair.ours().supportedOptions()).contains(LinuxOptions.SO_PASSCRED);
            assertFails(UnsupportedOperationException.class, () -> tcp.ours().setOption(LinuxOptions.SO_PASSCRED, true))
                    .hasMessageContaining("SO_PASSCRED");
        }
    }

    @Test
    void whatTheSystemDoesNotTakeIsToldAndTheSocketLivesOn() throws IOException {
        SocketOption<byte[]> unknown = LinuxOptions.of("NO_SUCH", 6, 9_999, Integer.BYTES);
        try (TcpPair pair = TcpPair.open()) {
            assertFails(SocketException.class, () -> pair.ours().setOption(unknown, number(1)));
            assertFails(SocketException.class, () -> pair.ours().option(unknown));
            assertFails(SocketException.class, () -> pair.ours().setOption(KEEPIDLE, new byte[0]));
            pair.peerSends("x");
            assertThat(pair.ours().receive()).containsExactly('x');
        }
    }

    @Test
    void aSetOptionFailsBeforeAnythingIsOpened() throws IOException {
        byte[] tooLong = new byte[5];
        assertFails(
                        IllegalArgumentException.class,
                        () -> Tcp.binder("127.0.0.1", 0).withOption(KEEPIDLE, tooLong))
                .hasMessageContaining("TCP_KEEPIDLE")
                .hasMessageContaining("4")
                .hasMessageContaining("5");
        assertFails(
                IllegalArgumentException.class,
                () -> Tcp.connector("127.0.0.1", 1).withOption(KEEPIDLE, tooLong));
        assertFails(IllegalArgumentException.class, () -> Unix.connector(folder).withOption(KEEPIDLE, tooLong));
        assertFails(IllegalArgumentException.class, () -> Unix.binder(folder).withOption(KEEPIDLE, tooLong));
        try (TcpPair pair = TcpPair.open();
                TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
            assertFails(IllegalArgumentException.class, () -> pair.ours().setOption(KEEPIDLE, tooLong));
            assertFails(IllegalArgumentException.class, () -> listener.setOption(KEEPIDLE, tooLong));
        }
    }

    @Test
    void aValueIsCopiedWhenItIsGiven() throws IOException {
        byte[] value = number(60);
        var binder = Tcp.binder("127.0.0.1", 0).withOption(KEEPIDLE, value);
        value[0] ^= 0x55;
        try (TcpListener listener = binder.listen()) {
            byte[] answer = listener.option(KEEPIDLE);
            assertThat(answer).isEqualTo(number(60));
            answer[0] = 1;
            assertThat(listener.option(KEEPIDLE)).isEqualTo(number(60));
        }
    }

    @Test
    void sizesAreCheckedWhenAnOptionIsNamed() {
        assertFails(IllegalArgumentException.class, () -> LinuxOptions.of("X", 1, 1, 0))
                .hasMessageContaining("X");
        assertFails(IllegalArgumentException.class, () -> LinuxOptions.of("X", 1, 1, -1));
        assertFails(IllegalArgumentException.class, () -> LinuxOptions.of("X", 1, 1, 65_537));
        assertThat(LinuxOptions.of("X", 1, 2, 65_536).name()).isEqualTo("X");
        assertThat(LinuxOptions.of("X", 1, 2, 3)).isEqualTo(LinuxOptions.of("X", 1, 2, 3));
    }

    @Test
    void aBackendWithoutThemSaysWhichHasThem() throws IOException {
        Backends.using("nio", this::assertSaysWhichHasThem);
    }

    private void assertSaysWhichHasThem() throws IOException {
        try (TcpPair pair = TcpPair.open();
                UnixPair unix = UnixPair.open(folder.resolve("s"));
                TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
            int port = listener.localAddress().getPort();
            assertNamesLinux(() -> pair.ours().option(KEEPIDLE));
            assertNamesLinux(() -> pair.ours().setOption(KEEPIDLE, number(1)));
            assertNamesLinux(() -> unix.ours().setOption(LinuxOptions.SO_PASSCRED, true));
            assertNamesLinux(() -> unix.ours().option(LinuxOptions.SO_PASSCRED));
            assertNamesLinux(() -> unix.ours().setOption(StandardSocketOptions.SO_KEEPALIVE, true));
            assertNamesLinux(() -> unix.ours().option(StandardSocketOptions.SO_KEEPALIVE));
            assertNamesLinux(() -> listener.option(KEEPIDLE));
            assertNamesLinux(() -> listener.setOption(KEEPIDLE, number(1)));
            assertNamesLinux(() ->
                    Tcp.binder("127.0.0.1", 0).withOption(KEEPIDLE, number(1)).listen());
            assertNamesLinux(() -> Tcp.connector("127.0.0.1", port)
                    .withOption(KEEPIDLE, number(1))
                    .connect());
            assertNamesLinux(() -> Unix.binder(folder.resolve("t"))
                    .withOption(LinuxOptions.SO_PASSCRED, true)
                    .listen());
            assertNamesLinux(() -> Unix.connector(folder.resolve("s"))
                    .withOption(LinuxOptions.SO_PASSCRED, true)
                    .connect());
        }
    }

    private static void assertNamesLinux(ThrowingRunnable<?> body) {
        assertFails(UnsupportedOperationException.class, body).hasMessageContaining("the backend linux");
    }
}
