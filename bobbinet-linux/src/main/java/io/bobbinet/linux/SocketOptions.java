package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_INET6;
import static io.bobbinet.linux.Constants.AF_UNIX;
import static io.bobbinet.linux.Constants.IPPROTO_IP;
import static io.bobbinet.linux.Constants.IPPROTO_IPV6;
import static io.bobbinet.linux.Constants.IPPROTO_TCP;
import static io.bobbinet.linux.Constants.IPV6_MTU_DISCOVER;
import static io.bobbinet.linux.Constants.IPV6_MULTICAST_HOPS;
import static io.bobbinet.linux.Constants.IPV6_MULTICAST_LOOP;
import static io.bobbinet.linux.Constants.IPV6_RECVPKTINFO;
import static io.bobbinet.linux.Constants.IPV6_TCLASS;
import static io.bobbinet.linux.Constants.IPV6_UNICAST_HOPS;
import static io.bobbinet.linux.Constants.IPV6_V6ONLY;
import static io.bobbinet.linux.Constants.IP_MTU_DISCOVER;
import static io.bobbinet.linux.Constants.IP_MULTICAST_IF;
import static io.bobbinet.linux.Constants.IP_MULTICAST_LOOP;
import static io.bobbinet.linux.Constants.IP_MULTICAST_TTL;
import static io.bobbinet.linux.Constants.IP_PKTINFO;
import static io.bobbinet.linux.Constants.IP_PMTUDISC_DO;
import static io.bobbinet.linux.Constants.IP_PMTUDISC_DONT;
import static io.bobbinet.linux.Constants.IP_TOS;
import static io.bobbinet.linux.Constants.IP_TTL;
import static io.bobbinet.linux.Constants.SOL_SOCKET;
import static io.bobbinet.linux.Constants.SO_BROADCAST;
import static io.bobbinet.linux.Constants.SO_INCOMING_NAPI_ID;
import static io.bobbinet.linux.Constants.SO_KEEPALIVE;
import static io.bobbinet.linux.Constants.SO_LINGER;
import static io.bobbinet.linux.Constants.SO_PASSCRED;
import static io.bobbinet.linux.Constants.SO_PEERCRED;
import static io.bobbinet.linux.Constants.SO_RCVBUF;
import static io.bobbinet.linux.Constants.SO_REUSEADDR;
import static io.bobbinet.linux.Constants.SO_REUSEPORT;
import static io.bobbinet.linux.Constants.SO_SNDBUF;
import static io.bobbinet.linux.Constants.TCP_KEEPCNT;
import static io.bobbinet.linux.Constants.TCP_KEEPIDLE;
import static io.bobbinet.linux.Constants.TCP_KEEPINTVL;
import static io.bobbinet.linux.Constants.TCP_NODELAY;
import static io.bobbinet.linux.Constants.TCP_QUICKACK;

import io.bobbinet.spi.ProcessCredentials;
import io.bobbinet.spi.RawOption;
import io.bobbinet.spi.SystemOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Socket options in the system's terms, getsockopt(2), with the meanings that the JDK gives them.
 *
 * <p>An option is known by its name: those of the module {@code jdk.net}, which not every JVM has, need no mention then.
 */
final class SocketOptions {
    private static final int INT = 4;
    private static final long NOBODY = 0xffffffffL;

    private enum Form {
        /** A number that is not negative. */
        NUMBER,
        /** A size of which the system takes twice as much, and says so. */
        SIZE,
        FLAG,
        /** {@code struct linger}: a flag and seconds. */
        LINGER,
        /** A number of one byte. */
        BYTE,
        /** A number of one byte that is not 0. */
        HOPS,
        /** Whether {@code IP_MTU_DISCOVER} forbids fragments. */
        DONT_FRAGMENT,
        /** A network interface, see {@link Multicast}. */
        INTERFACE
    }

    private record Place(int level, int number, Form form) {}

    private static final Map<String, Place> UNIX = Map.of(
            "SO_SNDBUF", new Place(SOL_SOCKET, SO_SNDBUF, Form.SIZE),
            "SO_RCVBUF", new Place(SOL_SOCKET, SO_RCVBUF, Form.SIZE),
            "SO_KEEPALIVE", new Place(SOL_SOCKET, SO_KEEPALIVE, Form.FLAG),
            "SO_REUSEADDR", new Place(SOL_SOCKET, SO_REUSEADDR, Form.FLAG),
            "SO_LINGER", new Place(SOL_SOCKET, SO_LINGER, Form.LINGER),
            "SO_PASSCRED", new Place(SOL_SOCKET, SO_PASSCRED, Form.FLAG));

