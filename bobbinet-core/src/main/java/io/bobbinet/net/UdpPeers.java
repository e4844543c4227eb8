package io.bobbinet.net;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Objects;

/**
 * Whom a UDP socket can send to: where the addresses come from, and which it takes.
 *
 * @param ipv4 whether it sends to IPv4 addresses
 * @param ipv6 whether it sends to IPv6 addresses
 * @param resolver for names
 */
record UdpPeers(boolean ipv4, boolean ipv6, Resolver resolver) {

    /** For a socket that is bound to an address: the wildcard of IPv6 stands for both families unless told otherwise. */
    static UdpPeers of(InetAddress local, boolean ipv6Only, Resolver resolver) {
        boolean four = local instanceof Inet4Address;
        return new UdpPeers(four || local.isAnyLocalAddress() && !ipv6Only, !four, resolver);
    }

    /**
     * {@return the address to send to}
     *
     * @throws IllegalArgumentException if it is of the wrong family, or has the port 0
     * @throws UnknownHostException if it is a name, and has no address of the right family
     */
    InetSocketAddress resolve(InetSocketAddress to) throws IOException {
        if (!Objects.requireNonNull(to, "to").isUnresolved()) {
            checkFamily(checked(to).getAddress());
            return to;
        }
        HostNames.checkPort(to.getPort(), 1);
        var literal = HostNames.literal(to.getHostString());
        if (literal.isPresent()) {
            InetSocketAddress numeric = new InetSocketAddress(literal.get(), to.getPort());
            checkFamily(numeric.getAddress());
            return numeric;
        }
        for (InetSocketAddress found : HostNames.resolve(to, resolver)) {
            if (takes(found.getAddress())) {
                return found;
            }
        }
        throw new UnknownHostException(
                to.getHostString() + ": the host has no " + family() + " address, and the socket no other");
    }

    /**
     * {@return the address}
     *
     * @throws IllegalArgumentException if nothing can be sent there, whatever the socket
     */
    static InetSocketAddress checked(InetSocketAddress to) {
        if (to.isUnresolved()) {
            throw new IllegalArgumentException("The address is not resolved: " + AddressText.of(to));
        }
        HostNames.checkPort(to.getPort(), 1);
        return to;
    }

    void checkFamily(InetAddress address) {
        if (!takes(address)) {
            throw new IllegalArgumentException(
                    "The socket is for " + family() + " addresses, not for " + AddressText.of(address));
        }
    }

    private boolean takes(InetAddress address) {
        return address instanceof Inet4Address ? ipv4 : ipv6;
    }

    private String family() {
        return ipv4 ? "IPv4" : "IPv6";
    }
}
