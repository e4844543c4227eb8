package io.bobbinet.tls;

/** Whether a server asks its clients for a certificate. */
public enum TlsClientAuth {
    /** Does not ask. */
    NONE,

    /** Asks, and takes clients that have none; one that is not trusted fails the handshake. */
    WANT,

    /** Asks, and refuses clients that have none. */
    NEED
}
