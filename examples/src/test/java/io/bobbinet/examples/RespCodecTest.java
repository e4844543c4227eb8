package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.examples.RespCodec.Array;
import io.bobbinet.examples.RespCodec.Bulk;
import io.bobbinet.examples.RespCodec.Failure;
import io.bobbinet.examples.RespCodec.Int;
import io.bobbinet.examples.RespCodec.Nil;
import io.bobbinet.examples.RespCodec.Reply;
import io.bobbinet.examples.RespCodec.Simple;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.MemoryByteStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a real server it runs in RedisClientTest. */
@Timeout(30)
class RespCodecTest {
    private static final RespCodec CODEC = new RespCodec();

    private static String encoded(Reply reply) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CODEC.encode(reply, bytes);
        return bytes.toString(UTF_8);
    }

    @Test
    void everyKindGoesAndComes() throws IOException {
        Reply all = new Array(List.of(
                new Simple("OK"),
                new Failure("ERR no"),
                new Int(-12),
                Bulk.of("a\r\nb"),
                new Array(List.of()),
                new Nil()));
        assertThat(encoded(all)).isEqualTo("*6\r\n+OK\r\n-ERR no\r\n:-12\r\n$4\r\na\r\nb\r\n*0\r\n$-1\r\n");
        assertThat(CODEC.decode(encoded(all).getBytes(UTF_8))).isEqualTo(all);
        assertThat(CODEC.decode("*-1\r\n".getBytes(UTF_8))).isEqualTo(new Nil());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?\r\n",
                "\r\n",
                ":x\r\n",
                "$-2\r\n",
                "$16777217\r\n",
                "*1048577\r\n",
                "$1\r\nabc\r\n",
                "$1\r\na\rb"
            })
    void afterNonsenseNobodyKnowsWhereAReplyBegins(String bytes) throws IOException {
        var pair = MemoryByteStream.pair();
        try (var peer = pair.left();
                var stream = BufferedReceiveStream.over(pair.right())) {
            peer.send(bytes.getBytes(UTF_8));
            assertThatThrownBy(() -> CODEC.decodeFrame(stream))
                    .isInstanceOfSatisfying(
                            MalformedPacketException.class,
                            e -> assertThat(e.isRecoverable()).isFalse())
                    .hasMessageStartingWith("RESP2: ");
        }
    }

    @Test
    void neitherDeepNestingNorAnEndlessLineExhaustsAnything() throws IOException {
        assertThat(CODEC.decode(("*1\r\n".repeat(32) + ":1\r\n").getBytes(UTF_8)))
                .isInstanceOf(Array.class);
        assertThatThrownBy(() -> CODEC.decode("*1\r\n".repeat(33).getBytes(UTF_8)))
                .hasMessage("RESP2: arrays are nested deeper than 32");
        assertThatThrownBy(() -> CODEC.decode(("+" + "x".repeat(70_000)).getBytes(UTF_8)))
                .hasMessage("RESP2: a line is longer than 65536 bytes");
    }

    @Test
    void theLimitsAreThoseOfTheWholeReply() {
        String eightMegabytes = "$8388608\r\n" + "x".repeat(8_388_608) + "\r\n";
        assertThatThrownBy(() -> CODEC.decode(("*3\r\n" + eightMegabytes.repeat(2) + ":1\r\n").getBytes(UTF_8)))
                .isInstanceOf(MalformedPacketException.class);
        assertThatThrownBy(() -> CODEC.decode(("*2\r\n" + "*1048575\r\n").getBytes(UTF_8)))
                .hasMessage("RESP2: not from -1 to 1048574: 1048575");
        assertThatThrownBy(() -> CODEC.decode("*1\r\n*1048576\r\n".getBytes(UTF_8)))
                .hasMessage("RESP2: not from -1 to 1048575: 1048576");
    }

    @Test
    void aWordThatIsNoTextIsNotGuessed() {
        assertThatThrownBy(() -> CODEC.decode(new byte[] {'+', (byte) 0xff, '\r', '\n'}))
                .isInstanceOf(MalformedPacketException.class)
                .hasMessageStartingWith("RESP2: ");
    }

    @Test
    void aLineThatIsTwoIsNotSent() {
        assertThatIllegalArgumentException().isThrownBy(() -> encoded(new Simple("a\r\n+b")));
    }
}
