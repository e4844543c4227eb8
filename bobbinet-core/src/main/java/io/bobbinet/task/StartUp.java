package io.bobbinet.task;

import io.bobbinet.spi.WaitPoint;
import java.io.IOException;
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

    /** Guarded by this. */
    private boolean ready;

    /** Guarded by this. */
    private @Nullable V value;

    /** Guarded by this. */
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
            if (ready) {
                throw new IllegalStateException("The task has reported ready before");
            }
            ready = true;
            value = reported;
        }
        readyOrEnded.signal();
    }

    synchronized boolean isReady() {
        return ready;
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
            throw abandoned(task, e);
        }
        synchronized (this) {
            if (ready) {
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
        return ready || ended;
    }

    private synchronized boolean isEnded() {
        return ended;
    }

    /** The starter is cancelled or interrupted: the task ends before the starter does. */
    private IOException abandoned(ForkedTask<?> task, InterruptedException e) {
        task.cancel("its starter was cancelled");
        while (!isEnded()) {
            readyOrEnded.awaitUninterruptibly();
        }
        RuntimeException cancelled;
        try {
            return withFailureOf(task, CancelScope.interrupted(e));
        } catch (CancelledException c) {
            cancelled = c;
        }
        throw withFailureOf(task, cancelled);
    }

    private static <E extends Exception> E withFailureOf(ForkedTask<?> task, E leaving) {
        task.failure().ifPresent(leaving::addSuppressed);
        return leaving;
    }

    private IOException neverReady(ForkedTask<?> task) throws IOException {
        if (task.status() == Task.Status.FINISHED) {
            throw new IllegalStateException("The task " + task.name() + " ended without having been ready");
        }
        Throwable thrown = Objects.requireNonNull(task.thrown());
        if (task.status() == Task.Status.CANCELLED) {
            CancelScope.checkpoint(); // the starter's own cancellation comes first
        } else if (thrown instanceof IOException e) {
            return e;
        } else if (thrown instanceof RuntimeException e) {
            throw e;
        } else if (thrown instanceof Error e) {
            throw e;
        }
        throw new TaskFailedException("The task " + task.name() + " ended before it was ready: " + thrown, thrown);
    }
}
