package io.bobbinet.spi;

import java.net.SocketOption;

/** Socket options that the JDK has no constants for. Backends that have the matching {@link Capability} know them. */
public final class SystemOptions {
    /** {@code IPV6_V6ONLY}, ipv6(7): an IPv6 socket takes no IPv4 traffic. Set before the socket is bound. */
    public static final SocketOption<Boolean> IPV6_ONLY = new Option<>("IPV6_V6ONLY", Boolean.class);

    /**
     * {@code SO_PASSCRED}, unix(7): what is received on a UNIX socket comes with the credentials of its sender; for
     * {@link StreamHandle#receiveMessage}.
     */
    public static final SocketOption<Boolean> PASS_CREDENTIALS = new Option<>("SO_PASSCRED", Boolean.class);

    /** Whether datagrams come with the local address they were sent to, {@code IP_PKTINFO}, {@code IPV6_RECVPKTINFO}. */
    public static final SocketOption<Boolean> DESTINATION_ADDRESS = new Option<>("IP_PKTINFO", Boolean.class);

    /**
     * How many routers a datagram to a single host may pass, {@code IP_TTL}, {@code IPV6_UNICAST_HOPS}; for both families of a
     * socket that has both.
     */
    public static final SocketOption<Integer> UNICAST_HOPS = new Option<>("IP_TTL", Integer.class);

    private SystemOptions() {}

    /**
     * {@return whether an option is one of these}
     *
     * @param option the option
     */
    public static boolean contains(SocketOption<?> option) {
        return option instanceof Option<?>;
    }

    private record Option<T>(String name, Class<T> type) implements SocketOption<T> {
        @Override
        public String toString() {
            return name;
        }
    }
}
