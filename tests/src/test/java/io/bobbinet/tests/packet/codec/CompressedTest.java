package io.bobbinet.tests.packet.codec;

import static io.bobbinet.tests.packet.codec.CodecTesting.clientOf;
import static io.bobbinet.tests.packet.codec.CodecTesting.frame;
import static io.bobbinet.tests.packet.codec.CodecTesting.tests;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.codec.Bytes;
import io.bobbinet.packet.codec.Compressed;
import io.bobbinet.packet.codec.Text;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.testkit.CodecContract;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CompressedTest {
    private static final Compressed<String> ZLIB = Compressed.zlib(Text.utf8());
    private static final Compressed<String> GZIP = Compressed.gzip(Text.utf8());

    private static byte[] deflated(byte[] bytes) {
        try (Deflater deflater = new Deflater()) {
            deflater.setInput(bytes);
            deflater.finish();
            byte[] compressed = new byte[bytes.length + 100];
            return Arrays.copyOf(compressed, deflater.deflate(compressed));
        }
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> zlibKeepsTheContract() {
        Compressed<byte[]> codec = Compressed.zlib(Bytes.raw().withLimit(1 << 24));
        return tests(CodecContract.of(codec, random -> CodecTesting.bytes(random, 60))
                .givingUp()
                .comparing(Arrays::equals)
                .limiting(codec::withLimit, byte[]::new)
                .refusing(new byte[] {0, 0, 0, 0}));
    }

    @TestFactory
    Stream<DynamicTest> gzipKeepsTheContract() {
        Compressed<String> codec = Compressed.gzip(Text.utf8().withLimit(1 << 24));
        return tests(CodecContract.of(codec, CodecTesting::text)
                .givingUp()
                .limiting(codec::withLimit, "x"::repeat)
                .refusing(gzipped(new byte[] {-1})));
    }

    private static byte[] gzipped(byte[] packet) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
                gzip.write(packet);
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void formatsAreThoseOfTheJdk() throws IOException {
        String text = "to be or not to be ".repeat(100);

        assertThat(new InflaterInputStream(new ByteArrayInputStream(frame(ZLIB, text))).readAllBytes())
                .asString(ISO_8859_1)
                .isEqualTo(text);
        assertThat(new GZIPInputStream(new ByteArrayInputStream(frame(GZIP, text))).readAllBytes())
                .asString(ISO_8859_1)
                .isEqualTo(text);
        try (var client = clientOf(GZIP, gzipped(text.getBytes(ISO_8859_1)), gzipped(new byte[0]))) {
            assertThat(client.receive()).isEqualTo(text);
            assertThat(client.receive()).isEmpty();
        }
        assertThat(ZLIB.decode(deflated(text.getBytes(ISO_8859_1)))).isEqualTo(text);
    }

    @Test
    void allPartsThatAGzipMemberMayHaveAreSkipped() throws IOException {
        byte[] plain = frame(GZIP, "content");
        ByteArrayOutputStream full = new ByteArrayOutputStream();
        full.write(plain, 0, 3);
        full.write(2 | 4 | 8 | 16); // header checksum, extra, name, comment
        full.write(plain, 4, 6);
        full.writeBytes(new byte[] {3, 0, 1, 2, 3});
        full.writeBytes("name\0comment\0".getBytes(ISO_8859_1));
        full.writeBytes(new byte[] {9, 9});
        full.write(plain, 10, plain.length - 10);

        try (var client = clientOf(GZIP, full.toByteArray(), plain)) {
            assertThat(client.receive()).isEqualTo("content");
            assertThat(client.receive()).isEqualTo("content");
        }
    }

    @Test
    void datagramIsOnePacketNeitherLessNorMore() throws IOException {
        byte[] whole = frame(ZLIB, "packet");

        assertThat(ZLIB.decode(whole)).isEqualTo("packet");
        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> ZLIB.decode(Arrays.copyOf(whole, whole.length - 1)))
                .withMessageContaining("longer than its " + (whole.length - 1) + " bytes");
        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> ZLIB.decode(Arrays.copyOf(whole, whole.length + 2)))
                .withMessageContaining("2 bytes of " + (whole.length + 2) + " are left");
        assertThatExceptionOfType(MalformedPacketException.class)
                .isThrownBy(() -> ZLIB.decode(new byte[] {1, 2, 3, 4}))
                .satisfies(e -> assertThat(e.isRecoverable()).isTrue());
    }

    @Test
    void damagedBytesBreakTheStream() throws IOException {
        byte[] damaged = frame(ZLIB, "packet");
        damaged[damaged.length - 1] ^= 1;

        try (var client = clientOf(ZLIB, damaged, frame(ZLIB, "next"))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessageContaining("the compressed bytes are damaged")
                    .satisfies(e -> assertThat(e.isRecoverable()).isFalse());
            assertThatExceptionOfType(BrokenResourceException.class).isThrownBy(client::receive);
        }
    }

    @Test
    void wrongGzipChecksumAndPacketsThatTheInnerCodecRefusesConcernOnePacketOnly() throws IOException {
        byte[] damaged = frame(GZIP, "packet");
        damaged[damaged.length - 5] ^= 1;

        try (var client = clientOf(GZIP, damaged, gzipped(new byte[] {-1}), frame(GZIP, "next"))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessage("gzip of text in UTF-8: the checksum is not that of the packet");
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessage("text in UTF-8: the bytes are no text in UTF-8");
            assertThat(client.receive()).isEqualTo("next");
        }
    }

    @Test
    void bombIsNotUnpacked() throws IOException {
        byte[] bomb = deflated(new byte[50_000_000]);
        assertThat(bomb.length).isLessThan(60_000);

        try (var client = clientOf(Compressed.zlib(Bytes.raw()), bomb)) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessageContaining("longer than 65536 by far")
                    .satisfies(e -> assertThat(e.consumed()).isLessThan(bomb.length / 10))
                    .satisfies(e -> assertThat(e.isRecoverable()).isFalse());
        }
    }

    @Test
    void packetThatIsABitTooLongIsReadToItsEndAndTheNextReceived() throws IOException {
        Compressed<String> small = ZLIB.withLimit(100);

        try (var client = clientOf(small, frame(ZLIB, "x".repeat(200)), frame(ZLIB, "next"))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessage("zlib of text in UTF-8: a packet of 200 bytes is longer than 100");
            assertThat(client.receive()).isEqualTo("next");
        }
    }

    @Test
    void compressedBytesAreLimitedToo() throws IOException {
        // Empty blocks: no byte of content, and no end.
        byte[] endless = new byte[20_000];
        endless[0] = 0x78;
        endless[1] = 0x01;
        for (int i = 2; i + 5 <= endless.length; i += 5) {
            endless[i + 3] = -1;
            endless[i + 4] = -1;
        }

        try (var client = clientOf(ZLIB.withLimit(1000), endless)) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessage("zlib of text in UTF-8: it does not end after 2149 compressed bytes");
        }
    }

    @Test
    void everyPacketWithinTheLimitCanBeSentAndReceivedHoweverLittleItShrinks() throws IOException {
        byte[] noise = new byte[65_536];
        new Random(20_250_918).nextBytes(noise);
        for (int level : new int[] {0, 1, 9}) {
            var codec = Compressed.gzip(Bytes.raw()).withLevel(level);
            try (var client = clientOf(codec, frame(codec, noise), frame(codec, noise))) {
                assertThat(client.receive()).isEqualTo(noise);
                assertThat(client.receive()).isEqualTo(noise);
            }
        }
    }

    @Test
    void levelsAreFrom0To9() throws IOException {
        String text = "again and ".repeat(200);

        assertThat(frame(ZLIB.withLevel(0), text).length).isGreaterThan(2000);
        assertThat(frame(ZLIB.withLevel(9), text).length).isLessThan(100);
        assertThatIllegalArgumentException().isThrownBy(() -> ZLIB.withLevel(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> ZLIB.withLevel(10));
    }

    @Test
    void dictionaryIsNothingThatWeHave() throws IOException {
        byte[] compressed = new byte[100];
        int size;
        try (Deflater deflater = new Deflater()) {
            deflater.setDictionary("to be or not".getBytes(ISO_8859_1));
            deflater.setInput("to be".getBytes(ISO_8859_1));
            deflater.finish();
            size = deflater.deflate(compressed);
        }
        try (var client = clientOf(ZLIB, Arrays.copyOf(compressed, size))) {
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .withMessageContaining("dictionary");
        }
    }
}
