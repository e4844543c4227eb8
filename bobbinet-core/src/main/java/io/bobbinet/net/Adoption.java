package io.bobbinet.net;

import io.bobbinet.spi.DescriptorFacts;
import io.bobbinet.spi.DescriptorFacts.Kind;
import io.bobbinet.spi.DescriptorFacts.State;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Objects;

/** The checks before a channel of the JDK or a descriptor is taken over; none of them changes it. */
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

    static void checkBound(DatagramChannel channel) throws IOException {
        checkOpen(channel);
        SocketAddress local = channel.getLocalAddress();
        if (local == null) {
            throw new NotYetBoundException();
        }
        if (channel.getRemoteAddress() != null) {
            throw new IllegalArgumentException(
                    "The channel is connected; adoptConnected() takes such channels: " + channel);
        }
        checkKind(channel, local, InetSocketAddress.class);
    }

    static void checkConnected(DatagramChannel channel) throws IOException {
        checkOpen(channel);
        SocketAddress remote = channel.getRemoteAddress();
        if (remote == null) {
            throw new NotYetConnectedException();
        }
        checkKind(channel, remote, InetSocketAddress.class);
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

    static void checkConnected(DescriptorFacts facts, Kind kind) {
        String wanted = "A " + kind(kind) + " connection is wanted";
        if (facts.kind() != kind) {
            throw wrong(wanted, facts);
        }
        if (facts.state() == State.LISTENING) {
            throw new IllegalArgumentException(wanted + ", and this listens: " + facts.text());
        }
        if (facts.state() != State.CONNECTED) {
            throw new NotYetConnectedException();
        }
    }

    static void checkListening(DescriptorFacts facts, Kind kind) {
        String wanted = "A " + kind(kind) + " listener is wanted";
        if (facts.kind() != kind) {
            throw wrong(wanted, facts);
        }
        switch (facts.state()) {
            case LISTENING -> {}
            case CONNECTED -> throw new IllegalArgumentException(wanted + ", and this is connected: " + facts.text());
            case BOUND ->
                throw new IllegalArgumentException(wanted + ", and this is bound but does not listen: " + facts.text());
            case NONE -> throw new NotYetBoundException();
        }
    }

    /** A socket that is bound to nothing can receive nothing, but an unnamed UNIX socket can send. */
    static void checkUnconnected(DescriptorFacts facts, Kind kind) {
        String wanted = "A " + kind(kind) + " socket that is not connected is wanted";
        if (facts.kind() != kind) {
            throw wrong(wanted, facts);
        }
        if (facts.state() == State.CONNECTED) {
            throw wrong(wanted, facts);
        }
        if (kind == Kind.UDP && facts.state() == State.NONE) {
            throw new NotYetBoundException();
        }
    }

    static void checkFile(DescriptorFacts facts) {
        if (facts.kind() != Kind.FILE) {
            throw wrong("A regular file is wanted", facts);
        }
    }

    static void checkNoSocket(DescriptorFacts facts) {
        String way = switch (facts.kind()) {
            case FILE, PIPE, DEVICE, OTHER -> "";
            case TCP -> "; " + (facts.state() == State.LISTENING ? "asTcpListener" : "asTcpStream") + "() opens it";
            case UNIX_STREAM ->
                "; " + (facts.state() == State.LISTENING ? "asUnixListener" : "asUnixStream") + "() opens it";
            case UDP ->
                "; " + (facts.state() == State.CONNECTED ? "asConnectedUdpSocket" : "asUdpSocket") + "() opens it";
            case UNIX_DATAGRAM ->
                "; " + (facts.state() == State.CONNECTED ? "asConnectedUnixDatagramSocket" : "asUnixDatagramSocket")
                        + "() opens it";
            case DIRECTORY, OTHER_SOCKET -> "; it cannot be opened";
        };
        if (!way.isEmpty()) {
            throw new IllegalArgumentException("A file, pipe or device is wanted, and this is " + facts.text() + way);
        }
    }

    private static IllegalArgumentException wrong(String wanted, DescriptorFacts facts) {
        return new IllegalArgumentException(wanted + ", and this is " + facts.text());
    }

    private static String kind(Kind kind) {
        return switch (kind) {
            case TCP -> "TCP";
            case UDP -> "UDP";
            case UNIX_DATAGRAM -> "UNIX datagram";
            default -> "UNIX stream";
        };
    }
}
