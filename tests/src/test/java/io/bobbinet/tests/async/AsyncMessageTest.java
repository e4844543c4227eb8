package io.bobbinet.tests.async;

import static io.bobbinet.tests.async.Futures.LINES;
import static io.bobbinet.tests.async.Futures.failureOf;
import static io.bobbinet.tests.async.Futures.peer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.async.AsyncDatagramClient;
import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.net.UnixListener;
import io.bobbinet.packet.DatagramProtocol;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketMessage;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.testing.Descriptors;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What travels beside the packets of asynchronous clients. */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("AsyncMessageTest")
@Timeout(30)
@SuppressWarnings("try") // closes in the middle
final class AsyncMessageTest {
    @TempDir
    private Path folder;

    private interface Scenario {
        void run(AsyncPacketClient<String, String> client, PacketClient<String, String> peer) throws Exception;
    }

    private void with(Scenario scenario) throws Exception {
        Path path = folder.resolve("socket");
        try (UnixListener listener = Unix.binder(path).withDeleteOnClose().listen();
                var client = AsyncPacketClient.of(Unix.connector(path).withDescriptors(), LINES)) {
            client.connect().get();
            try (var peer = peer(listener.accept().withDescriptors())) {
                scenario.run(client, peer);
            }
        }
    }

    private void send(PacketClient<String, String> peer, String packet) throws IOException {
        Path file = folder.resolve(packet);
        Files.writeString(file, packet);
        try (Descriptor descriptor = Descriptor.open(file)) {
            peer.sendMessage(packet, new ControlMessage.Rights(List.of(descriptor)));
        }
    }

    private static String content(PacketMessage<String> received) throws IOException {
        try (var message = received;
                var file = message.descriptors().getFirst().asInputStream()) {
            return new String(file.readAllBytes(), UTF_8);
        }
    }

    @Test
    void filesTravelBothWays() throws Exception {
        with((client, peer) -> {
            Path file = Files.writeString(folder.resolve("ours"), "our content");
            try (Descriptor descriptor = Descriptor.open(file)) {
                client.sendMessage("ours", new ControlMessage.Rights(List.of(descriptor)))
                        .get();
            }
            PacketMessage<String> theirs = peer.receiveMessage();
            assertThat(theirs.packet()).isEqualTo("ours");
            assertThat(content(theirs)).isEqualTo("our content");
            send(peer, "theirs");
            PacketMessage<String> received = client.receiveMessage().get();
            assertThat(received.packet()).isEqualTo("theirs");
            assertThat(content(received)).isEqualTo("theirs");
        });
    }

    @Test
    void filesThatNobodyAskedForAreClosed() throws Exception {
        with((client, peer) -> {
            Descriptors before = Descriptors.now();
            send(peer, "one");
            send(peer, "two");
            assertThat(client.receive().get()).isEqualTo("one");
            assertThat(client.available().get().packets()).containsExactly("two");
            assertThat(Descriptors.now().openedSince(before)).isEmpty();
        });
    }

    @Test
    void aFileStaysWithThePacketOfACancelledReceive() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        with((client, peer) -> {
            for (int i = 0; i < 300; i++) {
                CompletableFuture<?> cut = random.nextBoolean() ? client.receive() : client.receiveMessage();
                send(peer, "packet " + i);
                for (int turns = random.nextInt(2000); turns > 0; turns--) {
                    Thread.onSpinWait();
                }
                if (cut.cancel(true)) {
                    PacketMessage<String> next = client.receiveMessage().get();
                    assertThat(next.packet()).as("seed %s", seed).isEqualTo("packet " + i);
                    assertThat(content(next)).isEqualTo("packet " + i);
                } else if (cut.get() instanceof PacketMessage<?> message) {
                    assertThat(message.packet()).as("seed %s", seed).isEqualTo("packet " + i);
                    message.close();
                }
            }
        });
    }

    /** That none stays open is what the check of leaks behind every class looks for. */
    @Test
    void closingClosesTheFilesThatWereKept() throws Exception {
        with((client, peer) -> {
            CompletableFuture<?> collecting = client.available(Duration.ofDays(1));
            send(peer, "kept");
            send(peer, "too");
            collecting.cancel(true);
            client.close();
            assertThat(failureOf(client.receive())).isInstanceOf(ClosedResourceException.class);
        });
    }

    @Test
    void whoThePeerIs() throws Exception {
        Path path = folder.resolve("named");
        try (UnixListener listener = Unix.listen(path);
                var client = AsyncPacketClient.of(Unix.connector(path), LINES)) {
            assertThatThrownBy(client::peerCredentials).isInstanceOf(NotYetConnectedException.class);
            client.connect().get();
            listener.accept().close();
            assertThat(client.peerCredentials().pid())
                    .isEqualTo((int) ProcessHandle.current().pid());
            client.close();
            assertThatThrownBy(client::peerCredentials).isInstanceOf(ClosedResourceException.class);
        }
    }

    @Test
    void datagramsCarryFilesToo() throws Exception {
        Path path = folder.resolve("datagrams");
        Path file = Files.writeString(folder.resolve("lent"), "lent content");
        DatagramProtocol<String, String> lines = DatagramProtocol.of(Lines.utf8());
        try (UnixDatagramSocket server = UnixDatagram.bind(path);
                Descriptor descriptor = Descriptor.open(file);
                var client = AsyncDatagramClient.of(UnixDatagram.connector(path), lines)) {
            var rights = new ControlMessage.Rights(List.of(descriptor));
            client.sendMessage("out", rights).get();
            try (var message = server.receiveMessage(1024)) {
                assertThat(message.descriptors()).hasSize(1);
                UnixAddress back = message.sender().orElseThrow();
                server.sendMessage("plain".getBytes(UTF_8), List.of(descriptor), back);
                server.sendMessage("in".getBytes(UTF_8), List.of(descriptor), back);
            }
            assertThat(client.receive().get()).isEqualTo("plain");
            PacketMessage<String> received = client.receiveMessage().get();
            assertThat(received.packet()).isEqualTo("in");
            assertThat(content(received)).isEqualTo("lent content");
        }
    }
}
