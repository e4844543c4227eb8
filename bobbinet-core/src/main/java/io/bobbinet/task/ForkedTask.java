package io.bobbinet.task;

import io.bobbinet.spi.WaitPoint;
import java.io.InterruptedIOException;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A task and the scope around its body. */
final class ForkedTask<T> implements Task<T>, Runnable {
    private static final AtomicLong NUMBERS = new AtomicLong();

    final TaskGroup group;
    private final Scope scope = new Scope(false, null);
    private final String givenName;
    private final long number = NUMBERS.incrementAndGet();

    /** Written by the task's thread, for as long as it runs. */
    private volatile @Nullable Thread thread;

    /** Set before the task is started. */
    private @Nullable StartUp<?> startUp;

    /** Dropped when the task ends, with all that it holds. */
    private @Nullable Callable<? extends T> body;

    /** Links of the group's list of children; guarded by the group. */
    @Nullable
    ForkedTask<?> before;

    /** Links of the group's list of children; guarded by the group. */
    @Nullable
    ForkedTask<?> after;

    /** PENDING until the end; written by the task's thread, after the outcome. */
    private volatile Status ended = Status.PENDING;

    /** Written by the task's thread before {@code ended}. */
    private @Nullable T value;

    /** What the body threw, also when cancelled; written by the task's thread before {@code ended}. */
    private @Nullable Throwable thrown;

    /** Those who wait for the end; guarded by this. */
    private @Nullable Set<WaitPoint> waiters;

    ForkedTask(TaskGroup group, String givenName, Callable<? extends T> body) {
        this.group = group;
        this.givenName = givenName;
        this.body = body;
    }

    // -- on the task's own thread

    @Override
    public void run() {
        Strand.<Boolean, RuntimeException>onStrand(this::run);
    }

    private boolean run(Strand strand) {
        Callable<? extends T> todo = Objects.requireNonNull(body);
        body = null;
        thread = Thread.currentThread();
        scope.enterRoot(strand, group.own());
        Status outcome;
        try {
            value = scope.refusing() == null ? todo.call() : Scope.callRefusing(todo::call);
            outcome = Status.FINISHED;
        } catch (Throwable t) {
            thrown = t;
            outcome = Scope.isCancellation(t) && scope.pending() != null ? Status.CANCELLED : Status.FAILED;
        }
        scope.leave(strand);
        thread = null;
        end(outcome);
        return true;
    }

    private void end(Status outcome) {
        Set<WaitPoint> waiting;
        if (startUp == null || startUp.settle()) {
            group.beforeEnd(outcome, thrown);
        }
        synchronized (this) {
            ended = outcome;
            waiting = waiters == null ? Set.of() : waiters;
            waiters = null;
        }
        if (startUp != null) {
            startUp.ended();
        }
        waiting.forEach(WaitPoint::signal);
        group.ended(this);
    }

    // -- on any thread

    String givenName() {
        return givenName;
    }

    /** Before the start: makes this a task whose failures are its starter's until it is ready. */
    void startUp(StartUp<?> pending) {
        startUp = pending;
    }

    @Nullable
    Throwable thrown() {
        return ended == Status.PENDING ? null : thrown;
    }

    Scope scope() {
        return scope;
    }

    @Override
    public String name() {
        return givenName.isEmpty() ? "task-" + number : givenName;
    }

    @Override
    public Status status() {
        Status now = ended;
        if (now == Status.PENDING && (scope.pending() != null || group.own().pending() != null)) {
            return Status.CANCELLING;
        }
        return now;
    }

    @Override
    public void await() throws InterruptedIOException {
        CancelScope.checkpoint();
        WaitPoint point = new WaitPoint("join " + name());
        synchronized (this) {
            if (ended != Status.PENDING) {
                return;
            }
            if (waiters == null) {
                waiters = new HashSet<>();
            }
            waiters.add(point);
        }
        try {
            point.await();
        } catch (InterruptedException e) {
            forget(point);
            throw CancelScope.interrupted(e);
        }
    }

    private synchronized void forget(WaitPoint point) {
        if (waiters != null) {
            waiters.remove(point);
        }
    }

    @Override
    public T join() throws InterruptedIOException {
        await();
        if (ended == Status.CANCELLED) {
            CancelScope.checkpoint(); // cancelled together, the caller ends by its own cancellation
        }
        return result();
    }

    @Override
    @SuppressWarnings("NullAway") // the value is what the body gave
    public T result() {
        return switch (ended) {
            case FINISHED -> value;
            case FAILED ->
                throw new TaskFailedException(
                        "The task " + name() + " failed: " + thrown, Objects.requireNonNull(thrown));
            case CANCELLED -> throw new TaskFailedException("The task " + name() + " was cancelled", cancellation());
            case PENDING, CANCELLING -> throw new IllegalStateException("The task " + name() + " has not ended");
        };
    }

    /** What a cancelled task ended with; for one whose JDK call was interrupted, what stands for that. */
    CancelledException cancellation() {
        if (thrown instanceof CancelledException e) {
            return e;
        }
        CancelledException e = new CancelledException("the task was cancelled");
        e.initCause(thrown);
        return e;
    }

    @Override
    public Optional<Throwable> failure() {
        return ended == Status.FAILED ? Optional.ofNullable(thrown) : Optional.empty();
    }

    @Override
    public Optional<WaitPoint> waitsAt() {
        Thread running = thread;
        return running != null && LockSupport.getBlocker(running) instanceof WaitPoint point
                ? Optional.of(point)
                : Optional.empty();
    }

    @Override
    public void cancel(String reason) {
        scope.cancel(new Cancellation(Objects.requireNonNull(reason, "reason"), false));
    }

    @Override
    public String toString() {
        return "Task[" + name() + ", " + status() + "]";
    }
}
