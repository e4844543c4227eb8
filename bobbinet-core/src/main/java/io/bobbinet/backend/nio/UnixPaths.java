package io.bobbinet.backend.nio;

import io.bobbinet.spi.UnixName;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Turns the names of UNIX sockets, which are bytes, into the paths of the JDK and back.
 *
 * <p>The way leads over {@code file:} URIs, which carry the bytes of a path as they are. Text would not do: it depends on
 * the locale, and a path need not be text in any encoding.
 */
final class UnixPaths {
    private UnixPaths() {}

    static UnixDomainSocketAddress toJdk(UnixName name) {
        byte[] bytes = name.bytes();
        if (bytes.length > 0 && bytes[0] == 0) {
            throw new UnsupportedOperationException(
                    "The backend nio has no abstract UNIX names; the backend linux has");
        }
        if (bytes.length == 0) {
            return UnixDomainSocketAddress.of("");
        }
        if (bytes[0] != '/') {
            Path here = Path.of("").toAbsolutePath();
            return UnixDomainSocketAddress.of(here.relativize(Path.of(uri(join(bytesOf(here), bytes)))));
        }
        return UnixDomainSocketAddress.of(Path.of(uri(bytes)));
    }

    static UnixName fromJdk(UnixDomainSocketAddress address) {
        Path path = address.getPath();
        if (path.toString().isEmpty()) {
            return new UnixName(new byte[0]);
        }
        byte[] bytes = bytesOf(path);
        if (!path.isAbsolute()) {
            int here = bytesOf(Path.of("").toAbsolutePath()).length;
            bytes = Arrays.copyOfRange(bytes, here + 1, bytes.length);
        }
        return new UnixName(bytes);
    }

    private static byte[] join(byte[] directory, byte[] name) {
        byte[] joined = Arrays.copyOf(directory, directory.length + 1 + name.length);
        joined[directory.length] = '/';
        System.arraycopy(name, 0, joined, directory.length + 1, name.length);
        return joined;
    }

    private static URI uri(byte[] path) {
        StringBuilder text = new StringBuilder("file://");
        for (byte b : path) {
            if (b == '/') {
                text.append('/');
            } else {
                text.append('%').append(HexFormat.of().toHexDigits(b));
            }
        }
        return URI.create(text.toString());
    }

    private static byte[] bytesOf(Path path) {
        String text = path.toUri().getRawPath();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '%') {
                bytes.write(HexFormat.fromHexDigits(text, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(text.charAt(i));
            }
        }
        byte[] all = bytes.toByteArray();
        // The JDK marks a directory with a slash at the end.
        return all.length > 1 && all[all.length - 1] == '/' ? Arrays.copyOf(all, all.length - 1) : all;
    }
}
