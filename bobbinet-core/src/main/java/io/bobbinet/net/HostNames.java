package io.bobbinet.net;

import java.io.IOException;
import java.net.IDN;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** From what people write for a host to its addresses. */
final class HostNames {
    private static final int LONGEST_NAME = 253;
    private static final int LONGEST_LABEL = 63;

    /** Sharp s, small and capital; final sigma; zero-width joiner and non-joiner. */
    private static final String DISPUTED = "\u00df\u1e9e\u03c2\u200d\u200c";

    private HostNames() {}

    static int checkPort(int port, int least) {
        if (port < least || port > 65_535) {
            throw new IllegalArgumentException("A port is " + least + " to 65535, not " + port);
        }
        return port;
    }

    /** The addresses of a host, name or number; no number is looked up. */
    static List<InetAddress> resolve(String host, Resolver resolver) throws IOException {
        Optional<InetAddress> literal = literal(host);
        if (literal.isPresent()) {
            return List.of(literal.get());
        }
        List<InetAddress> found = resolver.resolve(ascii(host));
        if (found.isEmpty()) {
            throw new UnknownHostException(host + ": the name has no address");
        }
        return found;
    }

    static List<InetSocketAddress> resolve(InetSocketAddress address, Resolver resolver) throws IOException {
        if (!address.isUnresolved()) {
            return List.of(address);
        }
        return resolve(address.getHostString(), resolver).stream()
                .map(found -> new InetSocketAddress(found, address.getPort()))
                .toList();
    }

    /** The address that a text of digits and separators is, RFC 4007 scopes included; empty for a name. */
    static Optional<InetAddress> literal(String host) throws UnknownHostException {
        Objects.requireNonNull(host, "host");
        int scope = host.indexOf('%');
        try {
            if (scope >= 0 && host.indexOf(':') >= 0) {
                return Optional.of(scoped(host, host.substring(0, scope), host.substring(scope + 1)));
            }
            return Optional.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException e) {
            if (host.indexOf(':') >= 0) {
                throw unknown(host, "not an IPv6 address", e);
            }
            return Optional.empty();
        }
    }

    /** The JDK takes the name of an interface only if that has an address of the same scope. */
    private static InetAddress scoped(String host, String address, String scope) throws UnknownHostException {
        InetAddress bare = InetAddress.ofLiteral(address);
        if (!(bare instanceof Inet6Address)) {
            throw unknown(host, "only IPv6 addresses have a scope", null);
        }
        return Inet6Address.getByAddress(null, bare.getAddress(), scopeId(host, scope));
    }

    private static int scopeId(String host, String scope) throws UnknownHostException {
        try {
            if (!scope.isEmpty() && scope.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return Integer.parseInt(scope);
            }
            NetworkInterface network = scope.isEmpty() ? null : NetworkInterface.getByName(scope);
            if (network != null) {
                return network.getIndex();
            }
        } catch (IOException | NumberFormatException e) {
            throw unknown(host, "the scope cannot be found", e);
        }
        throw unknown(host, "there is no interface " + scope, null);
    }

    /** The name as the DNS has it, with the faults found that a resolver would take for something else. */
    static String ascii(String host) throws UnknownHostException {
        String name = host.chars().allMatch(c -> c < 0x80) ? host : international(host);
        if (name.isEmpty()) {
            throw new UnknownHostException("'': a host name must not be empty");
        }
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) <= ' ' || name.charAt(i) == 0x7f) {
                throw unknown(
                        host.replaceAll("\\p{Cntrl}", "?"), "a host name has no spaces or control characters", null);
            }
        }
        String relative = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        if (relative.length() > LONGEST_NAME) {
            throw unknown(host, "a host name has at most " + LONGEST_NAME + " characters", null);
        }
        for (String label : relative.split("\\.", -1)) {
            if (label.isEmpty() || label.length() > LONGEST_LABEL) {
                throw unknown(host, "between dots there are 1 to " + LONGEST_LABEL + " characters", null);
            }
        }
        return name;
    }

    /** IDNA 2003 as the JDK has it, without the few characters of which 2008 makes something else. */
    private static String international(String host) throws UnknownHostException {
        for (int i = 0; i < host.length(); i++) {
            if (DISPUTED.indexOf(host.charAt(i)) >= 0) {
                throw unknown(
                        host,
                        "the standards differ about the character " + Character.getName(host.charAt(i))
                                + "; write the xn-- form",
                        null);
            }
        }
        try {
            return IDN.toASCII(host);
        } catch (IllegalArgumentException e) {
            throw unknown(host, "not an international host name: " + e.getMessage(), e);
        }
    }

    private static UnknownHostException unknown(
            String host, String why, @org.jspecify.annotations.Nullable Throwable cause) {
        UnknownHostException e = new UnknownHostException(host + ": " + why);
        if (cause != null) {
            e.initCause(cause);
        }
        return e;
    }
}
