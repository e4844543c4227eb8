package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.bytes;
import static io.bobbinet.tests.stream.StreamTesting.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.DelimiterNotFoundException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.stream.MemoryByteStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/** Delimited pieces and loops over them. */
@Timeout(30)
class BufferedDelimiterTest {
    private static final byte[] LF = {'\n'};

    private static BufferedReceiveStream over(String... pieces) {
        return BufferedReceiveStream.over(Pieces.of(pieces));
    }

    // -- delimiters

    @Test
    @Tag("smoke")
    void delimitedReceiveConsumesTheDelimiterAndKeepsTheRest() throws IOException {
        var stream = over("one\r\ntwo\r\n\r\nrest");
        byte[] crlf = bytes("\r\n");

        assertThat(text(stream.receiveUntil(crlf, 10))).isEqualTo("one");
        assertThat(text(stream.receiveUntil(crlf, 10))).isEqualTo("two");
        assertThat(text(stream.receiveUntil(crlf, 10))).isEmpty();
        assertThat(text(stream.receive())).isEqualTo("rest");
    }

    @Test
    void delimiterInPiecesIsFound() throws IOException {
        var stream = over("on", "e-", "-", "->", "two--->");

        assertThat(text(stream.receiveUntil(bytes("--->"), 10))).isEqualTo("one");
        assertThat(text(stream.receiveUntil(bytes("--->"), 10))).isEqualTo("two");
    }

    @Test
    void delimitedReceiveAtTheEndIsIncompleteAndKeepsWhatCame() throws IOException {
        var stream = over("one", "two");

        assertThatExceptionOfType(IncompleteReadException.class)
                .isThrownBy(() -> stream.receiveUntil(LF, 10))
                .withMessageContaining("6 bytes")
                .withMessageContaining("0x0a")
                .withCauseInstanceOf(EndOfStreamException.class);
        assertThat(text(stream.receive())).isEqualTo("onetwo");
    }

    @Test
    void endWithNothingBufferedIsTheEndAndNotIncomplete() {
        assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(() -> over().receiveUntil(LF, 10));
        assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(() -> over().receiveExactly(1));
    }

    @Test
    void limitIsHardAndCountsTheBytesBeforeTheDelimiter() throws IOException {
        assertThat(text(over("0123456789\n").receiveUntil(LF, 10))).isEqualTo("0123456789");

        var stream = over("0123456789\n");
        assertThatExceptionOfType(DelimiterNotFoundException.class)
                .isThrownBy(() -> stream.receiveUntil(LF, 9))
                .withMessageContaining("9 bytes");
        assertThat(text(stream.receiveUntil(LF, 10))).isEqualTo("0123456789");
    }

    @Test
    void delimiterBehindTheLimitInALaterPieceIsFoundOrNotAllTheSame() throws IOException {
        assertThat(text(over("0123456789", "\r", "\n").receiveUntil(bytes("\r\n"), 10)))
                .isEqualTo("0123456789");
        assertThatExceptionOfType(DelimiterNotFoundException.class)
                .isThrownBy(() -> over("0123456789", "\r", "\n").receiveUntil(bytes("\r\n"), 9));
    }

    @Test
    void limitIsKnownToBeExceededWithTheFirstByteThatProvesIt() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var stream = BufferedReceiveStream.over(pair.right());
            pair.left().send(bytes("01234x")); // and then nothing: a call that waited would hang

