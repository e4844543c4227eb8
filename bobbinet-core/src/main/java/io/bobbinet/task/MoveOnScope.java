package io.bobbinet.task;

import java.util.Objects;
import java.util.Optional;

/**
 * A scope that absorbs its own cancellation and tells by a value whether its body was cut short.
 *
 * <p>Made by {@link CancelScope#create()}, {@link CancelScope#shielded()}, {@link CancelScope#moveOnAfter},
 * {@link CancelScope#moveOnAt} and {@link CancelScope#withoutWaiting()}.
 */
public final class MoveOnScope implements CancelScope {
    private final Scope scope;

    MoveOnScope(Scope scope) {
        this.scope = scope;
        scope.face(this);
    }

    /**
     * Enters the scope and runs a body in it.
     *
     * @param <X> what the body throws
     * @param body the body
     * @return true if the body returned, false if it was cut short by this scope's own cancel or deadline
     * @throws X if the body throws it
     * @throws CancelledException if an outer scope is cancelled and cut the body short
     * @throws IllegalStateException if the scope was entered before
     */
    public <X extends Throwable> boolean run(ThrowingRunnable<X> body) throws X {
        return this.<Boolean, X>call(() -> {
                    body.run();
                    return true;
                })
                .isPresent();
    }

    /**
     * Enters the scope and calls a body in it.
     *
     * @param <T> the type of the body's value; it must not be null
     * @param <X> what the body throws
     * @param body the body
     * @return the body's value, or empty if the body was cut short by this scope's own cancel or deadline
     * @throws X if the body throws it
     * @throws CancelledException if an outer scope is cancelled and cut the body short
     * @throws IllegalStateException if the scope was entered before
     */
    public <T, X extends Throwable> Optional<T> call(ThrowingCallable<T, X> body) throws X {
        return Strand.<Optional<T>, X>onStrand(strand -> {
            scope.enter(strand);
            T value;
            try {
                value = scope.refusesToWait ? Scope.<T, X>callRefusing(body) : body.call();
            } catch (Throwable thrown) {
                scope.leave(strand);
                if (scope.absorbs(thrown)) {
                    return Optional.empty();
                }
                throw thrown;
            }
            scope.leave(strand);
            return Optional.of(value);
        });
    }

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
