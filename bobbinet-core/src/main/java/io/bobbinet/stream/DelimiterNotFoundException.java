package io.bobbinet.stream;

import java.io.IOException;

/**
 * The delimiter did not come within the limit. Nothing was consumed: the bytes are still in the buffer of the stream that
 * threw, and a larger limit may find it.
 */
public final class DelimiterNotFoundException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what happened to whom
     */
    public DelimiterNotFoundException(String message) {
        super(message);
    }
}
