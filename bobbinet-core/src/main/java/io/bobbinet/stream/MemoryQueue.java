package io.bobbinet.stream;

import io.bobbinet.spi.WaitPoint;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.SequencedSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A queue between tasks: objects go in at its senders and come out at its receivers, each at one of them, in order.
 *
 * {@snippet file="MemoryExamples.java" region="queue"}
 *
 * <p>A queue begins with one {@linkplain #sender() sender} and one {@linkplain #receiver() receiver}. Each can be
 * {@linkplain MemorySender#duplicate() duplicated}, one for each task, and is closed by the task that has it: when the last
 * sender is closed, the receivers get what is still there and then the end; when the last receiver is closed, what is
 * still there is dropped, and sends are broken.
 *
 * <p>Those who wait are served in the order in which they came. A waiter that is cancelled loses nothing and leaves
 * nothing behind; one to which an item was handed over, or from which it was taken, before the cancel reached it, returns
 * normally. Any number of threads may use the queue and each of its ends at the same time.
 *
 * @param <T> the type of the items
 */
public final class MemoryQueue<T> {
    private final int capacity;
    private final MemorySender<T> firstSender;
    private final MemoryReceiver<T> firstReceiver;

    /** Guarded by this. While receivers wait it is empty; while senders wait it is full. */
    private final Queue<T> items = new ArrayDeque<>();

    /** Guarded by this. */
    private final SequencedSet<Waiter<T>> waitingSenders = new LinkedHashSet<>();

    /** Guarded by this. */
    private final SequencedSet<Waiter<T>> waitingReceivers = new LinkedHashSet<>();

    /** Guarded by this. */
    private int openSenders;

    /** Guarded by this. */
    private int openReceivers;

    private MemoryQueue(int capacity) {
        this.capacity = capacity;
        this.firstSender = new MemorySender<>(this);
        this.firstReceiver = new MemoryReceiver<>(this);
        this.openSenders = 1;
        this.openReceivers = 1;
    }

    /**
     * Makes a queue whose senders wait while it is full.
     *
     * @param <T> the type of the items
     * @param capacity how many items it holds; with 0 a sender waits until a receiver takes its item
     * @return the queue
     * @throws IllegalArgumentException if the capacity is negative
     */
    public static <T> MemoryQueue<T> bounded(int capacity) {
        if (capacity < 0) {
            throw new IllegalArgumentException("The capacity must not be negative: " + capacity);
        }
        return new MemoryQueue<>(capacity);
    }

    /**
     * Makes a queue that holds any number of items, so that no sender ever waits: memory is the limit.
     *
     * @param <T> the type of the items
     * @return the queue
     */
    public static <T> MemoryQueue<T> unbounded() {
        return new MemoryQueue<>(Integer.MAX_VALUE);
    }

    /**
     * {@return the sender that the queue began with} The same at each call, also when closed.
     */
    public MemorySender<T> sender() {
        return firstSender;
    }

    /**
     * {@return the receiver that the queue began with} The same at each call, also when closed.
     */
    public MemoryReceiver<T> receiver() {
        return firstReceiver;
    }

    /**
     * {@return how the queue stands at this moment}
     */
    public synchronized Statistics statistics() {
        return new Statistics(
                items.size(), capacity, openSenders, openReceivers, waitingSenders.size(), waitingReceivers.size());
    }

    /**
     * How a queue stands at a moment.
     *
     * @param items how many items it holds, those of waiting senders not counted
     * @param capacity how many it can hold; {@link Integer#MAX_VALUE} if unbounded
     * @param openSenders how many senders are open
     * @param openReceivers how many receivers are open
     * @param waitingSenders how many calls wait to send
     * @param waitingReceivers how many calls wait to receive
     */
    public record Statistics(
            int items, int capacity, int openSenders, int openReceivers, int waitingSenders, int waitingReceivers) {}

    /** What became of a waiter. */
    private enum Outcome {
        WAITING,
        SERVED,
        CLOSED,
        PEER_GONE
    }

    /** A call that waits; its fields are guarded by the queue. */
    private static final class Waiter<T> {
        final End end;
        final WaitPoint point;
        Outcome outcome = Outcome.WAITING;

        /** What is to be sent, or was received. */
        @Nullable
        T item;

        Waiter(End end, String operation, @Nullable T item) {
            this.end = end;
            this.point = new WaitPoint(operation);
            this.item = item;
        }

        void end(Outcome how) {
            outcome = how;
            point.signal();
        }
    }

    /** One sender or receiver of a queue. */
    static final class End {
        /** Guarded by the queue. */
        private boolean closed;
    }

    // -- sending

    void send(End end, T item) throws IOException {
        Objects.requireNonNull(item, "item");
        Waiter<T> waiter;
        synchronized (this) {
            refuseSend(end);
        }
        CancelScope.checkpoint();
        synchronized (this) {
            if (trySend(end, item)) {
                return;
            }
            waiter = new Waiter<>(end, "send", item);
            waitingSenders.add(waiter);
        }
        switch (await(waiter, waitingSenders)) {
            case CLOSED -> throw closed();
            case PEER_GONE -> throw receiversGone();
            default -> {}
        }
    }

    synchronized boolean trySend(End end, T item) throws IOException {
        Objects.requireNonNull(item, "item");
        refuseSend(end);
        if (!waitingReceivers.isEmpty()) {
            Waiter<T> receiver = waitingReceivers.removeFirst();
            receiver.item = item;
            receiver.end(Outcome.SERVED);
            return true;
        }
        return items.size() < capacity && items.add(item);
    }

    private void refuseSend(End end) throws IOException {
        if (end.closed) {
            throw closed();
        }
        if (openReceivers == 0) {
            throw receiversGone();
        }
    }

    // -- receiving

    T receive(End end) throws IOException {
        Waiter<T> waiter;
        synchronized (this) {
            refuseReceive(end);
        }
        CancelScope.checkpoint();
        synchronized (this) {
            T item = poll(end);
            if (item != null) {
                return item;
            }
            waiter = new Waiter<>(end, "receive", null);
            waitingReceivers.add(waiter);
        }
        return switch (await(waiter, waitingReceivers)) {
            case CLOSED -> throw closed();
            case PEER_GONE -> throw sendersGone();
            default -> Objects.requireNonNull(waiter.item);
        };
    }

    synchronized Optional<T> tryReceive(End end) throws IOException {
        return Optional.ofNullable(poll(end));
    }

    /** Takes the oldest item, which makes room for that of a waiting sender. */
    private @Nullable T poll(End end) throws IOException {
        refuseReceive(end);
        T oldest = items.poll();
        if (!waitingSenders.isEmpty()) {
            Waiter<T> sender = waitingSenders.removeFirst();
            sender.end(Outcome.SERVED);
            T item = Objects.requireNonNull(sender.item);
            if (oldest == null) {
                return item;
            }
            items.add(item);
        }
        if (oldest == null && openSenders == 0) {
            throw sendersGone();
        }
        return oldest;
    }

    private void refuseReceive(End end) throws IOException {
        if (end.closed) {
            throw closed();
        }
    }

    // -- both

    private Outcome await(Waiter<T> waiter, SequencedSet<Waiter<T>> waiting) throws IOException {
        boolean interrupted = false;
        try {
            waiter.point.await();
        } catch (InterruptedException e) {
            synchronized (this) {
                if (waiting.remove(waiter)) {
                    throw CancelScope.interrupted(e);
                }
            }
            // Too late: it was served or told to end. The cancel or interrupt strikes at the next blocking call.
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            return waiter.outcome;
        }
    }

    synchronized End duplicateSender(End end) throws ClosedResourceException {
        if (end.closed) {
            throw closed();
        }
        openSenders++;
        return new End();
    }

    synchronized End duplicateReceiver(End end) throws ClosedResourceException {
        if (end.closed) {
            throw closed();
        }
        openReceivers++;
        return new End();
    }

    synchronized void closeSender(End end) {
        if (end.closed) {
            return;
        }
        end.closed = true;
        openSenders--;
        end(waitingSenders, w -> w.end == end, Outcome.CLOSED);
        if (openSenders == 0) {
            end(waitingReceivers, w -> true, Outcome.PEER_GONE);
        }
    }

    synchronized void closeReceiver(End end) {
        if (end.closed) {
            return;
        }
        end.closed = true;
        openReceivers--;
        end(waitingReceivers, w -> w.end == end, Outcome.CLOSED);
        if (openReceivers == 0) {
            items.clear();
            end(waitingSenders, w -> true, Outcome.PEER_GONE);
        }
    }

    private void end(SequencedSet<Waiter<T>> waiting, Predicate<Waiter<T>> which, Outcome how) {
        waiting.removeIf(waiter -> {
            boolean meant = which.test(waiter);
            if (meant) {
                waiter.end(how);
            }
            return meant;
        });
    }

    private static ClosedResourceException closed() {
        return new ClosedResourceException("This end of the memory queue is closed");
    }

    private static BrokenResourceException receiversGone() {
        return new BrokenResourceException("All receivers of the memory queue are closed");
    }

    private static EndOfStreamException sendersGone() {
        return new EndOfStreamException("All senders of the memory queue are closed");
    }

    @Override
    public String toString() {
        return "MemoryQueue[" + statistics() + "]";
    }
}
