package io.bobbinet.tests.packet.codec;

import static io.bobbinet.tests.packet.codec.CodecTesting.clientOf;
import static io.bobbinet.tests.packet.codec.CodecTesting.encoded;
import static io.bobbinet.tests.packet.codec.CodecTesting.frame;
import static io.bobbinet.tests.packet.codec.CodecTesting.tests;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.codec.Base64Text;
import io.bobbinet.packet.codec.Bytes;
import io.bobbinet.packet.codec.Text;
import io.bobbinet.testkit.CodecContract;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class Base64TextTest {
    private static final Base64Text<String> TEXT = Base64Text.of(Text.utf8());
    private static final SecretKey KEY = new SecretKeySpec(new byte[32], "HmacSHA256");

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> keepsTheContract() {
        Base64Text<byte[]> codec = Base64Text.of(Bytes.raw().withLimit(1 << 24));
        return tests(CodecContract.of(codec, random -> CodecTesting.bytes(random, 40))
                .comparing(Arrays::equals)
                .limiting(codec::withLimit, byte[]::new)
                .refusing(ascii("\r\r\n"), ascii("AAA\r\n"), ascii("A+/=\r\n"), ascii("!!!!\r\n")));
    }

    @TestFactory
    Stream<DynamicTest> keepsTheContractWithAChecksum() {
        Base64Text<String> codec = Base64Text.of(Text.utf8().withLimit(1 << 24)).withChecksum();
        return tests(CodecContract.of(codec, CodecTesting::text)
                .limiting(codec::withLimit, "x"::repeat)
                .refusing(ascii("\r\n"), ascii("QUFB\r\n"))
                .mutating(30_000));
    }

    @TestFactory
    Stream<DynamicTest> keepsTheContractWithASignature() {
        Base64Text<String> codec =
                Base64Text.of(Text.utf8().withLimit(1 << 24)).withSignature(KEY).withBasicAlphabet();
        return tests(CodecContract.of(codec, CodecTesting::text)
                .limiting(codec::withLimit, "x"::repeat)
                .mutating(30_000));
    }

    @Test
    void packetIsALineOfTextThatIsSafeInUrls() throws IOException {
        byte[] packet = {-1, -17, -66, 0};

        assertThat(frame(Base64Text.of(Bytes.raw()), packet)).isEqualTo(ascii("_---AA==\r\n"));
        assertThat(encoded(Base64Text.of(Bytes.raw()), packet)).isEqualTo(ascii("_---AA=="));
        assertThat(frame(Base64Text.of(Bytes.raw()).withBasicAlphabet(), packet))
                .isEqualTo(ascii("/+++AA==\r\n"));
        assertThat(TEXT).hasToString("Base64 of text in UTF-8");
    }

    @Test
    void whatNoEncoderWritesIsMalformedAndTheNextIsReceived() throws IOException {
        for (String bad : new String[] {"QUJ", "QR==", "QQ", "Q UJ", "QUJD=", "A+BC", "!!!!", "="}) {
            try (var client = clientOf(TEXT, ascii(bad + "\r\n"), frame(TEXT, "next"))) {
                assertThatExceptionOfType(MalformedPacketException.class)
                        .as(bad)
                        .isThrownBy(client::receive)
                        .withMessageStartingWith("Base64 of text in UTF-8: the text is not Base64");
                assertThat(client.receive()).isEqualTo("next");
            }
        }
    }

    @Test
    void checksumFindsWhatWasAltered() throws IOException {
        Base64Text<String> codec = TEXT.withChecksum();
        byte[] bytes = Base64.getUrlDecoder().decode(encoded(codec, "packet"));
        assertThat(bytes).hasSize(6 + 32);

        for (int i = 0; i < bytes.length; i++) {
            byte[] altered = bytes.clone();
            altered[i] ^= 1;
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(() -> codec.decode(Base64.getUrlEncoder().encode(altered)))
                    .withMessage("Base64 of text in UTF-8 with checksum: the packet is not as it was sent");
        }
        assertThat(codec.decode(Base64.getUrlEncoder().encode(bytes))).isEqualTo("packet");
    }

    @Test
    void signatureIsOfOneKeyOnly() throws IOException {
        Base64Text<String> ours = TEXT.withSignature(KEY);
        Base64Text<String> theirs = TEXT.withSignature(Base64Text.newKey());

        assertThat(ours.decode(encoded(ours, "packet"))).isEqualTo("packet");
        for (Base64Text<String> other : List.of(theirs, TEXT, TEXT.withChecksum())) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(() -> ours.decode(encoded(other, "packet")))
                    .withMessage("Base64 of text in UTF-8 signed: the packet is not as it was sent");
        }
    }

    @Test
    void signatureIsThatOfRfc2104() throws IOException {
        // echo -n packet | openssl dgst -sha256 -mac HMAC -macopt hexkey:00...00
        byte[] bytes = Base64.getUrlDecoder().decode(encoded(TEXT.withSignature(KEY), "packet"));

        assertThat(Arrays.copyOfRange(bytes, 6, bytes.length))
                .isEqualTo(HexFormat.of().parseHex("0f2270c874937a425fe5dab11e7a5e90b45499dfa62e03adc5ac08a6eddebe83"));
    }

    @Test
    void keyThatWasMadeIsAcceptedAndOthersMustHaveItsSize() throws IOException {
        SecretKey key = Base64Text.newKey();

        assertThat(key.getEncoded())
                .hasSize(32)
                .isNotEqualTo(Base64Text.newKey().getEncoded());
        assertThat(TEXT.withSignature(key).decode(encoded(TEXT.withSignature(key), "ok")))
                .isEqualTo("ok");
        for (int size : new int[] {1, 16, 31, 33}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TEXT.withSignature(new SecretKeySpec(new byte[size], "HmacSHA256")))
                    .withMessage("A key has 32 bytes, not " + size + "; Base64Text.newKey() makes one");
        }
    }

    @Test
    void packetThatTheInnerCodecRefusesIsMalformedToo() throws IOException {
        try (var client = clientOf(TEXT, ascii("_w==\r\n"), frame(TEXT, "next"))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessage("text in UTF-8: the bytes are no text in UTF-8");
            assertThat(client.receive()).isEqualTo("next");
        }
    }
}
