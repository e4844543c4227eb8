package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.packet.Arrivals;
import io.bobbinet.packet.Arrivals.End;
import io.bobbinet.packet.DatagramClient;
import io.bobbinet.packet.DatagramProtocol;
import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketProtocolException;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Packets over UDP. */
@OnEachBackend
@DisplayName("DatagramClientTest")
@Timeout(30)
final class DatagramClientTest {
    private static final DatagramProtocol<String, String> TEXT = DatagramProtocol.of(TextCodec.TEXT);

    @AfterEach
    void noInterruptStatusLeaks() {
        assertThat(Thread.interrupted()).isFalse();
    }

    private interface Scenario {
        void run(DatagramClient<String, String> client, Peer peer) throws Exception;
    }

    /** The raw socket at the other end. */
    private record Peer(UdpSocket socket, InetSocketAddress client) {
        void send(String text) throws IOException {
            socket.send(Datagram.of(text.getBytes(UTF_8), client));
        }

        String receive() throws IOException {
            return new String(socket.receive().data(), UTF_8);
        }
    }

    private static void with(Scenario scenario) throws Exception {
        try (UdpSocket socket = Udp.bind("127.0.0.1", 0)) {
            var connector = Udp.connector("127.0.0.1", socket.localAddress().getPort());
            try (var client = DatagramClient.connect(connector, TEXT)) {
                scenario.run(client, new Peer(socket, (InetSocketAddress) client.localAddress()));
            }
        }
    }

    @Test
    @Tag("smoke")
    void packetsTravelBothWays() throws Exception {
        with((client, peer) -> {
            for (int i = 0; i < 20; i++) {
                client.send("question " + i);
                assertThat(peer.receive()).isEqualTo("question " + i);
                peer.send("answer " + i);
                assertThat(client.receive()).isEqualTo("answer " + i);
            }
            assertThat(client.peerAddress()).isEqualTo(peer.socket.localAddress());
        });
    }

    @Test
    void anEmptyDatagramIsAPacket() throws Exception {
        with((client, peer) -> {
            client.send("");
            assertThat(peer.receive()).isEmpty();
            peer.send("");
            peer.send("x");
            assertThat(client.receive()).isEmpty();
            assertThat(client.receive()).isEqualTo("x");
        });
    }

