package io.bobbinet.spi;

import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Where any number of threads wait for the same thing, such as room to send. Each waits at a {@link WaitPoint} of its own; a
 * signal wakes all, who look again.
 *
 * <p>A thread joins before it looks, so that no signal is lost between its look and its wait.
 */
public final class WaitQueue {
    private final String operation;
    private final CopyOnWriteArrayList<WaitPoint> waiting = new CopyOnWriteArrayList<>();

    /**
     * Creates a queue.
     *
     * @param operation what a thread that waits here is doing, such as {@code "send"}; for people, tests and dumps
     */
    public WaitQueue(String operation) {
        this.operation = operation;
    }

    /**
     * {@return a wait point for one thread, which every signal reaches from now on} The thread gives it to {@link #leave}
     * when it is done.
     */
    public WaitPoint join() {
        WaitPoint point = new WaitPoint(operation);
        waiting.add(point);
        return point;
    }

    /**
     * Ends what {@link #join} began.
     *
     * @param point the wait point
     */
    public void leave(WaitPoint point) {
        waiting.remove(point);
    }

    /** Wakes all who have joined, now or when they come to wait. */
    public void signal() {
        for (WaitPoint point : waiting) {
            point.signal();
        }
    }
}
