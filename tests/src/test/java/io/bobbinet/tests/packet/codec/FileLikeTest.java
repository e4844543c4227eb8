package io.bobbinet.tests.packet.codec;

import static io.bobbinet.tests.packet.codec.CodecTesting.clientOf;
import static io.bobbinet.tests.packet.codec.CodecTesting.frame;
import static io.bobbinet.tests.packet.codec.CodecTesting.tests;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketProtocolException;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.packet.codec.FileLike;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testkit.CodecContract;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StreamCorruptedException;
import java.text.ParseException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FileLikeTest {
    /** Two bytes of length, and that many of text. */
    private static final FileLike<String> UTF =
            FileLike.<String>of(FileLikeTest::load, FileLikeTest::dump).withName("UTF strings");

    private static String load(InputStream source) throws IOException {
        return new DataInputStream(source).readUTF();
    }

    private static void dump(String packet, OutputStream target) throws IOException {
        new DataOutputStream(target).writeUTF(packet);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> keepsTheContract() {
        return tests(CodecContract.of(UTF, CodecTesting::text)
                .givingUp()
                .limiting(UTF::withLimit, size -> "x".repeat(size - 2), 3, 10, 100)
                .refusing(new byte[] {0, 1, -1}));
    }

    @Test
    void packetsThatComeTogetherAreLimitedEachForItself() throws IOException {
        byte[] three = frame(UTF, "a");
        try (var client = clientOf(UTF.withLimit(10), three, three, three, three, three, three)) {
            for (int i = 0; i < 6; i++) {
                assertThat(client.receive()).isEqualTo("a");
            }
        }
    }

    @Test
    void loaderIsCalledOnceAndReadsEachByteOnce() throws IOException {
        int size = 10_000_000;
        long[] work = new long[2];
        var counted = FileLike.<Integer>of(
                        source -> {
                            work[0]++;
                            int length = new DataInputStream(source).readInt();
                            byte[] piece = new byte[1000];
                            for (int rest = length; rest > 0; ) {
                                int count = source.read(piece, 0, Math.min(rest, piece.length));
                                work[1] += count;
                                rest -= count;
                            }
                            return length;
                        },
                        (packet, target) -> {
                            new DataOutputStream(target).writeInt(packet);
                            target.write(new byte[packet]);
                        })
                .withLimit(size + 4);
        byte[] bytes = frame(counted, size);
        ServedPieces source = new ServedPieces(bytes, 1024);

        try (var client = PacketClient.over(source, StreamProtocol.of(counted))) {
            assertThat(client.receive()).isEqualTo(size);
        }
        assertThat(work).containsExactly(1, size);
        assertThat(source.given()).isEqualTo(bytes.length);
        assertThat(source.grown()).isLessThan(10L * size);
    }

    @Test
    void oneByteAtATimeIsReadToo() throws IOException {
        FileLike<Integer> unsigned = FileLike.of(InputStream::read, (packet, target) -> target.write(packet));

        try (var client = clientOf(unsigned, new byte[] {-1, 0, 127})) {
            assertThat(client.receive()).isEqualTo(255);
            assertThat(client.receive()).isEqualTo(0);
            assertThat(client.receive()).isEqualTo(127);
            assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(client::receive);
        }
    }

    @Test
    void whatTheLoaderHasNotReadStaysInTheStream() throws IOException {
        try (var client = clientOf(UTF, frame(UTF, "one"), frame(UTF, "two"))) {
            assertThat(client.receive()).isEqualTo("one");
            assertThat(client.receive()).isEqualTo("two");
        }
    }

    @Test
    void inputTellsHowMuchCanBeReadWithoutWaiting() throws IOException {
        FileLike<String> two = FileLike.of(
                source -> source.available() + " " + source.read() + " " + source.available(),
                (packet, target) -> target.write(ascii(packet)));

        try (var client = clientOf(two.withLimit(3), ascii("abcdef"))) {
            assertThat(client.receive()).isEqualTo("0 97 2");
            assertThat(client.receive()).isEqualTo("3 98 2");
        }
    }

    @Test
    void endInsideOfAPacketIsToldAndAtItsBeginningIsTheEnd() throws IOException {
        try (var client = clientOf(UTF, new byte[] {0, 5, 'a'})) {
            assertThatExceptionOfType(IncompleteReadException.class).isThrownBy(client::receive);
        }
        try (var client = clientOf(UTF)) {
            assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(client::receive);
        }
    }

    @Test
    void loaderMayTakeTheEndOfTheStreamForItsOwn() throws IOException {
        FileLike<String> all = FileLike.of(
                source -> new String(source.readAllBytes(), US_ASCII), (packet, target) -> target.write(ascii(packet)));

        try (var client = clientOf(all, ascii("all that "), ascii("comes"))) {
            assertThat(client.receive()).isEqualTo("all that comes");
            assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(client::receive);
        }
        assertThat(all.withLimit(5).decode(ascii("comes"))).isEqualTo("comes");
        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> all.withLimit(4).decode(ascii("comes")))
                .withMessage("file-like packets: a packet is longer than 4 bytes");
    }

    @Test
    void deadlineIsNotTheLoadersToHide() throws IOException {
        FileLike<String> hiding = FileLike.of(
                source -> {
                    try {
                        return load(source);
                    } catch (Exception e) {
                        return "hidden";
                    }
                },
                FileLikeTest::dump);
        var pair = MemoryByteStream.pair();
        try (var feeder = pair.left();
                var client = PacketClient.over(pair.right(), StreamProtocol.of(hiding))) {
            feeder.send(new byte[] {0, 2, 'a'});
            assertThatExceptionOfType(TimedOutException.class).isThrownBy(() -> client.receive(Duration.ZERO));
            feeder.send(new byte[] {'b'});
            assertThat(client.receive()).isEqualTo("ab");
        }
    }

    private static FileLike<String> failing(Exception failure) {
        return FileLike.of(
                source -> {
                    int unused = source.read();
                    throw failure;
                },
                FileLikeTest::dump);
    }

    @Test
    void expectedExceptionIsAMalformedPacketAfterWhichNothingIsFound() throws IOException {
        for (Exception expected : new Exception[] {new StreamCorruptedException("bad"), new ParseException("bad", 0)}) {
            try (var client = clientOf(failing(expected).withExpected(ParseException.class), ascii("abc"))) {
                assertThatExceptionOfType(MalformedPacketException.class)
                        .isThrownBy(client::receive)
                        .withMessage("file-like packets: the loader refuses what came: bad")
                        .withCause(expected)
                        .satisfies(e -> assertThat(e.isRecoverable()).isFalse());
                assertThatExceptionOfType(BrokenResourceException.class).isThrownBy(client::receive);
            }
        }
    }

    @Test
    void loaderThatKnowsWhereTheNextPacketBeginsSaysSo() throws IOException {
        var codec = failing(new MalformedPacketException("digits", "no digit"));

        try (var client = clientOf(codec, ascii("ab"))) {
            for (int i = 0; i < 2; i++) {
                assertThatExceptionOfType(MalformedPacketException.class)
                        .isThrownBy(client::receive)
                        .withMessage("digits: no digit")
                        .satisfies(e -> assertThat(e.consumed()).isEqualTo(1));
            }
            assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(client::receive);
        }
    }

    @Test
    void unexpectedExceptionIsACrash() throws IOException {
        for (Exception crash : new Exception[] {new IllegalStateException("bug"), new ParseException("bug", 0)}) {
            try (var client = clientOf(failing(crash), ascii("abc"))) {
                assertThatExceptionOfType(PacketProtocolException.class)
                        .isThrownBy(client::receive)
                        .satisfies(e -> assertThat(e).hasRootCause(crash));
            }
        }
        assertThatIllegalStateException()
                .isThrownBy(() -> failing(new IllegalStateException("bug")).decode(ascii("abc")));
    }

    @Test
    void loaderThatHidesTheLimitDeliversNoPacketThatWasCut() throws IOException {
        FileLike<String> codec = FileLike.<String>of(
                        source -> {
                            StringBuilder text = new StringBuilder();
                            try {
                                for (int b = source.read(); b != '.'; b = source.read()) {
                                    text.append((char) b);
                                }
                            } catch (IOException e) {
                                text.append("...");
                            }
                            return text.toString();
                        },
                        (packet, target) -> target.write(ascii(packet)))
                .withLimit(5);

        try (var client = clientOf(codec, ascii("abcd.abcdefgh."))) {
            assertThat(client.receive()).isEqualTo("abcd");
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessageContaining("longer than 5 bytes");
        }
    }

    @Test
    void packetThatIsTooLongIsRefusedBothWays() throws IOException {
        FileLike<String> small = UTF.withLimit(5);

        assertThat(frame(small, "abc")).hasSize(5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> frame(small, "abcd"))
                .withMessage("UTF strings: a packet of 6 bytes is longer than 5");
        try (var client = clientOf(small, frame(UTF, "abcd"))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessage("UTF strings: a packet is longer than 5 bytes");
        }
    }
}
