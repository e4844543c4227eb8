package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.bytes;
import static io.bobbinet.tests.stream.StreamTesting.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.testkit.HostileStreams;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HostileStreamTest {
    private static final IOException FAILURE = new IOException("as asked for");

    @Test
    @Tag("smoke")
    void oneByteAtATimeGivesOneByteAtATime() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            ByteStream stream = HostileStreams.oneByteAtATime(pair.right());
            pair.left().send(bytes("abc"));

            assertThat(text(stream.receive())).isEqualTo("a");
            ByteBuffer target = ByteBuffer.allocate(5);
            assertThat(stream.receive(target)).isEqualTo(1);
            assertThat(target.limit()).isEqualTo(5);
            assertThat(text(stream.receive(2))).isEqualTo("c");
        }
    }

    @Test
    void randomChunksAreTheSameWithTheSameSeedAndOfAllSizes() throws IOException {
        List<Integer> sizes = chunkSizes(1);

        assertThat(chunkSizes(1)).isEqualTo(sizes);
        assertThat(chunkSizes(2)).isNotEqualTo(sizes);
        assertThat(sizes).anyMatch(size -> size < 100).anyMatch(size -> size > 1000);
    }

    private static List<Integer> chunkSizes(long seed) throws IOException {
        List<Integer> sizes = new ArrayList<>();
        try (var pair = MemoryByteStream.pair()) {
            ByteStream stream = HostileStreams.randomChunks(pair.right(), seed);
            pair.left().send(new byte[50_000]);
            pair.left().sendEof();
            stream.forEach(chunk -> sizes.add(chunk.length));
        }
        return sizes;
    }

    @Test
    void receiveFailsAtTheGivenByteForEver() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            ByteStream stream = HostileStreams.failingReceive(pair.right(), 4, FAILURE);
            pair.left().send(bytes("abcdef"));

            assertThat(text(stream.receive())).isEqualTo("abcd");
            for (int i = 0; i < 2; i++) {
                assertThatExceptionOfType(IOException.class)
                        .isThrownBy(() -> stream.receive())
                        .isSameAs(FAILURE);
            }
            stream.send(bytes("sending works"));
            stream.close();
            assertThatExceptionOfType(ClosedResourceException.class).isThrownBy(() -> stream.receive());
        }
    }

    @Test
    void loopEndsWithTheStreamAndEveryOtherFailureLeavesIt() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            List<String> pieces = new ArrayList<>();
            pair.left().send(bytes("abcdef"));
            pair.left().sendEof();
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> HostileStreams.failingReceive(pair.right(), 4, FAILURE)
                            .forEach(piece -> pieces.add(text(piece))))
                    .isSameAs(FAILURE);
            pair.right().forEach(piece -> pieces.add(text(piece)));

            assertThat(pieces).containsExactly("abcd", "ef");
        }
    }

    @Test
    void sendFailsAtTheGivenByteForEver() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            ByteStream stream = HostileStreams.failingSend(pair.left(), 4, FAILURE);
            ByteBuffer first = ByteBuffer.wrap(bytes("abc"));
            ByteBuffer second = ByteBuffer.wrap(bytes("def"));

            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> stream.send(first, second))
                    .isSameAs(FAILURE);
            assertThat(first.remaining()).isZero();
            assertThat(second.remaining()).isEqualTo(2);
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> stream.send(second))
                    .isSameAs(FAILURE);
            assertThat(text(pair.right().receive())).isEqualTo("abcd");
        }
    }

    @Test
    void wrappersBelowABufferedStreamChangeNothing() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var stream = BufferedReceiveStream.over(HostileStreams.oneByteAtATime(pair.right()));
            pair.left().send(bytes("line one\r\nline two\r\n"));

            assertThat(text(stream.receiveUntil(bytes("\r\n"), 8))).isEqualTo("line one");
            assertThat(text(stream.receiveExactly(8))).isEqualTo("line two");
        }
    }
}
