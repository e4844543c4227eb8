package io.bobbinet.spi;

import java.net.SocketAddress;
import java.util.Arrays;

/**
 * The name of a UNIX socket as the system has it, unix(7): the bytes of {@code sun_path} without a closing NUL. Empty
 * for an unnamed socket; with a leading NUL for an abstract name.
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
     * {@return a copy of the bytes}
     */
    public byte[] bytes() {
        return bytes.clone();
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
