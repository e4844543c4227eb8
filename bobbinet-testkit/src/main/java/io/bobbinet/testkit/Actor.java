package io.bobbinet.testkit;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.ThrowingCallable;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A thread that makes one call in a scope of its own, for a check that watches, cancels or interrupts it. */
final class Actor<T> {
    /** Longer than {@link Blocked} has, and as long for the check as for its calls, which it asks one after the other. */
    private static final Duration PATIENCE = Duration.ofSeconds(25);

    /** On what the calls of a check run. */
    enum Kind {
        VIRTUAL,
        PLATFORM
    }

    private final MoveOnScope scope = CancelScope.create();
    private final Thread thread;
    private final CountDownLatch begun = new CountDownLatch(1);

    /** Written by the thread before it ends. */
    private @Nullable T value;

    /** Written by the thread before it ends. */
    private @Nullable Throwable thrown;

    /** Written by the thread before it ends. */
    private boolean interrupted;

    private Actor(Kind kind, ThrowingCallable<T, ?> call) {
        Thread.Builder builder =
                kind == Kind.VIRTUAL ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
        this.thread = builder.name("contract actor").unstarted(() -> act(call));
    }

    static <T> Actor<T> start(Kind kind, ThrowingCallable<T, ?> call) {
        Actor<T> actor = new Actor<>(kind, call);
        actor.thread.start();
        return actor;
    }

    private void act(ThrowingCallable<T, ?> call) {
        begun.countDown();
        try {
            scope.run(() -> {
                try {
                    value = call.call();
                } catch (Throwable t) {
                    thrown = t;
                    interrupted = Thread.currentThread().isInterrupted();
                    throw t;
                }
            });
        } catch (Throwable t) {
            thrown = t;
        }
    }

    /** Waits until the call waits. */
    Actor<T> awaitBlocked() {
        try {
            begun.await();
        } catch (InterruptedException e) {
            throw new AssertionError("The check was interrupted", e);
        }
        Blocked.await(thread);
        return this;
    }

    void cancel() {
        scope.cancel("the check says so");
    }

    void interrupt() {
        thread.interrupt();
    }

    private void join() {
        try {
            if (!thread.join(PATIENCE)) {
                throw new AssertionError("The call does not end; it is at " + Arrays.toString(thread.getStackTrace()));
            }
        } catch (InterruptedException e) {
            throw new AssertionError("The check was interrupted", e);
        }
    }

    /** Waits for the call's value. */
    @SuppressWarnings("NullAway") // without a throw there is a value
    T value() {
        join();
        if (thrown != null) {
            throw thrown instanceof AssertionError e ? e : new AssertionError("The call failed: " + thrown, thrown);
        }
        return value;
    }

    /** Waits for the call to fail. */
    <X extends Throwable> X failure(Class<X> expected) {
        join();
        if (thrown == null) {
            throw new AssertionError("The call returned and should have thrown " + expected.getSimpleName());
        }
        return Expect.type(expected, thrown);
    }

    /** Waits for the end; whether it was by this. */
    boolean endedBy(Class<? extends Throwable> expected) {
        join();
        return expected.isInstance(thrown);
    }

    /** Whether the interrupt status was set when the call failed. */
    boolean wasInterrupted() {
        return interrupted;
    }
}
