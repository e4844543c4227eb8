package io.bobbinet.spi;

import java.net.SocketOption;

/**
 * A socket option by its numbers, setsockopt(2), with its value as the system has it. For backends with
 * {@link Capability#RAW_OPTIONS}.
 *
 * @param name what it is called, for people
 * @param level the level, such as {@code SOL_SOCKET}
 * @param number the number of the option within its level
 * @param size how many bytes its value has at most, when asked for
 */
public record RawOption(String name, int level, int number, int size) implements SocketOption<byte[]> {
    @Override
    public Class<byte[]> type() {
        return byte[].class;
    }

    @Override
    public String toString() {
        return name;
    }
}
