package io.bobbinet.tests.packet.codec;

import static io.bobbinet.tests.packet.codec.CodecTesting.clientOf;
import static io.bobbinet.tests.packet.codec.CodecTesting.encoded;
import static io.bobbinet.tests.packet.codec.CodecTesting.frame;
import static io.bobbinet.tests.packet.codec.CodecTesting.tests;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.packet.codec.Lines.Ending;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.testkit.CodecContract;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LinesTest {
    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> keepsTheContract() {
        return tests(CodecContract.of(Lines.utf8(), CodecTesting::text)
                .limiting(Lines.utf8()::withLimit, "x"::repeat)
                .refusing("bad \u00e9\n".getBytes(ISO_8859_1), "\u00e9\r\n".getBytes(ISO_8859_1)));
    }

    @TestFactory
    Stream<DynamicTest> keepsTheContractWithTwoBytesAtTheEnd() {
        Lines lines = Lines.of(ISO_8859_1).withEnding(Ending.CRLF);
        return tests(CodecContract.of(lines, random -> "\u00ff\r" + (char) (' ' + random.nextInt(200)))
                .limiting(lines::withLimit, "\r"::repeat)
                .mutating(20_000));
    }

    @TestFactory
    Stream<DynamicTest> keepsTheContractWithCarriageReturns() {
        Lines lines = Lines.of(US_ASCII).withEnding(Ending.CR);
        return tests(CodecContract.of(lines, random -> "\n" + random.nextInt())
                .limiting(lines::withLimit, "\n"::repeat)
                .refusing("\u00e9\r".getBytes(ISO_8859_1))
                .mutating(20_000));
    }

    @Test
    @Tag("smoke")
    void lineFeedEndsALineWithAndWithoutAReturnBefore() throws IOException {
        try (var client = clientOf(Lines.utf8().withLimit(3), ascii("one\ntwo\r\n\n\r\nsix\r\n"))) {
            assertThat(client.receive()).isEqualTo("one");
            assertThat(client.receive()).isEqualTo("two");
            assertThat(client.receive()).isEmpty();
            assertThat(client.receive()).isEmpty();
            assertThat(client.receive()).isEqualTo("six");
            assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(client::receive);
        }
    }

    @Test
    void noCharacterOfALineBecomesALineEndInAnyCharset() throws IOException {
        int tried = 0;
        for (Charset charset : Charset.availableCharsets().values()) {
            for (Ending ending : Ending.values()) {
                Lines lines;
                try {
                    lines = Lines.of(charset).withEnding(ending);
                } catch (IllegalArgumentException e) {
                    continue; // said to be none for lines
                }
                for (String text :
                        new String[] {"a\u0085b", "a\u0085", "a\u2028b", "a\u000bb", "a\u008db", "a\u000cb"}) {
                    byte[] frame;
                    try {
                        frame = frame(lines, text);
                    } catch (IllegalArgumentException e) {
                        continue;
                    }
                    try (var client = clientOf(lines, frame)) {
                        assertThat(client.receive())
                                .as("%s in %s", lines, charset)
                                .hasSameSizeAs(text);
                        assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(client::receive);
                    }
                    tried++;
                }
            }
        }
        assertThat(tried).isGreaterThan(100);
        for (String ebcdic : new String[] {"IBM037", "IBM500", "IBM1140"}) {
            Lines lines = Lines.of(Charset.forName(ebcdic));
            assertThatIllegalArgumentException().isThrownBy(() -> frame(lines, "a\u0085b"));
        }
    }

    @Test
    void otherEndsAreTextWhereTheyEndNothing() throws IOException {
        try (var client = clientOf(Lines.utf8().withEnding(Ending.CRLF), ascii("a\nb\rc\r\r\n"))) {
            assertThat(client.receive()).isEqualTo("a\nb\rc\r");
        }
        try (var client = clientOf(Lines.utf8().withEnding(Ending.CR), ascii("a\nb\rc\r\n"))) {
            assertThat(client.receive()).isEqualTo("a\nb");
            assertThat(client.receive()).isEqualTo("c");
        }
    }

    @Test
    void lineIsSentWithItsEndAndADatagramWithout() throws IOException {
        assertThat(frame(Lines.utf8(), "line")).isEqualTo(ascii("line\n"));
        assertThat(frame(Lines.utf8().withEnding(Ending.CRLF), "line")).isEqualTo(ascii("line\r\n"));
        assertThat(frame(Lines.utf8().withEnding(Ending.CR), "")).isEqualTo(ascii("\r"));
        assertThat(encoded(Lines.utf8(), "line")).isEqualTo(ascii("line"));
    }

    @Test
    void textThatWouldBecomeOtherLinesIsRefused() {
        for (String text : new String[] {"a\nb", "\n", "a\r\n", "a\r"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> frame(Lines.utf8(), text))
                    .withMessage("lines of UTF-8: there is a line end in the line");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> frame(Lines.utf8().withEnding(Ending.CRLF), "a\nb"));
        assertThatIllegalArgumentException().isThrownBy(() -> frame(Lines.utf8().withEnding(Ending.CR), "a\rb"));
    }

    @Test
    void datagramIsOneLineWhoseEndIsTakenOffOnce() throws IOException {
        assertThat(Lines.utf8().decode(ascii("line"))).isEqualTo("line");
        assertThat(Lines.utf8().decode(ascii("line\n"))).isEqualTo("line");
        assertThat(Lines.utf8().decode(ascii("line\r\n"))).isEqualTo("line");
        assertThat(Lines.utf8().decode(ascii(""))).isEmpty();
        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> Lines.utf8().decode(ascii("line\n\n")))
                .withMessage("lines of UTF-8: there is more than one line");
    }

    @Test
    void bytesThatAreNoTextAreMalformedWithTheReason() throws IOException {
        try (var client = clientOf(Lines.utf8(), new byte[] {'a', (byte) 0xff, '\n', 'b', '\n'})) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessage("lines of UTF-8: the bytes are no text in UTF-8")
                    .withCauseInstanceOf(CharacterCodingException.class)
                    .satisfies(e -> assertThat(e.consumed()).isEqualTo(3));
            assertThat(client.receive()).isEqualTo("b");
        }
    }

    @Test
    void replacementCharacterIsTextLikeAnyOther() throws IOException {
        String text = "\ufffd and ?";

        assertThat(Lines.utf8().decode(text.getBytes(UTF_8))).isEqualTo(text);
        assertThat(encoded(Lines.utf8(), text)).isEqualTo(text.getBytes(UTF_8));
    }

    @Test
    void textWithoutBytesInTheCharsetIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> frame(Lines.of(US_ASCII), "\u00e9"))
                .withMessageContaining("US-ASCII");
        assertThatIllegalArgumentException().isThrownBy(() -> frame(Lines.utf8(), "half a pair: \ud83d"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> frame(Lines.of(Charset.forName("Shift_JIS")), "\ud83d\ude00"));
    }

    @Test
    void anyCharsetWithLineFeedsOfOneByteWillDo() throws IOException {
        Lines japanese = Lines.of(Charset.forName("Shift_JIS"));

        try (var client = clientOf(japanese, frame(japanese, "\u65e5\u672c"))) {
            assertThat(client.receive()).isEqualTo("\u65e5\u672c");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Lines.of(UTF_16)).withMessageContaining("LengthPrefixed");
    }

    @Test
    void lineThatIsTooLongIsDiscardedUpToItsEndAndToldOnce() throws IOException {
        try (var client = clientOf(Lines.utf8().withLimit(4), ascii("long line\nok\n"))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessage("lines of UTF-8: a line is longer than 4 bytes");
            assertThat(client.receive()).isEqualTo("ok");
        }
    }
}
