package io.bobbinet.task;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.WaitPoint;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that end with the block that started them.
 *
 * {@snippet file="TaskExamples.java" region="group"}
 *
 * <p>{@link #run} and {@link #call} give a group to their body and return when the body and all children have ended,
 * never before. Children run on threads of their own, inside the group's scope, and may fork more children into the
 * group, also while it is already waiting for its end.
 *
 * <p><b>Failure.</b> The first of body and children to fail cancels the others. When all have ended, its exception
 * leaves {@code run}, with later failures suppressed under it: what the body threw, {@link IOException}s and unchecked
 * ones as they are, other checked ones of children as cause of a {@link TaskFailedException}. A
 * {@link CancelledException} or {@link InterruptedException} that leaves a child counts as its being cancelled if that
 * child, the group or a scope around it was cancelled, and as a failure otherwise.
 *
 * <p><b>Cancellation.</b> If the group is cancelled by hand, {@code run} returns once all have ended, and {@code call}
 * gives the body's value if the body returned. If a scope around the group is cancelled, one {@link CancelledException}
 * leaves the group after all have ended. If the user interrupts the owner, in the body or while it waits, the children
 * are cancelled and waited for and {@link InterruptedIOException} leaves, with the interrupt status set.
 *
 * <p>Results in order, and the first of several:
 *
 * {@snippet file="TaskExamples.java" region="gather"}
 *
 * {@snippet file="TaskExamples.java" region="race"}
 *
 * <p>The group may be used by its body, by its children and by whoever they give it to, on any thread, until it has
 * ended; then {@code fork} and {@code start} throw {@link IllegalStateException}.
 */
public final class TaskGroup {
    private final Scope own = new Scope(false, this);
    private final WaitPoint allEnded = new WaitPoint("join group");

    /** Guarded by this: the first of a list of children that have not ended. */
    private @Nullable ForkedTask<?> children;

    /** Guarded by this. */
    private boolean closed;

    /** Guarded by this: whether the owner waits for the end. */
    private boolean awaited;

    /** Guarded by this: the first failure; later ones are suppressed under it. */
    private @Nullable Throwable failure;

    /** Guarded by this: whether a child ended by the cancellation of a scope around the group. */
    private boolean childCut;

    private TaskGroup() {}

    /**
     * Runs a body with a new group, and returns when the body and all children have ended.
     *
     * @param <X> what the body throws
     * @param body the body
     * @throws X if the body throws it first
     * @throws IOException if a child throws it first, or as {@link InterruptedIOException} if the owner was interrupted
     * @throws TaskFailedException if a child first threw a checked exception of another kind
     * @throws CancelledException if a scope around the group is cancelled
     */
    public static <X extends Throwable> void run(ThrowingConsumer<TaskGroup, X> body) throws X, IOException {
        TaskGroup group = new TaskGroup();
        group.<Boolean, X>execute(
                g -> {
                    body.accept(g);
                    return true;
                },
                true);
    }

    /**
     * Calls a body with a new group, and returns when the body and all children have ended.
     *
     * @param <T> the type of the body's value
     * @param <X> what the body throws
     * @param body the body
     * @return the body's value
     * @throws X if the body throws it first
     * @throws IOException if a child throws it first, or as {@link InterruptedIOException} if the owner was interrupted
     * @throws TaskFailedException if a child first threw a checked exception of another kind
     * @throws CancelledException if a scope around the group is cancelled, or if the group was cancelled by hand before
     *     the body returned
     */
    public static <T, X extends Throwable> T call(ThrowingFunction<TaskGroup, T, X> body) throws X, IOException {
        return new TaskGroup().<T, X>execute(body, false);
    }

    // -- the owner's side

    @SuppressWarnings("NullAway") // without a value only where run does not care for it
    private <T, X extends Throwable> T execute(ThrowingFunction<TaskGroup, T, X> body, boolean absorb)
            throws X, IOException {
        Ending<T> ending = Strand.<Ending<T>, RuntimeException>onStrand(strand -> executeOn(strand, body));
        if (ending.failure() != null) {
            throw TaskGroup.<X>asThrown(ending.failure(), ending.byBody());
        }
        Cancellation cut = ending.cut();
        if (cut != null && (!absorb || ending.fromOutside())) {
            throw cut.exception();
        }
        return ending.value();
    }

    /**
     * How a group ended.
     *
     * @param value what the body gave, if it returned
     * @param failure the first failure, if there was one
     * @param byBody whether the body threw that
     * @param cut the cancellation that kept the body from returning, if one did
     * @param fromOutside whether that, or another in force, is of a scope around the group
     */
    private record Ending<T>(
            @Nullable T value,
            @Nullable Throwable failure,
            boolean byBody,
            @Nullable Cancellation cut,
            boolean fromOutside) {}

    private <T> Ending<T> executeOn(Strand strand, ThrowingFunction<TaskGroup, T, ?> body) {
        own.enter(strand);
        T value = null;
        Throwable thrown = null;
        boolean cut = false;
        boolean interrupted = false;
        try {
            value = body.apply(this);
        } catch (Throwable t) {
            if (Scope.isCancellation(t) && own.pending() != null) {
                cut = true;
            } else {
                interrupted = strand.takeUserInterrupt() || t instanceof InterruptedException;
                thrown = t instanceof InterruptedException e ? interrupted("in the body of its task group", e) : t;
                fail(thrown, "the body of the task group failed: " + t);
            }
        }
        interrupted |= awaitChildren(strand);
        Throwable first;
        boolean cutInside;
        synchronized (this) {
            first = failure;
            cutInside = childCut;
        }
        // One around the group that cut nothing short is left to strike at the next blocking call.
        Cancellation outside = own.pendingOutside();
        Cancellation why = null;
        if (outside != null && (cut || cutInside)) {
            why = outside;
        } else if (cut) {
            why = own.cancellation();
        }
        own.leave(strand);
        if (interrupted && outside == null) {
            Thread.currentThread().interrupt();
        }
        return new Ending<>(value, first, first != null && first == thrown, why, outside != null);
    }

    private static InterruptedIOException interrupted(String where, @Nullable InterruptedException cause) {
        InterruptedIOException e = new InterruptedIOException("The thread was interrupted " + where);
        e.initCause(cause);
        return e;
    }

    /** Waits for all children; returns whether the user interrupted the wait. */
    private boolean awaitChildren(Strand strand) {
        boolean interrupted = false;
        while (true) {
            synchronized (this) {
                if (children == null) {
                    closed = true;
                    return interrupted;
                }
                awaited = true;
            }
            interrupted |= strand.join(
                    allEnded,
                    () -> fail(
                            interrupted("while it waited for the tasks of its group", null),
                            "the owner of the task group was interrupted"));
        }
    }

    @SuppressWarnings("unchecked") // the body throws X, and unchecked exceptions fit in any place
    private static <X extends Throwable> X asThrown(Throwable failure, boolean byBody) throws IOException {
        if (failure instanceof IOException e) {
            throw e;
        }
        if (failure instanceof RuntimeException || failure instanceof Error || byBody) {
            return (X) failure;
        }
        throw new TaskFailedException("A task failed: " + failure, failure);
    }

    // -- children

    /**
     * Starts a child.
     *
     * @param <T> the type of its value
     * @param body what it is to do
     * @return the child
     * @throws IllegalStateException if the group has ended
     */
    public <T> Task<T> fork(Callable<? extends T> body) {
        return fork("", body);
    }

    /**
     * Starts a child that gives no value. A reference to an overloaded method does not tell the two kinds of body apart
     * and needs a lambda.
     *
     * @param body what it is to do
     * @return the child
     * @throws IllegalStateException if the group has ended
     */
    public Task<Void> fork(ThrowingRunnable<?> body) {
        return fork("", body);
    }

    /**
     * Starts a child with a name, which its thread has too.
     *
     * @param <T> the type of its value
     * @param name the name; if empty, one is made up
     * @param body what it is to do
     * @return the child
     * @throws IllegalStateException if the group has ended
     */
    public <T> Task<T> fork(String name, Callable<? extends T> body) {
        ForkedTask<T> task =
                new ForkedTask<>(this, Objects.requireNonNull(name, "name"), Objects.requireNonNull(body, "body"));
        launch(task);
        return task;
    }

    /**
     * Starts a child that gives no value, with a name, which its thread has too.
     *
     * @param name the name; if empty, one is made up
     * @param body what it is to do
     * @return the child
     * @throws IllegalStateException if the group has ended
     */
    public Task<Void> fork(String name, ThrowingRunnable<?> body) {
        return fork(name, asCallable(Objects.requireNonNull(body, "body")));
    }

    @SuppressWarnings("NullAway") // Void has no other value
    private static Callable<Void> asCallable(ThrowingRunnable<?> body) {
        return () -> {
            try {
                body.run();
            } catch (Exception | Error e) {
                throw e;
            } catch (Throwable t) {
                throw new TaskFailedException("A task threw what is neither an exception nor an error", t);
            }
            return null;
        };
    }

    private void launch(ForkedTask<?> task) {
        Backend bound = own.environment().boundBackend();
        Backend backend = bound != null ? bound : Backends.standard();
        link(task);
        try {
            backend.newTaskThread(task.givenName(), task).start();
        } catch (Throwable t) {
            ended(task); // no thread to be had, and so no end to wait for
            throw t;
        }
    }

    /**
     * Starts a child and waits until it reports ready.
     *
     * {@snippet file="TaskExamples.java" region="start"}
     *
     * <p>A failure before that leaves this method and does not concern the group; a failure afterwards is one of the
     * group. If the caller is cancelled or interrupted before it waits, no child is started; if while it waits, the
     * child is cancelled and waited for, and the group lives on. Should the child fail instead of ending by that
     * cancellation, its failure leaves this method, with the {@link CancelledException} suppressed under it.
     *
     * @param <V> the type of what the child reports
     * @param body what the child is to do; it calls {@link Readiness#ready} once
     * @return what it reported, and the child
     * @throws IOException if the child fails with it before it is ready, or as {@link InterruptedIOException} if the
     *     caller is interrupted
     * @throws TaskFailedException if the child fails with another checked exception before it is ready, or is cancelled
     *     by somebody else
     * @throws IllegalStateException if the group has ended, or if the child ends without having been ready
     * @throws CancelledException if the caller is cancelled
     */
    public <V> StartedTask<V> start(ThrowingConsumer<Readiness<V>, ?> body) throws IOException {
        StartUp<V> startUp = new StartUp<>(Objects.requireNonNull(body, "body"));
        requireOpen();
        CancelScope.checkpoint();
        ForkedTask<Void> task = new ForkedTask<>(this, "", asCallable(startUp));
        task.startUp(startUp);
        launch(task);
        return startUp.await(task);
    }

    /** Cancels the group: its body and its children. */
    public void cancel() {
        cancel("the task group was cancelled");
    }

    /**
     * Cancels the group: its body and its children. Does not wait for the end; {@link #run} does.
     *
     * @param reason why, for the message of {@link CancelledException}
     */
    public void cancel(String reason) {
        own.cancel(new Cancellation(Objects.requireNonNull(reason, "reason"), false));
    }

    /**
     * {@return the scope of the group, in which its body and its children run}
     */
    public CancelScope scope() {
        return own.face();
    }

    // -- for the package

    Scope own() {
        return own;
    }

    private synchronized void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The task group has ended; nothing can be started in it");
        }
    }

    private synchronized void link(ForkedTask<?> task) {
        requireOpen();
        task.after = children;
        if (children != null) {
            children.before = task;
        }
        children = task;
    }

    /** A child is about to end: a failure cancels the rest before anybody can see that the child has ended. */
    void beforeEnd(Task.Status outcome, @Nullable Throwable thrown) {
        if (outcome == Task.Status.FAILED && thrown != null) {
            fail(thrown, "another task of the group failed: " + thrown);
        } else if (outcome == Task.Status.CANCELLED && own.pendingOutside() != null) {
            synchronized (this) {
                childCut = true;
            }
        }
    }

    /** A child has ended, and its waiters have been told. */
    void ended(ForkedTask<?> task) {
        boolean last;
        synchronized (this) {
            if (task.before == null) {
                children = task.after;
            } else {
                task.before.after = task.after;
            }
            if (task.after != null) {
                task.after.before = task.before;
            }
            last = children == null && awaited;
        }
        if (last) {
            allEnded.signal();
        }
    }

    private void fail(Throwable thrown, String reason) {
        synchronized (this) {
            if (failure == null) {
                failure = thrown;
            } else if (failure != thrown && !isReportOf(failure, thrown)) {
                failure.addSuppressed(thrown);
            }
        }
        own.cancel(new Cancellation(reason, false));
    }

    /** Whether a failure says no more than that another was met, by one who waited for the task that had it. */
    private static boolean isReportOf(Throwable failure, Throwable thrown) {
        return thrown instanceof TaskFailedException && thrown.getCause() == failure;
    }

    void propagateToChildren() {
        ForkedTask<?>[] running;
        synchronized (this) {
            int count = 0;
            for (ForkedTask<?> t = children; t != null; t = t.after) {
                count++;
            }
            running = new ForkedTask<?>[count];
            for (ForkedTask<?> t = children; t != null; t = t.after) {
                running[--count] = t;
            }
        }
        for (ForkedTask<?> task : running) {
            task.scope().propagate();
        }
    }
}
