package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.packet.Codec;
import io.bobbinet.packet.Converter;
import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketProtocolException;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.packet.codec.Base64Text;
import io.bobbinet.packet.codec.Bytes;
import io.bobbinet.packet.codec.Compressed;
import io.bobbinet.packet.codec.Delimited;
import io.bobbinet.packet.codec.FixedSize;
import io.bobbinet.packet.codec.LengthPrefixed;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.EndSearch;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.task.CancelScope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client makes of bytes that are no packets, and of codecs that are none. */
@Timeout(30)
final class MalformedPacketTest {
    private interface Scenario<T> {
        void run(PacketClient<T, T> client, ByteStream peer) throws Exception;
    }

    private static <T> void with(FramedCodec<T> codec, Scenario<T> scenario) throws Exception {
        with(StreamProtocol.of(codec), max -> max, scenario);
    }

    private static <T> void with(StreamProtocol<T, T> protocol, IntUnaryOperator given, Scenario<T> scenario)
            throws Exception {
        try (var pair = MemoryByteStream.pair(1 << 20);
                var client = PacketClient.over(new CountedStream(pair.left(), given), protocol)) {
            scenario.run(client, pair.right());
        }
    }

    private static void send(ByteStream peer, String text) throws IOException {
        peer.send(text.getBytes(UTF_8));
    }

    /** All that comes until the end: packets, and the reasons why others are none in brackets. */
    private static List<String> all(PacketClient<String, String> client) throws IOException {
        List<String> all = new ArrayList<>();
        client.<RuntimeException>forEach(all::add, e -> all.add("[" + e.reason() + "]"));
        return all;
    }

