package io.bobbinet.stream;

import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.util.Objects;

/**
 * One of two object streams in memory that are connected with each other, to stand in for a connection that carries
 * packets. For work that several tasks hand to each other see {@link MemoryQueue}.
 *
 * {@snippet file="OwnStreams.java" region="memory-objects"}
 *
 * <p>What is said of {@link MemoryByteStream} holds here too, with items for bytes, of which none is ever cut: one thread
 * may send and one receive at the same time; the peer of a closed end receives what is on its way and then the end, and
 * its sends are broken.
 *
 * @param <T> the type of the items
 */
public final class MemoryObjectStream<T> implements ObjectStream<T> {
    private final ResourceGuard sending = new ResourceGuard("sending to");
    private final ResourceGuard receiving = new ResourceGuard("receiving from");
    private final MemoryReceiver<T> incoming;
    private final MemorySender<T> outgoing;

    /** Whether a send found the peer gone; written by the sending thread, read by the receiving one. */
    private volatile boolean broken;

    /** Whether a receive has come to an orderly end, which is never taken back; used by receiving threads. */
    private volatile boolean endSeen;

    /** Set before the sender is closed. */
    private volatile boolean closed;

    private MemoryObjectStream(MemoryQueue<T> incoming, MemoryQueue<T> outgoing) {
        this.incoming = incoming.receiver();
        this.outgoing = outgoing.sender();
    }

    /**
     * Makes two connected streams.
     *
     * @param <T> the type of the items
     * @param capacity how many items each direction holds; with 0 a send waits until the item is received
     * @return the two
     * @throws IllegalArgumentException if the capacity is negative
     */
    public static <T> StreamPair<MemoryObjectStream<T>> pair(int capacity) {
        MemoryQueue<T> toRight = MemoryQueue.bounded(capacity);
        MemoryQueue<T> toLeft = MemoryQueue.bounded(capacity);
        return new StreamPair<>(new MemoryObjectStream<>(toLeft, toRight), new MemoryObjectStream<>(toRight, toLeft));
    }

    @Override
    public T receive() throws IOException {
        receiving.enter();
        try {
            return incoming.receive();
        } catch (EndOfStreamException e) {
            if (broken && !endSeen) {
                throw new BrokenResourceException("A send found that the peer had closed the stream", e);
            }
            endSeen = true;
            throw e;
        } finally {
            receiving.exit();
        }
    }

    @Override
    public void send(T item) throws IOException {
        Objects.requireNonNull(item, "item");
        sending.enter();
        try {
            outgoing.send(item);
        } catch (BrokenResourceException e) {
            broken = true;
            throw e;
        } finally {
            sending.exit();
        }
    }

    @Override
    public void sendEof() throws IOException {
        if (closed) {
            throw new ClosedResourceException("The memory stream is closed");
        }
        sending.enter();
        try {
            CancelScope.checkpoint();
            outgoing.close();
        } finally {
            sending.exit();
        }
    }

    @Override
    public void close() {
        closed = true;
        outgoing.close();
        incoming.close();
    }

    @Override
    public String toString() {
        return "MemoryObjectStream[from " + incoming + ", to " + outgoing + "]";
    }
}
