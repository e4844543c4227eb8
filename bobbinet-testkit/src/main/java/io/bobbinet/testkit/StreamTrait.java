package io.bobbinet.testkit;

/** What not every stream can do; a contract asks each stream for its traits and checks what they say. */
public enum StreamTrait {
    /** A receive waits for bytes, up to the end. Not so for a file, whose end is where it is. */
    WAITS,
    /** A send waits when the peer does not receive. */
    BACK_PRESSURE,
    /** The sending can be ended alone; without this {@code sendEof} throws {@link UnsupportedOperationException}. */
    HALF_CLOSE,
    /** The peer of a stream that was closed after a send was cut off sees it broken, and no orderly end. */
    SHOWS_CUT,
    /** Sends are broken, sooner or later, when the peer has closed. */
    SEES_PEER_GONE
}
