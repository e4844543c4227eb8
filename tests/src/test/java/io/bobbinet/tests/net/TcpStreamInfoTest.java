package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpInfo;
import io.bobbinet.net.TcpInfo.State;
import io.bobbinet.net.TcpStream;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.Backends;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the system tells of a connection. */
@OnEachBackend(having = Capability.RAW_OPTIONS)
@DisplayName("TcpStreamInfoTest")
@Timeout(30)
class TcpStreamInfoTest {

    @Test
    void aBackendThatCannotTellSaysWhichCan() throws IOException {
        Backends.using("nio", () -> {
            try (TcpPair pair = TcpPair.open()) {
                assertFails(UnsupportedOperationException.class, pair.ours()::info)
                        .hasMessageContaining("TCP_INFO")
                        .hasMessageContaining("the backend linux");
            }
        });
    }

    @Test
    void countsAreThoseOfTheConversation() throws IOException {
        try (TcpPair pair = TcpPair.open()) {
            pair.ours().send(new byte[1_000]);
            pair.peer().getInputStream().readNBytes(1_000);
            pair.peerSends("answer"); // and the acknowledgement of what came
            pair.ours().receive();
            TcpInfo info = pair.ours().info();
            assertThat(info.bytesSent()).isEqualTo(1_000);
            assertThat(info.bytesAcked()).isEqualTo(1_001); // the SYN counts
            assertThat(info.bytesReceived()).isEqualTo(6);
            assertThat(info.bytesNotSent()).isZero();
            assertThat(info.unacked()).isZero();
            assertThat(info.lost()).isZero();
            assertThat(info.rtt()).isPositive().isLessThan(Duration.ofSeconds(30));
            assertThat(info.minRtt()).isPositive().isLessThanOrEqualTo(info.rtt());
            assertThat(info.mss()).isBetween(500, 65_535);
            assertThat(info.congestionWindow()).isPositive();
        }
    }

    @Test
    void whatAPeerDoesNotTakeIsNotSent() throws IOException {
        try (TcpPair pair = TcpPair.open()) {
            TaskGroup.run(group -> {
                Task<?> sender = group.fork(() -> pair.ours().send(new byte[64 << 20]));
                Blocked.await(sender);
                assertThat(pair.ours().info().bytesNotSent()).isPositive();
                group.cancel();
            });
        }
    }

    @Test
    void theStateFollowsTheConnection() throws IOException {
        try (TcpPair pair = TcpPair.open()) {
            pair.peer().shutdownOutput();
            assertFails(EndOfStreamException.class, pair.ours()::receive);
            assertThat(pair.ours().info().state()).isEqualTo(State.CLOSE_WAIT);
            pair.ours().sendEof();
            assertThat(pair.peer().getInputStream().read()).isEqualTo(-1);
            assertThat(pair.ours().info().state()).isIn(State.LAST_ACK, State.CLOSED);
        }
    }

    @Test
    void aConnectionThatWasResetTellsTooButNotOneThatWeClosed() throws IOException {
        try (TcpPair pair = TcpPair.open()) {
            pair.peerResets();
            assertFails(BrokenResourceException.class, pair.ours()::receive);
            assertThat(pair.ours().info().state()).isEqualTo(State.CLOSED);
            pair.ours().close();
            assertFails(ClosedResourceException.class, pair.ours()::info);
        }
    }

    /** What {@code ss -ti} says of a socket: {@code key:value} and {@code key value}. */
    private static Map<String, String> ss(int port) throws Exception {
        try (PeerProcess ss =
                PeerProcess.start(Peers.program("ss"), "-t", "-i", "-n", "-H", "src", "127.0.0.1:" + port)) {
            List<String> words = List.of(Sockets.text(ss.readToEnd()).strip().split("\\s+"));
            assertThat(ss.awaitExit()).isZero();
            Map<String, String> values = new HashMap<>();
            for (int i = 0; i < words.size(); i++) {
                int colon = words.get(i).indexOf(':');
                if (colon >= 0) {
                    values.putIfAbsent(
                            words.get(i).substring(0, colon), words.get(i).substring(colon + 1));
                } else if (i + 1 < words.size()) {
                    values.putIfAbsent(words.get(i), words.get(i + 1));
                }
            }
            return values;
        }
    }

    /** Milliseconds with three decimals at most. */
    private static Duration millis(String text) {
        return Duration.ofNanos(new BigDecimal(text).movePointRight(6).longValueExact());
    }

    private static long bytesPerSecond(String bitsPerSecond) {
        return Long.parseLong(bitsPerSecond.replace("bps", "")) / 8;
    }

    @Test
    void whatIsToldIsWhatTheSystemsOwnToolTells() throws Exception {
        try (TcpPair pair = TcpPair.open()) {
            for (int i = 0; i < 20; i++) {
                pair.ours().send(new byte[1_000]);
                pair.peer().getInputStream().readNBytes(1_000);
                pair.peerSends("answer");
                pair.ours().receive();
            }
            Map<String, String> tool = ss(pair.ours().localAddress().getPort());
            TcpInfo info = pair.ours().info();
            String[] rtt = tool.get("rtt").split("/");
            assertThat(info.rtt()).isEqualTo(millis(rtt[0]));
            assertThat(info.rttVariance()).isEqualTo(millis(rtt[1]));
            assertThat(info.minRtt()).isEqualTo(millis(tool.get("minrtt")));
            assertThat(info.retransmissionTimeout()).isEqualTo(millis(tool.get("rto")));
            assertThat(info.mss()).hasToString(tool.get("mss"));
            assertThat(info.receiveMss()).hasToString(tool.get("rcvmss"));
            assertThat(info.pathMtu()).hasToString(tool.get("pmtu"));
            assertThat(info.congestionWindow()).hasToString(tool.get("cwnd"));
            assertThat(info.bytesSent()).hasToString(tool.get("bytes_sent"));
            assertThat(info.bytesAcked()).hasToString(tool.get("bytes_acked"));
            assertThat(info.bytesReceived()).hasToString(tool.get("bytes_received"));
            assertThat(info.pacingRate()).isEqualTo(bytesPerSecond(tool.get("pacing_rate")));
            assertThat(info.deliveryRate()).isEqualTo(bytesPerSecond(tool.get("delivery_rate")));
        }
    }

    @Test
    void acceptedConnectionsTellAsWell() throws IOException {
        try (var listener = Tcp.listen("127.0.0.1", 0);
                var client = new Socket("127.0.0.1", listener.localAddress().getPort());
                TcpStream stream = listener.accept()) {
            client.getOutputStream().write(bytes("hello"));
            stream.receive();
            assertThat(stream.info().bytesReceived()).isEqualTo(5);
        }
    }
}
