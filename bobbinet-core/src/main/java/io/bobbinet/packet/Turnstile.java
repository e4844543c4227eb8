package io.bobbinet.packet;

import io.bobbinet.spi.WaitPoint;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;

/** Lets one thread in at a time, in the order in which they came. */
final class Turnstile {
    private final String operation;

    /** Those who wait, the first to come first. Guarded by this. */
    private final Queue<WaitPoint> waiting = new ArrayDeque<>();

    /** Guarded by this. */
    private boolean occupied;

    /** Guarded by this. */
    private boolean closed;

    Turnstile(String operation) {
        this.operation = operation;
    }

    /** Waits for the caller's turn; to be followed by {@link #leave} in a finally block. */
    void enter() throws IOException {
        WaitPoint turn;
        synchronized (this) {
            checkOpen();
            if (!occupied) {
                occupied = true;
                return;
            }
            turn = new WaitPoint(operation);
            waiting.add(turn);
        }
        try {
            turn.await();
        } catch (InterruptedException e) {
            giveUp(turn);
            throw CancelScope.interrupted(e);
        }
        synchronized (this) {
            if (waiting.remove(turn)) {
                checkOpen(); // woken by the close, and not by the one before
            }
        }
    }

    private synchronized void giveUp(WaitPoint turn) {
        if (!waiting.remove(turn)) {
            leave(); // it was the caller's turn: the next one's now
        }
    }

    /** Lets the next one in. */
    synchronized void leave() {
        WaitPoint next = waiting.poll();
        if (next == null) {
            occupied = false;
        } else {
            next.signal();
        }
    }

    /** Sends away all who wait and all who come. */
    synchronized void close() {
        closed = true;
        waiting.forEach(WaitPoint::signal);
    }

    private void checkOpen() throws ClosedResourceException {
        if (closed) {
            throw new ClosedResourceException("The client is closed");
        }
    }
}