    private static final Map<String, Place> TCP = tcp();
    private static final Map<String, Place> UDP = udp();

    /** Those of IPv4 that IPv6 has under another number. A socket for both has both, and they are set alike. */
    private static final Map<Integer, Integer> IN_IPV6 = Map.of(
            IP_TOS, IPV6_TCLASS,
            IP_TTL, IPV6_UNICAST_HOPS,
            IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS,
            IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP,
            IP_MTU_DISCOVER, IPV6_MTU_DISCOVER,
            IP_PKTINFO, IPV6_RECVPKTINFO);

    private static final Set<SocketOption<?>> UNIX_OPTIONS = Set.of(
            StandardSocketOptions.SO_SNDBUF,
            StandardSocketOptions.SO_RCVBUF,
            StandardSocketOptions.SO_KEEPALIVE,
            StandardSocketOptions.SO_REUSEADDR,
            StandardSocketOptions.SO_LINGER,
            SystemOptions.PASS_CREDENTIALS);

    private static final boolean HAS_EXTENDED = hasExtended();
    private static final Set<SocketOption<?>> UNIX_STREAM_OPTIONS = unixStreamOptions();
    private static final Set<SocketOption<?>> TCP_OPTIONS = tcpOptions();
    private static final Set<SocketOption<?>> UDP_OPTIONS = udpOptions();
    private static final Set<SocketOption<?>> UNIX_DATAGRAM_OPTIONS =
            Set.of(StandardSocketOptions.SO_SNDBUF, StandardSocketOptions.SO_RCVBUF, SystemOptions.PASS_CREDENTIALS);

    private SocketOptions() {}

