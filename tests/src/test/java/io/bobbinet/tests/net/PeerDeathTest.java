package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.TalkingPeer;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** However and whenever the peer dies, every call ends, with what is documented for it. */
@OnEachBackend
@DisplayName("PeerDeathTest")
@Timeout(60)
class PeerDeathTest {
    private static final int RUNS = 500;

    private enum Death {
        /** The kernel sends an end, or a reset if data was not read. */
        CLOSE,
        /** The kernel sends a reset. */
        RESET,
        /** An end of its own first, then it goes on reading for a while. */
        END_THEN_CLOSE,
        END_THEN_RESET
    }

    /** A random conversation, from our side and from that of the peer. */
    private final class Run {
        final Random random;
        final Death death;
        final TcpStream ours;
        final SocketChannel peer;

        /** What the peer has written before it ended. */
        final AtomicLong peerSent = new AtomicLong();

        long received;

        Run(Random random) throws IOException {
            this.random = random;
            this.death = Death.values()[random.nextInt(Death.values().length)];
            InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
            if (random.nextBoolean()) {
                try (ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0))) {
                    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
                    ours = Tcp.connect("127.0.0.1", port);
                    peer = server.accept();
                }
            } else {
                try (TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
                    peer = SocketChannel.open(listener.localAddress());
                    ours = listener.accept();
                }
            }
        }

        void play() throws IOException {
            try (ours) {
                TaskGroup.run(group -> {
                    Task<IOException> receiver = group.fork(this::receiveUntilItFails);
                    Task<IOException> sender = group.fork(this::sendUntilItFails);
                    if (random.nextInt(4) == 0) {
                        Blocked.await(receiver);
                    }
                    if (random.nextInt(4) == 0) {
                        Blocked.await(sender);
                    }
                    liveAndDie();
                    assertThat(sender.join())
                            .isExactlyInstanceOf(BrokenResourceException.class)
                            .hasCauseInstanceOf(IOException.class);
                    judge(receiver.join());
                });
                assertFails(BrokenResourceException.class, () -> ours.send(new byte[1]));
            }
            assertFails(ClosedResourceException.class, ours::receive);
            assertFails(ClosedResourceException.class, () -> ours.send(new byte[1]));
        }

        private void judge(IOException end) {
            if (end instanceof EndOfStreamException) {
                assertThat(death).as("an end was received").isNotEqualTo(Death.RESET);
                assertThat(received).as("bytes before the end").isEqualTo(peerSent.get());
            } else {
                assertThat(end)
                        .isExactlyInstanceOf(BrokenResourceException.class)
                        .hasCauseInstanceOf(IOException.class);
            }
            for (int i = 0; i < 2; i++) {
                assertFails(end.getClass(), ours::receive);
            }
        }

        private IOException receiveUntilItFails() {
            try {
                while (true) {
                    byte[] piece = ours.receive(1 + random.nextInt(20_000));
                    Numbered.check(piece, received);
                    received += piece.length;
                }
            } catch (IOException e) {
                return e;
            }
        }

        private IOException sendUntilItFails() {
            try {
                while (true) {
                    ours.send(new byte[10_000]);
                }
            } catch (IOException e) {
                return e;
            }
        }

        /** The peer's side. */
        private void liveAndDie() throws IOException {
            Random own = new Random(random.nextLong());
            try (peer) {
                for (int i = own.nextInt(20); i > 0; i--) {
                    talk(own, true);
                }
                if (death == Death.END_THEN_CLOSE || death == Death.END_THEN_RESET) {
                    peer.shutdownOutput();
                    for (int i = own.nextInt(5); i > 0; i--) {
                        talk(own, false);
                    }
                }
                if (death == Death.RESET || death == Death.END_THEN_RESET) {
                    peer.setOption(StandardSocketOptions.SO_LINGER, 0);
                }
            }
        }

        private void talk(Random own, boolean write) throws IOException {
            if (write && own.nextBoolean()) {
                ByteBuffer data = Numbered.buffer(peerSent.get(), 1 + own.nextInt(3_000));
                while (data.hasRemaining()) {
                    peerSent.addAndGet(peer.write(data));
                }
            } else {
                peer.read(ByteBuffer.allocate(1 + own.nextInt(100_000)));
            }
        }
    }

    @Test
    @Tag("smoke")
    void deathAtAnyMomentEndsEveryCall() {
        long seed = new Random().nextLong();
        for (int i = 0; i < RUNS; i++) {
            try {
                new Run(new Random(seed + i)).play();
            } catch (Throwable t) {
                throw new AssertionError("Run " + i + " with seed " + (seed + i) + ": " + t, t);
            }
        }
    }

    @Test
    void deathOfAProcessEndsTheCallsOfAllItsConnections() throws IOException {
        long seed = new Random().nextLong();
        for (int i = 0; i < 3; i++) {
            try {
                killProcess(new Random(seed + i));
            } catch (Throwable t) {
                throw new AssertionError("Run " + i + " with seed " + (seed + i) + ": " + t, t);
            }
        }
    }

    private void killProcess(Random random) throws IOException {
        AtomicLong received = new AtomicLong();
        long enough = random.nextInt(1_000_000);
        List<TcpStream> streams = new ArrayList<>();
        try (PeerProcess process = PeerProcess.start(TalkingPeer.command())) {
            int port = Integer.parseInt(process.readLine());
            for (int i = 0; i < 40; i++) {
                streams.add(Tcp.connect("127.0.0.1", port));
            }
            TaskGroup.run(group -> {
                List<Task<IOException>> receivers = new ArrayList<>();
                List<Task<IOException>> senders = new ArrayList<>();
                for (TcpStream stream : streams) {
                    receivers.add(group.fork(() -> receiveUntilItFails(stream, received)));
                    senders.add(group.fork(() -> sendUntilItFails(stream)));
                }
                while (received.get() < enough) {
                    Thread.yield();
                }
                process.kill();
                for (Task<IOException> sender : senders) {
                    assertThat(sender.join()).isExactlyInstanceOf(BrokenResourceException.class);
                }
                for (Task<IOException> receiver : receivers) {
                    assertThat(receiver.join())
                            .isInstanceOfAny(BrokenResourceException.class, EndOfStreamException.class);
                }
            });
        } finally {
            for (TcpStream stream : streams) {
                stream.close();
            }
        }
    }

    /** Receives from a peer that says numbered bytes. */
    private static IOException receiveUntilItFails(TcpStream stream, AtomicLong received) {
        long at = 0;
        try {
            while (true) {
                byte[] piece = stream.receive();
                Numbered.check(piece, at);
                at += piece.length;
                received.addAndGet(piece.length);
            }
        } catch (IOException e) {
            return e;
        }
    }

    /** The peer sends back what it gets. */
    private static IOException sendUntilItFails(TcpStream stream) {
        long at = 0;
        try {
            while (true) {
                stream.send(Numbered.bytes(at, 5_000));
                at += 5_000;
            }
        } catch (IOException e) {
            return e;
        }
    }
}
