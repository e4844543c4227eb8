package io.bobbinet.tests.async;

import static io.bobbinet.tests.async.Futures.LINES;
import static io.bobbinet.tests.async.Futures.failureOf;
import static io.bobbinet.tests.async.Futures.peer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.async.AsyncDatagramClient;
import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.net.ConnectionFailedException;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixListener;
import io.bobbinet.packet.Arrivals;
import io.bobbinet.packet.DatagramProtocol;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.ReservedPort;
import io.bobbinet.testkit.VirtualTime;
import java.net.PortUnreachableException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SocketChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Asynchronous clients over sockets. */
@OnEachBackend
@DisplayName("AsyncSocketTest")
@Timeout(30)
@SuppressWarnings("try") // closes in the middle
final class AsyncSocketTest {
    private static final DatagramProtocol<String, String> DATAGRAMS = DatagramProtocol.of(Lines.utf8());

    @TempDir
    private Path folder;

    private Path path() {
        return folder.resolve("socket");
    }

    @Test
    @Tag("smoke")
    void aClientConnectsByPathAndKnowsItsPeer() throws Exception {
        try (UnixListener listener = Unix.listen(path());
                var client = AsyncPacketClient.of(Unix.connector(path()), LINES)) {
            String told = client.connect()
                    .thenApply(nothing -> "at " + client.peerAddress())
                    .get();
            assertThat(told).isEqualTo("at " + UnixAddress.of(path()));
            assertThat(client.isConnected()).isTrue();
            try (ByteStream accepted = listener.accept();
                    var peer = peer(accepted)) {
                client.send("hello").get();
                assertThat(peer.receive()).isEqualTo("hello");
            }
        }
    }

    @Test
    void aPathThatIsNotThereFailsPlainly() throws Exception {
        try (var client = AsyncPacketClient.of(Unix.connector(path()), LINES)) {
            assertThat(failureOf(client.connect())).isInstanceOf(NoSuchFileException.class);
            try (UnixListener listener = Unix.listen(path())) {
                client.connect().get(); // there now
                listener.accept().close();
            }
        }
    }

    @Test
    void aRefusedTcpConnectionIsOneExceptionAndNotAGroup() throws Exception {
        try (ReservedPort port = new ReservedPort();
                var client = AsyncPacketClient.of(Tcp.connector("127.0.0.1", port.number()), LINES)) {
            assertThat(failureOf(client.connect())).isInstanceOf(ConnectionFailedException.class);
            assertThat(failureOf(client.send("x"))).isInstanceOf(ConnectionFailedException.class);
        }
    }

    @Test
    void aConnectTimeoutEndsTheWaitForAFullBacklog() throws Exception {
        try (UnixListener listener = Unix.binder(path()).withBacklog(1).listen()) {
            List<AsyncPacketClient<String, String>> clients = new ArrayList<>();
            try {
                fill(clients);
                var own = Unix.connector(path()).withConnectTimeout(Duration.ofMillis(1));
                try (var limited = AsyncPacketClient.of(own, LINES)) {
                    assertThat(failureOf(limited.connect())).isInstanceOf(TimedOutException.class);
                }
                var last = clients.getLast(); // and this one is retried when there is room
                CompletableFuture<Void> connected = last.connect();
                listener.accept().close();
                listener.accept().close();
                connected.get();
            } finally {
                for (var client : clients) {
                    client.close();
                }
            }
        }
    }

    /** Connects until nobody gets in any more, which the last one finds out by a time limit of its future. */
    private void fill(List<AsyncPacketClient<String, String>> clients) throws Exception {
        while (true) {
            var client = AsyncPacketClient.of(Unix.connector(path()), LINES);
            clients.add(client);
            try {
                client.connect().orTimeout(100, TimeUnit.MILLISECONDS).get();
            } catch (ExecutionException e) {
                assertThat(e.getCause()).isInstanceOf(TimeoutException.class);
                assertThat(client.isConnected()).isFalse();
                return;
            }
        }
    }

