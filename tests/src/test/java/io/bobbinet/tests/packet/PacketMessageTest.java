package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.LinuxOptions;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixCredentials;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixStream;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketMessage;
import io.bobbinet.packet.PacketProtocolException;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Descriptors and credentials beside packets. */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("PacketMessageTest")
@Timeout(30)
final class PacketMessageTest {
    @TempDir
    private Path folder;

    /** What the library opens for itself with the first wait is no leak. */
    @BeforeEach
    void waitOnce() throws Exception {
        StreamPair<UnixStream> pair = Unix.pair();
        TaskGroup.run(group -> {
            Task<?> receive = group.fork(() -> pair.left().receive());
            Blocked.await(receive);
            receive.cancel();
        });
        pair.close();
    }

    /** A client, and the raw stream at its other end. After it nothing more is open than before. */
    private interface Scenario<T> {
        void run(PacketClient<T, T> client, UnixDescriptorStream peer) throws Exception;
    }

    private static void with(Scenario<String> scenario) throws Exception {
        with(StreamProtocol.of(LineCodec.LINES), scenario);
    }

    private static <T> void with(StreamProtocol<T, T> protocol, Scenario<T> scenario) throws Exception {
        long before = openDescriptors();
        StreamPair<UnixStream> plain = Unix.pair();
        try (var peer = plain.right().withDescriptors();
                var client = PacketClient.over(plain.left().withDescriptors(), protocol)) {
            scenario.run(client, peer);
        }
        assertThat(openDescriptors()).isEqualTo(before);
    }

    private static long openDescriptors() throws IOException {
        try (var entries = Files.list(Path.of("/proc/self/fd"))) {
            return entries.count();
        }
    }

    private Descriptor file(String content) throws IOException {
        return Descriptor.open(Files.writeString(Files.createTempFile(folder, "open", ""), content));
    }

    /** Sends bytes and new files beside them, and closes the sender's. */
    private void send(UnixDescriptorStream peer, String text, String... contents) throws IOException {
        List<Descriptor> files = new ArrayList<>();
        for (String content : contents) {
            files.add(file(content));
        }
        peer.sendMessage(text.getBytes(UTF_8), files);
        for (Descriptor file : files) {
            file.close();
        }
    }

