package io.bobbinet.tests.tls;

import static io.bobbinet.tests.tls.TlsSides.bytes;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.tls.TlsEnd;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A short conversation, of a handshake, two messages and a close_notify, whose transport ends after each of its bytes in turn: an
 * end that the peer has not announced is never taken for one that it has.
 */
@Timeout(60)
class TlsTruncationTest {
    private static final String FIRST = "first message";
    private static final String SECOND = "second message";

    /** What has become of one conversation. */
    private record Outcome(boolean cut, long size, boolean handshaken, String received, IOException end) {
        Outcome(CutStream transport, boolean handshaken, ByteArrayOutputStream received, IOException end) {
            this(transport.isCut(), transport.received(), handshaken, received.toString(UTF_8), end);
        }
    }

    private static final Outcome WHOLE_YET_TO_COME = new Outcome(true, 0, false, "", new IOException("none"));

    /** Bytes at the end of the conversation, the messages and the close_notify among them. */
    private static final int MESSAGES = 200;

    @ParameterizedTest
    @CsvSource({"TLSv1.3, false", "TLSv1.3, true", "TLSv1.2, false", "TLSv1.2, true"})
    void anEndAfterEachByteIsToldFromTheEndOfTheConversation(String version, boolean server) throws IOException {
        long total = 0;
        for (TlsEnd reading : TlsEnd.values()) {
            Outcome whole = converse(version, server, Long.MAX_VALUE, reading);
            judge(whole, Long.MAX_VALUE, reading);
            total = whole.size;
        }
        int turn = new Random().nextInt(2);
        int handshakes = 0;
        long n = 0;
        for (Outcome outcome = WHOLE_YET_TO_COME; outcome.cut; n += step(outcome, n, total)) {
            // To take both readings for each byte costs too much; the next run may take the other.
            TlsEnd reading = TlsEnd.values()[(int) (n + turn) % 2];
            outcome = converse(version, server, n, reading);
            judge(outcome, n, reading);
            handshakes += outcome.handshaken ? 0 : 1;
            if (n > total - MESSAGES) {
                TlsEnd other = TlsEnd.values()[(int) (n + turn + 1) % 2];
                judge(converse(version, server, n, other), n, other);
            }
        }
        assertThat(handshakes).as("handshakes that were cut").isGreaterThan(100);
        assertThat(n).as("bytes of the conversation").isGreaterThan(handshakes + 50);
    }

    /** Session tickets, which a client that has done its handshake only skips, are cut at some bytes alone. */
    private static long step(Outcome outcome, long n, long total) {
        return outcome.handshaken && n < total - MESSAGES ? 7 : 1;
    }

    private static void judge(Outcome outcome, long n, TlsEnd reading) {
        String what = n + " bytes, " + reading + ", " + outcome;
        assertThat(FIRST + SECOND).as(what).startsWith(outcome.received);
        if (!outcome.cut) {
            assertThat(outcome.received).as(what).isEqualTo(FIRST + SECOND);
        }
        boolean broken = outcome.cut && (!outcome.handshaken || reading == TlsEnd.STRICT);
        assertThat(outcome.end)
                .as(what)
                .isExactlyInstanceOf(broken ? BrokenResourceException.class : EndOfStreamException.class);
    }

    private static Outcome converse(String version, boolean server, long n, TlsEnd reading) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair(8_192);
        return TaskGroup.call(group -> {
            group.fork(() -> speak(below.right(), !server, TlsSides.options(!server, version)));
            CutStream transport = CutStream.ending(below.left(), n);
            TlsOptions options = TlsSides.options(server, version).withEnd(reading);
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            TlsStream stream;
            try {
                stream = TlsSides.over(transport, server, options);
            } catch (IOException e) {
                return new Outcome(transport, false, received, e);
            }
            try (stream) {
                return listen(stream, transport, received);
            }
        });
    }

    private static Outcome listen(TlsStream stream, CutStream transport, ByteArrayOutputStream received)
            throws IOException {
        while (true) {
            try {
                received.write(stream.receive());
            } catch (IOException end) {
                assertThat(repeated(stream)).hasSameClassAs(end);
                return new Outcome(transport, true, received, end);
            }
        }
    }

    /** An end stays as it was. */
    private static Throwable repeated(TlsStream stream) {
        try {
            stream.receive();
            return new AssertionError("received after the end");
        } catch (IOException again) {
            return again;
        }
    }

    /** The side that is not cut; it may find that the other has gone. */
    private static void speak(MemoryByteStream below, boolean server, TlsOptions options) throws IOException {
        try (TlsStream stream = TlsSides.over(below, server, options)) {
            stream.send(bytes(FIRST));
            stream.send(bytes(SECOND));
        } catch (BrokenResourceException e) {
            // The other side has seen its end and closed.
        }
    }
}
