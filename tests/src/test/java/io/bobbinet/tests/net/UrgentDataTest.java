package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.testing.OnEachBackend;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Urgent data, RFC 9293 section 3.8.5, is no part of the stream, but the system ends a read before it, as if there were no
 * more: a receiver must come to know what is behind it.
 */
@OnEachBackend
@DisplayName("UrgentDataTest")
@Timeout(30)
class UrgentDataTest {
    private static final int RUNS = 100;

    @Test
    @Tag("smoke")
    void whatIsBehindUrgentDataIsReceived() throws IOException {
        for (int i = 0; i < RUNS; i++) {
            try (TcpPair pair = TcpPair.open()) {
                peerSends(pair, "first", "second");
                assertThat(received(pair, 11)).isEqualTo("firstsecond");
            }
        }
    }

    @Test
    void soItIsByAReceiverThatHasTakenAllBefore() throws IOException {
        for (int i = 0; i < RUNS; i++) {
            try (TcpPair pair = TcpPair.open()) {
                pair.peerSends("before");
                assertThat(received(pair, 6)).isEqualTo("before");
                peerSends(pair, "first", "second");
                assertThat(received(pair, 11)).isEqualTo("firstsecond");
                peerSends(pair, "third", "fourth");
                assertThat(received(pair, 11)).isEqualTo("thirdfourth");
            }
        }
    }

    @Test
    void urgentDataAndTheEndAreNoData() throws IOException {
        for (int i = 0; i < RUNS; i++) {
            try (TcpPair pair = TcpPair.open()) {
                pair.peerSends("all");
                pair.peer().sendUrgentData('!');
                pair.peer().shutdownOutput();
                assertThat(received(pair, 3)).isEqualTo("all");
                assertFails(EndOfStreamException.class, pair.ours()::receive);
            }
        }
    }

    private static void peerSends(TcpPair pair, String before, String behind) throws IOException {
        pair.peerSends(before);
        pair.peer().sendUrgentData('!');
        pair.peerSends(behind);
    }

    private static String received(TcpPair pair, int count) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (all.size() < count) {
            all.write(pair.ours().receive());
        }
        return Sockets.text(all.toByteArray());
    }
}