    /** Whether this JVM has the module {@code jdk.net}. */
    static boolean hasExtended() {
        try {
            Class.forName("jdk.net.ExtendedSocketOptions");
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static Map<String, Place> tcp() {
        Map<String, Place> places = new HashMap<>(UNIX);
        places.remove("SO_PASSCRED");
        places.put("SO_REUSEPORT", new Place(SOL_SOCKET, SO_REUSEPORT, Form.FLAG));
        places.put("SO_INCOMING_NAPI_ID", new Place(SOL_SOCKET, SO_INCOMING_NAPI_ID, Form.NUMBER));
        places.put("IP_TOS", new Place(IPPROTO_IP, IP_TOS, Form.NUMBER));
        places.put("TCP_NODELAY", new Place(IPPROTO_TCP, TCP_NODELAY, Form.FLAG));
        places.put("TCP_QUICKACK", new Place(IPPROTO_TCP, TCP_QUICKACK, Form.FLAG));
        places.put("TCP_KEEPIDLE", new Place(IPPROTO_TCP, TCP_KEEPIDLE, Form.NUMBER));
        places.put("TCP_KEEPINTERVAL", new Place(IPPROTO_TCP, TCP_KEEPINTVL, Form.NUMBER));
        places.put("TCP_KEEPCOUNT", new Place(IPPROTO_TCP, TCP_KEEPCNT, Form.NUMBER));
        places.put(SystemOptions.IPV6_ONLY.name(), new Place(IPPROTO_IPV6, IPV6_V6ONLY, Form.FLAG));
        return Map.copyOf(places);
    }

    private static Map<String, Place> udp() {
        Map<String, Place> places = new HashMap<>();
        for (String shared : List.of("SO_SNDBUF", "SO_RCVBUF", "SO_REUSEADDR")) {
            places.put(shared, place(UNIX, shared));
        }
        for (String shared : List.of("SO_REUSEPORT", "SO_INCOMING_NAPI_ID", SystemOptions.IPV6_ONLY.name())) {
            places.put(shared, place(TCP, shared));
        }
        places.put("SO_BROADCAST", new Place(SOL_SOCKET, SO_BROADCAST, Form.FLAG));
        places.put("IP_TOS", new Place(IPPROTO_IP, IP_TOS, Form.BYTE));
        places.put("IP_MULTICAST_IF", new Place(IPPROTO_IP, IP_MULTICAST_IF, Form.INTERFACE));
        places.put("IP_MULTICAST_TTL", new Place(IPPROTO_IP, IP_MULTICAST_TTL, Form.BYTE));
        places.put("IP_MULTICAST_LOOP", new Place(IPPROTO_IP, IP_MULTICAST_LOOP, Form.FLAG));
        places.put("IP_DONTFRAGMENT", new Place(IPPROTO_IP, IP_MTU_DISCOVER, Form.DONT_FRAGMENT));
        places.put(SystemOptions.UNICAST_HOPS.name(), new Place(IPPROTO_IP, IP_TTL, Form.HOPS));
        places.put(SystemOptions.DESTINATION_ADDRESS.name(), new Place(IPPROTO_IP, IP_PKTINFO, Form.FLAG));
        return Map.copyOf(places);
    }

    private static Place place(Map<String, Place> places, String name) {
        return Objects.requireNonNull(places.get(name), name);
    }

    private static Set<SocketOption<?>> udpOptions() {
        Set<SocketOption<?>> options = new HashSet<>(Set.of(
                StandardSocketOptions.SO_SNDBUF,
                StandardSocketOptions.SO_RCVBUF,
                StandardSocketOptions.SO_REUSEADDR,
                StandardSocketOptions.SO_REUSEPORT,
                StandardSocketOptions.SO_BROADCAST,
                StandardSocketOptions.IP_TOS,
                StandardSocketOptions.IP_MULTICAST_IF,
                StandardSocketOptions.IP_MULTICAST_TTL,
                StandardSocketOptions.IP_MULTICAST_LOOP,
                SystemOptions.UNICAST_HOPS));
        if (HAS_EXTENDED) {
            options.addAll(ExtendedOptions.udp());
        }
        return Set.copyOf(options);
    }

    private static Set<SocketOption<?>> tcpOptions() {
        Set<SocketOption<?>> options = new HashSet<>(UNIX_OPTIONS);
        options.remove(SystemOptions.PASS_CREDENTIALS);
        options.add(StandardSocketOptions.SO_REUSEPORT);
        options.add(StandardSocketOptions.IP_TOS);
        options.add(StandardSocketOptions.TCP_NODELAY);
        if (HAS_EXTENDED) {
            options.addAll(ExtendedOptions.tcp());
        }
        return Set.copyOf(options);
    }

    private static Set<SocketOption<?>> unixStreamOptions() {
        Set<SocketOption<?>> options = new HashSet<>(UNIX_OPTIONS);
        if (HAS_EXTENDED) {
            options.addAll(ExtendedOptions.unixStream());
        }
        return Set.copyOf(options);
    }

    static Set<SocketOption<?>> supported(LinuxHandle handle) {
        boolean unix = handle.family == AF_UNIX;
        return switch (handle) {
            case LinuxDatagramHandle datagrams -> unix ? UNIX_DATAGRAM_OPTIONS : UDP_OPTIONS;
            case LinuxStreamHandle stream -> unix ? UNIX_STREAM_OPTIONS : TCP_OPTIONS;
            case LinuxListenerHandle listener -> unix ? UNIX_OPTIONS : TCP_OPTIONS;
        };
    }

    /** Whether it is the option of the module {@code jdk.net} that tells the names of user and group of the peer. */
    private static boolean isPeerNames(LinuxHandle handle, SocketOption<?> option) {
        return option.name().equals("SO_PEERCRED") && supported(handle).contains(option);
    }

    static <T> void set(LinuxHandle handle, SocketOption<T> option, T value) throws IOException {
        if (option instanceof RawOption raw) {
            Errno.check(Libc.setsockopt(handle.fd, raw.level(), raw.number(), (byte[]) value));
            return;
        }
        if (isPeerNames(handle, option)) {
            throw new SocketException("SO_PEERCRED can only be asked for");
        }
        Place place = place(handle, option);
        if (place.form == Form.INTERFACE) {
            Multicast.sendThrough(handle.fd, handle.family, (NetworkInterface) value);
            return;
        }
        byte[] bytes = switch (place.form) {
            case FLAG -> bytes((Boolean) value ? 1 : 0);
            case LINGER -> linger((Integer) value);
            case BYTE -> bytes(inRange(option, (Integer) value, 0));
            case HOPS -> bytes(inRange(option, (Integer) value, 1));
            case DONT_FRAGMENT -> bytes((Boolean) value ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT);
            case NUMBER, SIZE -> bytes(notNegative(option, (Integer) value));
            case INTERFACE -> throw new AssertionError(option);
        };
        Errno.check(Libc.setsockopt(handle.fd, place.level, place.number, bytes));
        Integer six = inIpv6(handle, place);
        if (six != null) {
            Errno.check(Libc.setsockopt(handle.fd, IPPROTO_IPV6, six, bytes));
        }
    }

    /** The number of an option in IPv6 too, if the socket is of that. */
    private static @Nullable Integer inIpv6(LinuxHandle handle, Place place) {
        return handle.family == AF_INET6 && place.level == IPPROTO_IP ? IN_IPV6.get(place.number) : null;
    }

    private static int inRange(SocketOption<?> option, int value, int least) {
        if (value < least || value > 255) {
            throw new IllegalArgumentException(option.name() + " is from " + least + " to 255: " + value);
        }
        return value;
    }

    private static int notNegative(SocketOption<?> option, int value) {
        if (value < 0) {
            throw new IllegalArgumentException(option.name() + " is not negative: " + value);
        }
        return value;
    }

    @SuppressWarnings("unchecked") // each form is of the type that the JDK gives the option
    static <T> T get(LinuxHandle handle, SocketOption<T> option) throws IOException {
        if (option instanceof RawOption raw) {
            return (T) bytes(handle.fd, raw.level(), raw.number(), raw.size());
        }
        if (isPeerNames(handle, option)) {
            return (T) ExtendedOptions.names(peerCredentials(handle.fd));
        }
        Place place = place(handle, option);
        if (place.form == Form.INTERFACE) {
            return (T) Multicast.sendsThrough(handle.fd, handle.family);
        }
        Integer six = inIpv6(handle, place);
        byte[] bytes = six == null
                ? bytes(handle.fd, place.level, place.number, 2 * INT)
                : bytes(handle.fd, IPPROTO_IPV6, six, 2 * INT);
        int first = number(bytes, 0);
        return (T)
                switch (place.form) {
                    case FLAG -> (Object) (first != 0);
                    case LINGER -> (Object) (first == 0 ? -1 : number(bytes, INT));
                    case NUMBER, BYTE, HOPS -> (Object) first;
                    case SIZE -> (Object) (first / 2);
                    case DONT_FRAGMENT -> (Object) (first == IP_PMTUDISC_DO);
                    case INTERFACE -> throw new AssertionError(option);
                };
    }

    private static Place place(LinuxHandle handle, SocketOption<?> option) {
        boolean udp = handle instanceof LinuxDatagramHandle;
        Map<String, Place> places = handle.family == AF_UNIX ? UNIX : udp ? UDP : TCP;
        Place place = places.get(option.name());
        if (place == null) {
            String sockets = handle.family == AF_UNIX ? "UNIX sockets" : udp ? "UDP" : "TCP";
            throw new UnsupportedOperationException("The option " + option.name() + " is not one of " + sockets);
        }
        return place;
    }

    private static byte[] linger(int seconds) {
        return ByteBuffer.allocate(2 * INT)
                .order(ByteOrder.nativeOrder())
                .putInt(seconds < 0 ? 0 : 1)
                .putInt(Math.clamp(seconds, 0, 65_535))
                .array();
    }

    static byte[] bytes(int number) {
        return ByteBuffer.allocate(INT)
                .order(ByteOrder.nativeOrder())
                .putInt(number)
                .array();
    }

    static int number(byte[] bytes, int at) {
        return bytes.length < at + INT
                ? 0
                : ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt(at);
    }

    static byte[] bytes(int fd, int level, int number, int size) throws IOException {
        byte[] value = new byte[size];
        int[] length = {size};
        Errno.check(Libc.getsockopt(fd, level, number, value, length));
        return Arrays.copyOf(value, length[0]);
    }

    /** An option whose value is a number. */
    static int number(int fd, int level, int number) throws IOException {
        return number(bytes(fd, level, number, INT), 0);
    }

    /** A flag that not every system has. */
    static boolean isOn(int fd, int level, int number) {
        byte[] value = new byte[INT];
        return Libc.getsockopt(fd, level, number, value, new int[] {INT}) >= 0 && number(value, 0) != 0;
    }

    /** Of a socket that is not connected the system says that its peer is nobody: user and group -1. */
    static ProcessCredentials peerCredentials(int fd) throws IOException {
        ProcessCredentials peer =
                MessageBuffer.credentials(MemorySegment.ofArray(bytes(fd, SOL_SOCKET, SO_PEERCRED, 3 * INT)));
        if (peer.uid() == NOBODY && peer.gid() == NOBODY) {
            throw Errno.socketFailure(Errno.ENOTCONN.result());
        }
        return peer;
    }
}
