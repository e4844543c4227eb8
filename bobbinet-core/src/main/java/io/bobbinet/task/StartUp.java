package io.bobbinet.task;

import io.bobbinet.spi.WaitPoint;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The time between the start of a task and its report that it is ready, during which its failures are the starter's.
 *
 * @param <V> the type of what it reports
 */
final class StartUp<V> implements Readiness<V>, ThrowingRunnable<Throwable> {
    private final ThrowingConsumer<Readiness<V>, ?> body;
    private final WaitPoint readyOrEnded = new WaitPoint("start");

    /** Whichever comes first stands. */
    private enum Phase {
        STARTING,
        /** The task has reported: from now on its failures are the group's. */
        READY,
        /** The starter waits for the end alone; a report is of no use to anybody. */
        ABANDONED,
        /** The body ended without a report. */
        OVER
    }

    /** Guarded by this. */
    private Phase phase = Phase.STARTING;

    /** Guarded by this. */
    private @Nullable V value;

    /** Guarded by this: whether the task has ended, and its outcome can be read. */
    private boolean ended;

    StartUp(ThrowingConsumer<Readiness<V>, ?> body) {
        this.body = body;
    }

    // -- on the task's thread, or where it hands the readiness on

    @Override
    public void run() throws Throwable {
        body.accept(this);
    }

    @Override
    public void ready(V reported) {
        synchronized (this) {
            switch (phase) {
                case STARTING -> {
                    phase = Phase.READY;
                    value = reported;
                }
                case READY -> throw new IllegalStateException("The task has reported ready before");
                case ABANDONED -> {
                    return;
                }
                case OVER -> throw new IllegalStateException("The task has ended without having been ready");
            }
        }
        readyOrEnded.signal();
    }

    /** The body has ended; returns whether its failure is the group's. */
    synchronized boolean settle() {
        if (phase == Phase.STARTING) {
            phase = Phase.OVER;
        }
        return phase == Phase.READY;
    }

    void ended() {
        synchronized (this) {
            ended = true;
        }
        readyOrEnded.signal();
    }

    // -- on the starter's thread

    StartedTask<V> await(ForkedTask<?> task) throws IOException {
        try {
            while (!isReadyOrEnded()) {
                readyOrEnded.await();
            }
        } catch (InterruptedException e) {
            if (abandon()) {
                throw abandoned(task, e);
            }
            Thread.currentThread().interrupt(); // the report was first; this strikes at the next blocking call
        }
        synchronized (this) {
            if (phase == Phase.READY) {
                return started(task);
            }
        }
        throw neverReady(task);
    }

    @SuppressWarnings("NullAway") // the value is what the task reported
    private StartedTask<V> started(ForkedTask<?> task) {
        return new StartedTask<>(value, task);
    }

    private synchronized boolean isReadyOrEnded() {
        return phase == Phase.READY || ended;
    }

    private synchronized boolean isEnded() {
        return ended;
    }

    private synchronized boolean abandon() {
        if (phase == Phase.READY) {
            return false;
        }
        phase = Phase.ABANDONED;
        return true;
    }

    /** The starter is cancelled or interrupted: the task ends before the starter does. */
    private IOException abandoned(ForkedTask<?> task, InterruptedException e) throws IOException {
        task.cancel("its starter was cancelled");
        Strand strand = Strand.current();
        while (!isEnded()) {
            if (strand == null) {
                readyOrEnded.awaitUninterruptibly();
            } else {
                strand.join(readyOrEnded, () -> {});
            }
        }
        Throwable failure = task.failure().orElse(null);
        try {
            InterruptedIOException interrupted = CancelScope.interrupted(e);
            if (failure != null) {
                interrupted.addSuppressed(failure);
            }
            return interrupted;
        } catch (CancelledException cancelled) {
            if (failure == null) {
                throw cancelled;
            }
            failure.addSuppressed(cancelled); // a scope absorbs a cancellation, and nobody would hear of the failure
            return failed(task, failure);
        }
    }

    private static IOException neverReady(ForkedTask<?> task) throws IOException {
        if (task.status() != Task.Status.FAILED) {
            CancelScope.checkpoint(); // that the starter is cancelled too matters more than how the task took it
        }
        if (task.status() == Task.Status.FINISHED) {
            throw new IllegalStateException("The task " + task.name() + " ended without having been ready");
        }
        if (task.status() == Task.Status.CANCELLED) {
            throw new TaskFailedException(
                    "The task " + task.name() + " was cancelled before it was ready", task.cancellation());
        }
        return failed(task, Objects.requireNonNull(task.thrown()));
    }

    private static IOException failed(ForkedTask<?> task, Throwable thrown) {
        return switch (thrown) {
            case IOException e -> e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default ->
                throw new TaskFailedException(
                        "The task " + task.name() + " failed before it was ready: " + thrown, thrown);
        };
    }
}
