package io.bobbinet.tests.packet.codec;

import static io.bobbinet.tests.packet.codec.CodecTesting.clientOf;
import static io.bobbinet.tests.packet.codec.CodecTesting.encoded;
import static io.bobbinet.tests.packet.codec.CodecTesting.frame;
import static io.bobbinet.tests.packet.codec.CodecTesting.tests;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_32;
import static java.nio.charset.StandardCharsets.UTF_32BE;
import static java.nio.charset.StandardCharsets.UTF_32LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bobbinet.packet.Codec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.codec.Base64Text;
import io.bobbinet.packet.codec.Bytes;
import io.bobbinet.packet.codec.Compressed;
import io.bobbinet.packet.codec.Delimited;
import io.bobbinet.packet.codec.Encrypted;
import io.bobbinet.packet.codec.FileLike;
import io.bobbinet.packet.codec.FixedSize;
import io.bobbinet.packet.codec.LengthPrefixed;
import io.bobbinet.packet.codec.LengthPrefixed.Prefix;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.packet.codec.Text;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.testkit.CodecContract;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes and text, and what tells where they end. */
@Timeout(30)
class FramingTest {
    private static final byte[] CRLF = {'\r', '\n'};

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    private static byte[] hex(String bytes) {
        return HexFormat.of().parseHex(bytes);
    }

    private static byte[] packet(Random random) {
        return CodecTesting.bytes(random, 60);
    }

    // -- contents

    @TestFactory
    Stream<DynamicTest> bytesKeepTheContract() {
        return tests(CodecContract.of(Bytes.raw(), FramingTest::packet)
                .comparing(Arrays::equals)
                .limiting(Bytes.raw()::withLimit, byte[]::new));
    }

    @TestFactory
    Stream<DynamicTest> textKeepsTheContract() {
        return tests(CodecContract.of(Text.utf8(), CodecTesting::text)
                .limiting(Text.utf8()::withLimit, "x"::repeat)
                .refusing(hex("ff"), hex("c3")));
    }

    @Test
    void markInFrontOfATextIsNotLostUnseen() throws IOException {
        for (Charset charset : List.of(UTF_8, UTF_16, UTF_16BE, UTF_16LE, UTF_32, UTF_32BE, UTF_32LE)) {
            Text text = Text.of(charset);
            for (String packet : List.of("\ufeff", "\ufefftext", "\ufeff\ufeff", "text\ufeff")) {
                byte[] bytes;
                try {
                    bytes = encoded(text, packet);
                } catch (IllegalArgumentException e) {
                    assertThat(charset).isNotEqualTo(UTF_8);
                    assertThat(packet).startsWith("\ufeff");
                    continue;
                }
                assertThat(text.decode(bytes)).as("in %s", charset).isEqualTo(packet);
            }
        }
    }

