package io.bobbinet.spi;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.Optional;

/**
 * A datagram as the system gave it.
 *
 * @param data the bytes, in an array of their own; may be empty
 * @param length how many bytes it had when it was sent, or -1 if it is truncated and the platform does not tell
 * @param sender where it came from: an {@link java.net.InetSocketAddress}, or a {@link UnixName}, which is empty if the
 *     sender has no name
 * @param destination the local address it was sent to, if {@link SystemOptions#DESTINATION_ADDRESS} is on
 * @param control what came beside it, if it was asked for
 */
public record SystemDatagram(
        byte[] data, int length, SocketAddress sender, Optional<InetAddress> destination, ControlData control) {

    /**
     * {@return whether bytes were cut off at the end}
     */
    public boolean isTruncated() {
        return length != data.length;
    }
}
