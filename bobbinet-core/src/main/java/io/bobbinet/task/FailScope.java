package io.bobbinet.task;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A scope whose deadline, if it cuts the body short, is a failure: {@link TimedOutException}.
 *
 * <p>Made by {@link CancelScope#failAfter} and {@link CancelScope#failAt}.
 */
public final class FailScope implements CancelScope {
    private final Scope scope;

    FailScope(Scope scope) {
        this.scope = scope;
        scope.face(this);
    }

    /**
     * Enters the scope and runs a body in it. Returns when the body returned, or was cut short by {@link #cancel()}.
     *
     * @param <X> what the body throws
     * @param body the body
     * @throws X if the body throws it
     * @throws TimedOutException if the scope's own deadline cut the body short
     * @throws CancelledException if an outer scope is cancelled and cut the body short
     * @throws IllegalStateException if the scope was entered before
     */
    public <X extends Throwable> void run(ThrowingRunnable<X> body) throws X, TimedOutException {
        this.<Boolean, X>enter(
                () -> {
                    body.run();
                    return true;
                },
                true);
    }

    /**
     * Enters the scope and calls a body in it.
     *
     * @param <T> the type of the body's value
     * @param <X> what the body throws
     * @param body the body
     * @return the body's value
     * @throws X if the body throws it
     * @throws TimedOutException if the scope's own deadline cut the body short
     * @throws CancelledException if {@link #cancel()}, or an outer scope that is cancelled, cut the body short
     * @throws IllegalStateException if the scope was entered before
     */
    public <T, X extends Throwable> T call(ThrowingCallable<T, X> body) throws X, TimedOutException {
        return this.<T, X>enter(body, false);
    }

    @SuppressWarnings(
            "NullAway") // the value is what the body gave, null only if the body was cut short and run does not care
    private <T, X extends Throwable> T enter(ThrowingCallable<T, X> body, boolean absorb) throws X, TimedOutException {
        Outcome<T> outcome = Strand.<Outcome<T>, X>onStrand(strand -> {
            scope.enter(strand);
            T value;
            try {
                value = body.call();
            } catch (Throwable thrown) {
                scope.leave(strand);
                if (scope.absorbs(thrown)) {
                    return new Outcome<>(null, scope.cancellation(), thrown);
                }
                throw thrown;
            }
            scope.leave(strand);
            return new Outcome<>(value, null, null);
        });
        Cancellation cut = outcome.cut();
        if (cut != null && cut.byDeadline()) {
            TimedOutException e = new TimedOutException(cut.reason());
            e.initCause(outcome.thrown()); // which shows the call that was cut short
            throw e;
        }
        if (cut != null && !absorb) {
            CancelledException e = cut.exception();
            e.initCause(outcome.thrown());
            throw e;
        }
        return outcome.value();
    }

    private record Outcome<T>(
            @Nullable T value,
            @Nullable Cancellation cut,
            @Nullable Throwable thrown) {}

    @Override
    public void cancel(String reason) {
        scope.cancel(new Cancellation(Objects.requireNonNull(reason, "reason"), false));
    }

    @Override
    public boolean isCancelled() {
        return scope.cancellation() != null;
    }

    @Override
    public Optional<String> cancelReason() {
        return Optional.ofNullable(scope.cancellation()).map(Cancellation::reason);
    }

    @Override
    public Deadline deadline() {
        return scope.deadline();
    }

    @Override
    public void moveDeadline(Deadline deadline) {
        scope.moveDeadline(deadline);
    }
}
