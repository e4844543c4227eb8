package io.bobbinet.task;

import org.jspecify.annotations.Nullable;

/**
 * Values of {@link ScopedValue}s, captured where they are bound to be bound again in a task.
 *
 * {@snippet file="TaskExamples.java" region="captured"}
 *
 * <p>The JDK hands bindings on to the threads of its own structured scopes only, so that tasks of a {@link TaskGroup}, and
 * the handlers of a server, begin without any. Immutable; may be used by any number of tasks.
 */
public final class CapturedValues {
    private final ScopedValue.@Nullable Carrier bindings;

    private CapturedValues(ScopedValue.@Nullable Carrier bindings) {
        this.bindings = bindings;
    }

    /**
     * Captures the values that the calling thread sees.
     *
     * @param keys whose values; those that are not bound here will not be bound there
     * @return the captured values
     */
    public static CapturedValues of(ScopedValue<?>... keys) {
        ScopedValue.Carrier bindings = null;
        for (ScopedValue<?> key : keys) {
            if (key.isBound()) {
                bindings = with(bindings, key);
            }
        }
        return new CapturedValues(bindings);
    }

    private static <T> ScopedValue.Carrier with(ScopedValue.@Nullable Carrier others, ScopedValue<T> key) {
        return others == null ? ScopedValue.where(key, key.get()) : others.where(key, key.get());
    }

    /**
     * Runs a body with the captured values bound.
     *
     * @param <X> what the body throws
     * @param body the body
     * @throws X if the body throws it
     */
    public <X extends Throwable> void run(ThrowingRunnable<X> body) throws X {
        this.<Boolean, X>call(() -> {
            body.run();
            return true;
        });
    }

    /**
     * Calls a body with the captured values bound.
     *
     * @param <T> the type of the body's value
     * @param <X> what the body throws
     * @param body the body
     * @return the body's value
     * @throws X if the body throws it
     */
    public <T, X extends Throwable> T call(ThrowingCallable<T, X> body) throws X {
        return bindings == null ? body.call() : bindings.<T, X>call(body::call);
    }
}
