package io.bobbinet.tls;

/** What an end of the connection without a close_notify alert before it is taken for. */
public enum TlsEnd {
    /** A connection that was cut: {@link io.bobbinet.stream.BrokenResourceException}, as RFC 8446, section 6.1, wants it. */
    STRICT,

    /**
     * An end: {@link io.bobbinet.stream.EndOfStreamException}, also in the middle of a record. Only for protocols that tell
     * by themselves where their messages end, such as HTTP with a length: anybody on the way can cut the connection.
     */
    LENIENT
}
