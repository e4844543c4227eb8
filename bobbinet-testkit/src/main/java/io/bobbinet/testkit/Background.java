package io.bobbinet.testkit;

import io.bobbinet.task.ThrowingCallable;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A body on a thread of its own, and what became of it. */
final class Background<T> {
    /** Far beyond any honest run: a body that is still running then hangs. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final CompletableFuture<Ending<T>> ending = new CompletableFuture<>();
    private final Thread thread;

    private record Ending<T>(@Nullable T value, @Nullable Throwable failure, boolean interrupted) {}

    Background(boolean virtual, ThrowingCallable<T, ?> body) {
        this.thread = (virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon())
                .name("contract")
                .start(() -> {
                    Ending<T> end;
                    try {
                        T value = body.call();
                        end = new Ending<>(value, null, Thread.currentThread().isInterrupted());
                    } catch (Throwable t) {
                        end = new Ending<>(null, t, Thread.currentThread().isInterrupted());
                    }
                    ending.complete(end);
                });
    }

    /** Waits until the body waits in a blocking call of the backend. */
    void awaitBlocked() {
        Blocked.await(thread);
    }

    void interrupt() {
        thread.interrupt();
    }

    boolean isDone() {
        return ending.isDone();
    }

    /** Waits for the end, however it is. */
    void await() {
        end();
    }

    /** The value of a body that must not have failed. */
    @SuppressWarnings("NullAway") // the value is what the body gave
    T value() {
        Ending<T> end = end();
        if (end.failure() != null) {
            throw end.failure() instanceof AssertionError e
                    ? e
                    : new AssertionError("It threw " + end.failure(), end.failure());
        }
        return end.value();
    }

    /** What the body threw, which must be of a type. */
    <X extends Throwable> X failure(Class<X> type) {
        Ending<T> end = end();
        if (!type.isInstance(end.failure())) {
            throw new AssertionError(
                    "It must throw " + type.getSimpleName() + ", but "
                            + (end.failure() == null ? "returned " + end.value() : "threw " + end.failure()),
                    end.failure());
        }
        return type.cast(end.failure());
    }

    /** Whether the thread's interrupt status was set when the body ended. */
    boolean endedInterrupted() {
        return end().interrupted();
    }

    private Ending<T> end() {
        try {
            return ending.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            AssertionError hang = new AssertionError("It hangs; the suppressed trace shows where");
            Throwable where = new Throwable("here");
            where.setStackTrace(thread.getStackTrace());
            hang.addSuppressed(where);
            throw hang;
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }
}
