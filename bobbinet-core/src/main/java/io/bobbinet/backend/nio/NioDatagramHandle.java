package io.bobbinet.backend.nio;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.DatagramVector;
import io.bobbinet.spi.SystemDatagram;
import io.bobbinet.spi.WaitPoint;
import io.bobbinet.spi.WaitQueue;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.nio.channels.SelectionKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket as a non-blocking {@link DatagramChannel}. The channel lets one thread at a time into the system to receive
 * and one to send, with locks of its own; neither ever waits there.
 *
 * <p>What the JDK does that one would not expect:
 *
 * <ul>
 *   <li>Its {@code read} gives 0 for an empty datagram and for none; so {@code receive} it is, connected or not, which gives
 *       a sender or none, and throws {@link java.net.PortUnreachableException} on a connected channel as well.
 *   <li>Its {@code send} gives 0 for an empty datagram and for a lack of room; an empty one counts as sent therefore, and is
 *       lost in the second case, as datagrams may be. On a connected channel it sends no empty one: {@link EmptyDatagrams}.
 *   <li>Its {@code connect} throws away all that was received before, so that nothing of others is received after it.
 *   <li>An unbound channel is bound by the first receive or send, a call that finds nothing included.
 *   <li>A socket for both families that is bound to the wildcard says so, as {@code ::}, until it is connected; IPv4
 *       addresses come unmapped.
 * </ul>
 */
final class NioDatagramHandle extends NioHandle implements DatagramHandle {
    /** No datagram of UDP is longer: the length in its header has 16 bits and counts the header too. */
    private static final int LONGEST = 65_535;

    private final DatagramChannel channel;

    /** Where those wait who found no room to send. */
    private final WaitQueue senders = new WaitQueue("send");

    /** What a batch met when it had some datagrams already: for the next call. */
    private final AtomicReference<@Nullable IOException> untold = new AtomicReference<>();

    /** Held by the one thread that sends an empty datagram, as {@link EmptyDatagrams} wants it. */
    private final Object empties = new Object();

    /** Guarded by itself. */
    private final Map<Membership, MembershipKey> memberships = new HashMap<>();

    private record Membership(InetAddress group, NetworkInterface on, Optional<InetAddress> source) {}

    /** What a vector keeps for the sends: its area, of which one datagram after the other is in sight. */
    private record View(ByteBuffer area) {}

    NioDatagramHandle(DatagramChannel channel, NioPoller poller, SocketAddress unbound) {
        super(channel, poller, unbound, "receive");
        this.channel = channel;
    }

    @Override
    void signalOutgoing() {
        senders.signal();
    }

    @Override
    public void connect(SocketAddress remote) throws IOException {
        channel.connect(remote);
    }

    @Override
    public SocketAddress remoteAddress() throws IOException {
        SocketAddress remote = channel.getRemoteAddress();
        if (remote == null) {
            throw new IOException("The socket is not connected");
        }
        return remote;
    }

    @Override
    public <T> T getOption(SocketOption<T> option) throws IOException {
        T value = super.getOption(option);
        if (value == null) {
            throw new SocketException(option + " has not been set; the system chooses");
        }
        return value;
    }

    @Override
    public void awaitReadable() throws IOException, InterruptedException {
        if (untold.get() == null || !isOpen()) {
            awaitIncoming(SelectionKey.OP_READ);
        }
    }

    @Override
    public SystemDatagram receive(int max) throws IOException, InterruptedException {
        tellUntold();
        while (true) {
            in.reset();
            SystemDatagram datagram = tryReceive(Math.min(max, LONGEST));
            if (datagram != null) {
                return datagram;
            }
            await(in, SelectionKey.OP_READ);
        }
    }

    private @Nullable SystemDatagram tryReceive(int max) throws IOException {
        ByteBuffer scratch = ScratchBuffers.take(max + 1); // the one tells that there is more
        try {
            SocketAddress sender = channel.receive(scratch);
            if (sender == null) {
                return null;
            }
            int length = scratch.position();
            byte[] data = new byte[Math.min(length, max)];
            scratch.get(0, data);
            return new SystemDatagram(data, length > max ? -1 : length, sender, Optional.empty(), ControlData.NONE);
        } finally {
            ScratchBuffers.give(scratch);
        }
    }

    @Override
    public void receive(DatagramVector batch) throws IOException, InterruptedException {
        batch.clear();
        tellUntold();
        while (true) {
            in.reset();
            receiveAvailable(batch);
            if (batch.size() > 0) {
                return;
            }
            await(in, SelectionKey.OP_READ);
        }
    }