    @Test
    void aMalformedDatagramIsOneDatagramAndNoMore() throws Exception {
        with((client, peer) -> {
            for (String text : List.of("one", "bad", "crash", "io", "two")) {
                peer.send(text);
            }
            assertThat(client.receive()).isEqualTo("one");
            assertThatThrownBy(client::receive).isInstanceOfSatisfying(MalformedPacketException.class, e -> {
                assertThat(e.consumed()).isEqualTo(3);
                assertThat(e.isRecoverable()).isTrue();
            });
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(client::receive)
                        .isExactlyInstanceOf(PacketProtocolException.class)
                        .hasMessage("The codec text of tests crashed when it was to decode a packet");
            }
            assertThat(client.receive()).isEqualTo("two");
        });
    }

    @Test
    void whatACodecRefusesOrCrashesOnIsNotSent() throws Exception {
        with((client, peer) -> {
            assertThatThrownBy(() -> client.send("refused")).isExactlyInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> client.send("crash")).isExactlyInstanceOf(PacketProtocolException.class);
            client.send("good");
            assertThat(peer.receive()).isEqualTo("good");
        });
    }

    @Test
    void aDatagramThatIsTooLongIsRefusedByTheSystemAndTheClientLivesOn() throws Exception {
        with((client, peer) -> {
            assertThatThrownBy(() -> client.send("x".repeat(66_000)))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("66000 bytes");
            client.send("good");
            assertThat(peer.receive()).isEqualTo("good");
        });
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aPeerThatIsGoneIsToldAndTheClientLivesOn() throws Exception {
        with((client, peer) -> {
            peer.send("before");
            peer.socket.close();
            client.send("x");
            List<Exception> told = new ArrayList<>();
            List<String> received = new ArrayList<>();
            while (told.isEmpty() || received.isEmpty()) {
                try {
                    received.add(client.receive());
                } catch (PortUnreachableException e) {
                    told.add(e);
                }
            }
            assertThat(received).containsExactly("before");
            assertThat(client.isClosed()).isFalse();
        });
    }

    @Test
    void datagramsOfOthersDoNotArrive() throws Exception {
        with((client, peer) -> {
            try (UdpSocket other = Udp.bind("127.0.0.1", 0)) {
                other.send(Datagram.of("other".getBytes(UTF_8), peer.client));
            }
            peer.send("peer");
            assertThat(client.receive()).isEqualTo("peer");
        });
    }

    // -- calls that are cut short

    @Test
    void aReceiveEndsWhenItsTimeIsOver() throws Exception {
        with((client, peer) -> VirtualTime.run(time -> TaskGroup.run(group -> {
            Task<?> receive = group.fork(() -> assertThatThrownBy(() -> client.receive(ofSeconds(5)))
                    .isExactlyInstanceOf(TimedOutException.class));
            Blocked.await(receive);
            Task<?> queued = group.fork(() -> assertThatThrownBy(() -> client.receive(ofSeconds(5)))
                    .isExactlyInstanceOf(TimedOutException.class));
            Blocked.await(queued);
            time.advance(ofSeconds(5));
            receive.join();
            queued.join();
            peer.send("x");
            assertThat(client.receive(ofSeconds(5))).isEqualTo("x");
        })));
    }

    @Test
    void withNoTimeAtAllADatagramIsReceivedThatIsThere() throws Exception {
        with((client, peer) -> {
            assertThatThrownBy(() -> client.receive(ZERO)).isExactlyInstanceOf(TimedOutException.class);
            peer.send("x");
            assertThat(client.receive(ZERO)).isEqualTo("x");
            assertThatThrownBy(() -> client.receive(ofMillis(-1))).isExactlyInstanceOf(IllegalArgumentException.class);
        });
    }

    @Test
    void aCancelledReceiveHasTakenNothing() throws Exception {
        with((client, peer) -> TaskGroup.run(group -> {
            MoveOnScope scope = CancelScope.create();
            Task<Boolean> receive = group.fork(() -> scope.run(() -> client.receive()));
            Blocked.await(receive);
            scope.cancel();
            assertThat(receive.join()).isFalse();
            peer.send("x");
            scope.cancel();
            MoveOnScope cancelled = CancelScope.create();
            cancelled.cancel();
            cancelled.run(() -> {
                assertThatThrownBy(client::receive).isInstanceOf(CancelledException.class);
                assertThatThrownBy(() -> client.send("no")).isInstanceOf(CancelledException.class);
            });
            Thread.currentThread().interrupt();
            assertThatThrownBy(client::receive).isExactlyInstanceOf(InterruptedIOException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(client.receive()).isEqualTo("x");
        }));
    }

    @Test
    void aCloseEndsAllWhoReceiveOrQueueForItAndEveryLaterCall() throws Exception {
        with((client, peer) -> TaskGroup.run(group -> {
            List<Task<?>> tasks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                tasks.add(group.fork(
                        () -> assertThatThrownBy(client::receive).isExactlyInstanceOf(ClosedResourceException.class)));
                Blocked.await(tasks.getLast());
            }
            client.close();
            client.close();
            for (Task<?> task : tasks) {
                task.join();
            }
            assertThatThrownBy(client::receive).isExactlyInstanceOf(ClosedResourceException.class);
            assertThatThrownBy(() -> client.send("x")).isExactlyInstanceOf(ClosedResourceException.class);
            assertThat(client.available().end()).isEqualTo(End.CLOSED);
            assertThat(client.isClosed()).isTrue();
            assertThat(client.toString()).contains("closed");
            assertThat(client.localAddress()).isEqualTo(peer.client);
            assertThat(client.peerAddress()).isEqualTo(peer.socket.localAddress());
        }));
    }

    /** What a codec of lines does once it has been called, and before it looks at a byte. */
    private record Before(Runnable happens) implements FramedCodec<String> {
        @Override
        public void encodeFrame(String packet, OutputStream target) throws IOException {
            LineCodec.LINES.encodeFrame(packet, target);
        }

        @Override
        public String decodeFrame(BufferedReceiveStream stream) throws IOException {
            happens.run();
            return LineCodec.LINES.decodeFrame(stream);
        }

        DatagramProtocol<String, String> protocol() {
            return DatagramProtocol.of(this);
        }
    }

    @Test
    void aCancellationBetweenTheReceiveAndTheDecodingStrikesTheNextCall() throws Exception {
        MoveOnScope scope = CancelScope.create();
        try (UdpSocket peer = Udp.bind("127.0.0.1", 0);
                var client = DatagramClient.connect(
                        Udp.connector("127.0.0.1", peer.localAddress().getPort()),
                        new Before(scope::cancel).protocol())) {
            client.send("question");
            peer.send(peer.receive().reply("answer\n".getBytes(UTF_8)));
            assertThat(scope.run(() -> {
                        assertThat(client.receive()).isEqualTo("answer");
                        assertThatThrownBy(client::receive).isInstanceOf(CancelledException.class);
                    }))
                    .isTrue();
        }
    }

    @Test
    void anInterruptBetweenTheReceiveAndTheDecodingStrikesTheNextCall() throws Exception {
        AtomicBoolean first = new AtomicBoolean(true);
        Runnable interrupt = () -> {
            if (first.getAndSet(false)) {
                Thread.currentThread().interrupt();
            }
        };
        try (UdpSocket peer = Udp.bind("127.0.0.1", 0);
                var client = DatagramClient.connect(
                        Udp.connector("127.0.0.1", peer.localAddress().getPort()), new Before(interrupt).protocol())) {
            client.send("question");
            peer.send(peer.receive().reply("answer\n".getBytes(UTF_8)));
            assertThat(client.receive()).isEqualTo("answer");
            assertThatThrownBy(client::receive).isExactlyInstanceOf(InterruptedIOException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    // -- many

    @Test
    void arrivalsAreAllThatHasCome() throws Exception {
        with((client, peer) -> {
            assertThat(client.available()).isEqualTo(new Arrivals<>(List.of(), End.NO_MORE, Optional.empty()));
            for (String text : List.of("one", "", "two", "bad", "three")) {
                peer.send(text);
            }
            Arrivals<String> first = client.available();
            assertThat(first.packets()).containsExactly("one", "", "two");
            assertThat(first.failure()).get().isInstanceOf(MalformedPacketException.class);
            assertThat(client.available()).isEqualTo(new Arrivals<>(List.of("three"), End.NO_MORE, Optional.empty()));
        });
    }

    @Test
    void arrivalsWithABudgetAreThoseThatComeWithinIt() throws Exception {
        with((client, peer) -> VirtualTime.run(time -> TaskGroup.run(group -> {
            peer.send("one");
            Task<Arrivals<String>> available = group.fork(() -> client.available(ofSeconds(10)));
            Blocked.await(available);
            time.advance(ofSeconds(10));
            assertThat(available.join().packets()).containsExactly("one");
        })));
    }

    @Test
    void aLoopRunsUntilTheClientIsClosedByItsOwnBodyToo() throws Exception {
        with((client, peer) -> {
            for (String text : List.of("one", "bad", "two")) {
                peer.send(text);
            }
            List<String> all = new ArrayList<>();
            client.<IOException>forEach(
                    packet -> {
                        all.add(packet);
                        if (packet.equals("two")) {
                            client.close();
                        }
                    },
                    e -> all.add("[" + e.reason() + "]"));
            assertThat(all).containsExactly("one", "[it is bad]", "two");
        });
        with((client, peer) -> {
            peer.send("one");
            List<String> all = new ArrayList<>();
            client.forEach(packet -> {
                all.add(packet);
                client.close();
            });
            assertThat(all).containsExactly("one");
        });
    }

    @Test
    void receivesAreServedInTheOrderOfTheCalls() throws Exception {
        with((client, peer) -> TaskGroup.run(group -> {
            List<Task<String>> receives = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                receives.add(group.fork(() -> client.receive()));
                Blocked.await(receives.getLast());
            }
            for (int i = 0; i < 10; i++) {
                peer.send("" + i);
            }
            for (int i = 0; i < 10; i++) {
                assertThat(receives.get(i).join()).isEqualTo("" + i);
            }
        }));
    }

    // -- the socket

    @Test
    void theSocketIsThereForItsOptions() throws Exception {
        with((client, peer) -> {
            assertThat(client.socket()).isSameAs(client.socket());
            client.socket().setOption(StandardSocketOptions.SO_RCVBUF, 50_000);
            assertThat(client.socket().option(StandardSocketOptions.SO_RCVBUF)).isGreaterThanOrEqualTo(50_000);
            assertThat(client.socket().supportedOptions()).contains(StandardSocketOptions.SO_SNDBUF);
            assertThat(client.socket().localAddress()).isEqualTo(peer.client);
            client.close();
            assertThatThrownBy(() -> client.socket().option(StandardSocketOptions.SO_RCVBUF))
                    .isExactlyInstanceOf(ClosedResourceException.class);
        });
    }

    @Test
    void aSocketOfOnesOwnIsTakenOver() throws Exception {
        try (UdpSocket peer = Udp.bind("127.0.0.1", 0)) {
            ConnectedUdpSocket own =
                    Udp.connect("127.0.0.1", peer.localAddress().getPort());
            try (var client = DatagramClient.over(own, TEXT)) {
                client.send("x");
                assertThat(peer.receive().data()).hasSize(1);
                assertThatThrownBy(() -> client.sendMessage("x"))
                        .isExactlyInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining("linux");
                assertThatThrownBy(client::receiveMessage).isExactlyInstanceOf(UnsupportedOperationException.class);
            }
            assertThatThrownBy(() -> own.send(new byte[1])).isExactlyInstanceOf(ClosedResourceException.class);
        }
    }
}