    // -- over-long packets

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 99, 100, 101, 102, 150, 4096, 65_536})
    void theTailOfAnOverLongLineIsNoPacketWhereverTheReadsEnd(int readSize) throws Exception {
        with(StreamProtocol.of(LineCodec.LINES), max -> readSize, (client, peer) -> {
            String full = "f".repeat(100);
            send(peer, "one\n" + "y".repeat(101) + "\ntwo\n" + "z".repeat(9_999) + "\nthree\n" + full + "\n");
            peer.sendEof();
            String tooLong = "[a line is longer than 100 bytes]";
            assertThat(all(client)).containsExactly("one", tooLong, "two", tooLong, "three", full);
        });
    }

    @Test
    void theTailOfAnOverLongBlockIsSkippedAsItComesWithoutBeingStored() throws Exception {
        with(StreamProtocol.of(new BlockCodec(10)), max -> max, (client, peer) -> {
            peer.send(ByteBuffer.allocate(4).putInt(1_000_000).flip());
            assertThatThrownBy(client::receive).isInstanceOfSatisfying(MalformedPacketException.class, e -> {
                assertThat(e.consumed()).isEqualTo(4);
                assertThat(e.isRecoverable()).isTrue();
            });
            for (int i = 0; i < 100; i++) {
                assertThat(client.available().packets()).isEmpty();
                peer.send(new byte[10_000]);
            }
            peer.send(new byte[] {0, 0, 0, 2, 5, 6});
            assertThat(client.receive()).containsExactly(5, 6);
        });
    }

    @Test
    void anOverLongPacketAtTheEndOfTheStreamIsToldOnce() throws Exception {
        with(LineCodec.LINES, (client, peer) -> {
            send(peer, "y".repeat(300));
            peer.sendEof();
            assertThatThrownBy(client::receive).isInstanceOf(MalformedPacketException.class);
            assertThatThrownBy(client::receive).isExactlyInstanceOf(IncompleteReadException.class);
            assertThatThrownBy(client::receive).isExactlyInstanceOf(IncompleteReadException.class);
        });
    }

    @Test
    void afterAnUnrecoverablePacketReceivingIsBrokenAndSendingIsNot() throws Exception {
        with(BlockCodec.BLOCKS, (client, peer) -> {
            peer.send(new byte[] {-1, 0, 0, 0, 1, 2, 3});
            assertThatThrownBy(client::receive)
                    .isInstanceOfSatisfying(
                            MalformedPacketException.class,
                            e -> assertThat(e.isRecoverable()).isFalse());
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(client::receive)
                        .isExactlyInstanceOf(BrokenResourceException.class)
                        .hasCauseInstanceOf(MalformedPacketException.class);
            }
            client.send(new byte[] {7});
            assertThat(peer.receive()).containsExactly(0, 0, 0, 1, 7);
        });
    }

    /** A codec of single bytes, but for what a test makes of it. */
    private abstract static class Odd implements FramedCodec<String> {
        @Override
        public void encodeFrame(String packet, OutputStream target) throws IOException {
            target.write(packet.getBytes(UTF_8));
        }

        @Override
        public String toString() {
            return "odd";
        }
    }

    @Test
    void aMalformedPacketOfNoBytesBreaksTheClientRatherThanComeForEver() throws Exception {
        with(
                new Odd() {
                    @Override
                    public String decodeFrame(BufferedReceiveStream stream) throws IOException {
                        byte[] unused = stream.peek(1);
                        throw new MalformedPacketException("odd", "nothing suits it");
                    }
                },
                (client, peer) -> {
                    send(peer, "x");
                    assertThatThrownBy(client::receive).isInstanceOfSatisfying(MalformedPacketException.class, e -> {
                        assertThat(e.consumed()).isZero();
                        assertThat(e.isRecoverable()).isFalse();
                    });
                    assertThatThrownBy(client::receive).isInstanceOf(BrokenResourceException.class);
                });
    }

    @Test
    void anEndInAPlainReceiveOfACodecIsAnEndInsideOfThePacketToo() throws Exception {
        with(
                new Odd() {
                    @Override
                    public String decodeFrame(BufferedReceiveStream stream) throws IOException {
                        return new String(stream.receiveExactly(1), UTF_8) + new String(stream.receive(1), UTF_8);
                    }
                },
                (client, peer) -> {
                    send(peer, "abc");
                    peer.sendEof();
                    assertThat(client.receive()).isEqualTo("ab");
                    assertThatThrownBy(client::receive)
                            .isExactlyInstanceOf(IncompleteReadException.class)
                            .hasMessageContaining("after 1 bytes");
                });
    }

    // -- crashes

    @ParameterizedTest
    @ValueSource(strings = {"crash", "null", "assert", "deep"})
    void aCodecThatCrashesOnTheContentOfALineHasTakenItAndTheNextPacketComes(String packet) throws Exception {
        with(LineCodec.LINES, (client, peer) -> {
            send(peer, packet + "\ngood\n");
            assertThatThrownBy(client::receive)
                    .isExactlyInstanceOf(PacketProtocolException.class)
                    .hasMessage("The codec lines of tests crashed when it was to decode a packet")
                    .cause()
                    .isNotNull();
            assertThat(client.receive()).isEqualTo("good");
        });
    }

    @Test
    void aConverterThatThrowsAnythingElseHasCrashedToo() throws Exception {
        FramedCodec<Integer> numbers = LineCodec.LINES.converted(Converter.of(
                number -> {
                    if (number == 0) {
                        throw new IllegalStateException("no zero");
                    }
                    return number.toString();
                },
                Integer::valueOf)); // of what is no number, the exception is an IllegalArgumentException
        with(numbers, (client, peer) -> {
            send(peer, "x\n7\n");
            assertThatThrownBy(client::receive)
                    .isExactlyInstanceOf(PacketProtocolException.class)
                    .hasCauseExactlyInstanceOf(NumberFormatException.class);
            assertThat(client.receive()).isEqualTo(7);
            assertThatThrownBy(() -> client.send(0)).isExactlyInstanceOf(PacketProtocolException.class);
        });
    }

    /** Crashes when it is to decode, having taken some bytes. */
    private static Odd crashingBehind(int bytes) {
        return new Odd() {
            @Override
            public String decodeFrame(BufferedReceiveStream stream) throws IOException {
                byte[] unused = stream.receiveExactly(bytes);
                throw new IllegalStateException("no idea");
            }
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void whereACodecHasCrashedNobodyKnowsWhereTheNextPacketBegins(int taken) throws Exception {
        with(crashingBehind(taken), (client, peer) -> {
            send(peer, "abcd");
            assertThatThrownBy(client::receive).isInstanceOfSatisfying(PacketProtocolException.class, e -> {
                assertThat(e).hasCauseExactlyInstanceOf(IllegalStateException.class);
                assertThat(e.isRecoverable()).isFalse();
            });
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(client::receive)
                        .isExactlyInstanceOf(BrokenResourceException.class)
                        .hasMessageContaining("After a crash")
                        .hasCauseExactlyInstanceOf(PacketProtocolException.class);
            }
            client.send("x");
            assertThat(peer.receive()).containsExactly('x');
        });
    }

    @Test
    void aCrashOfTheContentsCodecInsideOfAFrameThatDoesNotGuardItIsLost() throws Exception {
        Odd unguarded = new Odd() {
            @Override
            public String decodeFrame(BufferedReceiveStream stream) throws IOException {
                return crashingBehind(1).decode(stream.receiveExactly(2));
            }
        };
        with(unguarded, (client, peer) -> {
            send(peer, "abcd");
            assertThatThrownBy(client::receive).isInstanceOf(PacketProtocolException.class);
            assertThatThrownBy(client::receive).isInstanceOf(BrokenResourceException.class);
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aGapThatFailsIsACrashAndToldOnce(boolean malformed) throws Exception {
        Odd gap = new Odd() {
            @Override
            public void skipGap(BufferedReceiveStream stream) throws IOException {
                if (malformed) {
                    throw new MalformedPacketException("odd", "no gap");
                }
                throw new IllegalStateException("no gap");
            }

            @Override
            public String decodeFrame(BufferedReceiveStream stream) {
                return "never";
            }
        };
        with(gap, (client, peer) -> {
            send(peer, "abcd");
            assertThatThrownBy(() -> all(client)).isExactlyInstanceOf(PacketProtocolException.class);
            assertThatThrownBy(() -> all(client)).isExactlyInstanceOf(BrokenResourceException.class);
        });
    }

    /** The ways in which the content of a frame can be malformed, of which none concerns what is behind the frame. */
    private static Codec<String> refusing(MalformedPacketException how) {
        return new Odd() {
            @Override
            public String decodeFrame(BufferedReceiveStream stream) throws IOException {
                return new String(stream.receiveExactly(1), UTF_8);
            }

            @Override
            public String decode(byte[] data) throws IOException {
                if (data[0] == '!') {
                    throw how;
                }
                if (data[0] == '#') {
                    throw new IllegalStateException("crash");
                }
                return new String(data, UTF_8);
            }
        };
    }

    @Test
    void whateverTheContentOfAFrameIsTheNextPacketBeginsBehindTheFrame() throws Exception {
        List<MalformedPacketException> ways = List.of(
                new MalformedPacketException("odd", "so"),
                MalformedPacketException.unrecoverable("odd", "so"),
                MalformedPacketException.skipping(3, "odd", "so"),
                MalformedPacketException.upTo(new byte[] {'b'}, "odd", "so"),
                MalformedPacketException.upTo((bytes, from, to) -> EndSearch.MORE, "odd", "so"));
        for (MalformedPacketException way : ways) {
            Codec<String> content = refusing(way);
            for (FramedCodec<String> framed : List.of(
                    FixedSize.of(3, content),
                    LengthPrefixed.of(content),
                    LengthPrefixed.of(LengthPrefixed.of(content)),
                    Delimited.of(content, new byte[] {'|'}),
                    Base64Text.of(content),
                    Compressed.zlib(content),
                    FixedSize.of(3, Bytes.raw())
                            .converted(Converter.<String, byte[]>of(text -> text.getBytes(UTF_8), bytes -> {
                                try {
                                    return content.decode(bytes);
                                } catch (MalformedPacketException e) {
                                    throw e;
                                } catch (IOException e) {
                                    throw new AssertionError(e);
                                }
                            })))) {
                with(framed, (client, peer) -> {
                    for (String text : List.of("!bc", "abc", "#bc", "bcd")) {
                        client.send(text);
                        peer.send(peer.receive());
                    }
                    assertThatThrownBy(client::receive)
                            .as(framed.toString())
                            .isInstanceOfSatisfying(
                                    MalformedPacketException.class,
                                    e -> assertThat(e.isRecoverable()).isTrue());
                    assertThat(client.receive()).isEqualTo("abc");
                    assertThatThrownBy(client::receive)
                            .isInstanceOfSatisfying(
                                    PacketProtocolException.class,
                                    e -> assertThat(e.isRecoverable()).isTrue());
                    assertThat(client.receive()).isEqualTo("bcd");
                });
            }
        }
    }

    @Test
    void anotherIoExceptionOfACodecPassesAndAllIsAsItWas() throws Exception {
        boolean[] fails = {true};
        with(
                new Odd() {
                    @Override
                    public String decodeFrame(BufferedReceiveStream stream) throws IOException {
                        String taken = new String(stream.receiveExactly(2), UTF_8);
                        if (fails[0]) {
                            throw new IOException("as if of the transport");
                        }
                        return taken;
                    }
                },
                (client, peer) -> {
                    send(peer, "abcd");
                    assertThatThrownBy(client::receive).hasMessage("as if of the transport");
                    fails[0] = false;
                    assertThat(client.receive()).isEqualTo("ab");
                });
    }

    @Test
    void whatACodecRefusesToEncodeOrCrashesOnIsNotSentInPart() throws Exception {
        with(LineCodec.LINES, (client, peer) -> {
            assertThatThrownBy(() -> client.send("refused"))
                    .isExactlyInstanceOf(IllegalArgumentException.class)
                    .hasMessage("it is refused");
            assertThatThrownBy(() -> client.send("crash"))
                    .isExactlyInstanceOf(PacketProtocolException.class)
                    .hasMessage("The codec lines of tests crashed when it was to encode a packet")
                    .hasCauseExactlyInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> client.send("assert")).isExactlyInstanceOf(PacketProtocolException.class);
            assertThatThrownBy(() -> client.send("nothing"))
                    .isExactlyInstanceOf(PacketProtocolException.class)
                    .hasMessageContaining("made no bytes");
            assertThatThrownBy(() -> client.send(null)).isExactlyInstanceOf(NullPointerException.class);
            client.send("good");
            assertThat(peer.receive()).isEqualTo("good\n".getBytes(UTF_8));
        });
    }

    // -- sizes

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 1024, 5000, 200_000})
    void noReadIsLargerThanTheReceiveSize(int size) throws Exception {
        try (var pair = MemoryByteStream.pair(1 << 20);
                var stream = new CountedStream(pair.left(), max -> max);
                var client = PacketClient.over(
                        stream, StreamProtocol.of(BlockCodec.BLOCKS).withReceiveSize(size))) {
            for (int length : new int[] {0, 1, 100, 70_000, 300_000}) {
                pair.right().send(ByteBuffer.allocate(4 + length).putInt(0, length));
                assertThat(client.receive()).hasSize(length);
            }
            pair.right().send(ByteBuffer.allocate(4).putInt(0, 100_000_000));
            assertThatThrownBy(client::receive).isInstanceOf(MalformedPacketException.class);
            pair.right().send(new byte[300_000]);
            assertThat(client.available().packets()).isEmpty();
            assertThat(stream.mostAskedFor).isLessThanOrEqualTo(size);
        }
    }

    @Test
    void aReceiveSizeOfNothingIsRefused() {
        assertThatThrownBy(() -> StreamProtocol.of(LineCodec.LINES).withReceiveSize(0))
                .isExactlyInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPacketGoesOutByOneSend() throws Exception {
        try (var pair = MemoryByteStream.pair(1 << 20);
                var stream = new CountedStream(pair.left(), max -> max);
                var client = PacketClient.over(stream, StreamProtocol.of(BlockCodec.BLOCKS))) {
            client.send(new byte[100_000]);
            assertThat(stream.sends).isEqualTo(1);
        }
    }

    @Test
    void everyWayOfCuttingTheBytesGivesTheSamePackets() throws Exception {
        String text = "one\n" + "y".repeat(130) + "\nbad\n\ntwo\ncrashless\nlast\n";
        List<String> expected =
                List.of("one", "[a line is longer than 100 bytes]", "[a line is bad]", "", "two", "crashless", "last");
        for (int cut = 1; cut < text.length(); cut++) {
            int first = cut;
            int[] reads = {0};
            with(StreamProtocol.of(LineCodec.LINES), max -> reads[0]++ == 0 ? first : max, (client, peer) -> {
                send(peer, text);
                peer.sendEof();
                assertThat(all(client)).as("cut at %d", first).isEqualTo(expected);
            });
        }
    }

    @Test
    void everyWayOfCuttingBlocksWithLooksInBetweenGivesTheSamePackets() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        List<byte[]> expected = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            byte[] block = new byte[random.nextInt(200)];
            random.nextBytes(block);
            expected.add(block);
            BlockCodec.BLOCKS.encodeFrame(block, sent);
        }
        with(StreamProtocol.of(BlockCodec.BLOCKS), max -> 1 + random.nextInt(64), (client, peer) -> {
            List<byte[]> got = new ArrayList<>();
            byte[] all = sent.toByteArray();
            for (int at = 0; at < all.length; ) {
                int part = Math.min(all.length - at, 1 + random.nextInt(100));
                peer.send(ByteBuffer.wrap(all, at, part));
                at += part;
                if (random.nextBoolean()) {
                    got.addAll(client.available().packets());
                } else {
                    CancelScope.withoutWaiting().run(() -> got.add(client.receive()));
                }
            }
            got.addAll(client.available().packets());
            assertThat(got).as("seed %d", seed).hasSameSizeAs(expected);
            for (int i = 0; i < got.size(); i++) {
                assertThat(got.get(i)).as("seed %d", seed).isEqualTo(expected.get(i));
            }
        });
    }
}
