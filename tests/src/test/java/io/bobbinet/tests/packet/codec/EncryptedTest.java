package io.bobbinet.tests.packet.codec;

import static io.bobbinet.tests.packet.codec.CodecTesting.clientOf;
import static io.bobbinet.tests.packet.codec.CodecTesting.encoded;
import static io.bobbinet.tests.packet.codec.CodecTesting.frame;
import static io.bobbinet.tests.packet.codec.CodecTesting.tests;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.codec.Encrypted;
import io.bobbinet.packet.codec.LengthPrefixed;
import io.bobbinet.packet.codec.Text;
import io.bobbinet.testkit.CodecContract;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EncryptedTest {
    private static final SecretKey KEY = new SecretKeySpec(new byte[32], "AES");
    private static final Encrypted<String> CODEC = Encrypted.aesGcm(Text.utf8(), KEY);

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> keepsTheContract() {
        Encrypted<String> codec = Encrypted.aesGcm(Text.utf8().withLimit(1 << 24), KEY);
        return tests(CodecContract.of(codec, CodecTesting::text)
                .limiting(codec::withLimit, "x"::repeat)
                .refusing(new byte[0], new byte[27], new byte[28], new byte[100]));
    }

    @TestFactory
    Stream<DynamicTest> keepsTheContractInAStream() {
        return tests(CodecContract.of(LengthPrefixed.of(CODEC), CodecTesting::text)
                .givingUp()
                .refusing(new byte[] {0, 0, 0, 0}, new byte[] {0, 0, 0, 1, 9})
                .mutating(20_000));
    }

    @Test
    void everyPacketHasANonceOfItsOwnAndTheFormatIsTheUsualOne() throws Exception {
        byte[] first = encoded(CODEC, "packet");
        byte[] second = encoded(CODEC, "packet");

        assertThat(first).hasSize(12 + 6 + 16);
        assertThat(Arrays.copyOf(first, 12)).isNotEqualTo(Arrays.copyOf(second, 12));
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.DECRYPT_MODE, KEY, new GCMParameterSpec(128, first, 0, 12));
        assertThat(cipher.doFinal(first, 12, 22)).isEqualTo("packet".getBytes(UTF_8));
    }

    @Test
    void everyBitThatWasAlteredIsFound() throws IOException {
        byte[] bytes = encoded(CODEC, "packet");
        for (int bit = 0; bit < 8 * bytes.length; bit++) {
            byte[] altered = bytes.clone();
            altered[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(() -> CODEC.decode(altered))
                    .withMessage("AES-GCM of text in UTF-8: the packet was altered, or encrypted with another key")
                    .withCauseInstanceOf(AEADBadTagException.class);
        }
    }

    @Test
    void anotherKeyOpensNothing() throws IOException {
        byte[] other = new byte[32];
        other[31] = 1;
        var theirs = Encrypted.aesGcm(Text.utf8(), new SecretKeySpec(other, "AES"));

        assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(() -> theirs.decode(encoded(CODEC, "x")));
        try (var client = clientOf(
                LengthPrefixed.of(CODEC),
                frame(LengthPrefixed.of(theirs), "theirs"),
                frame(LengthPrefixed.of(CODEC), "ours"))) {
            assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(client::receive);
            assertThat(client.receive()).isEqualTo("ours");
        }
    }

    @Test
    void keyThatIsNoneForAesIsRefusedAtOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Encrypted.aesGcm(Text.utf8(), new SecretKeySpec(new byte[15], "AES")))
                .withMessage("The key is none for AES")
                .withCauseInstanceOf(GeneralSecurityException.class);
    }
}
