package io.bobbinet.async;

import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketMessage;
import io.bobbinet.packet.PacketProtocolException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.ThrowingCallable;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** A connected client, and what was received for somebody who did not want it any more. */
final class Link<C extends Closeable, R> implements Closeable {
    private final C client;
    private final ThrowingCallable<R, IOException> receive;
    private final ThrowingCallable<PacketMessage<R>, IOException> receiveMessage;

    /** Whether descriptors may come, which must stay with their packet until it is known how that is received. */
    private final boolean withMessages;

    /** In the order in which it came. Guarded by this. */
    private final Deque<Arrived<R>> held = new ArrayDeque<>();

    /** Guarded by this. */
    private boolean closed;

    Link(
            C client,
            ThrowingCallable<R, IOException> receive,
            ThrowingCallable<PacketMessage<R>, IOException> receiveMessage,
            boolean withMessages) {
        this.client = client;
        this.receive = receive;
        this.receiveMessage = receiveMessage;
        this.withMessages = withMessages;
    }

    C client() {
        return client;
    }

    /** Receives the next packet, or learns that it was malformed; for the thread of the lane. */
    Arrived<R> next() throws IOException {
        Optional<Arrived<R>> first = takeHeld();
        if (first.isPresent()) {
            return first.get();
        }
        try {
            return withMessages ? new Arrived.Message<>(receiveMessage.call()) : new Arrived.Packet<>(receive.call());
        } catch (MalformedPacketException | PacketProtocolException e) {
            return new Arrived.Bad<>(e); // it was consumed, so somebody must be told
        }
    }

    private synchronized Optional<Arrived<R>> takeHeld() throws ClosedResourceException {
        if (closed) {
            throw new ClosedResourceException("The client is closed");
        }
        return Optional.ofNullable(held.poll());
    }

    /** Throws what a client throws on whose connection nothing can come beside packets. */
    void checkMessages() throws IOException {
        if (!withMessages) {
            receiveMessage.call();
        }
    }

    /** Keeps what nobody wanted for those who receive next. */
    void keep(List<Arrived<R>> unwanted) {
        synchronized (this) {
            if (!closed) {
                unwanted.reversed().forEach(held::addFirst);
                return;
            }
        }
        unwanted.forEach(Arrived::discard);
    }

    @Override
    public void close() throws IOException {
        List<Arrived<R>> unclaimed;
        synchronized (this) {
            closed = true;
            unclaimed = List.copyOf(held);
            held.clear();
        }
        unclaimed.forEach(Arrived::discard);
        client.close();
    }

    @Override
    public String toString() {
        return client.toString();
    }
}