    @Test
    void aSocketOfOnesOwnIsAdopted() throws Exception {
        try (UnixListener listener = Unix.listen(path());
                SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path()));
                ByteStream accepted = listener.accept();
                var peer = peer(accepted)) {
            try (var client = AsyncPacketClient.over(Unix.adopt(channel), LINES)) {
                assertThat(client.isConnected()).isTrue();
                assertThat(client.peerAddress()).isEqualTo(UnixAddress.of(path()));
                client.connect().get();
                peer.send("hello");
                assertThat(client.receive().get()).isEqualTo("hello");
            }
            assertThat(channel.isOpen()).isFalse();
        }
    }

    @Test
    void aSocketThatWasAdoptedAndNeverUsedIsClosedWithTheClient() throws Exception {
        try (UnixListener listener = Unix.listen(path());
                SocketChannel one = SocketChannel.open(UnixDomainSocketAddress.of(path()));
                SocketChannel two = SocketChannel.open(UnixDomainSocketAddress.of(path()))) {
            AsyncPacketClient.over(Unix.adopt(one), LINES).close();
            AsyncPacketClient.over(Unix.adopt(two), LINES).closeAsync().get();
            assertThat(one.isOpen()).isFalse();
            assertThat(two.isOpen()).isFalse();
            try (SocketChannel wrong = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                assertThatThrownBy(() -> Unix.adopt(wrong)).isInstanceOf(NotYetConnectedException.class);
                assertThat(wrong.isOpen()).isTrue(); // found out before it has become the client's
            }
        }
    }

    @Test
    void addressesAndOptionsAreKnownOnceItIsConnected() throws Exception {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0);
                var client = AsyncPacketClient.of(
                        Tcp.connector("127.0.0.1", listener.localAddress().getPort()), LINES)) {
            assertThatThrownBy(client::socket).isInstanceOf(NotYetConnectedException.class);
            client.connect().get();
            assertThat(client.peerAddress()).isEqualTo(listener.localAddress());
            client.socket().setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            assertThat(client.socket().option(StandardSocketOptions.SO_KEEPALIVE))
                    .isTrue();
            assertThat(client.socket()).isSameAs(client.socket());
            assertThatThrownBy(client::peerCredentials)
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("UNIX");
            listener.accept().close();
        }
    }

    @Test
    void addressesAreStillKnownAfterAReset() throws Exception {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0);
                var client = AsyncPacketClient.of(
                        Tcp.connector("127.0.0.1", listener.localAddress().getPort()), LINES)) {
            client.connect().get();
            var local = client.localAddress();
            var accepted = listener.accept();
            accepted.setOption(StandardSocketOptions.SO_LINGER, 0);
            accepted.close();
            assertThat(failureOf(client.receive())).isInstanceOf(BrokenResourceException.class);
            assertThat(client.peerAddress()).isEqualTo(listener.localAddress());
            assertThat(client.localAddress()).isEqualTo(local);
            client.close();
            assertThat(client.localAddress()).isEqualTo(local);
        }
    }

    @Test
    void whatIsInTheSystemsBuffersIsAvailableAtOnce() throws Exception {
        try (UnixListener listener = Unix.listen(path());
                var client = AsyncPacketClient.of(Unix.connector(path()), LINES)) {
            client.connect().get();
            try (ByteStream accepted = listener.accept()) {
                accepted.send("a\nb\nc".getBytes(UTF_8));
                Arrivals<String> arrivals = client.available().get();
                assertThat(arrivals.packets()).containsExactly("a", "b");
                assertThat(arrivals.end()).isEqualTo(Arrivals.End.NO_MORE);
                accepted.send("d\n".getBytes(UTF_8));
                assertThat(client.receive(Duration.ZERO).get()).isEqualTo("cd");
            }
        }
    }

    @Test
    void aCancelledReceiveKeepsThePartThatCame() throws Exception {
        VirtualTime.<Exception>run(time -> {
            try (UnixListener listener = Unix.listen(path());
                    var client = AsyncPacketClient.of(Unix.connector(path()), LINES)) {
                client.connect().get();
                try (ByteStream accepted = listener.accept()) {
                    accepted.send("par".getBytes(UTF_8));
                    assertThat(client.available().get().packets()).isEmpty(); // has taken it from the system
                    CompletableFuture<String> late = client.receive(Duration.ofSeconds(30));
                    time.advance(Duration.ofSeconds(30));
                    assertThat(failureOf(late)).isInstanceOf(TimedOutException.class);
                    CompletableFuture<String> cut = client.receive();
                    cut.cancel(true);
                    accepted.send("tial\n".getBytes(UTF_8));
                    assertThat(client.receive().get()).isEqualTo("partial");
                }
            }
        });
    }

    @Test
    void closingFromElsewhereEndsWhatIsPendingAsClosed() throws Exception {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0);
                var client = AsyncPacketClient.of(
                        Tcp.connector("127.0.0.1", listener.localAddress().getPort()), LINES)) {
            client.connect().get();
            try (var accepted = listener.accept()) {
                CompletableFuture<String> receiving = client.receive();
                List<CompletableFuture<Void>> sending = new ArrayList<>();
                for (int i = 0; i < 200; i++) {
                    sending.add(client.send("x".repeat(60_000))); // more than the system takes
                }
                client.close();
                assertThat(failureOf(receiving)).isInstanceOf(ClosedResourceException.class);
                assertThat(failureOf(sending.getLast())).isInstanceOf(ClosedResourceException.class);
            }
        }
    }

    @Test
    void datagramsGoBothWays() throws Exception {
        try (UdpSocket server = Udp.bind("127.0.0.1", 0);
                var client = AsyncDatagramClient.of(
                        Udp.connector("127.0.0.1", server.localAddress().getPort()), DATAGRAMS)) {
            assertThatThrownBy(client::localAddress).isInstanceOf(NotYetConnectedException.class);
            client.send("hello").get();
            var datagram = server.receive();
            assertThat(new String(datagram.data(), UTF_8)).isEqualTo("hello");
            assertThat(client.localAddress()).isEqualTo(datagram.peer().orElseThrow());
            assertThat(client.peerAddress()).isEqualTo(server.localAddress());
            server.send(datagram.reply("one".getBytes(UTF_8)));
            server.send(datagram.reply("two".getBytes(UTF_8)));
            assertThat(client.receive(Duration.ofDays(1)).get()).isEqualTo("one");
            assertThat(client.available().get().packets()).containsExactly("two");
            assertThat(client.socket().supportedOptions()).contains(StandardSocketOptions.SO_RCVBUF);
            CompletableFuture<String> pending = client.receive();
            client.closeAsync().get();
            assertThat(failureOf(pending)).isInstanceOf(ClosedResourceException.class);
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void aDatagramThatIsRefusedFailsAnOperationAndNotTheClient() throws Exception {
        int port;
        try (UdpSocket gone = Udp.bind("127.0.0.1", 0)) {
            port = gone.localAddress().getPort();
        }
        try (var client = AsyncDatagramClient.of(Udp.connector("127.0.0.1", port), DATAGRAMS)) {
            client.send("lost").get();
            assertThat(failureOf(client.receive())).isInstanceOf(PortUnreachableException.class);
            client.send("lost too").get();
            assertThat(client.isClosed()).isFalse();
        }
    }
}
