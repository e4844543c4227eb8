package io.bobbinet.backend.nio;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;

/**
 * Sends empty datagrams for connected channels. The JDK drops them: its write of no bytes makes no system call, and its
 * {@code send} on a connected channel is such a write.
 *
 * <p>So another channel sends it, which is not connected, and bound to the same address for that moment. What the peer sends
 * meanwhile goes to the connected socket: the system prefers it.
 */
final class EmptyDatagrams {
    /** The options that bear on what is sent. */
    private static final List<SocketOption<?>> FOR_SENDING = List.of(
            StandardSocketOptions.IP_TOS,
            StandardSocketOptions.SO_BROADCAST,
            StandardSocketOptions.IP_MULTICAST_IF,
            StandardSocketOptions.IP_MULTICAST_TTL,
            StandardSocketOptions.IP_MULTICAST_LOOP);

    private EmptyDatagrams() {}

    /**
     * Sends one to the peer of a channel. One thread at a time for each channel, an option of which is changed meanwhile.
     *
     * @throws UnsupportedOperationException if the channel shares its port: the other channel would be in the group for that
     *     moment, and take datagrams away from it
     */
    static void send(DatagramChannel channel) throws IOException {
        if (sharesPort(channel)) {
            throw new UnsupportedOperationException(
                    "The backend nio cannot send an empty datagram by a connected socket"
                            + " that shares its port (SO_REUSEPORT); the backend linux can");
        }
        SocketAddress local = channel.getLocalAddress();
        InetSocketAddress peer = (InetSocketAddress) channel.getRemoteAddress();
        StandardProtocolFamily family =
                peer.getAddress() instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        try (DatagramChannel aside = DatagramChannel.open(family)) {
            aside.configureBlocking(false); // in blocking mode an interrupt would close it
            bind(aside, channel, local);
            for (SocketOption<?> option : FOR_SENDING) {
                copy(option, channel, aside);
            }
            aside.send(ByteBuffer.allocate(0), peer);
        }
    }

    private static boolean sharesPort(DatagramChannel channel) throws IOException {
        return channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)
                && channel.getOption(StandardSocketOptions.SO_REUSEPORT);
    }

    /** Two sockets may be bound to one address if both say so; that the other did when it was bound is not needed. */
    private static void bind(DatagramChannel aside, DatagramChannel channel, SocketAddress local) throws IOException {
        aside.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        boolean before = channel.getOption(StandardSocketOptions.SO_REUSEADDR);
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        try {
            aside.bind(local);
        } finally {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, before);
        }
    }

    private static <T> void copy(SocketOption<T> option, DatagramChannel from, DatagramChannel to) throws IOException {
        T value = from.getOption(option);
        if (value != null) { // no multicast interface is chosen
            to.setOption(option, value);
        }
    }
}
