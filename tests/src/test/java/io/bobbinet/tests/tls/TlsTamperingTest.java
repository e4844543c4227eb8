package io.bobbinet.tests.tls;

import static io.bobbinet.tests.tls.TlsSides.bytes;
import static io.bobbinet.tests.tls.TlsSides.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.tls.TlsEnd;
import io.bobbinet.tls.TlsStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Records that somebody on the way has damaged, doubled, left out or made up. */
@Timeout(30)
class TlsTamperingTest {
    @FunctionalInterface
    private interface Body {
        void run(TlsStream ours, EnginePeer peer) throws IOException;
    }

    /** A connection for each body, which reads the end leniently so that nothing hides behind a missing close_notify. */
    private static void converse(String version, boolean server, Body body) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            Task<TlsStream> ours = group.fork(() -> TlsSides.over(
                    below.left(), server, TlsSides.options(server, version).withEnd(TlsEnd.LENIENT)));
            EnginePeer peer = new EnginePeer(below.right(), !server, version).handshaken();
            try (TlsStream stream = ours.join()) {
                body.run(stream, peer);
            }
        });
    }

    /** What was said before is received; from then on both directions are broken, and the peer is told. */
    private static void breaks(TlsStream ours, EnginePeer peer, String what) throws IOException {
        assertThatThrownBy(() -> ours.receive())
                .as(what)
                .isExactlyInstanceOf(BrokenResourceException.class)
                .hasCauseInstanceOf(SSLException.class);
        assertThatThrownBy(() -> ours.receive()).as(what).isExactlyInstanceOf(BrokenResourceException.class);
        assertThatThrownBy(() -> ours.send(new byte[1])).as(what).isExactlyInstanceOf(BrokenResourceException.class);
        ours.close();
        assertThatThrownBy(peer::receive)
                .as("%s: what the peer is told", what)
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("fatal alert");
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3, false", "TLSv1.3, true", "TLSv1.2, false", "TLSv1.2, true"})
    void aFlippedBitBreaksTheConnection(String version, boolean server) throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 60; i++) {
            String what = "round " + i + " of seed " + seed;
            converse(version, server, (ours, peer) -> {
                peer.send("whole");
                byte[] record = peer.record(new byte[1 + random.nextInt(300)]);
                int bit = random.nextInt(8 * record.length);
                while (bit / 8 == 1 || bit / 8 == 2) {
                    bit = random.nextInt(8 * record.length); // the version, which RFC 8446, section 5.1, has ignored
                }
                record[bit / 8] ^= (byte) (1 << bit % 8);
                peer.transport.send(record);
                // A length may have grown: then the record ends in the middle of these, or before its end.
                peer.transport.send(new byte[20_000]);
                peer.transport.sendEof();
                assertThat(text(ours.receive())).isEqualTo("whole");
                breaks(ours, peer, what);
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3, false", "TLSv1.3, true", "TLSv1.2, false", "TLSv1.2, true"})
    @Tag("smoke")
    void aReplayedRecordBreaksTheConnection(String version, boolean server) throws IOException {
        converse(version, server, (ours, peer) -> {
            byte[] record = peer.record(bytes("pay 100"));
            peer.transport.send(record);
            peer.transport.send(record);
            assertThat(text(ours.receive())).isEqualTo("pay 100");
            breaks(ours, peer, "replayed");
        });
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3, false", "TLSv1.3, true", "TLSv1.2, false", "TLSv1.2, true"})
    void aMissingRecordBreaksTheConnection(String version, boolean server) throws IOException {
        converse(version, server, (ours, peer) -> {
            peer.send("do ");
            peer.record(bytes("not "));
            peer.send("shoot");
            assertThat(text(ours.receive())).isEqualTo("do ");
            breaks(ours, peer, "left out");
        });
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3, false", "TLSv1.3, true", "TLSv1.2, false", "TLSv1.2, true"})
    void aCutRecordWithAnotherBehindItBreaksTheConnection(String version, boolean server) throws IOException {
        converse(version, server, (ours, peer) -> {
            byte[] record = peer.record(bytes("a message that is cut"));
            peer.transport.send(Arrays.copyOf(record, record.length - 8));
            peer.send("another message");
            breaks(ours, peer, "cut");
        });
    }

    /** Above all the forged end: who can cut a connection can send plaintext too. */
    @ParameterizedTest
    @CsvSource({
        "close_notify in plaintext, 15 03 03 00 02 01 00",
        "fatal alert in plaintext, 15 03 03 00 02 02 28",
        "data in plaintext, 17 03 03 00 04 65 76 69 6c",
        "empty data in plaintext, 17 03 03 00 00",
        "empty alert, 15 03 03 00 00",
        "hello, 16 03 03 00 04 01 00 00 00",
        "request for a hello, 16 03 03 00 04 00 00 00 00",
        "change of ciphers, 14 03 03 00 01 01",
        "heartbeat, 18 03 03 00 03 01 ff ff",
        "unknown type, 1a 03 03 00 01 00",
        "type zero, 00 03 03 00 01 00",
        "record of 65535 bytes, 17 03 03 ff ff",
        "record of 18433 bytes, 17 03 03 48 01",
        "old version, 17 02 00 00 01",
        "plaintext, 48 54 54 50 2f 31 2e 31",
        "one byte, 78",
    })
    void whatIsMadeUpBreaksTheConnection(String name, String record) throws IOException {
        for (String version : new String[] {TlsSides.TLS_1_3, TlsSides.TLS_1_2}) {
            for (boolean server : new boolean[] {true, false}) {
                converse(version, server, (ours, peer) -> {
                    peer.send("true");
                    peer.transport.send(hex(record));
                    assertThat(text(ours.receive())).isEqualTo("true");
                    breaks(ours, peer, name + ", " + version + (server ? ", server" : ", client"));
                });
            }
        }
    }
}
