package io.bobbinet.net;

import io.bobbinet.spi.UnixName;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Addresses as people write them: {@code 127.0.0.1:80}, {@code [::1]:80}, {@code example.org:80}. */
final class AddressText {
    private AddressText() {}

    static String of(SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            return of(inet);
        }
        String text = (address instanceof UnixName name ? UnixAddress.of(name) : address).toString();
        return text.isEmpty() ? "an unnamed socket" : text;
    }

    static String of(InetSocketAddress address) {
        InetAddress resolved = address.getAddress();
        String host = resolved == null ? address.getHostString() : of(resolved);
        return of(host, address.getPort());
    }

    static String of(String host, int port) {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    static String of(InetAddress address) {
        return address instanceof Inet6Address v6 ? compressed(v6) : address.getHostAddress();
    }

    /** RFC 5952: the longest run of two or more zero groups, the first of equals, is left out. */
    private static String compressed(Inet6Address address) {
        byte[] bytes = address.getAddress();
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (bytes[2 * i] & 0xff) << 8 | bytes[2 * i + 1] & 0xff;
        }
        int start = -1;
        int length = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - i > length) {
                start = i;
                length = end - i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                text.append("::");
                i += length - 1;
            } else {
                text.append(i == 0 || i == start + length && start >= 0 ? "" : ":")
                        .append(Integer.toHexString(groups[i]));
            }
        }
        String full = address.getHostAddress();
        int scope = full.indexOf('%');
        return scope < 0 ? text.toString() : text + full.substring(scope);
    }
}
