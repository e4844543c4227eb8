package io.bobbinet.backend.nio;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A channel whose receives are fixed beforehand: a datagram, a failure, or nothing when all are used up. */
final class ScriptedChannel extends DatagramChannel {
    static final InetSocketAddress SENDER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 7);

    /** Byte arrays and {@link IOException}s. */
    final Queue<Object> script = new ArrayDeque<>();

    ScriptedChannel() {
        super(SelectorProvider.provider());
    }

    @Override
    public @Nullable SocketAddress receive(ByteBuffer target) throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        Object next = script.poll();
        if (next instanceof IOException e) {
            throw e;
        }
        if (next instanceof byte[] data) {
            target.put(data, 0, Math.min(data.length, target.remaining()));
            return SENDER;
        }
        return null;
    }

    @Override
    public int send(ByteBuffer source, SocketAddress target) {
        return source.remaining();
    }

    @Override
    public boolean isConnected() {
        return false;
    }

    @Override
    public InetSocketAddress getLocalAddress() {
        return SENDER;
    }

    @Override
    protected void implCloseSelectableChannel() {
        // There is nothing to close.
    }

    @Override
    protected void implConfigureBlocking(boolean block) {
        // Nothing waits.
    }

    @Override
    public DatagramChannel bind(@Nullable SocketAddress local) {
        throw notPlayed();
    }

    @Override
    public <T> DatagramChannel setOption(SocketOption<T> name, T value) {
        throw notPlayed();
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw notPlayed();
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public DatagramSocket socket() {
        throw notPlayed();
    }

    @Override
    public DatagramChannel connect(SocketAddress remote) {
        throw notPlayed();
    }

    @Override
    public DatagramChannel disconnect() {
        throw notPlayed();
    }

    @Override
    public @Nullable SocketAddress getRemoteAddress() {
        return null;
    }

    @Override
    public int read(ByteBuffer target) {
        throw notPlayed();
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
        throw notPlayed();
    }

    @Override
    public int write(ByteBuffer source) {
        throw notPlayed();
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        throw notPlayed();
    }

    @Override
    public MembershipKey join(InetAddress group, NetworkInterface on) {
        throw notPlayed();
    }

    @Override
    public MembershipKey join(InetAddress group, NetworkInterface on, InetAddress source) {
        throw notPlayed();
    }

    private static UnsupportedOperationException notPlayed() {
        return new UnsupportedOperationException("The script has no such call; a real DatagramChannel has");
    }
}
