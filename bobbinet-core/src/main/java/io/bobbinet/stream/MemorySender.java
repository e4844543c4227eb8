package io.bobbinet.stream;

import java.io.IOException;

/**
 * An end of a {@link MemoryQueue} at which items go in. Any number of threads may use it at the same time.
 *
 * @param <T> the type of the items
 */
public final class MemorySender<T> implements ObjectSendStream<T> {
    private final MemoryQueue<T> queue;
    private final MemoryQueue.End end;

    MemorySender(MemoryQueue<T> queue) {
        this(queue, new MemoryQueue.End());
    }

    private MemorySender(MemoryQueue<T> queue, MemoryQueue.End end) {
        this.queue = queue;
        this.end = end;
    }

    /**
     * Sends an item: hands it to the receiver that has waited longest, or else puts it into the queue, waiting for room if
     * need be. A cancelled, timed-out or interrupted send has sent nothing.
     *
     * @param item the item
     * @throws ClosedResourceException if this sender was closed, before or during the call
     * @throws BrokenResourceException if all receivers are closed
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws java.io.InterruptedIOException if the thread was interrupted by the user; the status stays set
     */
    @Override
    public void send(T item) throws IOException {
        queue.send(end, item);
    }

    /**
     * Sends an item if that is possible at once. Never waits, and takes no notice of cancellation.
     *
     * @param item the item
     * @return whether it was sent; false if no receiver waits and the queue is full
     * @throws ClosedResourceException if this sender is closed
     * @throws BrokenResourceException if all receivers are closed
     * @throws IOException in no other case
     */
    public boolean trySend(T item) throws IOException {
        return queue.trySend(end, item);
    }

    /**
     * Makes another sender of the same queue, to be closed on its own.
     *
     * @return the new sender
     * @throws ClosedResourceException if this one is closed
     */
    public MemorySender<T> duplicate() throws ClosedResourceException {
        return new MemorySender<>(queue, queue.duplicateSender(end));
    }

    /**
     * Closes this sender. Idempotent. Sends that wait at it throw {@link ClosedResourceException}. If it was the last one,
     * receivers get what is in the queue and then the end.
     */
    @Override
    public void close() {
        queue.closeSender(end);
    }

    @Override
    public String toString() {
        return "sender of " + queue;
    }
}
