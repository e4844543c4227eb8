package io.bobbinet.tests.packet.codec;

import static io.bobbinet.tests.packet.codec.CodecTesting.clientOf;
import static io.bobbinet.tests.packet.codec.CodecTesting.encoded;
import static io.bobbinet.tests.packet.codec.CodecTesting.frame;
import static io.bobbinet.tests.packet.codec.CodecTesting.tests;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.bobbinet.packet.Codec;
import io.bobbinet.packet.Converter;
import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketProtocolException;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.packet.codec.Bytes;
import io.bobbinet.packet.codec.LengthPrefixed;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.packet.codec.Text;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.testkit.CodecContract;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** Codecs with a converter, and protocols of two codecs. */
@Timeout(30)
class ConverterTest {
    /** Even numbers; a word is refused, and 13 is a mistake of the program. */
    private static final Converter<Integer, String> EVEN = Converter.of(ConverterTest::toWire, ConverterTest::fromWire);

    private static String toWire(int number) {
        if (number % 2 != 0) {
            throw new IllegalArgumentException(number + " is odd");
        }
        return Integer.toString(number);
    }

    private static int fromWire(String wire) throws MalformedPacketException {
        if (wire.equals("13")) {
            throw new IllegalStateException("a bug");
        }
        try {
            return Integer.parseInt(wire);
        } catch (NumberFormatException e) {
            throw new MalformedPacketException("even numbers", "no number: " + wire, e);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    @TestFactory
    Stream<DynamicTest> convertedCodecKeepsTheContract() {
        return tests(CodecContract.of(Lines.utf8().converted(new Doubled()), random -> random.nextInt(1000))
                .refusing(ascii("word\n"), new byte[] {-1, '\n'})
                .mutating(20_000));
    }

    /** A converter that is written as a class. */
    private static final class Doubled implements Converter<Integer, String> {
        @Override
        public String toWire(Integer packet) {
            return Integer.toString(2 * packet);
        }

        @Override
        public Integer fromWire(String wire) throws MalformedPacketException {
            try {
                return Integer.parseInt(wire) / 2;
            } catch (NumberFormatException e) {
                throw new MalformedPacketException("doubled numbers", "no number", e);
            }
        }
    }

    @Test
    @Tag("smoke")
    void wellFormedPacketThatTheConverterRefusesIsMalformedAndTheNextIsReceived() throws IOException {
        FramedCodec<Integer> codec = Lines.utf8().converted(EVEN);

        try (var client = clientOf(codec, ascii("word\n42\n"))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessage("even numbers: no number: word")
                    .satisfies(e -> assertThat(e.consumed()).isEqualTo(5));
            assertThat(client.receive()).isEqualTo(42);
        }
    }

    @Test
    void converterThatCrashesIsAMistakeOfTheProgramAndTheNextPacketIsReceived() throws IOException {
        try (var client = clientOf(Lines.utf8().converted(EVEN), ascii("13\n42\n"))) {
            assertThatExceptionOfType(PacketProtocolException.class)
                    .isThrownBy(client::receive)
                    .withCauseInstanceOf(IllegalStateException.class);
            assertThat(client.receive()).isEqualTo(42);
        }
    }

    @Test
    void packetIsConvertedBeforeItIsEncodedAndMayBeRefused() throws IOException {
        FramedCodec<Integer> codec = Lines.utf8().withLimit(2).converted(EVEN);

        assertThat(frame(codec, 42)).isEqualTo(ascii("42\n"));
        assertThatIllegalArgumentException().isThrownBy(() -> frame(codec, 7)).withMessage("7 is odd");
        assertThatIllegalArgumentException().isThrownBy(() -> frame(codec, 100)).withMessageContaining("longer than 2");
    }

    @Test
    void datagramThatCodecOrConverterRefusesIsMalformedAndACrashIsNot() throws IOException {
        Codec<Integer> codec = Text.utf8().converted(EVEN);

        assertThat(encoded(codec, 42)).isEqualTo(ascii("42"));
        assertThat(codec.decode(ascii("42"))).isEqualTo(42);
        assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(() -> codec.decode(new byte[] {-1}));
        assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(() -> codec.decode(ascii("word")));
        assertThatIllegalStateException().isThrownBy(() -> codec.decode(ascii("13")));
    }

    @Test
    void twoCodecsMakeAProtocolOfWhatIsSentAndWhatIsReceived() throws IOException {
        var requests = Lines.utf8();
        var responses = LengthPrefixed.of(Bytes.raw());
        StreamProtocol<String, byte[]> ofClient = StreamProtocol.of(requests, responses);
        StreamProtocol<byte[], String> ofServer = StreamProtocol.of(responses, requests);

        var pair = MemoryByteStream.pair();
        try (var client = PacketClient.over(pair.left(), ofClient);
                var server = PacketClient.over(pair.right(), ofServer)) {
            client.send("question");
            assertThat(server.receive()).isEqualTo("question");
            server.send(ascii("answer"));
            assertThat(client.receive()).isEqualTo(ascii("answer"));
        }
    }
}
