package io.bobbinet.task;

/**
 * A body that is given something, returns a value and may throw.
 *
 * @param <T> the type of what it is given
 * @param <R> the type of the value
 * @param <X> what it throws; {@link RuntimeException} if it throws nothing checked
 */
@FunctionalInterface
public interface ThrowingFunction<T, R, X extends Throwable> {

    /**
     * Runs the body.
     *
     * @param value what it is given
     * @return the value
     * @throws X if it fails
     */
    R apply(T value) throws X;
}
