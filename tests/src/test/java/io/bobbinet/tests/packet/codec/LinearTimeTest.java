package io.bobbinet.tests.packet.codec;

import static io.bobbinet.tests.packet.codec.CodecTesting.frame;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.packet.codec.Base64Text;
import io.bobbinet.packet.codec.Bytes;
import io.bobbinet.packet.codec.Compressed;
import io.bobbinet.packet.codec.Delimited;
import io.bobbinet.packet.codec.LengthPrefixed;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.stream.BufferedReceiveStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A packet of 10 MB in pieces of 1 KB is copied a few times, and not once for each piece. */
@Timeout(60)
class LinearTimeTest {
    private static final int SIZE = 10_000_000;
    private static final int LIMIT = 1 << 24;

    private static byte[] noise() {
        byte[] noise = new byte[SIZE];
        new Random(20_250_917).nextBytes(noise);
        return noise;
    }

    private static <T> long grown(FramedCodec<T> codec, T packet) throws IOException {
        byte[] bytes = frame(codec, packet);
        ServedPieces source = new ServedPieces(bytes, 1024);
        try (var client = PacketClient.over(source, StreamProtocol.of(codec))) {
            assertThat(client.receive()).isEqualTo(packet);
        }
        assertThat(source.given()).isEqualTo(bytes.length);
        return source.grown();
    }

    static Stream<FramedCodec<byte[]>> framings() {
        Bytes bytes = Bytes.raw().withLimit(LIMIT);
        return Stream.of(
                Delimited.of(bytes, "some unlikely delimiter".getBytes(US_ASCII))
                        .withLimit(LIMIT),
                LengthPrefixed.of(bytes).withLimit(LIMIT),
                Base64Text.of(bytes).withLimit(LIMIT),
                Compressed.zlib(bytes).withLevel(1).withLimit(LIMIT));
    }

    @ParameterizedTest
    @MethodSource("framings")
    void longPacketInSmallPiecesIsCopiedAFewTimes(FramedCodec<byte[]> codec) throws IOException {
        assertThat(grown(codec, noise())).isLessThan(10L * SIZE);
    }

    @Test
    void longLineInSmallPiecesIsCopiedAFewTimes() throws IOException {
        assertThat(grown(Lines.utf8().withLimit(LIMIT), "0123456789".repeat(SIZE / 10)))
                .isLessThan(10L * SIZE);
    }

    /** Four bytes at a time, until they are 0: a codec that waits for little again and again. */
    private record SmallSteps() implements FramedCodec<Integer> {
        @Override
        public void encodeFrame(Integer packet, OutputStream target) throws IOException {
            byte[] bytes = new byte[packet];
            Arrays.fill(bytes, 0, packet - 4, (byte) 1);
            target.write(bytes);
        }

        @Override
        public Integer decodeFrame(BufferedReceiveStream stream) throws IOException {
            int size = 4;
            while (stream.receiveExactly(4)[0] != 0) {
                size += 4;
            }
            return size;
        }
    }

    @Test
    void smallStepsOfALongTransactionAreCopiedAFewTimes() throws IOException {
        assertThat(grown(new SmallSteps(), SIZE)).isLessThan(10L * SIZE);
    }
}
