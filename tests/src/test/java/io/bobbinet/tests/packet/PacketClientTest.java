package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.packet.Converter;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@OnEachBackend
@DisplayName("PacketClientTest")
@Timeout(30)
final class PacketClientTest {
    private static final StreamProtocol<String, String> LINES = StreamProtocol.of(LineCodec.LINES);

    @TempDir
    private Path folder;

    @AfterEach
    void noInterruptStatusLeaks() {
        assertThat(Thread.interrupted()).isFalse();
    }

    /** A client and the raw stream at its other end. */
    private interface Scenario {
        void run(PacketClient<String, String> client, ByteStream peer) throws Exception;
    }

    private void with(StreamKind kind, Scenario scenario) throws Exception {
        with(kind, LINES, scenario);
    }

    private void with(StreamKind kind, StreamProtocol<String, String> protocol, Scenario scenario) throws Exception {
        try (StreamPair<? extends ByteStream> pair = kind.open(folder);
                var client = PacketClient.over(pair.left(), protocol)) {
            scenario.run(client, pair.right());
        }
    }

    private static void send(ByteStream peer, String text) throws IOException {
        peer.send(text.getBytes(UTF_8));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("smoke")
    void packetsTravelBothWays(StreamKind kind) throws Exception {
        with(kind, (client, peer) -> {
            try (var other = PacketClient.over(peer, LINES)) {
                for (int i = 0; i < 50; i++) {
                    client.send("question " + i);
                    assertThat(other.receive()).isEqualTo("question " + i);
                    other.send("answer " + i);
                    assertThat(client.receive()).isEqualTo("answer " + i);
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void surplusBytesAreThoseOfTheNextPackets(StreamKind kind) throws Exception {
        with(kind, (client, peer) -> {
            send(peer, "one\ntwo\nthr");
            assertThat(client.receive()).isEqualTo("one");
            assertThat(client.receive()).isEqualTo("two");
            send(peer, "ee\n");
            assertThat(client.receive()).isEqualTo("three");
        });
    }

    @ParameterizedTest
    @EnumSource
    void aMalformedPacketIsToldOnceAndTheNextOneGiven(StreamKind kind) throws Exception {
        with(kind, (client, peer) -> {
            send(peer, "one\nbad line\ntwo\n");
            assertThat(client.receive()).isEqualTo("one");
            assertThatThrownBy(client::receive).isInstanceOfSatisfying(MalformedPacketException.class, e -> {
                assertThat(e.consumed()).isEqualTo(9);
                assertThat(e.isRecoverable()).isTrue();
                assertThat(e.codec()).isEqualTo("lines of tests");
                assertThat(e.reason()).isEqualTo("a line is bad line");
                assertThat(e).hasMessage("lines of tests: a line is bad line");
            });
            assertThat(client.receive()).isEqualTo("two");
        });
    }

    @ParameterizedTest
    @EnumSource
    void theEndBehindAPacketIsAnEndAndStaysOne(StreamKind kind) throws Exception {
        with(kind, (client, peer) -> {
            send(peer, "one\ntwo\n");
            peer.sendEof();
            assertThat(client.receive()).isEqualTo("one");
            assertThat(client.receive()).isEqualTo("two");
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(client::receive).isExactlyInstanceOf(EndOfStreamException.class);
            }
            client.send("still");
            assertThat(peer.receive()).isEqualTo("still\n".getBytes(UTF_8));
        });
    }

    @ParameterizedTest
    @EnumSource
    void theEndInsideOfAPacketIsAnother(StreamKind kind) throws Exception {
        with(kind, (client, peer) -> {
            send(peer, "one\ntw");
            peer.sendEof();
            assertThat(client.receive()).isEqualTo("one");
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(client::receive).isExactlyInstanceOf(IncompleteReadException.class);
            }
        });
    }

    @Test
    void aResetIsNeitherAndPacketsThatCameAreGivenFirst() throws Exception {
        with(StreamKind.UNIX, (client, peer) -> {
            send(peer, "one\ntwo\nthr");
            client.send("never read");
            peer.close(); // with data unread, which UNIX streams tell as a reset
            assertThat(client.receive()).isEqualTo("one");
            assertThat(client.receive()).isEqualTo("two");
            assertThatThrownBy(client::receive).isInstanceOf(BrokenResourceException.class);
            assertThatThrownBy(client::receive).isInstanceOf(BrokenResourceException.class);
        });
    }

    @Test
    void aTcpResetBreaksBothDirectionsAndTheAddressesAreStillKnown() throws Exception {
        with(StreamKind.TCP, (client, peer) -> {
            var local = client.localAddress();
            var remote = client.peerAddress();
            assertThat(local).isNotEqualTo(remote);
            PacketClient<String, String> other = PacketClient.over(peer, LINES);
            assertThat(other.peerAddress()).isEqualTo(local);
            other.socket().setOption(StandardSocketOptions.SO_LINGER, 0);
            other.close();
            assertThatThrownBy(client::receive).isInstanceOf(BrokenResourceException.class);
            assertThatThrownBy(() -> client.send("x")).isInstanceOf(BrokenResourceException.class);
            assertThatThrownBy(() -> client.send("x")).isInstanceOf(BrokenResourceException.class);
            assertThat(client.isClosed()).isFalse();
            assertThat(client.localAddress()).isEqualTo(local);
            assertThat(client.peerAddress()).isEqualTo(remote);
            client.close();
            assertThat(client.localAddress()).isEqualTo(local);
            assertThat(client.peerAddress()).isEqualTo(remote);
        });
    }

    @ParameterizedTest
    @EnumSource
    void aHalfCloseLeavesReceivingOpen(StreamKind kind) throws Exception {
        with(kind, (client, peer) -> {
            client.send("last");
            client.sendEof();
            client.sendEof();
            assertThatThrownBy(() -> client.send("more")).isInstanceOf(ClosedResourceException.class);
            assertThat(peer.receive()).isEqualTo("last\n".getBytes(UTF_8));
            assertThatThrownBy(peer::receive).isInstanceOf(EndOfStreamException.class);
            send(peer, "answer\n");
            assertThat(client.receive()).isEqualTo("answer");
        });
    }

    @Test
    void aHalfCloseWaitsForTheSendsBeforeIt() throws Exception {
        with(
                StreamKind.MEMORY,
                StreamProtocol.of(new LineCodec(1 << 20)),
                (client, peer) -> TaskGroup.run(group -> {
                    Task<?> send = group.fork(() -> client.send("x".repeat(200_000)));
                    Blocked.await(send);
                    Task<?> eof = group.fork(client::sendEof);
                    Blocked.await(eof);
                    byte[] all = receiveAll(peer);
                    assertThat(all).hasSize(200_001).endsWith("x\n".getBytes(UTF_8));
                    eof.join();
                }));
    }

    private static byte[] receiveAll(ByteStream peer) throws IOException {
        var all = new ByteArrayOutputStream();
        while (true) {
            try {
                all.write(peer.receive());
            } catch (EndOfStreamException e) {
                return all.toByteArray();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLoopEndsWithTheStreamAndGivesMalformedPacketsToItsOtherBody(StreamKind kind) throws Exception {
        with(kind, (client, peer) -> {
            send(peer, "one\nbad\ntwo\nbad too\nthree\n");
            peer.sendEof();
            List<String> good = new ArrayList<>();
            List<String> bad = new ArrayList<>();
            client.<RuntimeException>forEach(good::add, e -> bad.add(e.reason()));
            assertThat(good).containsExactly("one", "two", "three");
            assertThat(bad).containsExactly("a line is bad", "a line is bad too");
        });
    }

    @Test
    void aPlainLoopIsLeftByAMalformedPacketAndCanBeTakenUpAgain() throws Exception {
        with(StreamKind.MEMORY, (client, peer) -> {
            send(peer, "one\nbad\ntwo\n");
            peer.sendEof();
            List<String> got = new ArrayList<>();
            assertThatThrownBy(() -> client.<RuntimeException>forEach(got::add))
                    .isInstanceOf(MalformedPacketException.class);
            client.<RuntimeException>forEach(got::add);
            assertThat(got).containsExactly("one", "two");
        });
    }

    @Test
    void aLoopIsNotLeftByAPacketCutOffAtTheEndAsIfItWereNone() throws Exception {
        with(StreamKind.MEMORY, (client, peer) -> {
            send(peer, "one\ntw");
            peer.sendEof();
            List<String> got = new ArrayList<>();
            assertThatThrownBy(() -> client.<RuntimeException>forEach(got::add))
                    .isInstanceOf(IncompleteReadException.class);
            assertThat(got).containsExactly("one");
        });
    }

    @Test
    void whatALoopsBodyThrowsLeavesIt() throws Exception {
        with(StreamKind.MEMORY, (client, peer) -> {
            send(peer, "one\ntwo\n");
            assertThatThrownBy(() -> client.forEach(packet -> {
                        throw new EndOfStreamException("of another stream");
                    }))
                    .hasMessage("of another stream");
            assertThat(client.receive()).isEqualTo("two");
        });
    }

    @ParameterizedTest
    @EnumSource
    void afterTheCloseEveryCallSaysSo(StreamKind kind) throws Exception {
        with(kind, (client, peer) -> {
            send(peer, "one\ntwo\n");
            assertThat(client.receive()).isEqualTo("one");
            assertThat(client.isClosed()).isFalse();
            client.close();
            client.close();
            assertThat(client.isClosed()).isTrue();
            assertThatThrownBy(client::receive).isInstanceOf(ClosedResourceException.class);
            assertThatThrownBy(() -> client.send("x")).isInstanceOf(ClosedResourceException.class);
            assertThatThrownBy(client::sendEof).isInstanceOf(ClosedResourceException.class);
            assertThat(client.toString()).contains("closed");
        });
    }

    @Test
    void packetsTravelAsWhatAConverterMakesOfThem() throws Exception {
        Converter<Integer, String> numbers = Converter.of(
                number -> {
                    if (number < 0) {
                        throw new IllegalArgumentException("less than nothing");
                    }
                    return number.toString();
                },
                text -> {
                    try {
                        return Integer.valueOf(text);
                    } catch (NumberFormatException e) {
                        throw new MalformedPacketException("numbers", text + " is none", e);
                    }
                });
        StreamProtocol<Integer, Integer> protocol = StreamProtocol.of(LineCodec.LINES.converted(numbers));
        try (StreamPair<? extends ByteStream> pair = StreamKind.MEMORY.open(folder);
                var client = PacketClient.over(pair.left(), protocol)) {
            client.send(42);
            assertThat(pair.right().receive()).isEqualTo("42\n".getBytes(UTF_8));
            assertThatThrownBy(() -> client.send(-1)).isExactlyInstanceOf(IllegalArgumentException.class);
            send(pair.right(), "1\nx\n2\n");
            assertThat(client.receive()).isEqualTo(1);
            assertThatThrownBy(client::receive)
                    .isInstanceOf(MalformedPacketException.class)
                    .hasMessage("numbers: x is none");
            assertThat(client.receive()).isEqualTo(2);
        }
    }

    @Test
    void aProtocolMaySendOneKindAndReceiveAnother() throws Exception {
        StreamProtocol<String, byte[]> ours = StreamProtocol.of(LineCodec.LINES, BlockCodec.BLOCKS);
        StreamProtocol<byte[], String> theirs = StreamProtocol.of(BlockCodec.BLOCKS, LineCodec.LINES);
        try (StreamPair<? extends ByteStream> pair = StreamKind.MEMORY.open(folder);
                var client = PacketClient.over(pair.left(), ours);
                var server = PacketClient.over(pair.right(), theirs)) {
            client.send("request");
            assertThat(server.receive()).isEqualTo("request");
            server.send(new byte[] {1, 2});
            assertThat(client.receive()).containsExactly(1, 2);
            assertThat(ours).hasToString("StreamProtocol[lines of tests out, blocks of tests in]");
        }
    }

    @Test
    void oneProtocolServesManyConnectionsWithHalfPacketsOnEach() throws Exception {
        StreamProtocol<byte[], byte[]> protocol = StreamProtocol.of(BlockCodec.BLOCKS);
        List<StreamPair<? extends ByteStream>> pairs = new ArrayList<>();
        List<PacketClient<byte[], byte[]>> clients = new ArrayList<>();
        TaskGroup.run(group -> {
            List<Task<byte[]>> receives = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                pairs.add(StreamKind.MEMORY.open(folder));
                var client = PacketClient.over(pairs.get(i).left(), protocol);
                clients.add(client);
                receives.add(group.fork(() -> client.receive()));
            }
            byte[] frame = {0, 0, 0, 3, 10, 20, 30};
            for (byte b : frame) {
                for (int i = 0; i < 20; i++) {
                    pairs.get(i).right().send(new byte[] {b < 10 ? b : (byte) (b + i)});
                }
            }
            for (int i = 0; i < 20; i++) {
                assertThat(receives.get(i).join()).containsExactly(10 + i, 20 + i, 30 + i);
            }
        });
        for (var client : clients) {
            client.close();
        }
        for (var pair : pairs) {
            pair.close();
        }
    }

    @Test
    void aSendInsideOfAReceiveLoopWorks() throws Exception {
        with(StreamKind.TCP, (client, peer) -> {
            send(peer, "a\nb\n");
            peer.sendEof();
            client.forEach(packet -> client.send(packet + packet));
            client.sendEof();
            assertThat(receiveAll(peer)).isEqualTo("aa\nbb\n".getBytes(UTF_8));
        });
    }
}
