package io.bobbinet.stream;

import java.io.EOFException;

/**
 * The stream ended inside of what was to be read whole, an exact count or a delimited piece. What did arrive is still in
 * the buffer of the stream that threw. The cause is the {@link EndOfStreamException}.
 */
public final class IncompleteReadException extends EOFException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what happened to whom
     */
    public IncompleteReadException(String message) {
        super(message);
    }

    /**
     * Makes an exception with its cause.
     *
     * @param message what happened to whom
     * @param end the end of the stream
     */
    public IncompleteReadException(String message, EndOfStreamException end) {
        super(message);
        initCause(end);
    }
}