    /** Receives what is there and has room, by way of a scratch buffer: a slot has no byte to spare that would tell of more. */
    private void receiveAvailable(DatagramVector batch) throws IOException {
        int max = Math.min(batch.slotSize(), LONGEST);
        ByteBuffer scratch = ScratchBuffers.take(max + 1);
        try {
            SocketAddress sender = channel.receive(scratch);
            while (sender != null) {
                int length = scratch.position();
                int kept = Math.min(length, max);
                int offset = batch.size() * batch.slotSize();
                batch.memory().put(offset, scratch, 0, kept);
                batch.add(offset, kept, length > max ? -1 : length, sender);
                sender = batch.size() < batch.slots() ? receiveAnother(scratch.position(0)) : null;
            }
        } finally {
            ScratchBuffers.give(scratch);
        }
    }

    /** A failure is of the next call, since this one has something to give. */
    private @Nullable SocketAddress receiveAnother(ByteBuffer scratch) {
        try {
            return channel.receive(scratch);
        } catch (ClosedChannelException e) {
            return null; // the next call finds it closed
        } catch (IOException e) {
            untold.set(e);
            return null;
        }
    }

    private void tellUntold() throws IOException {
        IOException failure = untold.get();
        if (failure != null && isOpen() && untold.compareAndSet(failure, null)) {
            throw failure;
        }
    }

    @Override
    public void send(ByteBuffer data) throws IOException, InterruptedException {
        sendWhole(data.duplicate(), null);
    }

    @Override
    public void send(ByteBuffer data, SocketAddress to) throws IOException, InterruptedException {
        sendWhole(data.duplicate(), to);
    }

    @Override
    public void send(DatagramVector batch) throws IOException, InterruptedException {
        ByteBuffer area = batch.attachment(
                        View.class, () -> new View(batch.memory().duplicate()))
                .area();
        while (batch.position() < batch.size()) {
            int next = batch.position();
            int offset = batch.offset(next);
            area.limit(offset + batch.length(next)).position(offset);
            sendWhole(area, batch.hasAddress(next) ? batch.address(next) : null);
            batch.position(next + 1);
        }
    }

    private void sendWhole(ByteBuffer data, @Nullable SocketAddress to) throws IOException, InterruptedException {
        tellUntold();
        if (trySend(data, to)) {
            return;
        }
        WaitPoint room = senders.join();
        try {
            while (!trySend(data, to)) {
                await(room, SelectionKey.OP_WRITE);
            }
        } finally {
            senders.leave(room);
        }
    }

    /** Whether there was room. */
    private boolean trySend(ByteBuffer data, @Nullable SocketAddress to) throws IOException {
        boolean empty = !data.hasRemaining();
        try {
            int count = to == null ? channel.write(data) : channel.send(data, to);
            if (empty && channel.isConnected()) {
                sendEmpty();
            }
            return empty || count > 0;
        } catch (AlreadyConnectedException e) {
            throw new SocketException("The socket is connected to " + channel.getRemoteAddress() + " alone");
        } catch (BindException e) {
            throw asSocketException(e); // what the JDK makes of EACCES: a broadcast that is not allowed
        } catch (SocketException | ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            throw asSocketException(e); // what a connected channel makes of a failure
        }
    }

    private static SocketException asSocketException(IOException e) {
        SocketException same = new SocketException(e.getMessage());
        same.initCause(e);
        return same;
    }

    private void sendEmpty() throws IOException {
        synchronized (empties) {
            EmptyDatagrams.send(channel);
        }
    }

    @Override
    public void join(InetAddress group, NetworkInterface on, Optional<InetAddress> source) throws IOException {
        Membership membership = new Membership(group, on, source);
        synchronized (memberships) {
            if (memberships.containsKey(membership)) {
                throw new SocketException("The socket has joined " + text(membership) + " before");
            }
            try {
                MembershipKey key =
                        source.isPresent() ? channel.join(group, on, source.get()) : channel.join(group, on);
                memberships.put(membership, key);
            } catch (IllegalStateException e) {
                throw new SocketException(
                        "The socket has joined the group for all sources, or for some, before: " + text(membership));
            }
        }
    }

    @Override
    public void leave(InetAddress group, NetworkInterface on, Optional<InetAddress> source) throws IOException {
        Membership membership = new Membership(group, on, source);
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        synchronized (memberships) {
            MembershipKey key = memberships.remove(membership);
            if (key == null) {
                throw new SocketException("The socket has not joined " + text(membership));
            }
            drop(key);
        }
    }

    /** Does nothing if a close was quicker. */
    private static void drop(MembershipKey key) throws SocketException {
        try {
            key.drop();
        } catch (AssertionError e) { // so the JDK tells what "should not happen", as when the interface is gone
            SocketException refused = new SocketException("The system does not leave the group " + key);
            refused.initCause(e);
            throw refused;
        }
    }

    private static String text(Membership membership) {
        return "group " + membership.group().getHostAddress() + " on "
                + membership.on().getName()
                + membership.source().map(s -> " from " + s.getHostAddress()).orElse("");
    }
}