            assertThatExceptionOfType(DelimiterNotFoundException.class)
                    .isThrownBy(() -> stream.receiveUntil(bytes("\r\n"), 5));
            assertThat(stream.buffered()).isEqualTo(6);
        }
    }

    @Test
    void searchesWithLargerAndSmallerLimitsAndOtherDelimitersAgree() throws IOException {
        var stream = over("aaabaaab;aab|");
        for (int limit : List.of(3, 1, 5, 2)) {
            assertThatExceptionOfType(DelimiterNotFoundException.class)
                    .isThrownBy(() -> stream.receiveUntil(bytes("aab|"), limit));
        }
        assertThatExceptionOfType(DelimiterNotFoundException.class)
                .isThrownBy(() -> stream.receiveUntil(bytes(";"), 7));

        assertThat(text(stream.receiveUntil(bytes("aaab;"), 4))).isEqualTo("aaab");
        assertThat(text(stream.receiveUntil(bytes("b|"), 2))).isEqualTo("aa");
    }

    @Test
    void randomDelimitersAreFoundWhereASimpleSearchFindsThem(TestReporter reporter) throws IOException {
        long seed = Long.getLong("bobbinet.seed", System.nanoTime());
        reporter.publishEntry("seed", Long.toString(seed));
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            String data = randomText(random, 1 + random.nextInt(40));
            String delimiter = randomText(random, 1 + random.nextInt(4));
            int max = 1 + random.nextInt(20);
            var pieces = new Pieces();
            for (int at = 0, end; at < data.length(); at = end) {
                end = Math.min(data.length(), at + 1 + random.nextInt(5));
                pieces.add(bytes(data.substring(at, end)));
            }
            String found;
            try {
                found = text(BufferedReceiveStream.over(pieces).receiveUntil(bytes(delimiter), max));
            } catch (DelimiterNotFoundException | IncompleteReadException e) {
                found = "none";
            }
            int expected = data.indexOf(delimiter);
            assertThat(found)
                    .as("seed %d: %s in %s within %d", seed, delimiter, data, max)
                    .isEqualTo(expected < 0 || expected > max ? "none" : data.substring(0, expected));
        }
    }

    private static String randomText(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(2)));
        }
        return text.toString();
    }

    @Test
    void delimiterIsFoundAtEveryPlaceAmongBytesThatAreAlmostIt() throws IOException {
        for (int delimiter : new int[] {0, 1, 10, 0x7f, 0x80, 0xff}) {
            for (int almost : new int[] {delimiter ^ 1, delimiter ^ 0x80, delimiter + 1, delimiter - 1}) {
                for (int at = 0; at < 40; at++) {
                    byte[] bytes = new byte[40 + at % 9];
                    Arrays.fill(bytes, (byte) almost);
                    bytes[at] = (byte) delimiter;
                    Pieces pieces = Pieces.of();
                    pieces.add(bytes);
                    var stream = BufferedReceiveStream.over(pieces);
                    int first = at % 3;
                    assertThat(stream.receiveExactly(first)).hasSize(first);
                    assertThat(stream.receiveUntil(new byte[] {(byte) delimiter}, 50))
                            .hasSize(at - first);
                }
            }
        }
    }

    @Test
    void badLimitsAndDelimitersAreRefusedFirst() throws IOException {
        var stream = over("a\n");
        stream.close();

        assertThatIllegalArgumentException().isThrownBy(() -> stream.receiveUntil(LF, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> stream.receiveUntil(new byte[0], 10));
        assertThatIllegalArgumentException().isThrownBy(() -> stream.forEachDelimited(LF, 0, piece -> {}));
        assertThatIllegalArgumentException().isThrownBy(() -> stream.skipPast(new byte[0]));
    }

    @Test
    void longLineInSmallPiecesTakesLinearTime() throws IOException {
        var pieces = new Pieces();
        for (int i = 0; i < 10_240; i++) {
            pieces.add(new byte[1024]);
        }
        pieces.add(LF);
        var stream = BufferedReceiveStream.over(pieces);

        // Quadratic, this would look at 50,000 million bytes and run into the time limit of the class. Each call is cut
        // short at its limit, so that the search is resumed across calls too.
        byte[] line = {};
        for (int limit = 1024; line.length == 0; limit += 1024) {
            try {
                line = stream.receiveUntil(LF, limit);
            } catch (DelimiterNotFoundException e) {
                assertThat(stream.buffered()).isGreaterThan(limit);
            }
        }
        assertThat(line).hasSize(10_240 * 1024);
    }

    @Test
    void skipPastDiscardsAnOverlongPieceAndItsDelimiter() throws IOException {
        var stream = over("much too ", "long;", ":", "next;:");
        assertThatExceptionOfType(DelimiterNotFoundException.class)
                .isThrownBy(() -> stream.receiveUntil(bytes(";:"), 4));

        assertThat(stream.skipPast(bytes(";:"))).isEqualTo(13);
        assertThat(text(stream.receiveUntil(bytes(";:"), 4))).isEqualTo("next");
        assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(() -> stream.skipPast(LF));
    }

    // -- loops

    @Test
    @Tag("smoke")
    void delimitedLoopEndsWithTheStream() throws IOException {
        List<String> lines = new ArrayList<>();
        over("one\ntw", "o\n", "\n").forEachDelimited(LF, 10, line -> lines.add(text(line)));

        assertThat(lines).containsExactly("one", "two", "");
    }

    @Test
    void delimitedLoopThatEndsWithARestIsIncomplete() throws IOException {
        var stream = over("one\nrest");
        List<String> lines = new ArrayList<>();

        assertThatExceptionOfType(IncompleteReadException.class)
                .isThrownBy(() -> stream.forEachDelimited(LF, 10, line -> lines.add(text(line))));
        assertThat(lines).containsExactly("one");
        assertThat(text(stream.receive())).isEqualTo("rest");
    }

    @Test
    void delimitedLoopStopsAtAPieceThatIsTooLong() {
        var stream = over("one\nmuch too long\n");
        List<String> lines = new ArrayList<>();

        assertThatExceptionOfType(DelimiterNotFoundException.class)
                .isThrownBy(() -> stream.forEachDelimited(LF, 5, line -> lines.add(text(line))));
        assertThat(lines).containsExactly("one");
        assertThat(stream.buffered()).isEqualTo("much too long\n".length());
    }

    @Test
    void whatTheBodyOfALoopThrowsLeavesIt() {
        EndOfStreamException own = new EndOfStreamException("the body's own");

        assertThatExceptionOfType(EndOfStreamException.class)
                .isThrownBy(() -> over("a\nb\n").forEachDelimited(LF, 5, line -> {
                    throw own;
                }))
                .isSameAs(own);
    }

    @Test
    void chunkLoopGivesPiecesOfAtMostMax() throws IOException {
        List<String> chunks = new ArrayList<>();
        over("abcdefg", "h").forEach(3, chunk -> chunks.add(text(chunk)));

        assertThat(chunks).containsExactly("abc", "def", "g", "h");
    }
}
