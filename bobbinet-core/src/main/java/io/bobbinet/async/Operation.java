package io.bobbinet.async;

import io.bobbinet.async.Work.Outcome;
import io.bobbinet.spi.TimeSource;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.MoveOnScope;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A future and the work that it stands for. Either the work decides how it ends, or somebody from outside does, which calls the
 * work off; {@link #state} says who came first. What the work decided stands from then on, though the future itself is completed
 * later, on the executor of callbacks: so that a packet has one owner at any time.
 */
final class Operation<T> extends CompletableFuture<T> {
    private enum State {
        WAITING,
        RUNNING,
        OVER
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
    private final Callbacks callbacks;
    private final Work<T> work;

    private final Place place;

    private final MoveOnScope scope = CancelScope.create();

    /** Calls off the waiting after a time; set before the operation begins. */
    private volatile TimeSource.@Nullable Timer timer;

    Operation(Callbacks callbacks, Work<T> work, Place place) {
        this.callbacks = callbacks;
        this.work = work;
        this.place = place;
    }

    /** Where operations wait for their turn. */
    @FunctionalInterface
    interface Place {
        /** Forgets an operation that is over, by somebody from outside or otherwise. */
        void leave(Operation<?> operation, boolean fromOutside);
    }

    void timer(TimeSource.Timer limit) {
        timer = limit;
        if (state.get() == State.OVER) {
            limit.cancel();
        }
    }

    boolean isOver() {
        return state.get() == State.OVER;
    }

    // -- by the work

    /** Does the work, on the calling thread, unless it was called off; what this returns completes the future. */
    Runnable perform() {
        if (!state.compareAndSet(State.WAITING, State.RUNNING)) {
            return () -> {};
        }
        Optional<Outcome<T>> outcome;
        try {
            outcome = scope.<Outcome<T>, Exception>call(work::perform);
        } catch (Throwable t) {
            outcome = Optional.of(Outcome.failed(t));
        }
        if (outcome.isEmpty() || !state.compareAndSet(State.RUNNING, State.OVER)) {
            work.refused();
            return () -> {};
        }
        stopTimer();
        Outcome<T> certain = outcome.get();
        if (certain.failure() == null) {
            work.accepted();
        } else {
            work.failed();
        }
        return () -> conclude(certain);
    }

    /** Ends the operation if it is still waiting for its turn. */
    void endWaiting(Outcome<T> outcome) {
        if (state.compareAndSet(State.WAITING, State.OVER)) {
            end(outcome);
        }
    }

    /** Ends the operation, which waits for a connection that will not be. */
    void fail(Throwable failure) {
        endWaiting(without(failure));
    }

    Outcome<T> without(Throwable failure) {
        return work.without(failure);
    }

    /** Ends the operation before anybody has seen it. */
    Operation<T> endedAtOnce(Outcome<T> outcome) {
        state.set(State.OVER);
        conclude(outcome);
        return this;
    }

    /** Ends the operation, and calls off what it does if it has begun. */
    void end(Outcome<T> outcome, String reason) {
        if (state.getAndSet(State.OVER) != State.OVER) {
            scope.cancel(reason);
            end(outcome);
        }
    }

    private void end(Outcome<T> outcome) {
        stopTimer();
        place.leave(this, false);
        callbacks.execute(() -> conclude(outcome));
    }

    private void stopTimer() {
        TimeSource.Timer limit = timer;
        if (limit != null) {
            limit.cancel();
        }
    }

    @SuppressWarnings("NullAway") // those without a value are futures of nothing
    private void conclude(Outcome<T> outcome) {
        if (outcome.failure() == null) {
            super.complete(outcome.value().orElse(null));
        } else {
            super.completeExceptionally(outcome.failure());
        }
    }

    // -- from outside

    private boolean abandon() {
        if (state.getAndSet(State.OVER) == State.OVER) {
            return false;
        }
        scope.cancel("its future was completed from outside");
        stopTimer();
        place.leave(this, true);
        return true;
    }

    @Override
    public boolean complete(T value) {
        return abandon() && super.complete(value);
    }

    @Override
    public boolean completeExceptionally(Throwable ex) {
        return abandon() && super.completeExceptionally(ex);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return abandon() ? super.cancel(mayInterruptIfRunning) : isCancelled();
    }

    /** As in the superclass, which completes itself by a way that cannot be overridden. */
    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
        executor.execute(() -> {
            try {
                complete(supplier.get());
            } catch (Throwable t) {
                completeExceptionally(t);
            }
        });
        return this;
    }

    // -- what depends on it

    @Override
    public Executor defaultExecutor() {
        return callbacks;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new Dependent<>(callbacks);
    }

    private static final class Dependent<T> extends CompletableFuture<T> {
        private final Callbacks callbacks;

        Dependent(Callbacks callbacks) {
            this.callbacks = callbacks;
        }

        @Override
        public Executor defaultExecutor() {
            return callbacks;
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new Dependent<>(callbacks);
        }
    }
}
