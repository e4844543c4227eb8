package io.bobbinet.async;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an operation does when it is its turn. */
@FunctionalInterface
interface Work<T> {
    /** Does it, waiting if need be; ends by a cancellation if the operation is called off. */
    Outcome<T> perform() throws Exception;

    /** The outcome is the caller's now. */
    default void accepted() {}

    /** The failure is the caller's now. */
    default void failed() {}

    /** Nobody wants the outcome any more, nor what came of an attempt that was cut short. */
    default void refused() {}

    /** How the operation ends that does not get its turn, because there is no connection. */
    default Outcome<T> without(Throwable failure) {
        return Outcome.failed(failure);
    }

    /**
     * How an operation has ended.
     *
     * @param value what it gave; nothing for those that give nothing
     * @param failure what it threw
     */
    record Outcome<T>(Optional<T> value, @Nullable Throwable failure) {
        static <T> Outcome<T> of(T value) {
            return new Outcome<>(Optional.of(value), null);
        }

        static <T> Outcome<T> done() {
            return new Outcome<>(Optional.empty(), null);
        }

        static <T> Outcome<T> failed(Throwable failure) {
            return new Outcome<>(Optional.empty(), failure);
        }
    }
}
