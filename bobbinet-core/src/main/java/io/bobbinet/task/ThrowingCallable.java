package io.bobbinet.task;

/**
 * A body that returns a value and may throw.
 *
 * @param <T> the type of the value
 * @param <X> what it throws; {@link RuntimeException} if it throws nothing checked
 */
@FunctionalInterface
public interface ThrowingCallable<T, X extends Throwable> {

    /**
     * Runs the body.
     *
     * @return the value
     * @throws X if it fails
     */
    T call() throws X;
}
