package io.bobbinet.stream;

import java.io.EOFException;

/**
 * The peer has ended the stream in an orderly way: the one end signal of this library.
 */
public final class EndOfStreamException extends EOFException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what happened to whom
     */
    public EndOfStreamException(String message) {
        super(message);
    }
}
