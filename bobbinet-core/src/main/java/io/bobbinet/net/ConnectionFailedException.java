package io.bobbinet.net;

import java.net.ConnectException;

/**
 * No attempt to connect succeeded. Each attempt is a suppressed exception that names its address; the first one is the
 * cause too.
 */
public final class ConnectionFailedException extends ConnectException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message where to, and how many attempts
     */
    public ConnectionFailedException(String message) {
        super(message);
    }
}
