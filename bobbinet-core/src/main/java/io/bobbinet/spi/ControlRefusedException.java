package io.bobbinet.spi;

import java.io.IOException;

/**
 * The system does not take what was to travel beside the bytes: credentials of others, too many descriptors under way.
 * Nothing was sent, and the connection is as it was.
 */
public final class ControlRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message what the system said
     */
    public ControlRefusedException(String message) {
        super(message);
    }
}
