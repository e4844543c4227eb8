package io.bobbinet.tests.packet.codec;

import io.bobbinet.packet.Codec;
import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.testkit.CodecContract;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** What the tests of codecs have in common. */
final class CodecTesting {
    private CodecTesting() {}

    static Stream<DynamicTest> tests(CodecContract<?> contract) {
        return contract.checks().stream().map(check -> DynamicTest.dynamicTest(check.name(), check::run));
    }

    static <T> byte[] encoded(Codec<T> codec, T packet) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        codec.encode(packet, bytes);
        return bytes.toByteArray();
    }

    static <T> byte[] frame(FramedCodec<T> codec, T packet) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        codec.encodeFrame(packet, bytes);
        return bytes.toByteArray();
    }

    /** A client of a stream that gives these bytes and ends. */
    static <T> PacketClient<T, T> clientOf(FramedCodec<T> codec, byte[]... pieces) throws IOException {
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair(1 << 20);
        for (byte[] piece : pieces) {
            pair.left().send(piece);
        }
        pair.left().sendEof();
        return PacketClient.over(pair.right(), StreamProtocol.of(codec));
    }

    /** Text of characters of one to four bytes in UTF-8, and none that end a line. */
    static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(20); i > 0; i--) {
            switch (random.nextInt(5)) {
                case 0 -> text.append("\u00e9");
                case 1 -> text.append("\u20ac");
                case 2 -> text.append("\ud83d\ude00");
                default -> text.append((char) (' ' + random.nextInt(95)));
            }
        }
        return text.toString();
    }

    static byte[] bytes(Random random, int bound) {
        byte[] bytes = new byte[random.nextInt(bound)];
        random.nextBytes(bytes);
        return bytes;
    }
}
