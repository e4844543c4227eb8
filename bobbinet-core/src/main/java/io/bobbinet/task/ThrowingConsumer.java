package io.bobbinet.task;

/**
 * A body that is given something, returns nothing and may throw.
 *
 * @param <T> the type of what it is given
 * @param <X> what it throws; {@link RuntimeException} if it throws nothing checked
 */
@FunctionalInterface
public interface ThrowingConsumer<T, X extends Throwable> {

    /**
     * Runs the body.
     *
     * @param value what it is given
     * @throws X if it fails
     */
    void accept(T value) throws X;
}
