package io.bobbinet.tests.packet;

import static java.net.StandardProtocolFamily.UNIX;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.ConnectionFailedException;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.SocketView;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixCredentials;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixStream;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.Connector;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How packet clients come to their streams, and what they tell of them. */
@OnEachBackend
@DisplayName("PacketConnectTest")
@Timeout(30)
@SuppressWarnings("try") // closes in the middle
final class PacketConnectTest {
    private static final StreamProtocol<String, String> LINES = StreamProtocol.of(LineCodec.LINES);

    @TempDir
    private Path folder;

    private static boolean has(Capability capability) {
        return Backends.current().capabilities().contains(capability);
    }

    private static void echo(PacketClient<String, String> client, ByteStream peer) throws IOException {
        client.send("x");
        peer.send(peer.receive());
        assertThat(client.receive()).isEqualTo("x");
    }

    // -- connecting

    @Test
    @Tag("smoke")
    void aClientConnectsByPathAndIsClosedWithItsBlock() throws Exception {
        Path path = folder.resolve("app.sock");
        try (UnixListener listener = Unix.listen(path)) {
            PacketClient<String, String> left;
            try (var client = PacketClient.connect(Unix.connector(path), LINES);
                    UnixStream peer = listener.accept()) {
                left = client;
                assertThat(client.peerAddress()).isEqualTo(UnixAddress.of(path)).hasToString(path.toString());
                assertThat(client.localAddress()).isEqualTo(UnixAddress.unnamed());
                echo(client, peer);
            }
            assertThat(left.isClosed()).isTrue();
            assertThat(left.peerAddress()).isEqualTo(UnixAddress.of(path));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void theTimeOfAConnectEndsAlsoWhenTheBacklogIsFull() throws Exception {
        var address = UnixDomainSocketAddress.of(folder.resolve("socket"));
        try (ServerSocketChannel server = ServerSocketChannel.open(UNIX).bind(address, 1);
                SocketChannel first = SocketChannel.open(address);
                SocketChannel second = SocketChannel.open(address)) { // Linux takes one more than it is told
            assertThat(first.isConnected() && second.isConnected()).isTrue();
            VirtualTime.run(time -> TaskGroup.run(group -> {
                var connector = Unix.connector(address.getPath()).withConnectTimeout(ofSeconds(30));
                Task<?> connect = group.fork(() -> assertThatThrownBy(() -> PacketClient.connect(connector, LINES))
                        .isExactlyInstanceOf(TimedOutException.class)
                        .hasMessageContaining(address.toString()));
                Blocked.await(connect);
                time.advance(ofSeconds(29));
                Blocked.await(connect);
                time.advance(ofSeconds(1));
                connect.join();
                Task<PacketClient<String, String>> patient = group.fork(() -> PacketClient.connect(connector, LINES));
                Blocked.await(patient);
                server.accept().close();
                server.accept().close();
                patient.join().close();
            }));
        }
    }

    @Test
    void aConnectThatFailsSaysWhyInPlainExceptions() throws Exception {
        assertThatThrownBy(() -> PacketClient.connect(Unix.connector(folder.resolve("nothing")), LINES))
                .isExactlyInstanceOf(NoSuchFileException.class);
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            port = closed.getLocalPort();
        }
        assertThatThrownBy(() -> PacketClient.connect(Tcp.connector("127.0.0.1", port), LINES))
                .isExactlyInstanceOf(ConnectionFailedException.class)
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("" + port);
    }

    @Test
    void withoutAProtocolNothingIsConnected() {
        Connector<ByteStream> untouched = () -> {
            throw new AssertionError("it was asked to connect");
        };
        assertThatThrownBy(() -> PacketClient.connect(untouched, null)).isExactlyInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> PacketClient.over(null, LINES)).isExactlyInstanceOf(NullPointerException.class);
    }

