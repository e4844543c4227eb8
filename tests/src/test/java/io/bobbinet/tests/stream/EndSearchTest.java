package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.bytes;
import static io.bobbinet.tests.stream.StreamTesting.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.DelimiterNotFoundException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.EndSearch;
import io.bobbinet.stream.IncompleteReadException;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pieces whose end a search finds. */
@Timeout(30)
class EndSearchTest {

    /** Up to a semicolon, or in front of a space; counts what it is shown. */
    private static final class Counting implements EndSearch {
        private boolean found;
        private int seen;

        @Override
        public int find(byte[] bytes, int from, int to) {
            seen += to - from;
            for (int i = from; i < to && !found; i++) {
                found = bytes[i] == ';' || bytes[i] == ' ';
                if (found) {
                    return i - from + (bytes[i] == ';' ? 1 : 0);
                }
            }
            return found ? 0 : MORE;
        }
    }

    private static BufferedReceiveStream over(String... pieces) {
        return BufferedReceiveStream.over(Pieces.of(pieces));
    }

    @Test
    @Tag("smoke")
    void pieceEndsWhereTheSearchSays() throws IOException {
        var stream = over("one;tw", "o;th", "ree", " four;");

        assertThat(text(stream.receiveTo(new Counting(), 10))).isEqualTo("one;");
        assertThat(text(stream.receiveTo(new Counting(), 10))).isEqualTo("two;");
        assertThat(text(stream.receiveTo(new Counting(), 10))).isEqualTo("three");
        assertThat(text(stream.receiveTo(new Counting(), 10))).isEmpty();
        assertThat(text(stream.receiveExactly(1))).isEqualTo(" ");
        assertThat(text(stream.receiveTo(new Counting(), 10))).isEqualTo("four;");
        assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(() -> stream.receiveTo(new Counting(), 10));
    }

    @Test
    void eachByteIsShownOnce() throws IOException {
        String[] pieces = new String[1001];
        Arrays.fill(pieces, "0123456789");
        pieces[1000] = ";next";
        var search = new Counting();
        var stream = over(pieces);

        assertThat(stream.receiveTo(search, 20_000)).hasSize(10_001);
        assertThat(search.seen).isEqualTo(10_000 + ";next".length());
        assertThat(text(stream.receive())).isEqualTo("next");
    }

    @Test
    void limitIsExactHoweverTheBytesCome() throws IOException {
        for (String[] pieces :
                new String[][] {{"0123;"}, {"01", "23;"}, {"0123", ";"}, {"0123 "}, {"01234 "}, {"01234", " "}}) {
            int limit = pieces[0].startsWith("01234")
                    ? 5
                    : String.join("", pieces).trim().length();
            assertThat(over(pieces).receiveTo(new Counting(), limit)).hasSize(limit);
            var stream = over(pieces);
            var search = new Counting();
            assertThatExceptionOfType(DelimiterNotFoundException.class)
                    .isThrownBy(() -> stream.receiveTo(search, limit - 1))
                    .withMessageContaining((limit - 1) + " bytes");
            assertThat(search.seen).isEqualTo(limit);
            assertThat(stream.receiveTo(new Counting(), limit)).hasSize(limit);
        }
    }

    @Test
    void restOfALongPieceIsDiscardedWithoutBufferingIt() throws IOException {
        String[] pieces = new String[1000];
        Arrays.fill(pieces, "0123456789");
        pieces[999] = ";next";
        var stream = over(pieces);
        var search = new Counting();
        assertThatExceptionOfType(DelimiterNotFoundException.class).isThrownBy(() -> stream.receiveTo(search, 24));

        assertThat(text(stream.receiveExactly(25))).endsWith("01234");
        stream.skipTo(search);

        assertThat(search.seen).isEqualTo(9990 + ";next".length());
        assertThat(stream.buffered()).isEqualTo(4);
        assertThat(text(stream.receive())).isEqualTo("next");
    }

    @Test
    void searchThatHasFoundTheEndSkipsNothingMore() throws IOException {
        var stream = over("01;next");
        var search = new Counting();
        assertThatExceptionOfType(DelimiterNotFoundException.class).isThrownBy(() -> stream.receiveTo(search, 2));

        assertThat(text(stream.receiveExactly(3))).isEqualTo("01;");
        stream.skipTo(search);

        assertThat(text(stream.receive())).isEqualTo("next");
    }

    @Test
    void streamThatEndsInsideIsIncompleteAndKeepsWhatCame() throws IOException {
        var stream = over("on", "e");

        assertThatExceptionOfType(IncompleteReadException.class)
                .isThrownBy(() -> stream.receiveTo(new Counting(), 10))
                .withMessageContaining("3 bytes")
                .withCauseInstanceOf(EndOfStreamException.class);
        assertThat(text(stream.peek(3))).isEqualTo("one");
        assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(() -> stream.skipTo(new Counting()));
    }

    @Test
    void whatTheSearchThrowsLeavesTheCallAndNothingIsConsumed() throws IOException {
        var stream = over("one");
        EndSearch failing = (bytes, from, to) -> {
            throw new IOException("no such piece");
        };
        EndSearch wrong = (bytes, from, to) -> to - from + 1;

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> stream.receiveTo(failing, 10))
                .withMessage("no such piece");
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> stream.receiveTo(wrong, 10));
        assertThat(stream.receive()).isEqualTo(bytes("one"));
    }

    @Test
    void limitIsAtLeastOne() {
        assertThatIllegalArgumentException().isThrownBy(() -> over("one;").receiveTo(new Counting(), 0));
    }
}
