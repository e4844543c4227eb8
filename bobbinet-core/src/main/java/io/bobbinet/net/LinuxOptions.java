package io.bobbinet.net;

import io.bobbinet.spi.RawOption;
import io.bobbinet.spi.SystemOptions;
import java.net.SocketOption;
import java.util.Objects;

/**
 * Socket options of Linux that the JDK has no constants for: some by name, and every other by its numbers.
 *
 * {@snippet file="LinuxExamples.java" region="raw-option"}
 *
 * <p>They go wherever an option goes: {@code option} and {@code setOption} of streams and listeners, {@code withOption} of
 * connectors and binders. Sockets of the backend {@code nio}, adopted channels of the JDK included, have none of them and
 * throw {@link UnsupportedOperationException}.
 */
public final class LinuxOptions {
    /**
     * {@code SO_PASSCRED}, unix(7): what a UNIX socket receives comes with the process, user and group numbers of its
     * sender.
     */
    public static final SocketOption<Boolean> SO_PASSCRED = SystemOptions.PASS_CREDENTIALS;

    /**
     * {@code IP_TTL}, ip(7), and {@code IPV6_UNICAST_HOPS}, ipv6(7): how many routers a datagram to one host may pass; of a UDP
     * socket for both families. {@link java.net.StandardSocketOptions#IP_MULTICAST_TTL} is that for groups.
     */
    public static final SocketOption<Integer> IP_TTL = SystemOptions.UNICAST_HOPS;

    /** Much more than the value of any option, and little enough to be allocated for each question. */
    private static final int LARGEST = 65_536;

    private LinuxOptions() {}

    /**
     * Names an option by its numbers, getsockopt(2) and setsockopt(2).
     *
     * <p>Its value is bytes as the system has them: an {@code int} is four in the byte order of the machine,
     * {@link java.nio.ByteOrder#nativeOrder()}. A value to be set may be shorter than the size, down to nothing at all, and
     * is copied; a longer one is an {@link IllegalArgumentException} before anything is set. A value asked for is as long as
     * the system makes it. What the bytes mean is between the caller and the system: options whose value holds addresses of
     * memory cannot be set in this way.
     *
     * @param name what it is called, for messages, such as {@code "SO_MARK"}
     * @param level the level, such as {@code SOL_SOCKET} (1) or {@code IPPROTO_TCP} (6)
     * @param number the number of the option within its level
     * @param size how many bytes its value has at most, 1 to 65,536
     * @return the option; equal to another of the same name, numbers and size
     * @throws IllegalArgumentException if the size is not in that range
     */
    public static SocketOption<byte[]> of(String name, int level, int number, int size) {
        Objects.requireNonNull(name, "name");
        if (size < 1 || size > LARGEST) {
            throw new IllegalArgumentException(
                    "The value of a socket option has at most 1 to " + LARGEST + " bytes, not " + size + ": " + name);
        }
        return new RawOption(name, level, number, size);
    }

    /**
     * {@return a value as it can be set: of bytes a copy, so that it cannot change under our hands}
     *
     * @throws IllegalArgumentException if it is too long for its option
     */
    @SuppressWarnings("unchecked") // the value of a raw option is bytes
    static <T> T checked(SocketOption<T> option, T value) {
        Objects.requireNonNull(option, "option");
        Objects.requireNonNull(value, "value");
        if (!(option instanceof RawOption raw)) {
            return value;
        }
        byte[] bytes = ((byte[]) value).clone();
        if (bytes.length > raw.size()) {
            throw new IllegalArgumentException(
                    "A value of " + raw.name() + " has at most " + raw.size() + " bytes, not " + bytes.length);
        }
        return (T) bytes;
    }
}
