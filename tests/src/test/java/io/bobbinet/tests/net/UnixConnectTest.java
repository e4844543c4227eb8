package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static java.net.StandardProtocolFamily.UNIX;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixStream;
import io.bobbinet.spi.Capability;
import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@OnEachBackend
@DisplayName("UnixConnectTest")
@Timeout(30)
class UnixConnectTest {
    @TempDir
    private Path folder;

    @AfterEach
    void noInterruptStatusLeaks() {
        assertThat(Thread.interrupted()).isFalse();
    }

    /** A path in the folder whose last name is not text in UTF-8. */
    private UnixAddress notText() {
        byte[] start = bytes(folder + "/x");
        byte[] path = Arrays.copyOf(start, start.length + 2);
        path[start.length] = (byte) 0xff;
        path[start.length + 1] = (byte) 0xe9;
        return UnixAddress.of(path);
    }

    private static void assertEcho(UnixListener listener, UnixAddress address) throws IOException {
        try (UnixStream client = Unix.connector(address).connect();
                UnixStream stream = listener.accept()) {
            client.send(bytes("x"));
            assertThat(text(stream.receive())).isEqualTo("x");
            assertThat(client.peerAddress()).isEqualTo(address);
            assertThat(stream.localAddress()).isEqualTo(address);
            assertThat(stream.peerAddress().isUnnamed()).isTrue();
        }
    }

