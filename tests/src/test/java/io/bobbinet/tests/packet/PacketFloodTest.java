package io.bobbinet.tests.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Eight threads send and one receives, on one client at each end. */
@OnEachBackend
@DisplayName("PacketFloodTest")
@Timeout(120)
final class PacketFloodTest {
    private static final int SENDERS = 8;
    private static final int PACKETS = 1_000_000;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(names = {"TCP", "UNIX"})
    @Tag("smoke")
    void ofAMillionPacketsNoneIsLostOrMixedUpWithAnother(StreamKind kind) throws Exception {
        StreamProtocol<byte[], byte[]> protocol = StreamProtocol.of(BlockCodec.BLOCKS);
        try (StreamPair<? extends ByteStream> pair = kind.open(folder);
                var sender = PacketClient.over(pair.left(), protocol);
                var receiver = PacketClient.over(pair.right(), protocol)) {
            TaskGroup.run(group -> {
                for (int i = 0; i < SENDERS; i++) {
                    int number = i;
                    group.fork(() -> {
                        for (int sequence = 0; sequence < PACKETS / SENDERS; sequence++) {
                            sender.send(packet(number, sequence));
                        }
                    });
                }
                int[] next = new int[SENDERS];
                for (int i = 0; i < PACKETS; i++) {
                    byte[] packet = receiver.receive();
                    int number = packet[0];
                    check(packet, number, next[number]++);
                }
                assertThat(next).containsOnly(PACKETS / SENDERS);
            });
            assertThat(receiver.available().packets()).isEmpty();
        }
    }

    /** Of 5 to 36 bytes: who sends it, its number, and bytes that follow from the two. */
    private static byte[] packet(int sender, int sequence) {
        byte[] packet = new byte[5 + (sequence * 7 + sender & 31)];
        ByteBuffer.wrap(packet).put((byte) sender).putInt(sequence);
        for (int i = 5; i < packet.length; i++) {
            packet[i] = (byte) (sender * 31 + sequence + i);
        }
        return packet;
    }

    private static void check(byte[] packet, int sender, int sequence) {
        if (!Arrays.equals(packet, packet(sender, sequence))) {
            assertThat(packet).isEqualTo(packet(sender, sequence));
        }
    }
}
