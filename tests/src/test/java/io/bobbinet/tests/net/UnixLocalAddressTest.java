package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static java.net.StandardProtocolFamily.UNIX;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixConnector;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixStream;
import io.bobbinet.spi.Capability;
import io.bobbinet.task.Backends;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** UNIX streams that are bound before they connect. */
@OnEachBackend
@DisplayName("UnixLocalAddressTest")
@Timeout(30)
@SuppressWarnings("try") // closes in the middle
class UnixLocalAddressTest {
    @TempDir
    private Path folder;

    private Path path;
    private Path own;
    private UnixListener listener;

    @BeforeEach
    void listen() throws IOException {
        path = folder.resolve("socket");
        own = folder.resolve("own");
        listener = Unix.listen(path);
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
        assertThat(Thread.interrupted()).isFalse();
    }

    private UnixConnector connector() {
        return Unix.connector(path).withLocalAddress(UnixAddress.of(own));
    }

    @Test
    @Tag("smoke")
    void thePeerSeesItAndTheFileStays() throws IOException {
        try (UnixStream client = connector().connect();
                UnixStream peer = listener.accept()) {
            assertThat(client.localAddress()).isEqualTo(UnixAddress.of(own));
            assertThat(peer.peerAddress()).isEqualTo(UnixAddress.of(own));
            client.send(bytes("x"));
            assertThat(text(peer.receive())).isEqualTo("x");
        }
        assertThat(Files.exists(own)).isTrue();
    }

    @Test
    void aFileThatNobodyHasOpenAnyMoreIsReplaced() throws IOException {
        for (int i = 0; i < 3; i++) {
            connector().connect().close();
            listener.accept().close();
        }
        assertThat(Files.exists(own)).isTrue();
    }

    @Test
    void theFileGoesWithTheStreamIfThatIsWanted() throws IOException {
        try (UnixStream client = connector().withDeleteOnClose().connect()) {
            assertThat(Files.exists(own)).isTrue();
            client.close();
            assertThat(Files.exists(own)).isFalse();
            Files.createFile(own);
        }
        assertThat(Files.exists(own)).isTrue();
        listener.accept().close();
    }

    @Test
    void anotherFileInItsPlaceStays() throws IOException {
        UnixStream client = connector().withDeleteOnClose().connect();
        Files.delete(own);
        Files.writeString(own, "another");
        client.close();
        assertThat(Files.readString(own)).isEqualTo("another");
        listener.accept().close();
    }

    @Test
    void anAddressInUseIsNamedAndNothingIsTouched() throws IOException {
        Files.writeString(own, "a file");
        long before = Sockets.openSockets();
        assertFails(BindException.class, () -> connector().connect()).hasMessageContaining(own.toString());
        assertThat(Files.readString(own)).isEqualTo("a file");
        assertFails(
                        NoSuchFileException.class,
                        () -> Unix.connector(path)
                                .withLocalAddress(UnixAddress.of(folder.resolve("none/own")))
                                .connect())
                .hasMessageContaining("none/own");
        assertThat(Sockets.openSockets()).isEqualTo(before);
    }

    @Test
    void aConnectThatFailsLeavesNoFile() throws IOException {
        long before = Sockets.openSockets();
        assertFails(
                NoSuchFileException.class,
                () -> Unix.connector(folder.resolve("nothing"))
                        .withLocalAddress(UnixAddress.of(own))
                        .connect());
        listener.close();
        assertFails(ConnectException.class, () -> connector().connect()).hasMessageContaining(path.toString());
        assertThat(Files.exists(own)).isFalse();
        assertThat(Sockets.openSockets()).isEqualTo(before - 1);
    }

    @Test
    void optionsAreSetToo() throws IOException {
        try (UnixStream plain = Unix.connect(path);
                UnixStream small = connector()
                        .withOption(StandardSocketOptions.SO_SNDBUF, 10_000)
                        .connect()) {
            assertThat(small.option(StandardSocketOptions.SO_SNDBUF))
                    .isLessThan(plain.option(StandardSocketOptions.SO_SNDBUF));
        }
    }

    @Test
    void theSystemChoosesAnAbstractNameOrItIsSaidWhichBackendHasThem() throws IOException {
        UnixConnector chosen = Unix.connector(path).withLocalAddress(UnixAddress.unnamed());
        if (!Backends.current().capabilities().contains(Capability.UNIX_ABSTRACT)) {
            assertFails(UnsupportedOperationException.class, chosen::connect).hasMessageContaining("linux");
            return;
        }
        try (UnixStream client = chosen.connect();
                UnixStream peer = listener.accept()) {
            assertThat(client.localAddress().toString()).startsWith("@");
            assertThat(peer.peerAddress()).isEqualTo(client.localAddress());
        }
    }

    @Test
    void aStreamWithDescriptorsTakesTheFileOver() throws IOException {
        if (!Backends.current().capabilities().contains(Capability.DESCRIPTORS)) {
            assertFails(
                    UnsupportedOperationException.class,
                    () -> connector().withDescriptors().connect());
            assertThat(Files.exists(own)).isFalse();
            return;
        }
        var client = connector().withDeleteOnClose().withDescriptors().connect();
        assertThat(client.localAddress()).isEqualTo(UnixAddress.of(own));
        assertThat(Files.exists(own)).isTrue();
        client.close();
        assertThat(Files.exists(own)).isFalse();
        UnixStream plain = connector().withDeleteOnClose().connect();
        var taken = plain.withDescriptors();
        plain.close();
        assertThat(Files.exists(own)).isTrue();
        taken.close();
        assertThat(Files.exists(own)).isFalse();
    }

    private interface Scenario {
        void run(UnixConnector connector, ServerSocketChannel server) throws Exception;
    }

    private void withAFullQueue(Scenario scenario) throws Exception {
        var address = UnixDomainSocketAddress.of(folder.resolve("full"));
        try (ServerSocketChannel server = ServerSocketChannel.open(UNIX).bind(address, 1);
                SocketChannel first = SocketChannel.open(address);
                SocketChannel second = SocketChannel.open(address)) { // Linux takes one more than it is told
            assertThat(first.isConnected() && second.isConnected()).isTrue();
            scenario.run(Unix.connector(address.getPath()).withLocalAddress(UnixAddress.of(own)), server);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void itWaitsForRoomInAFullQueue() throws Exception {
        withAFullQueue((connector, server) -> TaskGroup.run(group -> {
            Task<UnixStream> connect =
                    group.fork(() -> connector.withDeleteOnClose().connect());
            Blocked.await(connect);
            for (int i = 0; i < 2; i++) {
                server.accept().close();
            }
            try (UnixStream stream = connect.join();
                    SocketChannel peer = server.accept()) {
                assertThat(peer.getRemoteAddress()).isEqualTo(UnixDomainSocketAddress.of(own));
                assertThat(stream.localAddress()).isEqualTo(UnixAddress.of(own));
            }
            assertThat(Files.exists(own)).isFalse();
        }));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void itWaitsForRoomUntilItsDeadlineAndLeavesNothing() throws Exception {
        withAFullQueue((connector, server) -> VirtualTime.run(time -> TaskGroup.run(group -> {
            long before = Sockets.openSockets();
            Task<?> connect = group.fork(() -> {
                assertFails(
                        TimedOutException.class,
                        () -> connector.withConnectTimeout(ofSeconds(5)).connect());
            });
            Blocked.await(connect);
            time.advance(ofSeconds(5));
            connect.join();
            assertThat(Files.exists(own)).isFalse();
            assertThat(Sockets.openSockets()).isEqualTo(before);
        })));
    }
}