    @Test
    @Tag("smoke")
    void aPathLeadsToItsListener() throws IOException {
        Path path = folder.resolve("socket");
        try (UnixListener listener = Unix.listen(path)) {
            assertEcho(listener, UnixAddress.of(path));
            Unix.connect(path).close();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aPathNeedNotBeText() throws IOException {
        try (UnixListener listener = Unix.binder(notText()).listen()) {
            assertEcho(listener, notText());
            assertEcho(listener, UnixAddress.of(notText().path()));
            assertThat(Files.exists(notText().path())).isTrue();
        }
    }

    @Test
    void aPathMayBeRelative() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        Path relative = here.relativize(folder.toAbsolutePath().resolve("s"));
        Assumptions.assumeTrue(relative.toString().length() < 100, "too deep for a relative path");
        try (UnixListener listener = Unix.listen(relative)) {
            assertEcho(listener, UnixAddress.of(relative));
        }
    }

    @Test
    void abstractNamesWorkOrSayWhichBackendHasThem() throws IOException {
        var address = UnixAddress.ofAbstract(
                "bobbinet-test-" + ProcessHandle.current().pid());
        if (!Backends.current().capabilities().contains(Capability.UNIX_ABSTRACT)) {
            assertFails(
                            UnsupportedOperationException.class,
                            () -> Unix.connector(address).connect())
                    .hasMessageContaining("linux");
            assertFails(
                            UnsupportedOperationException.class,
                            () -> Unix.binder(address).listen())
                    .hasMessageContaining("linux");
            return;
        }
        try (UnixListener listener = Unix.binder(address).listen()) {
            assertEcho(listener, address);
        }
        assertFails(ConnectException.class, () -> Unix.connector(address).connect());
    }

    @Test
    void optionsAreSetBeforeTheConnect() throws IOException {
        Path path = folder.resolve("socket");
        try (UnixListener listener = Unix.listen(path);
                UnixStream plain = Unix.connect(path);
                UnixStream small = Unix.connector(path)
                        .withOption(StandardSocketOptions.SO_SNDBUF, 10_000)
                        .connect()) {
            assertThat(small.option(StandardSocketOptions.SO_SNDBUF))
                    .isLessThan(plain.option(StandardSocketOptions.SO_SNDBUF));
            assertThat(listener.supportedOptions()).isNotEmpty();
        }
    }

    // -- failures

    @Test
    @Tag("smoke")
    void aMissingPathIsNoSuchFile() {
        assertFails(NoSuchFileException.class, () -> Unix.connect(folder.resolve("nothing")))
                .hasMessageContaining(folder.resolve("nothing").toString());
    }

    @Test
    void aPathWhereNobodyListensIsRefused() throws IOException {
        Path path = folder.resolve("socket");
        Unix.listen(path).close();
        assertFails(ConnectException.class, () -> Unix.connect(path)).hasMessageContaining(path.toString());
        Path file = Files.createFile(folder.resolve("file"));
        assertFails(ConnectException.class, () -> Unix.connect(file)).hasMessageContaining(file.toString());
    }

    @Test
    void pathsThatNoSocketAddressHoldsAreRefusedUpFront() {
        assertFails(IllegalArgumentException.class, () -> Unix.connector(Path.of("/" + "x".repeat(107))))
                .hasMessageContaining("at most 107 bytes, not 108");
        assertFails(IllegalArgumentException.class, () -> Unix.binder(Path.of("/" + "\u00e9".repeat(60))));
        assertFails(IllegalArgumentException.class, () -> Unix.connector(Path.of("")));
        assertFails(IllegalArgumentException.class, () -> UnixAddress.of(new byte[] {'a', 0, 'b'}))
                .hasMessageContaining("a@b");
        assertFails(IllegalArgumentException.class, () -> Unix.connector(UnixAddress.unnamed()));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void failedAndCancelledConnectsLeaveNoSocketBehind() throws IOException {
        long before = Sockets.openSockets();
        assertFails(NoSuchFileException.class, () -> Unix.connect(folder.resolve("nothing")));
        var scope = CancelScope.create();
        scope.cancel();
        scope.run(() -> assertFails(CancelledException.class, () -> Unix.connect(folder.resolve("nothing"))));
        assertThat(Sockets.openSockets()).isEqualTo(before);
    }

    @Nested
    @EnabledOnOs(OS.LINUX)
    final class WithAFullQueue {
        private void run(Scenario scenario) throws Exception {
            Path path = folder.resolve("socket");
            var address = UnixDomainSocketAddress.of(path);
            try (ServerSocketChannel server =
                    ServerSocketChannel.open(UNIX).bind(address, 1)) { // Linux takes one more than it is told
                try (SocketChannel first = SocketChannel.open(address);
                        SocketChannel second = SocketChannel.open(address)) {
                    assertThat(first.isConnected() && second.isConnected()).isTrue();
                    scenario.run(path, server);
                }
            }
        }

        private interface Scenario {
            void run(Path path, ServerSocketChannel server) throws Exception;
        }

        @Test
        void aConnectWaitsForRoom() throws Exception {
            run((path, server) -> TaskGroup.run(group -> {
                Task<UnixStream> connect = group.fork(() -> Unix.connector(path)
                        .withOption(StandardSocketOptions.SO_SNDBUF, 10_000)
                        .connect());
                Blocked.await(connect);
                server.accept().close();
                try (UnixStream stream = connect.join();
                        SocketChannel other = server.accept();
                        SocketChannel peer = server.accept()) {
                    stream.send(bytes("x"));
                    ByteBuffer received = ByteBuffer.allocate(8);
                    peer.read(received);
                    assertThat(received.position()).isEqualTo(1);
                    assertThat(other.isOpen()).isTrue();
                }
            }));
        }

        @Test
        void aConnectWaitsUntilItsDeadline() throws Exception {
            run((path, server) -> VirtualTime.run(time -> TaskGroup.run(group -> {
                Task<?> connect = group.fork(() -> {
                    assertFails(
                                    TimedOutException.class,
                                    () -> Unix.connector(path)
                                            .withConnectTimeout(ofSeconds(5))
                                            .connect())
                            .hasMessageContaining(path.toString());
                });
                Blocked.await(connect);
                time.advance(ofSeconds(5));
                connect.join();
            })));
        }

        @Test
        void aConnectWithoutDeadlineWaitsUntilItIsCancelled() throws Exception {
            run((path, server) -> VirtualTime.run(time -> TaskGroup.run(group -> {
                long before = Sockets.openSockets();
                Task<UnixStream> connect = group.fork(() -> Unix.connect(path));
                Blocked.await(connect);
                time.advance(ofDays(1));
                Blocked.await(connect);
                connect.cancel();
                connect.await();
                assertThat(connect.status()).isEqualTo(Task.Status.CANCELLED);
                assertThat(Sockets.openSockets()).isEqualTo(before);
            })));
        }
    }
}
