package io.bobbinet.tests.tls;

import static io.bobbinet.tests.tls.TlsSides.drained;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsStream;
import java.io.IOException;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Peers that fall silent in the handshake: they are given up when its time is over, and nothing stays open. */
@Timeout(60)
class TlsStallTest {
    /** How much of a flight is sent before the silence. */
    private static final List<IntUnaryOperator> PARTS =
            List.of(all -> 0, all -> 1, all -> 5, all -> 6, all -> all / 3, all -> all / 2, all -> all - 1);

    @ParameterizedTest
    @CsvSource({"TLSv1.3, false, 1", "TLSv1.3, true, 2", "TLSv1.2, false, 2", "TLSv1.2, true, 2"})
    @Tag("smoke")
    void silenceAnywhereInAFlightEndsWhenTheTimeIsOver(String version, boolean server, int flights) throws IOException {
        for (int flight = 0; flight < flights; flight++) {
            for (IntUnaryOperator part : PARTS) {
                stall(version, server, flight, part);
            }
        }
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            Task<TlsStream> ours =
                    group.fork(() -> TlsSides.over(below.left(), server, TlsSides.options(server, version)));
            new EnginePeer(below.right(), !server, version).stall(flights, all -> all);
            ours.join().close();
        });
    }

    private static void stall(String version, boolean server, int flight, IntUnaryOperator part) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TlsOptions options = TlsSides.options(server, version).withHandshakeTimeout(ofSeconds(7));
        VirtualTime.run(time -> TaskGroup.run(group -> {
            Task<Void> ours = group.fork(() -> {
                assertThatThrownBy(() -> TlsSides.over(below.left(), server, options))
                        .as("flight %d", flight)
                        .isExactlyInstanceOf(TimedOutException.class)
                        .hasMessageContaining("handshake");
            });
            assertThat(new EnginePeer(below.right(), !server, version).stall(flight, part))
                    .isTrue();
            Blocked.await(ours);
            time.advance(ofMillis(6_999));
            Blocked.await(ours);
            time.advance(ofMillis(1));
            ours.join();
            drained(below.right());
        }));
    }

    @Test
    void theTimeIsThatOfAllCallsThatGoOnWithTheHandshake() throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        VirtualTime.run(time -> TaskGroup.run(group -> {
            var listener = Tls.listener(new OneConnection(below.right()), TlsSides.server());
            TlsStream stream = listener.accept();
            time.advance(ofSeconds(100)); // nothing is asked of it yet
            Task<byte[]> first = group.fork(() -> stream.receive());
            Blocked.await(first);
            time.advance(ofSeconds(29));
            first.cancel();
            first.await();
            Task<Void> second = group.fork(() -> {
                assertThatThrownBy(() -> stream.send(new byte[1])).isExactlyInstanceOf(TimedOutException.class);
                assertThatThrownBy(() -> stream.receive()).isExactlyInstanceOf(ClosedResourceException.class);
            });
            Blocked.await(second);
            time.advance(ofSeconds(1));
            second.join();
            drained(below.left());
        }));
    }
}
