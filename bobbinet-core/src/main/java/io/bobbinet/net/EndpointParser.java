package io.bobbinet.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.util.HexFormat;
import java.util.Locale;

/** Reads and writes the URIs of {@link Endpoint}. */
final class EndpointParser {
    private static final int MAX_PORT = 65_535;

    private final String uri;

    private EndpointParser(String uri) {
        this.uri = uri;
    }

    static Endpoint parse(String uri) {
        return new EndpointParser(uri).parse();
    }

    private Endpoint parse() {
        int colon = uri.indexOf(':');
        String scheme = colon < 0 ? "" : uri.substring(0, colon).toLowerCase(Locale.ROOT);
        String rest = uri.substring(colon + 1);
        return switch (scheme) {
            case "tcp" -> hostAndPort(scheme, rest, Endpoint.Tcp::new);
            case "tls" -> hostAndPort(scheme, rest, Endpoint.Tls::new);
            case "udp" -> hostAndPort(scheme, rest, Endpoint.Udp::new);
            case "unix" -> new Endpoint.Unix(name(scheme, rest));
            case "unixgram" -> new Endpoint.UnixDatagram(name(scheme, rest));
            default ->
                throw wrong(
                        colon < 0 ? "has no scheme" : "has a scheme that is not known",
                        "tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT, unix:///PATH or unixgram:///PATH");
        };
    }

    private IllegalArgumentException wrong(String what, String right) {
        return new IllegalArgumentException("The endpoint '" + uri + "' " + what + "; write " + right);
    }

    // -- hosts and ports

    /** Makes the record of a scheme. */
    private interface HostAndPort<E extends Endpoint> {
        E of(String host, int port);
    }

    private <E extends Endpoint> E hostAndPort(String scheme, String rest, HostAndPort<E> kind) {
        String right = scheme + "://HOST:PORT, such as " + scheme + "://localhost:1234";
        if (!rest.startsWith("//")) {
            throw wrong("has no // after its scheme", right);
        }
        String authority = rest.substring(2);
        if (authority.chars().anyMatch(c -> c == '/' || c == '?' || c == '#')) {
            throw wrong("goes on after its port", right);
        }
        int split = endOfHost(authority, scheme, right);
        String host = authority.substring(0, split);
        if (split == authority.length()) {
            throw wrong("has no port", right);
        }
        int port = port(authority.substring(split + 1), right);
        try {
            return kind.of(
                    host.startsWith("[") ? host.substring(1, host.length() - 1).replace("%25", "%") : host, port);
        } catch (IllegalArgumentException e) {
            throw wrong("has a host that cannot be: " + e.getMessage(), right);
        }
    }

    /** Where the colon before the port is, or would be. */
    private int endOfHost(String authority, String scheme, String right) {
        if (!authority.startsWith("[")) {
            int colon = authority.indexOf(':');
            if (colon >= 0 && colon != authority.lastIndexOf(':')) {
                throw wrong("has colons in its host", scheme + "://[::1]:1234, an IPv6 address in brackets");
            }
            return colon < 0 ? authority.length() : colon;
        }
        int bracket = authority.indexOf(']');
        if (bracket < 0) {
            throw wrong("has a bracket that is not closed", scheme + "://[::1]:1234");
        }
        if (!authority.substring(1, bracket).contains(":")) {
            throw wrong("has brackets around what is no IPv6 address", right);
        }
        if (bracket + 1 < authority.length() && authority.charAt(bracket + 1) != ':') {
            throw wrong("goes on after its bracket", scheme + "://[::1]:1234");
        }
        return bracket + 1;
    }

    private int port(String text, String right) {
        // Not Integer.parseInt alone, which takes signs and the digits of all scripts.
        boolean digits = !text.isEmpty() && text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        int port = digits ? Integer.parseInt(text) : -1;
        if (port < 0 || port > MAX_PORT) {
            throw wrong(text.isEmpty() ? "has no port" : "has a port that is not a number from 0 to 65535", right);
        }
        return port;
    }

