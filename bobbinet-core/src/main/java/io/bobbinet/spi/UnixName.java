package io.bobbinet.spi;

import java.io.ByteArrayOutputStream;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The name of a UNIX socket as the system has it, unix(7): the bytes of {@code sun_path} without a closing NUL. Empty
 * for an unnamed socket; with a leading NUL for an abstract name.
 *
 * <p>Between bytes and paths the way leads over {@code file:} URIs, which carry the bytes of a path as they are. Text would
 * not do: it depends on the locale, and a path need not be text in any encoding.
 */
public final class UnixName extends SocketAddress {
    private static final long serialVersionUID = 1L;

    /** What the system has in {@code sun_path}. */
    private final byte[] bytes;

    /**
     * Makes a name.
     *
     * @param bytes the bytes; copied
     */
    public UnixName(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    /**
     * Makes the name of a path.
     *
     * @param path the path, of the default file system; an empty one for an unnamed socket
     * @return the name
     */
    public static UnixName of(Path path) {
        if (path.toString().isEmpty()) {
            return new UnixName(new byte[0]);
        }
        byte[] bytes = bytesOf(path);
        if (!path.isAbsolute()) {
            byte[] here = bytesOf(Path.of("").toAbsolutePath());
            bytes = Arrays.copyOfRange(bytes, here.length == 1 ? 1 : here.length + 1, bytes.length);
        }
        return new UnixName(bytes);
    }

    /**
     * {@return the path of this name; an empty one for an unnamed socket}
     *
     * @throws IllegalStateException if this is an abstract name
     */
    public Path path() {
        if (isAbstract()) {
            throw new IllegalStateException("An abstract name is not a path");
        }
        if (bytes.length == 0) {
            return Path.of("");
        }
        if (bytes[0] != '/') {
            Path here = Path.of("").toAbsolutePath();
            return here.relativize(Path.of(uri(join(bytesOf(here), bytes))));
        }
        return Path.of(uri(bytes));
    }

    /**
     * {@return whether this is an abstract name}
     */
    public boolean isAbstract() {
        return bytes.length > 0 && bytes[0] == 0;
    }

    /**
     * {@return a copy of the bytes}
     */
    public byte[] bytes() {
        return bytes.clone();
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

    @Override
    public boolean equals(Object other) {
        return other instanceof UnixName name && Arrays.equals(bytes, name.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "UnixName[" + bytes.length + " bytes]";
    }
}
