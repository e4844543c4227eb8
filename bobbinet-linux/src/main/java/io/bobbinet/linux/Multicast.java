package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_INET;
import static io.bobbinet.linux.Constants.AF_INET6;
import static io.bobbinet.linux.Constants.AF_UNIX;
import static io.bobbinet.linux.Constants.IPPROTO_IP;
import static io.bobbinet.linux.Constants.IPPROTO_IPV6;
import static io.bobbinet.linux.Constants.IPV6_MULTICAST_ALL;
import static io.bobbinet.linux.Constants.IPV6_MULTICAST_IF;
import static io.bobbinet.linux.Constants.IP_MULTICAST_ALL;
import static io.bobbinet.linux.Constants.IP_MULTICAST_IF;
import static io.bobbinet.linux.Constants.MCAST_JOIN_GROUP;
import static io.bobbinet.linux.Constants.MCAST_JOIN_SOURCE_GROUP;
import static io.bobbinet.linux.Constants.MCAST_LEAVE_GROUP;
import static io.bobbinet.linux.Constants.MCAST_LEAVE_SOURCE_GROUP;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Multicast groups, RFC 3678, by the index of the interface. Of IPv4 on sockets of IPv6 too. */
final class Multicast {
    // struct group_req: the interface, the group; struct group_source_req has the source behind it
    private static final int GROUP = 8;
    private static final int SOURCE = GROUP + SocketAddresses.LONGEST;

    private Multicast() {}

    /** Else a socket is given what others on the machine have joined. An old kernel that cannot do this for IPv6 may. */
    static void receiveJoinedAlone(int fd, int family) {
        byte[] off = new byte[4];
        if (family != AF_UNIX) {
            Libc.setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, off);
        }
        if (family == AF_INET6) {
            Libc.setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, off);
        }
    }

    static void join(int fd, int family, InetAddress group, NetworkInterface on, Optional<InetAddress> source)
            throws IOException {
        int option = source.isPresent() ? MCAST_JOIN_SOURCE_GROUP : MCAST_JOIN_GROUP;
        int result = set(fd, family, option, group, on, source);
        if (Errno.EADDRINUSE.is(result) || (Errno.EADDRNOTAVAIL.is(result) && source.isPresent())) {
            throw Errno.caused(new SocketException("The group is joined already"), result);
        }
        Errno.check(result);
    }

    static void leave(int fd, int family, InetAddress group, NetworkInterface on, Optional<InetAddress> source)
            throws IOException {
        int option = source.isPresent() ? MCAST_LEAVE_SOURCE_GROUP : MCAST_LEAVE_GROUP;
        int result = set(fd, family, option, group, on, source);
        if (Errno.EADDRNOTAVAIL.is(result) || Errno.EINVAL.is(result)) {
            throw Errno.caused(new SocketException("The group was not joined in this way"), result);
        }
        Errno.check(result);
    }

    private static int set(
            int fd, int family, int option, InetAddress group, NetworkInterface on, Optional<InetAddress> source)
            throws IOException {
        if (group instanceof Inet6Address && family == AF_INET) {
            throw new SocketException("The socket is of another family than the group " + group);
        }
        int groupFamily = group instanceof Inet4Address ? AF_INET : AF_INET6;
        byte[] request = new byte[source.isPresent() ? SOURCE + SocketAddresses.LONGEST : SOURCE];
        ByteBuffer buffer = ByteBuffer.wrap(request).order(ByteOrder.nativeOrder());
        buffer.putInt(0, on.getIndex());
        buffer.put(GROUP, SocketAddresses.encode(new InetSocketAddress(group, 0), groupFamily));
        if (source.isPresent()) {
            InetSocketAddress from = new InetSocketAddress(source.get(), 0);
            buffer.put(SOURCE, SocketAddresses.encode(from, groupFamily));
        }
        return Libc.setsockopt(fd, groupFamily == AF_INET ? IPPROTO_IP : IPPROTO_IPV6, option, request);
    }

    // -- the interface to send through

    /** As the JDK does it: for IPv4 by the address of the interface, which it must have if the socket is of IPv4 alone. */
    static void sendThrough(int fd, int family, NetworkInterface on) throws IOException {
        if (family == AF_INET6) {
            Errno.check(Libc.setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, SocketOptions.bytes(on.getIndex())));
        }
        Optional<byte[]> address = on.inetAddresses()
                .filter(Inet4Address.class::isInstance)
                .findFirst()
                .map(InetAddress::getAddress);
        if (address.isPresent()) {
            // struct ip_mreqn: a group, the address, the interface
            ByteBuffer request = ByteBuffer.allocate(12).order(ByteOrder.nativeOrder());
            request.put(4, address.get()).putInt(8, on.getIndex());
            Errno.check(Libc.setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, request.array()));
        } else if (family == AF_INET) {
            throw new SocketException("The interface " + on.getName() + " has no IPv4 address");
        }
    }

    static NetworkInterface sendsThrough(int fd, int family) throws IOException {
        NetworkInterface chosen = chosen(fd, family);
        if (chosen == null) {
            throw new SocketException("IP_MULTICAST_IF has not been set; the system chooses");
        }
        return chosen;
    }

    private static @Nullable NetworkInterface chosen(int fd, int family) throws IOException {
        if (family == AF_INET6) {
            int index = SocketOptions.number(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF);
            return index == 0 ? null : NetworkInterface.getByIndex(index);
        }
        InetAddress address = InetAddress.getByAddress(SocketOptions.bytes(fd, IPPROTO_IP, IP_MULTICAST_IF, 4));
        return address.isAnyLocalAddress() ? null : NetworkInterface.getByInetAddress(address);
    }
}
