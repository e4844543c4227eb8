package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.bytes;
import static io.bobbinet.tests.stream.StreamTesting.text;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_32;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bobbinet.examples.TextExamples;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.Connector;
import io.bobbinet.stream.DelimiterNotFoundException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.FileReceiveStream;
import io.bobbinet.stream.FileSendStream;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StapledByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.stream.TextReceiveStream;
import io.bobbinet.stream.TextSendStream;
import io.bobbinet.stream.TextStream;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.HostileStreams;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class TextStreamTest {
    private static final String SAMPLE = "plain, übel, 漢字, 𝄞 and 👍";

    private static TextReceiveStream pieces(Charset charset, byte[]... pieces) {
        Pieces stream = new Pieces();
        for (byte[] piece : pieces) {
            stream.add(piece);
        }
        return TextReceiveStream.over(stream, charset);
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    // -- receiving

    @Test
    @Tag("smoke")
    void splitCharacterIsHeldBackAndWholeOnesComeAtOnce() throws IOException {
        var text = pieces(UTF_8, hex("61e2"), hex("82ac62"), hex("f09d"), hex("84"), hex("9e"));

        assertThat(text.receive()).isEqualTo("a");
        assertThat(text.receive()).isEqualTo("€b");
        assertThat(text.receive()).isEqualTo("𝄞");
        assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(text::receive);
    }

    @Test
    void splitCharacterWaitsForItsRestAndIsKeptWhenCancelled() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var text = TextStream.over(pair.right(), UTF_8);
            pair.left().send(hex("e282"));
            TaskGroup.run(group -> {
                Task<String> receive = group.fork(text::receive);
                Blocked.await(receive);
                receive.cancel();
                receive.await();
            });
            pair.left().send(hex("ac"));

            assertThat(text.receive()).isEqualTo("€");
        }
    }

    @Test
    void malformedBytesAreReportedAfterTheTextBeforeThemAndConsumed() throws IOException {
        var text = pieces(UTF_8, hex("6162ff63"));

        assertThat(text.receive()).isEqualTo("ab");
        assertThatExceptionOfType(MalformedInputException.class).isThrownBy(text::receive);
        assertThat(text.receive()).isEqualTo("c");
    }

    @Test
    void endWithinACharacterIsReportedAndThenItIsTheEnd() throws IOException {
        var text = pieces(UTF_8, hex("61e282"));

        assertThat(text.receive()).isEqualTo("a");
        assertThatExceptionOfType(MalformedInputException.class).isThrownBy(text::receive);
        assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(text::receive);
    }

    @Test
    void replacementStandsForWhatIsMalformed() throws IOException {
        var text = pieces(UTF_8, hex("61ff62e282")).withReplacement();

        assertThat(text.receive()).isEqualTo("a\uFFFDb");
        assertThat(text.receive()).isEqualTo("\uFFFD");
        assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(text::receive);
    }

    @Test
    void forEachGivesAllTextOfAStreamInPieces() throws IOException {
        StringBuilder all = new StringBuilder();
        pieces(UTF_8, hex("61e2"), hex("82ac")).forEach(all::append);

        assertThat(all).hasToString("a€");
    }

    // -- sending

    @Test
    void unpairedSurrogateIsReportedBeforeAnythingIsSent() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var text = TextStream.over(pair.left(), UTF_8);

            for (String bad : List.of("good\uD83D", "\uDC4D", "x\uD83Dx")) {
                assertThatExceptionOfType(CharacterCodingException.class).isThrownBy(() -> text.send(bad));
                assertThatExceptionOfType(CharacterCodingException.class).isThrownBy(() -> text.sendLine(bad));
            }
            text.send("fine");
            assertThat(text(pair.right().receive())).isEqualTo("fine");
        }
    }

    @Test
    void textThatTheCharsetLacksIsReportedOrReplaced() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var strict = TextStream.over(pair.left(), US_ASCII);
            assertThatExceptionOfType(CharacterCodingException.class).isThrownBy(() -> strict.send("naïve"));

            strict.withReplacement().send("naïve");
            assertThat(text(pair.right().receive())).isEqualTo("na?ve");
        }
    }

    @Test
    void emptyTextSendsNothing() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var text = TextStream.over(pair.left(), UTF_16);
            text.send("");
            text.send("a");
            text.send("");
            text.sendEof();

            assertThat(pair.right().receive()).isEqualTo(hex("feff0061"));
            assertThatExceptionOfType(EndOfStreamException.class)
                    .isThrownBy(() -> pair.right().receive());
        }
    }

    // -- both

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "X-UTF-32LE-BOM", "GB18030"})
    void textSurvivesOneByteAtATime(String charset) throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var sender = TextStream.over(pair.left(), Charset.forName(charset));
            var receiver = TextStream.over(HostileStreams.oneByteAtATime(pair.right()), Charset.forName(charset));
            sender.send(SAMPLE);
            sender.send(SAMPLE);
            sender.sendEof();
            StringBuilder all = new StringBuilder();
            receiver.forEach(piece -> {
                assertThat(piece).isNotEmpty();
                all.append(piece);
            });

            assertThat(all).hasToString(SAMPLE + SAMPLE);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UTF-8",
                "UTF-16",
                "UTF-16LE",
                "UTF-16BE",
                "x-UTF-16LE-BOM",
                "UTF-32",
                "X-UTF-32LE-BOM",
                "GB18030",
                "IBM1047",
                "ISO-2022-JP",
                "Shift_JIS"
            })
    @Tag("smoke")
    void linesOfEveryCharsetComeWithoutTheirEnds(String name) throws IOException {
        Charset charset = Charset.forName(name);
        // With the bytes of a line feed in it, in some of them.
        String tricky = charset.newEncoder().canEncode('\u0A05') ? "\u0A05\u0A00\u0A0A" : "plain";
        List<String> lines = List.of("one", "", tricky, "three");
        try (var pair = MemoryByteStream.pair()) {
            var sender = TextStream.over(pair.left(), charset);
            var receiver = TextStream.over(HostileStreams.randomChunks(pair.right(), 7), charset);
            for (String line : lines) {
                sender.sendLine(line);
                sender.sendLine(line + "\r");
            }
            sender.sendEof();
            List<String> received = new ArrayList<>();
            receiver.forEachLine(100, received::add);

            assertThat(received).hasSize(2 * lines.size());
            for (int i = 0; i < lines.size(); i++) {
                assertThat(received.get(2 * i)).isEqualTo(lines.get(i));
                assertThat(received.get(2 * i + 1)).isEqualTo(lines.get(i));
            }
        }
    }

    // -- lines

    @Test
    @Tag("smoke")
    void lineEndsWithLfOrCrlf() throws IOException {
        var text = pieces(UTF_8, bytes("one\ntwo\r"), bytes("\nthr\ree\n\r\n"));

        assertThat(text.receiveLine(10)).isEqualTo("one");
        assertThat(text.receiveLine(10)).isEqualTo("two");
        assertThat(text.receiveLine(10)).isEqualTo("thr\ree");
        assertThat(text.receiveLine(10)).isEmpty();
        assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(() -> text.receiveLine(10));
    }

    @Test
    void lineLimitIsHardAndCountsBytesWithoutTheLineEnd() throws IOException {
        for (String end : List.of("\n", "\r\n")) {
            var text = pieces(UTF_8, bytes("€uro" + end)); // six bytes

            assertThatExceptionOfType(DelimiterNotFoundException.class)
                    .isThrownBy(() -> text.receiveLine(5))
                    .withMessageContaining("5 bytes");
            assertThat(text.receiveLine(6)).isEqualTo("€uro");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> pieces(UTF_8).receiveLine(0));
    }

    @Test
    void lineThatTheEndCutsOffIsIncompleteAndItsTextCanBeReceived() throws IOException {
        var text = pieces(UTF_8, bytes("one\nrest"));
        List<String> lines = new ArrayList<>();

        assertThatExceptionOfType(IncompleteReadException.class).isThrownBy(() -> text.forEachLine(10, lines::add));
        assertThat(lines).containsExactly("one");
        assertThat(text.receive()).isEqualTo("rest");
    }

    @Test
    void malformedLineIsConsumedWhole() throws IOException {
        var text = pieces(UTF_8, hex("61ff620a"), hex("e2820a"), bytes("good\n"));

        assertThatExceptionOfType(MalformedInputException.class).isThrownBy(() -> text.receiveLine(10));
        assertThatExceptionOfType(MalformedInputException.class).isThrownBy(() -> text.receiveLine(10));
        assertThat(text.receiveLine(10)).isEqualTo("good");
    }

    @Test
    void malformedLineIsReceivedWithReplacement() throws IOException {
        var text = pieces(UTF_8, hex("61ff620a"), hex("e2820a")).withReplacement();

        assertThat(text.receiveLine(10)).isEqualTo("a\uFFFDb");
        assertThat(text.receiveLine(10)).isEqualTo("\uFFFD");
    }

    @Test
    void wideLineFeedIsSoughtAtWholeUnitsOnly() throws IOException {
        // A character that ends with 00 or begins with 0A: the bytes of a line feed occur across the two, and are none.
        var text = pieces(UTF_16BE, "\u0A00\u0A0B\n".getBytes(UTF_16BE), "\u0100\u0A00\n".getBytes(UTF_16BE));

        assertThat(text.receiveLine(100)).isEqualTo("\u0A00\u0A0B");
        assertThat(text.receiveLine(100)).isEqualTo("\u0100\u0A00");
    }

    @Test
    void byteOrderMarkDecidesHowLinesEnd() throws IOException {
        byte[] little = ("\uFEFFone\ntwo\n").getBytes(UTF_16LE);

        var text = pieces(UTF_16, little);
        assertThat(text.receiveLine(100)).isEqualTo("one");
        assertThat(text.receiveLine(100)).isEqualTo("two");
    }

    @Test
    void linesAndTextAndBytesCanBeReceivedInTurn() throws IOException {
        try (var pair = MemoryByteStream.pair();
                var buffered = BufferedByteStream.over(pair.right())) {
            var text = TextStream.over(buffered, UTF_8);
            pair.left().send(bytes("BODY 3\nüber"));

            assertThat(text.receiveLine(100)).isEqualTo("BODY 3");
            assertThat(buffered.receiveExactly(3)).isEqualTo(bytes("üb"));
            assertThat(text.receive()).isEqualTo("er");
        }
    }

    // -- byte order marks

    @Test
    void byteOrderMarkIsWrittenOnceAndUsedUp() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var sender = TextStream.over(pair.left(), UTF_16);
            var receiver = TextStream.over(pair.right(), UTF_16);
            assertThatExceptionOfType(CharacterCodingException.class).isThrownBy(() -> sender.send("a\uD83D"));
            sender.send("a");
            sender.send("b");

            assertThat(pair.right().receive()).isEqualTo(hex("feff00610062"));
            sender.sendLine("c");
            assertThat(receiver.receive()).isEqualTo("c\n");
        }
    }

    @Test
    void byteOrderMarkOfUtf8IsText() throws IOException {
        assertThat(pieces(UTF_8, hex("efbbbf61")).receive()).isEqualTo("\uFEFFa");
        assertThat(pieces(UTF_16, hex("feff0061")).receive()).isEqualTo("a");
        assertThat(pieces(UTF_32, hex("0000feff00000061")).receive()).isEqualTo("a");
    }

    @Test
    void endAfterAMereByteOrderMarkIsTheEnd() {
        var text = pieces(UTF_16, hex("feff"));

        assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(text::receive);
    }

    // -- the whole

    @Test
    void closeClosesTheWrappedStreamAndSendEofPassesThrough() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var text = TextStream.over(pair.left(), ISO_8859_1);
            text.sendEof();
            assertThatExceptionOfType(EndOfStreamException.class)
                    .isThrownBy(() -> pair.right().receive());
            pair.right().send(bytes("answer"));
            assertThat(text.receive()).isEqualTo("answer");

            text.close();
            assertThatExceptionOfType(ClosedResourceException.class).isThrownBy(text::receive);
            assertThatExceptionOfType(ClosedResourceException.class).isThrownBy(() -> text.send("x"));
            assertThatExceptionOfType(ClosedResourceException.class)
                    .isThrownBy(() -> pair.left().receive());
        }
    }

    @Test
    void oneWayFormsWrapOneWayStreams() throws IOException {
        try (StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
                var sender = TextSendStream.over(pair.left(), UTF_8);
                var receiver = TextReceiveStream.over(pair.right(), UTF_8)) {
            sender.sendLine("line");

            assertThat(receiver.receiveLine(10)).isEqualTo("line");
        }
    }

    @Test
    void textStreamsKnowWhatTheWrappedStreamKnows(@TempDir Path folder) throws IOException {
        Path in = Files.writeString(folder.resolve("in"), "text");
        Path out = folder.resolve("out");
        try (var text =
                TextStream.over(StapledByteStream.of(FileSendStream.create(out), FileReceiveStream.open(in)), UTF_8)) {
            assertThat(text.find(Attribute.PATH)).contains(in);
            assertThat(text.find(Attribute.REMOTE_HOST)).isEmpty();
        }
        try (var receiver = TextReceiveStream.over(FileReceiveStream.open(in), UTF_8);
                var sender = TextSendStream.over(FileSendStream.create(out), UTF_8)) {
            assertThat(receiver.find(Attribute.PATH)).contains(in);
            assertThat(sender.find(Attribute.PATH)).contains(out);
        }
    }

    @Test
    void connectorGivesTextStreamsAndKeepsItsAttributes() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            Connector<ByteStream> plain = new Connector<>() {
                @Override
                public ByteStream connect() {
                    return pair.left();
                }

                @Override
                public <T> Optional<T> find(Attribute<T> attribute) {
                    return Attribute.REMOTE_HOST.match(attribute, "example.org");
                }
            };
            Connector<TextStream> connector = TextStream.connector(plain, UTF_8);
            connector.connect().send("hi");

            assertThat(connector.find(Attribute.REMOTE_HOST)).contains("example.org");
            assertThat(text(pair.right().receive())).isEqualTo("hi");
        }
    }

    @Test
    void exampleGreetsEveryone() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            pair.left().send(bytes("Ada\nGrace\r\n"));
            pair.left().sendEof();
            TextExamples.lines(pair.right());

            assertThat(text(pair.left().receive())).isEqualTo("Hello, Ada\nHello, Grace\n");
        }
    }
}