    @Test
    void withoutAProtocolAStreamStaysTheCallers() throws Exception {
        try (StreamPair<? extends ByteStream> pair = StreamKind.TCP.open(folder)) {
            assertThatThrownBy(() -> PacketClient.over(pair.left(), null))
                    .isExactlyInstanceOf(NullPointerException.class);
            pair.left().send(new byte[1]);
            assertThat(pair.right().receive()).hasSize(1);
        }
    }

    @Test
    void aCancelledConnectLeavesNothing() throws Exception {
        var scope = CancelScope.create();
        scope.cancel();
        Path path = folder.resolve("socket");
        try (UnixListener listener = Unix.listen(path)) {
            assertThat(scope.call(() -> PacketClient.connect(Unix.connector(path), LINES)))
                    .isEmpty();
            assertThat(CancelScope.withoutWaiting().call(listener::accept)).isEmpty();
        }
    }

    // -- sockets of one's own

    @Test
    void aConnectedChannelIsAdoptedAndClosedWithTheClient() throws Exception {
        Path path = folder.resolve("socket");
        try (UnixListener listener = Unix.listen(path)) {
            SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
            try (var client = PacketClient.over(Unix.adopt(channel), LINES);
                    UnixStream peer = listener.accept()) {
                assertThat(client.peerAddress()).isEqualTo(UnixAddress.of(path));
                echo(client, peer);
            }
            assertThat(channel.isOpen()).isFalse();
        }
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
            SocketChannel channel = SocketChannel.open(listener.localAddress());
            try (var client = PacketClient.over(Tcp.adopt(channel), LINES);
                    ByteStream peer = listener.accept()) {
                echo(client, peer);
            }
            assertThat(channel.isOpen()).isFalse();
        }
    }

    @Test
    void aChannelOfTheWrongKindStaysTheCallersAndOpen() throws Exception {
        try (SocketChannel unconnected = SocketChannel.open(UNIX)) {
            assertThatThrownBy(() -> PacketClient.over(Unix.adopt(unconnected), LINES))
                    .isExactlyInstanceOf(NotYetConnectedException.class);
            assertThat(unconnected.isOpen()).isTrue();
        }
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0);
                SocketChannel tcp = SocketChannel.open(listener.localAddress())) {
            assertThatThrownBy(() -> PacketClient.over(Unix.adopt(tcp), LINES))
                    .isExactlyInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("TCP")
                    .hasMessageContaining("UNIX");
            assertThat(tcp.isOpen()).isTrue();
            listener.accept().close();
        }
    }

    @Test
    void aDescriptorIsAdoptedWhereTheBackendCan() throws Exception {
        if (!has(Capability.DESCRIPTORS)) {
            assertThatThrownBy(() -> Descriptor.adopt(99_999)).isExactlyInstanceOf(UnsupportedOperationException.class);
            return;
        }
        StreamPair<UnixStream> pair = Unix.pair();
        try (UnixStream peer = pair.right()) {
            int number = pair.left().toDescriptor().release();
            pair.left().close();
            try (var client = PacketClient.over(Descriptor.adopt(number).asUnixStream(), LINES)) {
                echo(client, peer);
            }
            assertThat(Files.exists(Path.of("/proc/self/fd/" + number))).isFalse();
        }
    }

    // -- the socket below

    @ParameterizedTest
    @EnumSource(
            value = StreamKind.class,
            names = {"MEMORY"},
            mode = EnumSource.Mode.EXCLUDE)
    void theSocketIsFoundBelowEveryWrapper(StreamKind kind) throws Exception {
        try (StreamPair<? extends ByteStream> pair = kind.open(folder);
                var client = PacketClient.over(pair.left(), LINES)) {
            SocketView socket = client.socket();
            assertThat(client.socket()).isSameAs(socket);
            assertThat(client.find(SocketAttributes.SOCKET)).containsSame(socket);
            assertThat(socket.localAddress()).isEqualTo(client.localAddress());
            socket.setOption(StandardSocketOptions.SO_SNDBUF, 40_000);
            assertThat(socket.option(StandardSocketOptions.SO_SNDBUF)).isGreaterThanOrEqualTo(40_000);
            assertThatThrownBy(() -> socket.option(StandardSocketOptions.IP_MULTICAST_TTL))
                    .isExactlyInstanceOf(UnsupportedOperationException.class);
            client.close();
            assertThatThrownBy(() -> socket.option(StandardSocketOptions.SO_SNDBUF))
                    .isExactlyInstanceOf(ClosedResourceException.class);
            assertThat(socket.toString()).contains("closed");
            assertThat(client.socket()).isSameAs(socket);
        }
    }

    @Test
    void keepAliveIsAnOptionOfUnixSocketsToo() throws Exception {
        try (StreamPair<? extends ByteStream> pair = StreamKind.UNIX.open(folder);
                var client = PacketClient.over(pair.left(), LINES)) {
            SocketView socket = client.socket();
            if (!socket.supportedOptions().contains(StandardSocketOptions.SO_KEEPALIVE)) {
                assertThat(Backends.current().name()).isEqualTo("nio"); // the JDK has none
                assertThatThrownBy(() -> socket.setOption(StandardSocketOptions.SO_KEEPALIVE, false))
                        .isExactlyInstanceOf(UnsupportedOperationException.class);
                return;
            }
            for (boolean on : new boolean[] {true, false}) {
                socket.setOption(StandardSocketOptions.SO_KEEPALIVE, on);
                assertThat(socket.option(StandardSocketOptions.SO_KEEPALIVE)).isEqualTo(on);
            }
        }
    }

    @Test
    void optionsAreToldWhileASendWaits() throws Exception {
        try (StreamPair<? extends ByteStream> pair = StreamKind.TCP.open(folder);
                var client = PacketClient.over(pair.left(), LINES)) {
            TaskGroup.run(group -> {
                Task<?> send = group.fork(() -> client.send("x".repeat(32 << 20)));
                Blocked.await(send);
                assertThat(client.socket().option(StandardSocketOptions.TCP_NODELAY))
                        .isTrue();
                assertThat(client.isClosed()).isFalse();
                assertThat(client.localAddress()).isInstanceOf(InetSocketAddress.class);
                send.cancel();
            });
        }
    }

    @Test
    void whoThePeerIsTellsAUnixSocketWhereTheBackendCan() throws Exception {
        Path path = folder.resolve("socket");
        try (UnixListener listener = Unix.listen(path);
                var client = PacketClient.connect(Unix.connector(path), LINES)) {
            listener.accept().close();
            if (!has(Capability.PEER_CREDENTIALS)) {
                assertThatThrownBy(client::peerCredentials)
                        .isExactlyInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("linux");
                return;
            }
            UnixCredentials peer = client.peerCredentials();
            assertThat(peer.pid()).isEqualTo((int) ProcessHandle.current().pid());
            assertThat(client.peerCredentials()).isEqualTo(peer);
            client.close();
            assertThatThrownBy(client::peerCredentials).isExactlyInstanceOf(ClosedResourceException.class);
        }
    }

    @Test
    void whatIsNoSocketSaysSo() throws Exception {
        try (StreamPair<? extends ByteStream> pair = StreamKind.MEMORY.open(folder);
                var client = PacketClient.over(pair.left(), LINES)) {
            assertThatThrownBy(client::socket)
                    .isExactlyInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("is no socket");
            assertThatThrownBy(client::localAddress).isExactlyInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(client::peerAddress).isExactlyInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(client::peerCredentials).isExactlyInstanceOf(UnsupportedOperationException.class);
        }
        try (StreamPair<? extends ByteStream> pair = StreamKind.TCP.open(folder);
                var client = PacketClient.over(pair.left(), LINES)) {
            assertThatThrownBy(client::peerCredentials).isExactlyInstanceOf(UnsupportedOperationException.class);
        }
    }
}
