package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_INET;
import static io.bobbinet.linux.Constants.AF_INET6;
import static io.bobbinet.linux.Constants.AF_UNIX;

import io.bobbinet.spi.UnixName;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Addresses as the system has them: {@code struct sockaddr_in}, {@code sockaddr_in6}, {@code sockaddr_un}. */
final class SocketAddresses {
    /** Room for each of them: {@code struct sockaddr_storage}. */
    static final int LONGEST = 128;

    private static final int PATH = 2;
    private static final int LONGEST_PATH = 108;

    private SocketAddresses() {}

    /** Asks the system for an address. */
    interface Question {
        int ask(int fd, byte[] address, int[] length);
    }

    static SocketAddress ask(Question question, int fd) throws IOException {
        byte[] address = new byte[LONGEST];
        int[] length = {LONGEST};
        Errno.check(question.ask(fd, address, length));
        return decode(address, Math.min(length[0], LONGEST));
    }

    /** For a socket of a family: IPv6 sockets get IPv4 addresses mapped, RFC 4291 section 2.5.5.2. */
    static byte[] encode(SocketAddress address, int family) throws SocketException {
        return switch (address) {
            case UnixName name when family == AF_UNIX -> encode(name);
            case InetSocketAddress inet when family == AF_INET6 -> encode6(inet);
            case InetSocketAddress inet
            when family == AF_INET && inet.getAddress() instanceof Inet4Address -> encode4(inet);
            default -> throw new SocketException("The socket is of another family than " + address);
        };
    }

    /** An unnamed one makes the system choose an abstract name, unix(7) "autobind". */
    private static byte[] encode(UnixName name) throws SocketException {
        byte[] path = name.bytes();
        if (path.length > LONGEST_PATH) {
            throw new SocketException("A UNIX name of " + path.length + " bytes; the system takes " + LONGEST_PATH);
        }
        boolean zero = path.length > 0 && path[0] != 0 && path.length < LONGEST_PATH;
        byte[] bytes = new byte[PATH + path.length + (zero ? 1 : 0)];
        buffer(bytes).putShort((short) AF_UNIX).put(path);
        return bytes;
    }

    /** Whether an encoded address is a path, which the system looks up in a file system. */
    static boolean isPath(byte[] address) {
        return address.length > PATH && address[PATH] != 0 && buffer(address).getShort() == AF_UNIX;
    }

    private static byte[] encode4(InetSocketAddress address) {
        byte[] bytes = new byte[16];
        buffer(bytes).putShort((short) AF_INET);
        ByteBuffer.wrap(bytes, 2, 14)
                .putShort((short) address.getPort())
                .put(address.getAddress().getAddress());
        return bytes;
    }

    private static byte[] encode6(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        byte[] bytes = new byte[28];
        ByteBuffer buffer = buffer(bytes).putShort((short) AF_INET6);
        ByteBuffer.wrap(bytes, 2, 2).putShort((short) address.getPort());
        buffer.position(8);
        if (ip instanceof Inet6Address six) {
            buffer.put(six.getAddress()).putInt(six.getScopeId());
        } else if (!ip.isAnyLocalAddress()) {
            buffer.position(18).putShort((short) 0xffff).put(ip.getAddress());
        }
        return bytes;
    }

    static SocketAddress decode(byte[] bytes, int length) throws IOException {
        ByteBuffer buffer = buffer(bytes).limit(length);
        int family = length < 2 ? AF_UNIX : buffer.getShort();
        return switch (family) {
            case AF_UNIX -> decodeUnix(bytes, length);
            case AF_INET ->
                new InetSocketAddress(InetAddress.getByAddress(Arrays.copyOfRange(bytes, 4, 8)), port(bytes));
            case AF_INET6 ->
                new InetSocketAddress(decode6(Arrays.copyOfRange(bytes, 8, 24), buffer.getInt(24)), port(bytes));
            default -> throw new SocketException("The system gave an address of the unknown family " + family);
        };
    }

    private static InetAddress decode6(byte[] ip, int scope) throws UnknownHostException {
        // Only this method makes an IPv4 address of a mapped one.
        InetAddress address = InetAddress.getByAddress(ip);
        return address instanceof Inet6Address && scope != 0 ? Inet6Address.getByAddress(null, ip, scope) : address;
    }

    /** A path ends with a zero byte, if there was room for one; an abstract name is all that there is. */
    private static UnixName decodeUnix(byte[] bytes, int length) {
        if (length <= PATH) {
            return new UnixName(new byte[0]);
        }
        int end = length;
        if (bytes[PATH] != 0) {
            int zero = PATH;
            while (zero < end && bytes[zero] != 0) {
                zero++;
            }
            end = zero;
        }
        return new UnixName(Arrays.copyOfRange(bytes, PATH, end));
    }

    private static int port(byte[] bytes) {
        return Short.toUnsignedInt(ByteBuffer.wrap(bytes, 2, 2).getShort());
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }
}
