package io.bobbinet.spi;

/**
 * What is behind a descriptor.
 *
 * @param kind the kind
 * @param state for sockets, what state it is in; for all others {@link State#NONE}
 * @param text what it is in words, with its article, for people: "a UNIX stream socket"
 */
public record DescriptorFacts(Kind kind, State state, String text) {

    /** Kinds of what can be open. */
    public enum Kind {
        /** A regular file. */
        FILE,
        /** A directory. */
        DIRECTORY,
        /** A pipe or FIFO, one end of it. */
        PIPE,
        /** A character or block device. */
        DEVICE,
        /** A TCP socket, of IPv4 or IPv6. */
        TCP,
        /** A UNIX stream socket. */
        UNIX_STREAM,
        /** A UDP socket, of IPv4 or IPv6. */
        UDP,
        /** A UNIX datagram socket. */
        UNIX_DATAGRAM,
        /** A socket of another kind. */
        OTHER_SOCKET,
        /** Something else, such as an event counter. */
        OTHER
    }

    /** States of sockets. */
    public enum State {
        /** Not a socket, or neither bound, listening nor connected. */
        NONE,
        /** Bound to an address; not listening, not connected. */
        BOUND,
        /** Listening for connections. */
        LISTENING,
        /** Connected to a peer. */
        CONNECTED
    }
}
