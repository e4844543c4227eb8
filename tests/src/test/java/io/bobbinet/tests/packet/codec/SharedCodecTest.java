package io.bobbinet.tests.packet.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.packet.codec.Base64Text;
import io.bobbinet.packet.codec.Compressed;
import io.bobbinet.packet.codec.Delimited;
import io.bobbinet.packet.codec.Encrypted;
import io.bobbinet.packet.codec.FileLike;
import io.bobbinet.packet.codec.LengthPrefixed;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.packet.codec.Serialized;
import io.bobbinet.packet.codec.Text;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.HostileStreams;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.ObjectInputFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One codec, used by many connections at the same time, of which each has only a part of a packet. */
@Timeout(60)
class SharedCodecTest {
    private static final int CONNECTIONS = 16;
    private static final int PACKETS = 200;

    static Stream<FramedCodec<String>> codecs() {
        Text text = Text.utf8();
        return Stream.of(
                Lines.utf8(),
                Delimited.of(text, new byte[] {0, 0}),
                LengthPrefixed.of(text),
                LengthPrefixed.of(Encrypted.aesGcm(text, new SecretKeySpec(new byte[16], "AES"))),
                LengthPrefixed.of(Serialized.of(String.class, info -> ObjectInputFilter.Status.ALLOWED)),
                Base64Text.of(text).withSignature(Base64Text.newKey()),
                Compressed.zlib(text),
                Compressed.gzip(text),
                FileLike.of(
                        in -> new DataInputStream(in).readUTF(),
                        (packet, target) -> new DataOutputStream(target).writeUTF(packet)));
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void manyConnectionsWithPartialPacketsShareOneCodec(FramedCodec<String> codec, TestReporter reporter)
            throws Exception {
        long seed = new Random().nextLong();
        reporter.publishEntry("seed", Long.toString(seed));
        StreamProtocol<String, String> protocol = StreamProtocol.of(codec);

        TaskGroup.run(group -> {
            for (int i = 0; i < CONNECTIONS; i++) {
                long own = seed + i;
                var pair = MemoryByteStream.pair(64); // so that no packet comes whole
                group.fork(() -> send(PacketClient.over(pair.left(), protocol), own));
                var chunks = HostileStreams.randomChunks(pair.right(), own);
                group.fork(() -> check(PacketClient.over(chunks, protocol), own));
            }
        });
    }

    private static String packet(Random random) {
        return CodecTesting.text(random).repeat(random.nextInt(8));
    }

    private static void send(PacketClient<String, String> client, long seed) throws Exception {
        Random random = new Random(seed);
        try (client) {
            for (int i = 0; i < PACKETS; i++) {
                client.send(packet(random));
            }
            client.sendEof();
        }
    }

    private static void check(PacketClient<String, String> client, long seed) throws Exception {
        Random random = new Random(seed);
        List<String> received = new ArrayList<>();
        try (client) {
            client.forEach(
                    packet -> {
                        assertThat(packet).isEqualTo(packet(random));
                        received.add(packet);
                    },
                    malformed -> {
                        throw new AssertionError(malformed);
                    });
        }
        assertThat(received).hasSize(PACKETS);
    }
}
