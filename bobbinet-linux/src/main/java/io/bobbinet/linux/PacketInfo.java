package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_INET6;
import static io.bobbinet.linux.Constants.IPPROTO_IP;
import static io.bobbinet.linux.Constants.IPPROTO_IPV6;
import static io.bobbinet.linux.Constants.IPPROTO_UDP;
import static io.bobbinet.linux.Constants.IPV6_PKTINFO;
import static io.bobbinet.linux.Constants.IP_PKTINFO;
import static io.bobbinet.linux.Constants.UDP_GRO;
import static io.bobbinet.linux.MessageLayout.CMSG_DATA;
import static io.bobbinet.linux.MessageLayout.CMSG_LEVEL;
import static io.bobbinet.linux.MessageLayout.CMSG_TYPE;
import static io.bobbinet.linux.MessageLayout.aligned;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;
import java.util.StringJoiner;

/** What the system tells beside UDP datagrams: where they went to, and whether several came as one. Used by one thread at a time. */
final class PacketInfo {
    /** Enough for all that is asked for, and much of what is by number, such as times, which comes before it. */
    static final int CONTROL_SIZE = 512;

    // struct in_pktinfo: the interface, the local address of the route, the destination
    private static final int SPEC_DST = 4;
    private static final int ADDR = 8;
    private static final int INFO_SIZE = 12;

    // struct in6_pktinfo: the address, the interface
    private static final int IFINDEX = 16;
    private static final int INFO6_SIZE = 20;

    private int segmentSize;
    private byte[] address = {};
    private int scope;

    /** What the two before were decoded to. */
    private Optional<InetAddress> destination = Optional.empty();

    private boolean hasDestination;

    /** Reads the control messages of a datagram. */
    void read(ControlWalk messages) throws IOException {
        segmentSize = 0;
        hasDestination = false;
        while (messages.next()) {
            if (messages.is(IPPROTO_UDP, UDP_GRO) && messages.has(Integer.BYTES)) {
                segmentSize = messages.number();
            } else if (messages.is(IPPROTO_IP, IP_PKTINFO) && messages.has(INFO_SIZE)) {
                decode(messages.data().asSlice(ADDR, 4), 0);
            } else if (messages.is(IPPROTO_IPV6, IPV6_PKTINFO) && messages.has(INFO6_SIZE)) {
                decode(messages.data().asSlice(0, 16), messages.data().get(JAVA_INT, IFINDEX));
            }
        }
    }

    /** Often it is the same as before. */
    private void decode(MemorySegment bytes, int index) throws IOException {
        hasDestination = true;
        byte[] raw = bytes.toArray(JAVA_BYTE);
        if (!Arrays.equals(raw, address) || scope != index) {
            InetAddress plain = InetAddress.getByAddress(raw); // IPv4 if it is a mapped one
            boolean local = plain.isLinkLocalAddress() || plain.isMCLinkLocal();
            boolean scoped = plain instanceof Inet6Address && local;
            destination = Optional.of(scoped ? Inet6Address.getByAddress(null, raw, index) : plain);
            address = raw;
            scope = index;
        }
    }

    /** The local address that the datagram went to, if the system has told. */
    Optional<InetAddress> destination() {
        return hasDestination ? destination : Optional.empty();
    }

    /** Of how many bytes each of the datagrams is that came as one, but perhaps the last; 0 if it is one. */
    int segmentSize() {
        return segmentSize;
    }

    /** As {@link #read} and {@link #segmentSize()}. */
    static int segmentSize(ControlWalk messages) {
        while (messages.next()) {
            if (messages.is(IPPROTO_UDP, UDP_GRO) && messages.has(Integer.BYTES)) {
                return messages.number();
            }
        }
        return 0;
    }

    /** What to throw if control messages were cut, so that nobody knows whether several datagrams came as one. */
    static IOException crowdedOut(ControlWalk messages) {
        StringJoiner others = new StringJoiner(", ");
        while (messages.next()) {
            others.add("level " + messages.level() + " type " + messages.type());
        }
        return new IOException("Datagrams are lost: what came beside them (" + others
                + ") left no room for where one ends; have less told by socket options");
    }

    /**
     * Writes a control message that makes a datagram come from an address.
     *
     * @return its size
     */
    static long write(MemorySegment control, InetAddress from, int family) {
        boolean six = family == AF_INET6;
        int size = six ? INFO6_SIZE : INFO_SIZE;
        control.asSlice(0, CMSG_DATA + size).fill((byte) 0);
        control.set(JAVA_LONG, 0, CMSG_DATA + size);
        control.set(JAVA_INT, CMSG_LEVEL, six ? IPPROTO_IPV6 : IPPROTO_IP);
        control.set(JAVA_INT, CMSG_TYPE, six ? IPV6_PKTINFO : IP_PKTINFO);
        byte[] bytes = from.getAddress();
        if (!six) {
            MemorySegment.copy(bytes, 0, control, JAVA_BYTE, CMSG_DATA + SPEC_DST, bytes.length);
        } else if (from instanceof Inet4Address) {
            control.set(JAVA_BYTE, CMSG_DATA + 10, (byte) 0xff);
            control.set(JAVA_BYTE, CMSG_DATA + 11, (byte) 0xff);
            MemorySegment.copy(bytes, 0, control, JAVA_BYTE, CMSG_DATA + 12, bytes.length);
        } else {
            MemorySegment.copy(bytes, 0, control, JAVA_BYTE, CMSG_DATA, bytes.length);
            control.set(JAVA_INT, CMSG_DATA + IFINDEX, ((Inet6Address) from).getScopeId());
        }
        return aligned(CMSG_DATA + size);
    }
}
