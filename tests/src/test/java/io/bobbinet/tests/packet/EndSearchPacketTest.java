package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketProtocolException;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.EndSearch;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import java.io.IOException;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Malformed packets whose end a search finds, and what comes between packets. */
@Timeout(30)
class EndSearchPacketTest {

    /** Packets of three letters, with dots between them; one that begins with a bracket goes on to where a search says. */
    private record Letters(EndSearch end) implements FramedCodec<String> {
        @Override
        public void encodeFrame(String packet, OutputStream target) throws IOException {
            target.write(packet.getBytes(US_ASCII));
        }

        @Override
        public void skipGap(BufferedReceiveStream stream) throws IOException {
            while (stream.peek(1)[0] == '.') {
                byte[] unused = stream.receiveExactly(1);
            }
        }

        @Override
        public String decodeFrame(BufferedReceiveStream stream) throws IOException {
            String packet = new String(stream.receiveExactly(3), US_ASCII);
            if (packet.startsWith("[")) {
                throw MalformedPacketException.upTo(end, toString(), "a bracket");
            }
            return packet;
        }

        @Override
        public String toString() {
            return "letters";
        }
    }

    private static PacketClient<String, String> client(EndSearch end, String text) throws IOException {
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
        pair.left().send(text.getBytes(US_ASCII));
        pair.left().sendEof();
        return PacketClient.over(pair.right(), StreamProtocol.of(new Letters(end)));
    }

    private static int bracket(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == ']') {
                return i + 1 - from;
            }
        }
        return EndSearch.MORE;
    }

    @Test
    void packetIsDiscardedToWhereTheSearchSays() throws IOException {
        try (var client = client(EndSearchPacketTest::bracket, "one[two three four]fiv")) {
            assertThat(client.receive()).isEqualTo("one");
            assertThatExceptionOfType(MalformedPacketException.class)
                    .isThrownBy(client::receive)
                    .satisfies(e -> assertThat(e.isRecoverable()).isTrue());
            assertThat(client.receive()).isEqualTo("fiv");
        }
    }

    @Test
    void searchThatFindsNoPacketEndsTheReceiving() throws IOException {
        EndSearch none = (bytes, from, to) -> {
            throw new MalformedPacketException("letters", "there is no end");
        };
        try (var client = client(none, "[two]fiv")) {
            assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(client::receive);
            for (int i = 0; i < 2; i++) {
                assertThatExceptionOfType(BrokenResourceException.class)
                        .isThrownBy(client::receive)
                        .withCauseInstanceOf(MalformedPacketException.class);
            }
        }
    }

    @Test
    void searchThatCrashesEndsTheReceiving() throws IOException {
        EndSearch crashing = (bytes, from, to) -> {
            throw new IllegalStateException("crash");
        };
        try (var client = client(crashing, "[two]fiv")) {
            assertThatExceptionOfType(MalformedPacketException.class).isThrownBy(client::receive);
            assertThatExceptionOfType(PacketProtocolException.class)
                    .isThrownBy(client::receive)
                    .withCauseInstanceOf(IllegalStateException.class);
            assertThatExceptionOfType(BrokenResourceException.class).isThrownBy(client::receive);
        }
    }

    @Test
    void whatComesBetweenPacketsIsPartOfNone() throws IOException {
        try (var client = client(EndSearchPacketTest::bracket, "..one...two..")) {
            assertThat(client.receive()).isEqualTo("one");
            assertThat(client.receive()).isEqualTo("two");
            assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(client::receive);
        }
        try (var client = client(EndSearchPacketTest::bracket, "..one..tw")) {
            assertThat(client.receive()).isEqualTo("one");
            assertThatExceptionOfType(IncompleteReadException.class)
                    .isThrownBy(client::receive)
                    .withMessageContaining("2 bytes");
        }
        assertThat(new Letters(EndSearchPacketTest::bracket).decode("..one".getBytes(US_ASCII)))
                .isEqualTo("one");
    }

    @Test
    void gapThatCrashesIsACrashOfTheCodec() throws IOException {
        Letters letters = new Letters(EndSearchPacketTest::bracket);
        FramedCodec<String> crashing = new FramedCodec<>() {
            @Override
            public void encodeFrame(String packet, OutputStream target) throws IOException {
                letters.encodeFrame(packet, target);
            }

            @Override
            public void skipGap(BufferedReceiveStream stream) {
                throw new IllegalStateException("crash");
            }

            @Override
            public String decodeFrame(BufferedReceiveStream stream) throws IOException {
                return letters.decodeFrame(stream);
            }
        };
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
        try (var feeder = pair.left();
                var client = PacketClient.over(pair.right(), StreamProtocol.of(crashing))) {
            feeder.send("one".getBytes(US_ASCII));
            assertThatExceptionOfType(PacketProtocolException.class)
                    .isThrownBy(client::receive)
                    .withCauseInstanceOf(IllegalStateException.class);
        }
    }
}
