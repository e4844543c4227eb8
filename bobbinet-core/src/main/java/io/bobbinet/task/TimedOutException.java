package io.bobbinet.task;

import java.net.SocketTimeoutException;

/**
 * A time limit has passed: that of a {@link CancelScope#failAfter failAfter} scope or of a single operation. What was
 * being used remains usable, as far as the operation that was cut short allows.
 */
public final class TimedOutException extends SocketTimeoutException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message which limit, and how long it was
     */
    public TimedOutException(String message) {
        super(message);
    }
}
