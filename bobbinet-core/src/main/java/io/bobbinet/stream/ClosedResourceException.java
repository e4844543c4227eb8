package io.bobbinet.stream;

import java.io.IOException;

/**
 * This side closed the resource, before the call or under it, or ended the direction that the call is of.
 */
public final class ClosedResourceException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what happened to whom
     */
    public ClosedResourceException(String message) {
        super(message);
    }

    /**
     * Makes an exception with a cause.
     *
     * @param message what happened to whom
     * @param cause what the system said
     */
    public ClosedResourceException(String message, Throwable cause) {
        super(message, cause);
    }
}
