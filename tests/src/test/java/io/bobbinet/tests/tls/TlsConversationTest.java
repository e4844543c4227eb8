package io.bobbinet.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingRunnable;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.tls.TlsStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random conversations over TLS, both senders and both receivers at work at once, with deadlines, cancels, interrupts and closes
 * striking anywhere, against a model: what is received is what was sent, in order, with nothing missing before an end; and
 * after a send that was cut off there is no end.
 */
@OnEachBackend
@DisplayName("TlsConversationTest")
@Timeout(60)
class TlsConversationTest {
    private static final int OPERATIONS = 8_000;
    private static final int BUFFER = 10_000;
    private static final int LARGE = 100_000;

    /** What is struck, and how often; for the check that the test has shown something. */
    private final AtomicInteger operations = new AtomicInteger();

    private final AtomicInteger cuts = new AtomicInteger();
    private final AtomicInteger strikes = new AtomicInteger();
    private final AtomicInteger ends = new AtomicInteger();

    /** One direction, from the side that sends to the side that receives. */
    private final class Direction {
        final TlsStream from;
        final TlsStream to;
        final boolean halfCloses;
        final AtomicLong sent = new AtomicLong();
        final AtomicLong received = new AtomicLong();

        /** Whether a send was cut off; written by the sender. */
        volatile boolean cut;

        /** Whether the receiver has seen the end; written by it. */
        volatile boolean ended;

        Direction(TlsStream from, TlsStream to, boolean halfCloses) {
            this.from = from;
            this.to = to;
            this.halfCloses = halfCloses;
        }

        /** Sends until it has said enough, or cannot any more. */
        void send(Random random, Worker self) throws IOException {
            for (int left = random.nextInt(100); left > 0; left--) {
                int size = 1 + random.nextInt(random.nextInt(30) == 0 ? LARGE : 500);
                ByteBuffer data = ByteBuffer.wrap(Counted.bytes(sent.get(), size));
                boolean struck;
                try {
                    struck = !self.operate(random, () -> from.send(data));
                } catch (BrokenResourceException e) {
                    // Cut before, or the other side is gone.
                    assertThat(cut).isEqualTo(String.valueOf(e.getMessage()).contains("cut off"));
                    return;
                } finally {
                    sent.addAndGet(data.position());
                }
                if (struck && data.position() > 0) {
                    cut = true;
                    cuts.incrementAndGet();
                }
            }
            if (halfCloses && random.nextBoolean()) {
                while (!self.operate(random, from::sendEof)) {
                    // struck: again
                }
            }
        }

        /** Receives until there is no more. */
        void receive(Random random, Worker self) throws IOException {
            try {
                while (true) {
                    self.operate(random, () -> receive(random));
                }
            } catch (EndOfStreamException e) {
                ends.incrementAndGet();
                ended = true;
            }
        }

        private void receive(Random random) throws IOException {
            int size = 1 + random.nextInt(random.nextInt(4) == 0 ? 50_000 : 300);
            ByteBuffer piece;
            if (random.nextBoolean()) {
                piece = ByteBuffer.wrap(to.receive(size));
            } else {
                piece = random.nextBoolean() ? ByteBuffer.allocate(size) : ByteBuffer.allocateDirect(size);
                to.receive(piece);
                piece.flip();
            }
            Counted.check(piece, received.get());
            received.addAndGet(piece.remaining());
        }

        /** Holds what came against what was sent, once both sides are done. */
        void judge() {
            assertThat(received.get()).as("bytes that came").isLessThanOrEqualTo(sent.get());
            if (ended) {
                assertThat(cut).as("an end after a send that was cut off").isFalse();
                assertThat(received.get()).as("bytes before the end").isEqualTo(sent.get());
            }
        }
    }

    /** A task that others may strike: the thread it runs on and the scope it is in. */
    private final class Worker {
        final AtomicReference<Thread> thread = new AtomicReference<>();
        final AtomicReference<MoveOnScope> scope = new AtomicReference<>();
        volatile boolean done;

        void run(Random random, Body body) {
            thread.set(Thread.currentThread());
            try {
                body.run(random, this);
            } catch (ClosedResourceException | BrokenResourceException e) {
                // One side has closed.
            } catch (IOException e) {
                throw new AssertionError(e);
            } finally {
                done = true;
            }
        }

