package io.bobbinet.task;

import java.util.concurrent.CancellationException;

/**
 * Thrown by a blocking call inside a cancelled scope. The scope that was cancelled absorbs it; code in between lets it
 * pass, as it does with any exception it cannot handle.
 *
 * <p>Unchecked, and no {@link java.io.IOException}, so that a {@code catch (IOException e)} that tries again does not
 * swallow it. If it is caught all the same, the next blocking call throws it again.
 */
public final class CancelledException extends CancellationException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception. The library does that by itself; code that waits by other means calls
     * {@link CancelScope#checkpoint()}.
     *
     * @param message why
     */
    public CancelledException(String message) {
        super(message);
    }
}
