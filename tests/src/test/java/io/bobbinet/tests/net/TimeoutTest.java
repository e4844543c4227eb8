package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpConnector;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixConnector;
import io.bobbinet.stream.Connector;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Calls that time out, over and over: nothing is lost and nothing is left open. On real time, of tiny durations. */
@OnEachBackend
@DisplayName("TimeoutTest")
@Timeout(60)
class TimeoutTest {
    private static final int TIMEOUTS = 10_000;
    private static final int CONNECTS = 1_000;

    @Test
    void receiveThatTimedOutTenThousandTimesHasLostNoByte() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        AtomicInteger timeouts = new AtomicInteger();
        try (TcpPair pair = TcpPair.open()) {
            TaskGroup.run(group -> {
                group.fork(() -> feed(pair, new Random(seed + 1), timeouts));
                long received = 0;
                int pieces = 0;
                while (true) {
                    try {
                        byte[] piece = CancelScope.failAfter(Duration.ofNanos(random.nextInt(200_000)))
                                .call(() -> receive(pair.ours(), random));
                        Numbered.check(piece, received);
                        received += piece.length;
                        pieces++;
                    } catch (TimedOutException e) {
                        timeouts.incrementAndGet();
                    } catch (EndOfStreamException e) {
                        break;
                    }
                }
                assertThat(received).as("bytes, seed %d", seed).isEqualTo(FED);
                assertThat(timeouts.get()).isGreaterThanOrEqualTo(TIMEOUTS);
                assertThat(pieces)
                        .as("receives between the timeouts, seed %d", seed)
                        .isGreaterThan(100);
            });
        }
    }

    private static final int FED = 50_000;

    private static byte[] receive(TcpStream stream, Random random) throws IOException {
        if (random.nextBoolean()) {
            return stream.receive(1 + random.nextInt(30));
        }
        ByteBuffer target = ByteBuffer.allocate(1 + random.nextInt(30));
        int count = stream.receive(target);
        return java.util.Arrays.copyOf(target.array(), count);
    }

    /** Sends as many bytes of all as there were timeouts of all, so that the two go side by side. */
    private static void feed(TcpPair pair, Random random, AtomicInteger timeouts) throws IOException {
        int sent = 0;
        while (sent < FED) {
            long due = (long) FED * Math.min(timeouts.get(), TIMEOUTS) / TIMEOUTS;
            if (sent < due) {
                int count = (int) Math.min(1 + random.nextInt(30), due - sent);
                pair.peer().getOutputStream().write(Numbered.bytes(sent, count));
                sent += count;
            } else {
                Thread.yield();
            }
        }
        pair.peer().shutdownOutput();
    }

    @Test
    @Tag("smoke")
    @EnabledOnOs(OS.LINUX)
    void cancelledTcpConnectsLeaveNothingOpen() throws Exception {
        try (ServerSocketChannel full = ServerSocketChannel.open()) {
            full.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 1);
            List<SocketChannel> fillers = fill(full);
            int port = ((InetSocketAddress) full.getLocalAddress()).getPort();
            cancelConnects(Tcp.connector("127.0.0.1", port), CONNECTS);
            TcpConnector limited = Tcp.connector("127.0.0.1", port).withConnectTimeout(Duration.ofMillis(1));
            assertFails(TimedOutException.class, limited::connect);
            for (SocketChannel filler : fillers) {
                filler.close();
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void cancelledUnixConnectsLeaveNothingOpen(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("full");
        try (ServerSocketChannel full = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            full.bind(UnixDomainSocketAddress.of(path), 1);
            List<SocketChannel> fillers = fill(full);
            cancelConnects(Unix.connector(path), CONNECTS);
            UnixConnector limited = Unix.connector(path).withConnectTimeout(Duration.ofMillis(1));
            assertFails(TimedOutException.class, limited::connect);
            for (SocketChannel filler : fillers) {
                filler.close();
            }
        }
    }

    /** Fills the backlog of a listener that accepts nothing: from then on a connect waits. */
    private static List<SocketChannel> fill(ServerSocketChannel listener) throws IOException {
        List<SocketChannel> fillers = new ArrayList<>();
        boolean full = false;
        while (!full) {
            SocketChannel filler = SocketChannel.open(
                    listener.getLocalAddress() instanceof UnixDomainSocketAddress
                            ? StandardProtocolFamily.UNIX
                            : StandardProtocolFamily.INET);
            fillers.add(filler);
            filler.configureBlocking(false);
            try {
                filler.connect(listener.getLocalAddress());
                full = !filler.finishConnect();
            } catch (SocketException e) {
                full = true; // so it is told by a UNIX socket: EAGAIN
            }
            assertThat(fillers).as("a backlog of 1").hasSizeLessThan(100);
        }
        return fillers;
    }

    private static void cancelConnects(Connector<?> connector, int count) throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        long before = Sockets.openSockets();
        for (int i = 0; i < count; i++) {
            boolean connected = CancelScope.moveOnAfter(Duration.ofNanos(random.nextInt(1_000_000)))
                    .run(() -> {
                        connector.connect();
                    });
            assertThat(connected).as("run %d of seed %d", i, seed).isFalse();
        }
        assertThat(Sockets.openSockets()).as("open sockets").isEqualTo(before);
    }

    @Test
    void acceptThatTimedOutLeavesTheListenerAndItsBacklog() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int connections = 200;
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
            TaskGroup.run(group -> {
                group.fork(() -> {
                    for (int i = 0; i < connections; i++) {
                        try (SocketChannel client = SocketChannel.open(listener.localAddress())) {
                            client.write(ByteBuffer.wrap(new byte[] {(byte) i}));
                        }
                    }
                });
                long sum = 0;
                for (int accepted = 0; accepted < connections; ) {
                    try (TcpStream stream = CancelScope.failAfter(Duration.ofNanos(random.nextInt(100_000)))
                            .call(listener::accept)) {
                        accepted++;
                        sum += stream.receive(1)[0];
                    } catch (TimedOutException e) {
                        // the next turn accepts what came
                    }
                }
                long expected = 0;
                for (int i = 0; i < connections; i++) {
                    expected += (byte) i;
                }
                assertThat(sum).as("seed %d", seed).isEqualTo(expected);
            });
        }
    }
}
