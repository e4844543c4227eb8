package io.bobbinet.net;

import io.bobbinet.spi.WaitPoint;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.TimeSources;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A race of connection attempts that a test plays: which attempts begin when, and how each of them ends. */
final class ScriptedRace {

    /** What an attempt gives; tells whether it was closed. */
    static final class Connection implements Closeable {
        final String address;
        volatile boolean closed;

        Connection(String address) {
            this.address = address;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    /** An attempt that has begun and waits for the script. */
    private static final class Running {
        final WaitPoint verdict = new WaitPoint("attempt");
        final Thread thread = Thread.currentThread();
        volatile @Nullable Throwable failure;
        volatile boolean cancelled;
        volatile boolean deaf;
        volatile @Nullable Connection connection;
    }

    final ScriptedTime time = new ScriptedTime();
    final CancelScope scope;
    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final BlockingQueue<String> begun = new LinkedBlockingQueue<>();
    private final FutureTask<Connection> outcome;
    private final Thread racer;

    ScriptedRace(Duration delay, String... addresses) {
        var cancellable = CancelScope.create();
        scope = cancellable;
        List<InetSocketAddress> candidates = Stream.of(addresses)
                .map(a -> new InetSocketAddress(InetAddress.ofLiteral(a), 80))
                .toList();
        outcome = new FutureTask<>(() -> TimeSources.using(
                time,
                () -> cancellable
                        .call(() -> new HappyEyeballs<>("host:80", candidates, delay, this::attempt).run())
                        .orElseThrow(() -> new IOException("the scope was cancelled"))));
        racer = Thread.ofVirtual().start(outcome);
    }

    private Connection attempt(InetSocketAddress to) throws IOException {
        String address = AddressText.of(to.getAddress());
        Running mine = new Running();
        running.put(address, mine);
        begun.add(address + " at " + time.millis());
        while (true) {
            try {
                mine.verdict.await();
                break;
            } catch (InterruptedException e) {
                mine.cancelled = true;
                if (!mine.deaf) {
                    throw CancelScope.interrupted(e);
                }
            }
        }
        switch (mine.failure) {
            case null -> {
                return Objects.requireNonNull(mine.connection);
            }
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            default -> throw new AssertionError(mine.failure);
        }
    }

    /** The next attempt to begin, with its time in milliseconds: {@code "::1 at 250"}. */
    String nextBegun() throws InterruptedException {
        String next = begun.poll(20, TimeUnit.SECONDS);
        return next == null ? "none" : next;
    }

    /** Advances the time once the race waits and nothing else is to happen. */
    void advance(Duration duration) {
        awaitQuiet();
        time.advance(duration);
    }

    /** Whether, once the race waits, an attempt has begun that the script has not asked for. */
    boolean nothingBegun() {
        awaitQuiet();
        return begun.isEmpty();
    }

    private void awaitQuiet() {
        while (!(LockSupport.getBlocker(racer) instanceof WaitPoint point) || point.isSignalled()) {
            if (outcome.isDone()) {
                return;
            }
            Thread.yield();
        }
    }

    Connection succeed(String address) {
        Connection connection = new Connection(address);
        Running attempt = Objects.requireNonNull(running.get(address));
        attempt.connection = connection;
        attempt.verdict.signal();
        return connection;
    }

    void fail(String address, Throwable failure) throws InterruptedException {
        Running attempt = Objects.requireNonNull(running.get(address));
        attempt.failure = failure;
        attempt.verdict.signal();
        attempt.thread.join();
    }

    /** From now on the attempt does not end by being cancelled. */
    void makeDeaf(String address) {
        Objects.requireNonNull(running.get(address)).deaf = true;
    }

    /** Waits until the attempt was told to give up. */
    void awaitCancelled(String address) {
        Running attempt = Objects.requireNonNull(running.get(address));
        while (!attempt.cancelled) {
            Thread.yield();
        }
    }

    boolean wasCancelled(String address) {
        return Objects.requireNonNull(running.get(address)).cancelled;
    }

    boolean hasEnded() {
        return outcome.isDone();
    }

    Connection winner() throws Exception {
        return outcome.get(20, TimeUnit.SECONDS);
    }
}
