package io.bobbinet.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Objects;

/** The checks before a channel of the JDK is taken over; none of them changes it. */
final class Adoption {
    private Adoption() {}

    static void checkConnected(SocketChannel channel, Class<? extends SocketAddress> kind) throws IOException {
        checkOpen(channel);
        SocketAddress remote = channel.getRemoteAddress();
        if (remote == null) {
            throw new NotYetConnectedException();
        }
        checkKind(channel, remote, kind);
    }

    static void checkBound(ServerSocketChannel channel, Class<? extends SocketAddress> kind) throws IOException {
        checkOpen(channel);
        SocketAddress local = channel.getLocalAddress();
        if (local == null) {
            throw new NotYetBoundException();
        }
        checkKind(channel, local, kind);
    }

    private static void checkOpen(SelectableChannel channel) throws ClosedChannelException {
        if (!Objects.requireNonNull(channel, "channel").isOpen()) {
            throw new ClosedChannelException();
        }
    }

    private static void checkKind(
            SelectableChannel channel, SocketAddress address, Class<? extends SocketAddress> wanted) {
        if (!wanted.isInstance(address)) {
            throw new IllegalArgumentException("A " + kind(wanted) + " channel is wanted, and this is a "
                    + kind(address.getClass()) + " channel: " + channel);
        }
        if (channel.isRegistered()) {
            throw new IllegalArgumentException("The channel is registered with a selector: " + channel);
        }
    }

    private static String kind(Class<? extends SocketAddress> type) {
        return InetSocketAddress.class.isAssignableFrom(type) ? "TCP" : "UNIX";
    }
}