    /** What is in the files that came with the next packet, behind the packet. */
    private static List<String> next(PacketClient<String, String> client) throws IOException {
        try (PacketMessage<String> message = client.receiveMessage()) {
            assertThat(message.isControlTruncated()).isFalse();
            return contents(message);
        }
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

    // -- which packet they come with

    @Test
    @Tag("smoke")
    void descriptorsComeWithTheirPacketsBothWays() throws Exception {
        with((client, peer) -> {
            send(peer, "one\n", "1");
            send(peer, "two\n", "2", "2b");
            send(peer, "three\n");
            assertThat(next(client)).containsExactly("one", "1");
            assertThat(next(client)).containsExactly("two", "2", "2b");
            assertThat(next(client)).containsExactly("three");
            try (Descriptor file = file("back")) {
                client.sendMessage("four", new ControlMessage.Rights(List.of(file)));
                client.sendMessage("five", new ControlMessage.Rights(List.of(file)));
                assertThat(file.number()).isPositive();
            }
            var other = PacketClient.over(peer, StreamProtocol.of(LineCodec.LINES));
            assertThat(next(other)).containsExactly("four", "back");
            assertThat(next(other)).containsExactly("five", ""); // the same open file, read to its end
        });
    }

    @Test
    void ofSeveralPacketsInOneReadEachHasItsOwn() throws Exception {
        with((client, peer) -> {
            send(peer, "plain\n");
            send(peer, "one\n", "1");
            send(peer, "plain too\n");
            send(peer, "two\n", "2");
            assertThat(next(client)).containsExactly("plain");
            assertThat(next(client)).containsExactly("one", "1");
            assertThat(next(client)).containsExactly("plain too");
            assertThat(next(client)).containsExactly("two", "2");
        });
    }

    @Test
    void aPlainReceiveOfOnePacketDoesNotTakeThoseOfTheNext() throws Exception {
        with((client, peer) -> {
            send(peer, "one\n");
            send(peer, "two\n", "2");
            assertThat(client.receive()).isEqualTo("one");
            assertThat(next(client)).containsExactly("two", "2");
        });
    }

    @Test
    void aPlainReceiveClosesThoseOfItsOwnPacket() throws Exception {
        with((client, peer) -> {
            long before = openDescriptors();
            send(peer, "one\n", "1", "1b");
            send(peer, "two\n", "2");
            assertThat(client.receive()).isEqualTo("one");
            assertThat(client.available().packets()).containsExactly("two");
            assertThat(openDescriptors()).isEqualTo(before);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 100})
    void howeverSmallTheReadsAreTheyComeWithTheirPackets(int receiveSize) throws Exception {
        with(StreamProtocol.of(LineCodec.LINES).withReceiveSize(receiveSize), (client, peer) -> {
            for (int i = 0; i < 20; i++) {
                send(peer, "plain " + i + "\n");
                send(peer, "packet " + i + "\n", "a" + i, "b" + i);
            }
            for (int i = 0; i < 20; i++) {
                assertThat(next(client)).containsExactly("plain " + i);
                assertThat(next(client)).containsExactly("packet " + i, "a" + i, "b" + i);
            }
        });
    }

    @Test
    void aPacketInPartsHasThoseOfAllItsParts() throws Exception {
        with((client, peer) -> {
            send(peer, "on", "1");
            send(peer, "e");
            send(peer, "\ntw", "2");
            send(peer, "o\n", "3");
            // The second message ends in the packet "two", and so does what came with it.
            assertThat(next(client)).containsExactly("one", "1");
            assertThat(next(client)).containsExactly("two", "2", "3");
        });
    }

    // -- what cuts a receive short

    @Test
    void aDeadlineInsideOfAPacketKeepsThem() throws Exception {
        with((client, peer) -> VirtualTime.run(time -> TaskGroup.run(group -> {
            send(peer, "on", "1");
            for (int i = 0; i < 2; i++) {
                boolean plain = i == 0;
                Task<?> receive = group.fork(() -> assertThatThrownBy(() -> {
                            if (plain) {
                                client.receive(ofSeconds(1));
                            } else {
                                CancelScope.failAfter(ofSeconds(1)).call(client::receiveMessage);
                            }
                        })
                        .isExactlyInstanceOf(TimedOutException.class));
                Blocked.await(receive);
                time.advance(ofSeconds(1));
                receive.join();
            }
            send(peer, "e\n", "2");
            assertThat(next(client)).containsExactly("one", "1", "2");
        })));
    }

    @Test
    void thoseOfAMalformedOrCrashedPacketAreClosedAndNoOthers() throws Exception {
        with((client, peer) -> {
            long before = openDescriptors();
            send(peer, "bad\n", "1");
            send(peer, "crash\n", "2");
            send(peer, "good\n", "3");
            assertThatThrownBy(client::receiveMessage).isInstanceOf(MalformedPacketException.class);
            assertThatThrownBy(client::receiveMessage).isInstanceOf(PacketProtocolException.class);
            assertThat(openDescriptors()).isEqualTo(before);
            assertThat(next(client)).containsExactly("good", "3");
        });
    }

    @Test
    void thoseOfTheTailOfAnOverLongPacketAreClosedToo() throws Exception {
        with((client, peer) -> {
            send(peer, "y".repeat(150), "1");
            assertThatThrownBy(client::receiveMessage).isInstanceOf(MalformedPacketException.class);
            send(peer, "z".repeat(150), "2");
            send(peer, "z\n", "3");
            send(peer, "good\n", "4");
            assertThat(next(client)).containsExactly("good", "4");
        });
    }

    @Test
    void aCloseClosesThoseThatWait() throws Exception {
        with((client, peer) -> {
            send(peer, "one\ntw", "1");
            assertThat(client.receive()).isEqualTo("one");
            Thread.yield();
            client.close();
            assertThatThrownBy(client::receiveMessage).isExactlyInstanceOf(ClosedResourceException.class);
        });
    }

    @Test
    void anEndInsideOfAPacketLeavesNoneOpen() throws Exception {
        with((client, peer) -> {
            send(peer, "one\n", "1");
            send(peer, "tw", "2");
            peer.close();
            assertThat(next(client)).containsExactly("one", "1");
            assertThatThrownBy(client::receiveMessage).isInstanceOf(EOFException.class);
        });
    }

    // -- too many

    /** Many a hostile message inside of one packet. */
    @Test
    void noPeerMakesThisProcessHoldMoreThanAFewHundred() throws Exception {
        with(
                StreamProtocol.of(new LineCodec(1000)),
                (client, peer) -> TaskGroup.run(group -> {
                    long before = openDescriptors();
                    List<Descriptor> many = Collections.nCopies(100, file("x"));
                    Task<PacketMessage<String>> receive = group.fork(() -> client.receiveMessage());
                    for (int i = 0; i < 20; i++) {
                        peer.sendMessage("y".getBytes(UTF_8), many);
                    }
                    peer.send("\n".getBytes(UTF_8));
                    try (PacketMessage<String> message = receive.join()) {
                        assertThat(message.packet()).hasSize(20);
                        assertThat(message.descriptors()).hasSize(253);
                        assertThat(message.isControlTruncated()).isTrue();
                        assertThat(message.toString()).contains("truncated");
                        assertThat(openDescriptors()).isLessThanOrEqualTo(before + 254);
                    }
                    send(peer, "next\n", "1");
                    assertThat(next(client)).containsExactly("next", "1");
                    many.getFirst().close();
                }));
    }

    @Test
    void whileAPacketIsIncompleteThoseThatWaitAreBoundedToo() throws Exception {
        with(StreamProtocol.of(new LineCodec(1000)), (client, peer) -> {
            long before = openDescriptors();
            try (Descriptor file = file("x")) {
                List<Descriptor> many = Collections.nCopies(100, file);
                for (int i = 0; i < 50; i++) {
                    peer.sendMessage("y".getBytes(UTF_8), many);
                    assertThat(client.available().packets()).isEmpty();
                }
            }
            assertThat(openDescriptors()).isEqualTo(before + 2 * 253);
        });
    }

    @Test
    void twoPacketsThatAreFullOfThemHaveThemAll() throws Exception {
        with((client, peer) -> {
            try (Descriptor file = file("x")) {
                List<Descriptor> many = Collections.nCopies(253, file);
                peer.sendMessage("one".getBytes(UTF_8), many);
                assertThat(client.available().packets()).isEmpty();
                peer.send("\n".getBytes(UTF_8));
                peer.sendMessage("two\n".getBytes(UTF_8), many);
            }
            for (int i = 0; i < 2; i++) {
                try (PacketMessage<String> message = client.receiveMessage()) {
                    assertThat(message.descriptors()).hasSize(253);
                    assertThat(message.isControlTruncated()).isFalse();
                }
            }
        });
    }

    // -- sending

    @Test
    void aPacketOfNoBytesCannotCarryAnything() throws Exception {
        with((client, peer) -> {
            try (Descriptor file = file("x")) {
                assertThatThrownBy(() -> client.sendMessage("nothing", new ControlMessage.Rights(List.of(file))))
                        .isExactlyInstanceOf(PacketProtocolException.class);
            }
            client.send("next");
            assertThat(peer.receiveMessage(100).descriptors()).isEmpty();
        });
    }

    @Test
    void aPacketLargerThanTheSystemsBuffersGoesOutWholeWithItsDescriptorOnce() throws Exception {
        with(
                StreamProtocol.of(new LineCodec(4 << 20)),
                (client, peer) -> TaskGroup.run(group -> {
                    var other = PacketClient.over(peer, StreamProtocol.of(new LineCodec(4 << 20)));
                    String large = "x".repeat(2_000_000);
                    Task<?> send = group.fork(() -> {
                        try (Descriptor file = file("one")) {
                            client.sendMessage(large, new ControlMessage.Rights(List.of(file)));
                        }
                        client.send("after");
                    });
                    assertThat(next(other)).containsExactly(large, "one");
                    assertThat(next(other)).containsExactly("after");
                    send.join();
                }));
    }

    @Test
    void withoutDescriptorsBelowThereAreNoMessages() throws Exception {
        StreamPair<UnixStream> plain = Unix.pair();
        try (plain;
                var client = PacketClient.over(plain.left(), StreamProtocol.of(LineCodec.LINES))) {
            assertThatThrownBy(() -> client.sendMessage("x"))
                    .isExactlyInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("withDescriptors");
            assertThatThrownBy(client::receiveMessage).isExactlyInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> client.forEachMessage(message -> {}))
                    .isExactlyInstanceOf(UnsupportedOperationException.class);
        }
    }

    // -- loops

    @Test
    void aLoopGivesEachPacketWithItsOwnAndClosesWhatWasNotOpened() throws Exception {
        with((client, peer) -> {
            send(peer, "one\n", "1");
            send(peer, "two\n");
            send(peer, "three\n", "3", "3b");
            peer.sendEof();
            List<String> all = new ArrayList<>();
            client.forEachMessage(message -> {
                all.add(message.packet());
                if (message.packet().equals("one")) {
                    all.addAll(contents(message));
                }
            });
            assertThat(all).containsExactly("one", "one", "1", "two", "three");
            assertThatThrownBy(client::receiveMessage).isInstanceOf(EndOfStreamException.class);
        });
    }

    @Test
    void whatTheBodyOfALoopThrowsLeavesItAndTheMessageIsClosed() throws Exception {
        with((client, peer) -> {
            long before = openDescriptors();
            send(peer, "one\n", "1");
            send(peer, "two\n", "2");
            assertThatThrownBy(() -> client.forEachMessage(message -> {
                        throw new IllegalStateException("of the body");
                    }))
                    .hasMessage("of the body");
            assertThat(client.receive()).isEqualTo("two");
            assertThat(openDescriptors()).isEqualTo(before);
        });
    }

    // -- credentials

    @Test
    void credentialsComeWithEachPacketOnceTheyAreAskedFor() throws Exception {
        with((client, peer) -> {
            send(peer, "before\n");
            assertThat(client.receiveMessage().credentials()).isEmpty();
            client.socket().setOption(LinuxOptions.SO_PASSCRED, true);
            UnixCredentials own = client.peerCredentials();
            assertThat(own.pid()).isEqualTo((int) ProcessHandle.current().pid());
            send(peer, "one\ntwo\nthr");
            send(peer, "ee\n", "3");
            for (String packet : List.of("one", "two", "three")) {
                try (PacketMessage<String> message = client.receiveMessage()) {
                    assertThat(message.packet()).isEqualTo(packet);
                    assertThat(message.credentials()).containsExactly(own);
                    assertThat(message.controls()).contains(new ControlMessage.Credentials(List.of(own)));
                    for (ControlMessage control : message.controls()) {
                        switch (control) {
                            case ControlMessage.Rights rights ->
                                assertThat(rights.descriptors()).hasSize(1);
                            case ControlMessage.Credentials credentials ->
                                assertThat(credentials.credentials()).hasSize(1);
                        }
                    }
                }
            }
        });
    }

    @Test
    void credentialsCanBeSentAlong() throws Exception {
        with((client, peer) -> {
            peer.setOption(LinuxOptions.SO_PASSCRED, true);
            UnixCredentials own = client.peerCredentials();
            client.sendMessage("x", new ControlMessage.Credentials(List.of(own)));
            assertThat(peer.receiveMessage(10).credentials()).containsExactly(own);
        });
    }

    @Test
    void aHugePacketInManyReadsCarriesTheCredentialsOnce() throws Exception {
        with(
                StreamProtocol.of(BlockCodec.BLOCKS).withReceiveSize(64),
                (client, peer) -> TaskGroup.run(group -> {
                    client.socket().setOption(LinuxOptions.SO_PASSCRED, true);
                    Task<?> send = group.fork(
                            () -> peer.send(ByteBuffer.allocate(500_004).putInt(0, 500_000)));
                    PacketMessage<byte[]> message = client.receiveMessage();
                    assertThat(message.packet()).hasSize(500_000);
                    assertThat(message.credentials()).hasSize(1);
                    assertThat(message.isControlTruncated()).isFalse();
                    send.join();
                }));
    }
}
