package io.bobbinet.spi;

/** What a backend may or may not be able to do. */
public enum Capability {
    /** TCP streams and listeners. */
    TCP,
    /** UNIX stream sockets bound to paths. */
    UNIX_STREAM,
    /** UDP sockets. */
    UDP,
    /** UNIX datagram sockets. */
    UNIX_DATAGRAM,
    /** Tells to which local address a datagram was sent, and sends from one, {@code IP_PKTINFO}. */
    DESTINATION_ADDRESS,
    /** UNIX sockets with abstract names, unix(7). */
    UNIX_ABSTRACT,
    /** Takes over open {@code java.nio} channels. */
    CHANNEL_ADOPTION,
    /** Names of the user and group at the other end of a UNIX stream. */
    PEER_NAMES,
    /** Process, user and group numbers of the peer of a UNIX stream, {@code SO_PEERCRED}. */
    PEER_CREDENTIALS,
    /** Open descriptors: passed over UNIX sockets, taken over by number, waited for; see {@link Descriptors}. */
    DESCRIPTORS,
    /** Socket options by level, number and bytes; see {@link RawOption}. */
    RAW_OPTIONS,
    /** IPv6 sockets that take no IPv4 traffic, {@code IPV6_V6ONLY}. */
    IPV6_ONLY
}
