package io.bobbinet.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.examples.CodecExamples.Job;
import io.bobbinet.examples.CodecExamples.Sample;
import io.bobbinet.packet.Codec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.codec.Base64Text;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.LocalDate;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each codec of the examples gives back what it was given. */
@Timeout(30)
class CodecExamplesTest {
    private static final Sample SAMPLE = new Sample(1_700_000_000_000L, "boiler", 71.5f, true);

    private static <T> byte[] encoded(Codec<T> codec, T packet) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        codec.encode(packet, bytes);
        return bytes.toByteArray();
    }

    private static <T> T through(Codec<T> codec, T packet) throws IOException {
        return codec.decode(encoded(codec, packet));
    }

    @Test
    void textsComeBack() throws IOException {
        for (var codec : CodecExamples.texts()) {
            assertThat(through(codec, "DE")).as(codec.toString()).isEqualTo("DE");
        }
        for (var codec : CodecExamples.compressed()) {
            assertThat(through(codec, "x".repeat(10_000))).hasSize(10_000);
            assertThat(encoded(codec, "x".repeat(10_000))).as(codec.toString()).hasSizeLessThan(200);
        }
        assertThat(through(CodecExamples.text(), "x".repeat(100_000))).hasSize(100_000);
    }

    @Test
    void bytesComeBack() throws IOException {
        for (var codec : CodecExamples.pieces()) {
            assertThat(through(codec, new byte[] {1, 0, -1})).containsExactly(1, 0, -1);
        }
    }

    @Test
    void aSampleHas25Bytes() throws IOException {
        assertThat(encoded(Sample.CODEC, SAMPLE)).hasSize(25);
        assertThat(through(Sample.CODEC, SAMPLE)).isEqualTo(SAMPLE);
    }

    @Test
    void onlyWhoHasTheKeySigns() throws IOException {
        var signed = CodecExamples.signed(Base64Text.newKey());
        assertThat(through(signed, SAMPLE)).isEqualTo(SAMPLE);
        byte[] forged = encoded(CodecExamples.signed(Base64Text.newKey()), SAMPLE);
        assertThatThrownBy(() -> signed.decode(forged)).isInstanceOf(MalformedPacketException.class);
    }

    @Test
    void onlyWhoHasTheKeyReads() throws IOException {
        SecretKey key = new SecretKeySpec(new byte[32], "AES");
        var secret = CodecExamples.encrypted(key);
        byte[] bytes = encoded(secret, "the word");
        assertThat(secret.decode(bytes)).isEqualTo("the word");
        bytes[bytes.length - 1] ^= 1;
        assertThatThrownBy(() -> secret.decode(bytes)).isInstanceOf(MalformedPacketException.class);
    }

    @Test
    void datesComeBackAndWhatIsNoneIsTold() throws IOException {
        var dates = CodecExamples.dates();
        LocalDate date = LocalDate.of(2026, 11, 20);
        assertThat(through(dates, date)).isEqualTo(date);
        byte[] bytes = encoded(dates, date);
        bytes[2] = 'x';
        assertThatThrownBy(() -> dates.decode(bytes))
                .isInstanceOf(MalformedPacketException.class)
                .hasMessageContaining("dates");
    }

    @Test
    void jobsComeBack() throws IOException {
        Job job = new Job("clean", LocalDate.of(2026, 11, 20));
        assertThat(through(CodecExamples.jobs(), job)).isEqualTo(job);
    }
}
