package io.bobbinet.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.spi.UnixName;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * The address of a UNIX socket, unix(7): a path in the file system, an abstract name (Linux), or none at all.
 *
 * <p>A path is bytes and need not be text in any encoding; the bytes are kept as they are. Two addresses are equal if their
 * bytes are. Immutable.
 */
public final class UnixAddress extends SocketAddress {
    private static final long serialVersionUID = 1L;

    /** How many bytes a path or abstract name may have: {@code sun_path} less one. */
    static final int LONGEST = 107;

    private static final UnixAddress UNNAMED = new UnixAddress(new UnixName(new byte[0]));

    /** Kept in the form of the backends. */
    private final UnixName name;

    private UnixAddress(UnixName name) {
        this.name = name;
    }

    /**
     * Makes the address of a path.
     *
     * @param path the path, absolute or relative to the working directory
     * @return the address
     * @throws IllegalArgumentException if the path is empty or longer than 107 bytes, which is all a socket address holds
     */
    public static UnixAddress of(Path path) {
        return of(UnixName.of(path).bytes());
    }

    /**
     * Makes the address of a path that may not be text.
     *
     * @param path the bytes of the path; copied
     * @return the address
     * @throws IllegalArgumentException if the path is empty, has a zero byte or is longer than 107 bytes, which is all a
     *     socket address holds
     */
    public static UnixAddress of(byte[] path) {
        UnixAddress address = new UnixAddress(new UnixName(path));
        if (path.length == 0) {
            throw new IllegalArgumentException("The path of a UNIX socket must not be empty");
        }
        for (byte b : path) {
            if (b == 0) {
                throw new IllegalArgumentException("The path of a UNIX socket must not have a zero byte: "
                        + text(path).replace('\0', '@'));
            }
        }
        checkLength("path", path);
        return address;
    }

    /**
     * Makes an address with an abstract name, which is not in the file system and goes away with its socket. Linux only.
     *
     * @param name the name, without the leading zero byte; encoded in UTF-8
     * @return the address
     * @throws IllegalArgumentException if the name is empty or longer than 107 bytes
     */
    public static UnixAddress ofAbstract(String name) {
        return ofAbstract(name.getBytes(UTF_8));
    }

    /**
     * Makes an address with an abstract name that may not be text.
     *
     * @param name the bytes of the name, without the leading zero byte; copied; zero bytes are like any others
     * @return the address
     * @throws IllegalArgumentException if the name is empty or longer than 107 bytes
     */
    public static UnixAddress ofAbstract(byte[] name) {
        if (name.length == 0) {
            throw new IllegalArgumentException("An abstract UNIX name must not be empty");
        }
        checkLength("abstract name", name);
        byte[] bytes = new byte[name.length + 1];
        System.arraycopy(name, 0, bytes, 1, name.length);
        return new UnixAddress(new UnixName(bytes));
    }

    /**
     * {@return the address of a socket that has none}
     */
    public static UnixAddress unnamed() {
        return UNNAMED;
    }

    /**
     * Makes an address of that of the JDK.
     *
     * @param address a path, or empty for an unnamed socket
     * @return the address
     * @throws IllegalArgumentException if the path is longer than 107 bytes
     */
    public static UnixAddress from(UnixDomainSocketAddress address) {
        Path path = address.getPath();
        return path.toString().isEmpty() ? UNNAMED : of(path);
    }

    /** What a backend reports. */
    static UnixAddress of(UnixName name) {
        return new UnixAddress(name);
    }

    private static void checkLength(String kind, byte[] bytes) {
        if (bytes.length > LONGEST) {
            throw new IllegalArgumentException("The " + kind + " of a UNIX socket has at most " + LONGEST
                    + " bytes, not " + bytes.length + ": " + text(bytes));
        }
    }

    /**
     * Turns this into an address of the JDK.
     *
     * @return the address; an empty path for an unnamed socket
     * @throws UnsupportedOperationException if this is an abstract name, which the JDK has none for
     */
    public UnixDomainSocketAddress toJdk() {
        if (isAbstract()) {
            throw new UnsupportedOperationException("The JDK has no abstract UNIX names: " + this);
        }
        return UnixDomainSocketAddress.of(isUnnamed() ? Path.of("") : path());
    }

    /**
     * {@return whether this is a path}
     */
    public boolean isPath() {
        return !isUnnamed() && !isAbstract();
    }

    /**
     * {@return whether this is an abstract name}
     */
    public boolean isAbstract() {
        byte[] bytes = name.bytes();
        return bytes.length > 0 && bytes[0] == 0;
    }

    /**
     * {@return whether this is the address of a socket without one}
     */
    public boolean isUnnamed() {
        return name.bytes().length == 0;
    }

    /**
     * {@return the path}
     *
     * @throws IllegalStateException if this is not a path
     */
    public Path path() {
        if (!isPath()) {
            throw new IllegalStateException("Not a path: " + (isUnnamed() ? "an unnamed socket" : this));
        }
        return name.path();
    }

    /**
     * {@return a copy of the bytes of the path, or of the abstract name without its leading zero byte; none if unnamed}
     */
    public byte[] bytes() {
        byte[] bytes = name.bytes();
        return isAbstract() ? java.util.Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
    }

    UnixName name() {
        return name;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof UnixAddress address && name.equals(address.name);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name);
    }

    /** {@return the address as /proc/net/unix shows it} Zero bytes of an abstract name as {@code @}; empty if unnamed. */
    @Override
    public String toString() {
        byte[] bytes = name.bytes();
        return isAbstract() ? text(bytes).replace('\0', '@') : text(bytes);
    }

    /** Bytes that are not UTF-8 are shown one by one. */
    private static String text(byte[] bytes) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, ISO_8859_1);
        }
    }
}
