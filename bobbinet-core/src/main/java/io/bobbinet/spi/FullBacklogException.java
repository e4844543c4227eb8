package io.bobbinet.spi;

import java.net.SocketException;

/**
 * The backlog of a UNIX listener is full, and this socket cannot wait for room with the name it is bound to: it is closed, and
 * another must be bound in its place.
 */
public final class FullBacklogException extends SocketException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param failure what the system said
     */
    public FullBacklogException(SocketException failure) {
        super(failure.getMessage());
        initCause(failure);
    }
}