    @Test
    void textInAnyCharsetIsSentAsItIs() throws IOException {
        assertThat(encoded(Text.of(UTF_16LE), "a\n")).isEqualTo(hex("61000a00"));
        assertThat(Text.of(UTF_16LE).decode(hex("61000a00"))).isEqualTo("a\n");
        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> Text.of(UTF_16LE).decode(hex("61000a")))
                .withMessage("text in UTF-16LE: the bytes are no text in UTF-16LE");
    }

    static Stream<Codec<byte[]>> codecsWithALimitOfTheirOwn() {
        Bytes any = Bytes.raw().withLimit(1 << 20);
        return Stream.of(
                Bytes.raw(),
                Delimited.of(any, CRLF),
                LengthPrefixed.of(any),
                Base64Text.of(any),
                Compressed.zlib(any),
                Compressed.gzip(any),
                Encrypted.aesGcm(any, new SecretKeySpec(new byte[16], "AES")),
                FileLike.of(InputStream::readAllBytes, (packet, target) -> target.write(packet)));
    }

    @ParameterizedTest
    @MethodSource("codecsWithALimitOfTheirOwn")
    void limitIs65536UnlessAnotherIsGiven(Codec<byte[]> codec) throws IOException {
        assertThat(codec.decode(encoded(codec, new byte[65_536]))).hasSize(65_536);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoded(codec, new byte[65_537]))
                .withMessage(codec + ": a packet of 65537 bytes is longer than 65536");
    }

    // -- delimiters

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> delimitedPacketsKeepTheContract() {
        Delimited<String> codec = Delimited.of(Text.utf8(), CRLF);
        return tests(CodecContract.of(codec, random -> "\r" + CodecTesting.text(random) + "\r")
                .limiting(codec::withLimit, "\n"::repeat)
                .refusing(hex("ff0d0a")));
    }

    @TestFactory
    Stream<DynamicTest> delimitersThatRepeatThemselvesKeepTheContract() {
        Delimited<String> codec = Delimited.of(Text.utf8(), ascii("aab"));
        return tests(CodecContract.of(codec, random -> "a".repeat(random.nextInt(9)) + random.nextInt(2))
                .limiting(codec::withLimit, "a"::repeat)
                .mutating(20_000));
    }

    @Test
    void delimiterFollowsThePacketAndIsNoPartOfADatagram() throws IOException {
        Delimited<String> codec = Delimited.of(Text.utf8(), CRLF);

        assertThat(frame(codec, "one")).isEqualTo(ascii("one\r\n"));
        assertThat(encoded(codec, "one")).isEqualTo(ascii("one"));
        assertThat(codec.decode(ascii("one\r\n"))).isEqualTo("one\r\n");
        assertThat(codec).hasToString("text in UTF-8 up to 0x0d0a");
    }

    @Test
    void delimiterInThePacketIsRefusedAlsoIfItBeginsThereOnly() throws IOException {
        Delimited<String> twice = Delimited.of(Text.utf8(), ascii("--"));

        assertThat(frame(twice, "a-b")).isEqualTo(ascii("a-b--"));
        for (String packet : new String[] {"a--b", "--", "a-", "-"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> frame(twice, packet))
                    .withMessage("text in UTF-8 up to 0x2d2d: there is a delimiter in the packet");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Delimited.of(Text.utf8(), new byte[0]));
    }

    @Test
    void delimiterIsTheCodecsOwn() throws IOException {
        byte[] delimiter = CRLF.clone();
        Delimited<String> codec = Delimited.of(Text.utf8(), delimiter);
        delimiter[0] = 'x';

        assertThat(frame(codec, "one")).isEqualTo(ascii("one\r\n"));
    }

    // -- lengths

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> lengthPrefixedPacketsKeepTheContract() {
        LengthPrefixed<byte[]> codec = LengthPrefixed.of(Bytes.raw().withLimit(1 << 24));
        return tests(CodecContract.of(codec, FramingTest::packet)
                .givingUp()
                .comparing(Arrays::equals)
                .limiting(codec::withLimit, byte[]::new));
    }

    @ParameterizedTest
    @EnumSource
    void everyPrefixKeepsTheContract(Prefix prefix) {
        LengthPrefixed<String> codec =
                LengthPrefixed.of(Text.utf8().withLimit(1 << 24)).withPrefix(prefix);
        int[] limits = prefix == Prefix.VARINT ? new int[] {1, 127, 128, 129} : new int[] {1, 50};
        CodecContract.of(codec, CodecTesting::text)
                .givingUp()
                .limiting(codec::withLimit, "\0"::repeat, limits)
                .mutating(20_000)
                .checks()
                .forEach(check -> check.run());
    }

    @ParameterizedTest
    @CsvSource({
        "ONE_BYTE, 03",
        "TWO_BYTES, 0003",
        "TWO_BYTES_LITTLE_ENDIAN, 0300",
        "FOUR_BYTES, 00000003",
        "FOUR_BYTES_LITTLE_ENDIAN, 03000000",
        "EIGHT_BYTES, 0000000000000003",
        "EIGHT_BYTES_LITTLE_ENDIAN, 0300000000000000",
        "VARINT, 03"
    })
    void lengthIsBeforeThePacketAndNoPartOfADatagram(Prefix prefix, String length) throws IOException {
        LengthPrefixed<String> codec = LengthPrefixed.of(Text.utf8()).withPrefix(prefix);

        assertThat(frame(codec, "one")).isEqualTo(hex(length + "6f6e65"));
        assertThat(encoded(codec, "one")).isEqualTo(ascii("one"));
        assertThat(codec.decode(ascii("one"))).isEqualTo("one");
        assertThat(codec).hasToString("length-prefixed text in UTF-8");
    }

    @Test
    void varintHasSevenBitsAByte() throws IOException {
        var codec = LengthPrefixed.of(Bytes.raw()).withPrefix(Prefix.VARINT);

        assertThat(Arrays.copyOf(frame(codec, new byte[300]), 3)).isEqualTo(hex("ac0200"));
        assertThat(frame(codec, new byte[300])).hasSize(302);
        try (var client = clientOf(codec, hex("8180800001"))) {
            assertThat(client.receive()).isEqualTo(hex("01")); // not as short as can be, and the same number
        }
    }

    @ParameterizedTest
    @CsvSource({"ONE_BYTE, 255", "TWO_BYTES, 65535", "TWO_BYTES_LITTLE_ENDIAN, 65535"})
    void packetIsNotLongerThanItsPrefixCanTell(Prefix prefix, int most) throws IOException {
        var codec = LengthPrefixed.of(Bytes.raw().withLimit(1 << 20))
                .withLimit(1 << 20)
                .withPrefix(prefix);

        try (var client = clientOf(codec, frame(codec, new byte[most]))) {
            assertThat(client.receive()).hasSize(most);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> frame(codec, new byte[most + 1]))
                .withMessageContaining("longer than " + most);
        assertThat(encoded(codec, new byte[most + 1])).hasSize(most + 1);
    }

    @ParameterizedTest
    @CsvSource({
        "FOUR_BYTES, 80000000",
        "FOUR_BYTES_LITTLE_ENDIAN, ffffffff",
        "EIGHT_BYTES, ffffffffffffffff",
        "EIGHT_BYTES, 0000000080000000",
        "VARINT, 8080808008",
        "VARINT, ffffffffffffffffff",
        "VARINT, 808080808080808080"
    })
    void absurdLengthBreaksTheStream(Prefix prefix, String length) throws IOException {
        var codec = LengthPrefixed.of(Bytes.raw()).withPrefix(prefix);

        try (var client = clientOf(codec, hex(length + "00"))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessage("length-prefixed bytes: what should be a length is negative or absurd")
                    .satisfies(e -> assertThat(e.isRecoverable()).isFalse());
            assertThatExceptionOfType(BrokenResourceException.class).isThrownBy(client::receive);
        }
    }

    @Test
    void contentThatIsAFrameOfItsOwnKeepsItsLimitToItself() throws IOException {
        // The line is too long; its rest lies in this packet, and not in the next.
        var codec = LengthPrefixed.of(Delimited.of(Lines.utf8().withLimit(2), ascii(";")));
        var frames = LengthPrefixed.of(new WholeFrames<>(Lines.utf8().withLimit(2)));

        try (var client = clientOf(codec, hex("00000003"), ascii("abc"), hex("00000001"), ascii("d"))) {
            assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(client::receive);
            assertThat(client.receive()).isEqualTo("d");
        }
        try (var client = clientOf(frames, hex("00000006"), ascii("abcde\n"), hex("00000002"), ascii("d\n"))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .satisfies(e -> assertThat(e.isRecoverable()).isTrue());
            assertThat(client.receive()).isEqualTo("d");
        }
    }

    // -- fixed sizes

    @TestFactory
    Stream<DynamicTest> packetsOfAFixedSizeKeepTheContract() {
        FixedSize<String> codec = FixedSize.of(4, Text.utf8());
        return tests(CodecContract.of(codec, random -> "" + (1000 + random.nextInt(9000)))
                .refusing(hex("ffffffff")));
    }

    @Test
    void packetOfAnotherSizeIsRefused() throws IOException {
        FixedSize<String> codec = FixedSize.of(4, Text.utf8());

        assertThat(frame(codec, "four")).isEqualTo(ascii("four"));
        for (String packet : new String[] {"", "one", "three"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> frame(codec, packet))
                    .withMessage("text in UTF-8 of 4 bytes: a packet of " + packet.length() + " bytes");
            assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(() -> codec.decode(ascii(packet)));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> FixedSize.of(0, Text.utf8()));
        assertThatIllegalArgumentException().isThrownBy(() -> FixedSize.of(-1, Text.utf8()));
    }

    @Test
    void onlyThePacketsBytesAreTaken() throws IOException {
        try (var client = clientOf(FixedSize.of(4, Text.utf8()), ascii("fourFOUR4"))) {
            assertThat(client.receive()).isEqualTo("four");
            assertThat(client.receive()).isEqualTo("FOUR");
            assertThatExceptionOfType(EOFException.class).isThrownBy(client::receive);
        }
    }
}
