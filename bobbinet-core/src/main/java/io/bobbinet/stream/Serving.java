package io.bobbinet.stream;

import io.bobbinet.spi.WaitPoint;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Deadline;
import io.bobbinet.task.StartedTask;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingConsumer;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.HashSet;
import java.util.ServiceConfigurationError;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The state of serving of a {@link Listener}: how it is to end, and which calls are serving. Whoever implements a listener
 * makes one of these, gives it out from {@link Listener#serving()} and calls {@link #closed()} when the listener is closed.
 *
 * {@snippet file="OwnStreams.java" region="listener"}
 */
public final class Serving {
    private static final System.Logger LOG = System.getLogger(Listener.class.getName());
    private static final Duration FIRST_PAUSE = Duration.ofMillis(10);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    /** The end of the grace, once the listener is to be drained; guarded by this. */
    private @Nullable Deadline drainBy;

    /** Guarded by this. */
    private boolean closed;

    /** The serve calls that are running; guarded by this. */
    private final Set<Round> rounds = new HashSet<>();

    /** Makes the state for a new listener. */
    public Serving() {}

    /** To be called by {@link Listener#close()}: a serve call that waits for a handler to end looks up. */
    public synchronized void closed() {
        closed = true;
        rounds.forEach(round -> round.changed.signal());
    }

    void drain(Listener<?> listener, Duration grace) throws IOException {
        Deadline end = Deadline.after(grace);
        synchronized (this) {
            Deadline earliest = drainBy == null ? end : drainBy.earlier(end);
            drainBy = earliest;
            rounds.forEach(round -> round.moveDeadline(earliest));
        }
        listener.close();
    }

    /** Serves in a group of its own, which ends with the call. */
    <S extends Closeable> void serve(Listener<S> listener, ThrowingConsumer<? super S, ?> handler, ServeOptions options)
            throws IOException {
        Round round = new Round(options.maxConnections());
        try {
            TaskGroup.run(group -> {
                begin(round, group.scope());
                acceptAll(
                        listener, round, connection -> group.fork(() -> isolated(connection, handler, options, round)));
                // Drained: the group waits for the handlers, and the grace is its deadline.
            });
        } finally {
            end(round);
        }
    }

    /**
     * Serves with handlers as tasks of the user's group; in a group within, so that closing and draining the listener
     * concern them alone. That group, and with it the drain, outlives a call that is cancelled.
     */
    <S extends Closeable> void serve(Listener<S> listener, ThrowingConsumer<? super S, ?> handler, TaskGroup outer)
            throws IOException {
        Round round = new Round(Integer.MAX_VALUE);
        WaitPoint acceptingEnded = new WaitPoint("serve");
        StartedTask<TaskGroup> inner = outer.start(ready -> {
            try {
                TaskGroup.run(group -> {
                    begin(round, group.scope());
                    ready.ready(group);
                    acceptingEnded.await();
                });
            } finally {
                end(round);
            }
        });
        TaskGroup handlers = inner.value();
        try {
            acceptAll(listener, round, connection -> handlers.fork(() -> handle(connection, handler, round)));
        } catch (ClosedResourceException e) {
            handlers.cancel("the listener was closed");
            inner.task().await();
            throw e;
        } finally {
            acceptingEnded.signal();
        }
        inner.task().await();
    }

    private synchronized void begin(Round round, CancelScope handlers) {
        round.handlers = handlers;
        rounds.add(round);
        if (drainBy != null) {
            handlers.moveDeadline(drainBy);
        }
    }

    private synchronized void end(Round round) {
        rounds.remove(round);
    }

    private synchronized boolean isDrained() {
        return drainBy != null;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** Accepts until the listener is drained; leaves by exception if it is closed otherwise. */
    private <S extends Closeable> void acceptAll(
            Listener<S> listener, Round round, ThrowingConsumer<S, IOException> fork) throws IOException {
        Duration pause = FIRST_PAUSE;
        while (true) {
            S connection;
            try {
                awaitRoom(round);
                connection = listener.accept();
            } catch (ClosedResourceException e) {
                if (isDrained()) {
                    return;
                }
                throw e;
            } catch (IOException e) {
                if (e instanceof InterruptedIOException && !(e instanceof SocketTimeoutException)) {
                    throw e;
                }
                pause = pauseAfter(e, listener, round, pause);
                continue;
            }
            pause = FIRST_PAUSE;
            launch(connection, round, fork);
        }
    }

    /** Too many open files, most often: the listener is good, and waiting is all that helps. */
    private Duration pauseAfter(IOException e, Listener<?> listener, Round round, Duration pause) throws IOException {
        if (pause.equals(FIRST_PAUSE)) {
            log(System.Logger.Level.WARNING, listener + " cannot accept, and tries again: " + e, null);
        }
        CancelScope.moveOnAfter(pause).run(() -> {
            while (!isClosed()) {
                round.awaitChange();
            }
        });
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
    }

    /** Loggers open files at first use, just when there may be no descriptor for them; serving goes on without. */
    static void log(System.Logger.Level level, String message, @Nullable Throwable thrown) {
        try {
            LOG.log(level, message, thrown);
        } catch (RuntimeException | LinkageError | ServiceConfigurationError e) {
            // There is no other place to tell it.
        }
    }

    private void awaitRoom(Round round) throws IOException {
        while (round.isFull() && !isClosed()) {
            round.awaitChange();
        }
    }

    private static <S extends Closeable> void launch(S connection, Round round, ThrowingConsumer<S, IOException> fork)
            throws IOException {
        round.begun();
        try {
            fork.accept(connection);
        } catch (Throwable t) {
            // No thread to be had for it, or the group has ended; if because it was cancelled, then that is the news.
            round.ended();
            try (connection) {
                CancelScope.checkpoint();
                throw t;
            }
        }
    }

    private static <S extends Closeable> void isolated(
            S connection, ThrowingConsumer<? super S, ?> handler, ServeOptions options, Round round) throws Throwable {
        try {
            handle(connection, handler);
        } catch (Throwable t) {
            if (isCancellation(t) && CancelScope.isCancellationPending()) {
                throw t;
            }
            options.report(connection, t);
        } finally {
            round.ended();
        }
    }

    /** Whether this is how a call ends that is cut short: one of this library, or one of the JDK. */
    private static boolean isCancellation(Throwable thrown) {
        return thrown instanceof CancelledException
                || thrown instanceof InterruptedException
                || thrown instanceof ClosedByInterruptException
                || thrown.getClass() == InterruptedIOException.class;
    }

    private static <S extends Closeable> void handle(S connection, ThrowingConsumer<? super S, ?> handler, Round round)
            throws Throwable {
        try {
            handle(connection, handler);
        } finally {
            round.ended();
        }
    }

    private static <S extends Closeable> void handle(S connection, ThrowingConsumer<? super S, ?> handler)
            throws Throwable {
        try (connection) {
            handler.accept(connection);
        }
    }

    /** One call of serve. */
    private static final class Round {
        /** Signalled when a handler has ended and when the listener is closed. */
        private final WaitPoint changed = new WaitPoint("serve");

        private final int limit;

        /** Set once, before the round is known to others. */
        private @Nullable CancelScope handlers;

        /** Guarded by this. */
        private int running;

        Round(int limit) {
            this.limit = limit;
        }

        void moveDeadline(Deadline deadline) {
            if (handlers != null) {
                handlers.moveDeadline(deadline);
            }
        }

        void awaitChange() throws IOException {
            try {
                changed.await();
            } catch (InterruptedException e) {
                throw CancelScope.interrupted(e);
            }
        }

        synchronized boolean isFull() {
            return running >= limit;
        }

        synchronized void begun() {
            running++;
        }

        void ended() {
            synchronized (this) {
                running--;
            }
            changed.signal();
        }
    }
}