        /** Runs a call in one of several ways; false if it was struck. */
        boolean operate(Random random, ThrowingRunnable<IOException> call) throws IOException {
            operations.incrementAndGet();
            try {
                switch (random.nextInt(6)) {
                    case 0 ->
                        CancelScope.failAfter(Duration.ofNanos(random.nextInt(300_000)))
                                .run(call);
                    case 1, 2 -> {
                        MoveOnScope cancellable = CancelScope.create();
                        scope.set(cancellable);
                        return cancellable.run(call) || strike();
                    }
                    default -> call.run();
                }
                return true;
            } catch (TimedOutException | CancelledException e) {
                return strike();
            } catch (InterruptedIOException e) {
                assertThat(Thread.interrupted()).as("the status stays set").isTrue();
                return strike();
            }
        }

        private boolean strike() {
            strikes.incrementAndGet();
            return false;
        }

        /** From another thread: interrupts it or cancels its scope. */
        void strike(Random random) {
            MoveOnScope target = scope.get();
            if (target != null && random.nextBoolean()) {
                target.cancel();
            } else if (thread.get() != null && !done) {
                thread.get().interrupt();
            }
        }
    }

    @FunctionalInterface
    private interface Body {
        void run(Random random, Worker self) throws IOException;
    }

    @FunctionalInterface
    private interface Conversation {
        void hold(Random random) throws IOException;
    }

    private void repeat(Conversation conversation) {
        long seed = new Random().nextLong();
        for (int round = 0; operations.get() < OPERATIONS; round++) {
            try {
                conversation.hold(new Random(seed + round));
            } catch (Throwable t) {
                throw new AssertionError("Round " + round + " with seed " + (seed + round) + ": " + t, t);
            }
        }
        assertThat(strikes).as("calls that were struck").hasPositiveValue();
        assertThat(cuts).as("sends that were cut off").hasPositiveValue();
        assertThat(ends).as("ends that were received").hasPositiveValue();
    }

    @Test
    @Tag("smoke")
    void whatIsReceivedIsWhatWasSentOverMemory() {
        repeat(random -> {
            StreamPair<MemoryByteStream> below = MemoryByteStream.pair(100 + random.nextInt(10_000));
            converse(random, below.left(), below.right());
        });
    }

    @Test
    void whatIsReceivedIsWhatWasSentOverSockets() {
        repeat(random -> {
            try (TcpListener listener = Tcp.binder("127.0.0.1", 0)
                            .withOption(StandardSocketOptions.SO_RCVBUF, BUFFER)
                            .listen();
                    TcpStream client = Tcp.connector(
                                    "127.0.0.1", listener.localAddress().getPort())
                            .withOption(StandardSocketOptions.SO_RCVBUF, BUFFER)
                            .withOption(StandardSocketOptions.SO_SNDBUF, BUFFER)
                            .connect();
                    TcpStream server = listener.accept()) {
                server.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER);
                converse(random, client, server);
            }
        });
    }

    private void converse(Random random, ByteStream left, ByteStream right) throws IOException {
        String version = random.nextBoolean() ? TlsSides.TLS_1_3 : TlsSides.TLS_1_2;
        try (StreamPair<TlsStream> pair = TlsSides.pair(left, right, version)) {
            boolean halfCloses = version.equals(TlsSides.TLS_1_3);
            Direction there = new Direction(pair.left(), pair.right(), halfCloses);
            Direction back = new Direction(pair.right(), pair.left(), halfCloses);
            Worker[] workers = {new Worker(), new Worker(), new Worker(), new Worker()};
            Body[] bodies = {there::send, there::receive, back::send, back::receive};
            TaskGroup.run(group -> {
                for (int i = 0; i < workers.length; i++) {
                    Worker worker = workers[i];
                    Body body = bodies[i];
                    Random own = new Random(random.nextLong());
                    group.fork(() -> worker.run(own, body));
                }
                while (!(workers[0].done && workers[2].done)) {
                    workers[random.nextInt(workers.length)].strike(random);
                    if (random.nextInt(500) == 0) {
                        (random.nextBoolean() ? there.from : there.to).close();
                    }
                    Thread.yield();
                }
                // Nothing more is sent: a receiver that has seen no end learns that there is none.
                there.from.close();
                there.to.close();
            });
            assertThat(Thread.interrupted()).isFalse();
            there.judge();
            back.judge();
        }
    }
}
