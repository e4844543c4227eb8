package io.bobbinet.stream;

import java.io.IOException;
import java.util.Optional;

/**
 * An end of a {@link MemoryQueue} at which items come out. Any number of threads may use it at the same time; each item
 * goes to one of them.
 *
 * @param <T> the type of the items
 */
public final class MemoryReceiver<T> implements ObjectReceiveStream<T> {
    private final MemoryQueue<T> queue;
    private final MemoryQueue.End end;

    MemoryReceiver(MemoryQueue<T> queue) {
        this(queue, new MemoryQueue.End());
    }

    private MemoryReceiver(MemoryQueue<T> queue, MemoryQueue.End end) {
        this.queue = queue;
        this.end = end;
    }

    /**
     * Receives the oldest item, waiting for one if need be. A cancelled, timed-out or interrupted receive has taken none.
     *
     * @return the item
     * @throws EndOfStreamException if the queue is empty and all senders are closed
     * @throws ClosedResourceException if this receiver was closed, before or during the call
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws java.io.InterruptedIOException if the thread was interrupted by the user; the status stays set
     */
    @Override
    public T receive() throws IOException {
        return queue.receive(end);
    }

    /**
     * Receives the oldest item if there is one, be it that of a waiting sender. Never waits, and takes no notice of
     * cancellation.
     *
     * @return the item, or empty if there is none at this moment
     * @throws EndOfStreamException if the queue is empty and all senders are closed
     * @throws ClosedResourceException if this receiver is closed
     * @throws IOException in no other case
     */
    public Optional<T> tryReceive() throws IOException {
        return queue.tryReceive(end);
    }

    /**
     * Makes another receiver of the same queue, to be closed on its own.
     *
     * @return the new receiver
     * @throws ClosedResourceException if this one is closed
     */
    public MemoryReceiver<T> duplicate() throws ClosedResourceException {
        return new MemoryReceiver<>(queue, queue.duplicateReceiver(end));
    }

    /**
     * Closes this receiver. Idempotent. Receives that wait at it throw {@link ClosedResourceException}. If it was the last
     * one, what is in the queue is dropped, and sends throw {@link BrokenResourceException}.
     */
    @Override
    public void close() {
        queue.closeReceiver(end);
    }

    @Override
    public String toString() {
        return "receiver of " + queue;
    }
}
