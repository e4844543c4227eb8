package io.bobbinet.stream;

import java.io.IOException;

/**
 * The resource cannot be used any more for an outside reason: reset, broken pipe, TLS cut short, or a send of which only a
 * part went out. What the system said, if it did, is the cause.
 */
public final class BrokenResourceException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what happened to whom
     */
    public BrokenResourceException(String message) {
        super(message);
    }

    /**
     * Makes an exception with a cause.
     *
     * @param message what happened to whom
     * @param cause what the system said
     */
    public BrokenResourceException(String message, Throwable cause) {
        super(message, cause);
    }
}
