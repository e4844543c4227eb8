package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.LinuxOptions;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixCredentials;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.packet.DatagramClient;
import io.bobbinet.packet.DatagramProtocol;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketMessage;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Packets over UNIX datagrams. */
@OnEachBackend(having = Capability.UNIX_DATAGRAM)
@DisplayName("UnixDatagramClientTest")
@Timeout(30)
final class UnixDatagramClientTest {
    private static final DatagramProtocol<String, String> TEXT = DatagramProtocol.of(TextCodec.TEXT);

    @TempDir
    private Path folder;

    private interface Scenario {
        void run(DatagramClient<String, String> client, UnixDatagramSocket peer) throws Exception;
    }

    private void with(Scenario scenario) throws Exception {
        Path path = folder.resolve("peer");
        try (UnixDatagramSocket peer =
                        UnixDatagram.binder(path).withDeleteOnClose().bind();
                var client = DatagramClient.connect(UnixDatagram.connector(path), TEXT)) {
            scenario.run(client, peer);
        }
    }

    private static UnixAddress address(DatagramClient<String, String> client) {
        return (UnixAddress) client.localAddress();
    }

    private static void send(UnixDatagramSocket peer, DatagramClient<String, String> client, String text)
            throws IOException {
        peer.send(Datagram.of(text.getBytes(UTF_8), address(client)));
    }

    private Descriptor file(String content) throws IOException {
        return Descriptor.open(Files.writeString(Files.createTempFile(folder, "open", ""), content));
    }

    private static List<String> contents(PacketMessage<String> message) throws IOException {
        List<String> contents = new ArrayList<>(List.of(message.packet()));
        for (Descriptor descriptor : message.descriptors()) {
            try (var in = descriptor.asInputStream()) {
                contents.add(new String(in.readAllBytes(), UTF_8));
            }
        }
        return contents;
    }

    private static long openDescriptors() throws IOException {
        try (var entries = Files.list(Path.of("/proc/self/fd"))) {
            return entries.count();
        }
    }

    @Test
    @Tag("smoke")
    void packetsTravelBothWaysForTheSystemHasGivenTheClientAName() throws Exception {
        with((client, peer) -> {
            client.send("question");
            Datagram<UnixAddress> question = peer.receive();
            assertThat(question.peer()).contains(address(client));
            assertThat(address(client).toString()).startsWith("@");
            send(peer, client, "answer");
            assertThat(client.receive()).isEqualTo("answer");
            send(peer, client, "");
            assertThat(client.receive()).isEmpty();
        });
    }

    @Test
    void descriptorsComeWithTheirPackets() throws Exception {
        with((client, peer) -> {
            try (Descriptor file = file("one");
                    Descriptor other = file("two")) {
                client.sendMessage("x", new ControlMessage.Rights(List.of(file)));
                try (var message = peer.receiveMessage(10)) {
                    assertThat(message.descriptors()).hasSize(1);
                }
                peer.sendMessage("plain".getBytes(UTF_8), List.of(), address(client));
                peer.sendMessage("with".getBytes(UTF_8), List.of(file, other), address(client));
            }
            assertThat(client.receive()).isEqualTo("plain");
            try (PacketMessage<String> message = client.receiveMessage()) {
                assertThat(contents(message)).containsExactly("with", "one", "two");
            }
        });
    }

    @Test
    void thoseThatNobodyTakesAreClosed() throws Exception {
        with((client, peer) -> {
            send(peer, client, "first");
            assertThat(client.receive()).isEqualTo("first");
            long before = openDescriptors();
            try (Descriptor file = file("x")) {
                for (String text : List.of("plain", "bad", "message")) {
                    peer.sendMessage(text.getBytes(UTF_8), List.of(file), address(client));
                }
            }
            assertThat(client.receive()).isEqualTo("plain");
            assertThatThrownBy(client::receiveMessage).isInstanceOf(MalformedPacketException.class);
            client.receiveMessage().close();
            assertThat(openDescriptors()).isEqualTo(before);
        });
    }

    @Test
    void aLoopOfMessagesRunsUntilTheClientIsClosed() throws Exception {
        with((client, peer) -> {
            try (Descriptor file = file("one")) {
                peer.sendMessage("a".getBytes(UTF_8), List.of(file), address(client));
            }
            send(peer, client, "b");
            List<String> all = new ArrayList<>();
            client.forEachMessage(message -> {
                all.addAll(contents(message));
                if (message.packet().equals("b")) {
                    client.close();
                }
            });
            assertThat(all).containsExactly("a", "one", "b");
        });
    }

    @Test
    void credentialsComeOnceTheyAreAskedFor() throws Exception {
        with((client, peer) -> {
            client.socket().setOption(LinuxOptions.SO_PASSCRED, true);
            send(peer, client, "x");
            List<UnixCredentials> senders = client.receiveMessage().credentials();
            assertThat(senders).hasSize(1);
            assertThat(senders.getFirst().pid())
                    .isEqualTo((int) ProcessHandle.current().pid());
        });
    }

    @Test
    void aSendWaitsForRoomAndIsEndedByTheClose() throws Exception {
        with((client, peer) -> TaskGroup.run(group -> {
            Task<?> sends = group.fork(() -> assertThatThrownBy(() -> {
                        while (true) {
                            client.send("x");
                        }
                    })
                    .isExactlyInstanceOf(ClosedResourceException.class));
            Blocked.await(sends);
            client.close();
            sends.join();
        }));
    }

    @Test
    void aPeerThatIsGoneIsTold() throws Exception {
        with((client, peer) -> {
            peer.close();
            assertThatThrownBy(() -> client.send("x")).isInstanceOf(ConnectException.class);
        });
    }
}