    static void check(String host, int port) {
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("A port is a number from 0 to 65535, not " + port);
        }
        if (host.contains(":")) {
            checkInet6(host);
        } else if (host.chars().anyMatch(EndpointParser::neverInHost)) {
            throw new IllegalArgumentException("'" + host + "' is neither a name nor an address");
        }
    }

    private static boolean neverInHost(int c) {
        return c <= ' ' || c == 0x7f || Character.isWhitespace(c) || "[]@/?#%\\\"<>^`{|}".indexOf(c) >= 0;
    }

    private static void checkInet6(String host) {
        int percent = host.indexOf('%');
        String zone = percent < 0 ? "any" : host.substring(percent + 1);
        if (zone.isEmpty() || zone.chars().anyMatch(EndpointParser::neverInHost)) {
            throw new IllegalArgumentException("'" + host + "' has a zone that cannot be");
        }
        if (host.startsWith("[")) {
            // The JDK would take them.
            throw new IllegalArgumentException("'" + host + "' has brackets, which belong to the URI");
        }
        try {
            // Without the zone, which need not be one of this machine's.
            Inet6Address.ofLiteral(percent < 0 ? host : host.substring(0, percent));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + host + "' is not an IPv6 address", e);
        }
    }

    static String format(String scheme, String host, int port) {
        return scheme + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    // -- UNIX addresses

    private UnixAddress name(String scheme, String rest) {
        String right = scheme + ":///PATH, such as " + scheme + ":///tmp/socket, or " + scheme + ":@NAME";
        boolean isAbstract = rest.startsWith("@");
        if (!isAbstract && !rest.startsWith("///")) {
            throw wrong(rest.startsWith("/") ? "has not three slashes before its path" : "has no absolute path", right);
        }
        byte[] bytes = decode(rest.substring(isAbstract ? 1 : 2), right);
        if (bytes.length <= (isAbstract ? 0 : 1)) {
            throw wrong(isAbstract ? "has an empty name" : "has an empty path", right);
        }
        try {
            return isAbstract ? UnixAddress.ofAbstract(bytes) : UnixAddress.of(bytes);
        } catch (IllegalArgumentException e) {
            throw wrong("names no UNIX socket: " + e.getMessage(), right);
        }
    }

    static void check(UnixAddress address) {
        if (address.isUnnamed()) {
            throw new IllegalArgumentException("An unnamed UNIX socket has no endpoint that could be written");
        }
        if (address.isPath() && address.bytes()[0] != '/') {
            throw new IllegalArgumentException("The path of a UNIX endpoint is absolute, not " + address);
        }
    }

    private byte[] decode(String text, String right) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int at = 0;
        while (at < text.length()) {
            int percent = text.indexOf('%', at);
            int end = percent < 0 ? text.length() : percent;
            bytes.writeBytes(text.substring(at, end).getBytes(UTF_8));
            at = end;
            if (percent >= 0) {
                if (percent + 2 >= text.length()
                        || !HexFormat.isHexDigit(text.charAt(percent + 1))
                        || !HexFormat.isHexDigit(text.charAt(percent + 2))) {
                    throw wrong("has a percent sign without two hexadecimal digits (%25 is the sign itself)", right);
                }
                bytes.write(HexFormat.fromHexDigits(text, percent + 1, percent + 3));
                at = percent + 3;
            }
        }
        return bytes.toByteArray();
    }

    static String format(String scheme, UnixAddress address) {
        byte[] bytes = address.bytes();
        return scheme + (address.isAbstract() ? ":@" : "://") + encode(bytes);
    }

    /** Leaves what people can read, and encodes what a line, a shell or {@link #decode} would take amiss. */
    private static String encode(byte[] bytes) {
        boolean isText = isUtf8(bytes);
        Charset charset = isText ? UTF_8 : ISO_8859_1;
        StringBuilder encoded = new StringBuilder();
        new String(bytes, charset).codePoints().forEach(c -> {
            boolean plain = (isText || c < 0x80) && !mustEncode(c);
            if (plain) {
                encoded.appendCodePoint(c);
            } else {
                for (byte b : Character.toString(c).getBytes(charset)) {
                    encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
                }
            }
        });
        return encoded.toString();
    }

    private static boolean mustEncode(int c) {
        return Character.isISOControl(c) || Character.isWhitespace(c) || c == '%' || c == '?' || c == '#';
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
