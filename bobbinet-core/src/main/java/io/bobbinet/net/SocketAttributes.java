package io.bobbinet.net;

import io.bobbinet.stream.Attribute;
import java.net.SocketAddress;

/**
 * What sockets tell about themselves through any number of wrappers; see {@link io.bobbinet.stream.Attributed#find}.
 *
 * {@snippet file="NetExamples.java" region="attributes"}
 */
public final class SocketAttributes {
    /** The address of this end; of listeners too. */
    public static final Attribute<SocketAddress> LOCAL_ADDRESS = Attribute.of("local address");

    /** The address of the other end, as {@link SocketStream#peerAddress()} gives it. */
    public static final Attribute<SocketAddress> PEER_ADDRESS = Attribute.of("peer address");

    /** The socket itself, for its options. */
    public static final Attribute<SocketView> SOCKET = Attribute.of("socket");

    private SocketAttributes() {}
}
