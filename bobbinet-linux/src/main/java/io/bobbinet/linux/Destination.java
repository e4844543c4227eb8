package io.bobbinet.linux;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;

/**
 * An address to send to, and what the system has for it.
 *
 * @param address the address
 * @param bytes never changed
 */
record Destination(SocketAddress address, byte[] bytes) {
    static Destination of(SocketAddress address, int family) throws SocketException {
        return new Destination(address, SocketAddresses.encode(address, family));
    }

    /** Whether an address is encoded the same. To be equal is not enough: that leaves out the scope of IPv6 addresses. */
    boolean isFor(SocketAddress other) {
        return other == address || (other.equals(address) && scope(other) == scope(address));
    }

    private static int scope(SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() instanceof Inet6Address six
                ? six.getScopeId()
                : 0;
    }
}
