package io.bobbinet.testkit;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.DatagramServing;
import io.bobbinet.net.SocketAttributes;
import io.bobbinet.spi.WaitPoint;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.ResourceGuard;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;

/**
 * One end of a pair of datagram transports in memory. Made by {@link MemoryDatagrams}.
 *
 * <p>What {@link ConnectedDatagramTransport} promises holds here.
 */
public final class MemoryDatagramTransport implements ConnectedDatagramTransport<InetSocketAddress> {
    /** As many as UDP over IPv4 has room for in a packet. */
    private static final int LONGEST = 65_507;

    private final InetSocketAddress local;
    private final InetSocketAddress peer;
    private final DatagramLane incoming;
    private final DatagramLane outgoing;
    private final ResourceGuard receiving = new ResourceGuard("receiving from");
    private final DatagramServing serving = new DatagramServing();

    /** Set before those who wait are woken. */
    private volatile boolean closed;

    MemoryDatagramTransport(
            InetSocketAddress local, InetSocketAddress peer, DatagramLane incoming, DatagramLane outgoing) {
        this.local = local;
        this.peer = peer;
        this.incoming = incoming;
        this.outgoing = outgoing;
    }

    /**
     * Commands what befalls the next datagrams that this end sends, one after the other, instead of what chance would have
     * chosen.
     *
     * @param next the faults, the first for the next datagram; behind those commanded before
     */
    public void command(DatagramFault... next) {
        outgoing.command(next);
    }

    /** Lets those come now that this end has sent and that are held back to be overtaken. */
    public void releaseHeldBack() {
        outgoing.releaseHeldBack();
    }

    @Override
    public InetSocketAddress localAddress() {
        return local;
    }

    @Override
    public InetSocketAddress peerAddress() {
        return peer;
    }

    // -- receiving

    @Override
    public Datagram<InetSocketAddress> receive(int max) throws IOException {
        if (max < 1) {
            throw new IllegalArgumentException("At least 1 byte must be asked for, not " + max);
        }
        beginReceive();
        try {
            while (true) {
                incoming.arrival.reset();
                Optional<Datagram<InetSocketAddress>> datagram = incoming.tryReceive(max);
                if (datagram.isPresent()) {
                    return datagram.get();
                }
                awaitArrival();
            }
        } finally {
            receiving.exit();
        }
    }

    @Override
    public void receiveBatch(DatagramBatch<InetSocketAddress> batch) throws IOException {
        Objects.requireNonNull(batch, "batch").clear();
        beginReceive();
        try {
            incoming.arrival.reset();
            while (!incoming.tryReceive(batch)) {
                awaitArrival();
                incoming.arrival.reset();
            }
        } finally {
            receiving.exit();
        }
    }

    /** Does the checks of a receive; if it returns, {@code receiving} is held. */
    private void beginReceive() throws IOException {
        checkOpen();
        receiving.enter();
        try {
            CancelScope.checkpoint();
        } catch (Throwable t) {
            receiving.exit();
            throw t;
        }
    }

    private void awaitArrival() throws IOException {
        checkOpen();
        try {
            incoming.arrival.await();
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        }
        checkOpen();
    }

    // -- sending

    @Override
    public void send(Datagram<InetSocketAddress> datagram) throws IOException {
        checkPeer(datagram.peer());
        transmit(datagram.data().clone());
    }

    @Override
    public void send(ByteBuffer data) throws IOException {
        byte[] bytes = new byte[data.remaining()];
        data.get(data.position(), bytes);
        transmit(bytes);
        data.position(data.limit());
    }

    @Override
    public void sendBatch(DatagramBatch<InetSocketAddress> batch) throws IOException {
        for (int i = batch.position(); i < batch.size(); i++) {
            checkPeer(batch.hasPeer(i) ? Optional.of(batch.peer(i)) : Optional.empty());
        }
        begin();
        while (batch.position() < batch.size()) {
            ByteBuffer data = batch.data(batch.position());
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            transmitNow(bytes);
            batch.position(batch.position() + 1);
        }
    }

    private void checkPeer(Optional<InetSocketAddress> to) {
        if (to.isPresent() && !to.get().equals(peer)) {
            throw new IllegalArgumentException(
                    "A datagram to " + to.get() + " cannot be sent by a transport that is connected to " + peer);
        }
    }

    private void begin() throws IOException {
        checkOpen();
        CancelScope.checkpoint();
    }

    private void transmit(byte[] data) throws IOException {
        begin();
        transmitNow(data);
    }

    private void transmitNow(byte[] data) throws IOException {
        if (data.length > LONGEST) {
            throw new SocketException(
                    "A datagram of " + data.length + " bytes is too long; " + LONGEST + " is the most");
        }
        checkOpen();
        if (outgoing.trySend(data)) {
            return;
        }
        WaitPoint room = outgoing.room.join();
        try {
            while (!outgoing.trySend(data)) {
                checkOpen();
                room.await();
                checkOpen();
            }
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } finally {
            outgoing.room.leave(room);
        }
    }

    // -- the transport

    private void checkOpen() throws ClosedResourceException {
        if (closed) {
            throw new ClosedResourceException(this + " was closed");
        }
    }

    @Override
    @SuppressWarnings("unchecked") // the two attributes are of socket addresses
    public <T> Optional<T> find(Attribute<T> attribute) {
        Objects.requireNonNull(attribute, "attribute");
        if (attribute == SocketAttributes.LOCAL_ADDRESS) {
            return (Optional<T>) Optional.of(local);
        }
        return attribute == SocketAttributes.PEER_ADDRESS ? (Optional<T>) Optional.of(peer) : Optional.empty();
    }

    @Override
    public DatagramServing serving() {
        return serving;
    }

    /** Closes this end. What it has sent still comes; what has come and was not received is lost. */
    @Override
    public void close() {
        closed = true;
        incoming.desert();
        outgoing.releaseHeldBack();
        outgoing.room.signal();
        serving.closed();
    }

    @Override
    public String toString() {
        return "MemoryDatagramTransport[" + local + " to " + peer + (closed ? ", closed]" : "]");
    }
}
