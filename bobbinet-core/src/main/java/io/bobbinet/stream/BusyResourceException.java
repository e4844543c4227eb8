package io.bobbinet.stream;

/**
 * Another thread is using the same direction of the same resource: a mistake of the program, told at once and without
 * disturbing the other.
 */
public final class BusyResourceException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what happened to whom
     */
    public BusyResourceException(String message) {
        super(message);
    }
}
