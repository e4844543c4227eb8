package io.bobbinet.task;

/**
 * A body that returns nothing and may throw.
 *
 * @param <X> what it throws; {@link RuntimeException} if it throws nothing checked
 */
@FunctionalInterface
public interface ThrowingRunnable<X extends Throwable> {

    /**
     * Runs the body.
     *
     * @throws X if it fails
     */
    void run() throws X;
}
