package io.bobbinet.async;

import java.util.LinkedHashSet;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * The operations of one direction: done one after the other, in the order in which they came, by a thread that is there as long as
 * there are some.
 */
final class Lane {
    private final Callbacks callbacks;

    /** Those that have not begun. Guarded by this. */
    private final SequencedSet<Operation<?>> waiting = new LinkedHashSet<>();

    /** The one that has. Guarded by this. */
    private @Nullable Operation<?> current;

    /** Whether there is a thread. Guarded by this. */
    private boolean running;

    /** Whether operations may begin. Guarded by this. */
    private boolean open;

    Lane(Callbacks callbacks) {
        this.callbacks = callbacks;
    }

    synchronized void add(Operation<?> operation) {
        waiting.add(operation);
        start();
    }

    /** Adds an operation if it would begin at once, or after one that is being called off. */
    synchronized boolean addIfFree(Operation<?> operation) {
        if (!open || !waiting.isEmpty() || current != null && !current.isOver()) {
            return false;
        }
        add(operation);
        return true;
    }

    synchronized void remove(Operation<?> operation) {
        waiting.remove(operation);
    }

    /** Lets operations begin. */
    synchronized void open() {
        open = true;
        start();
    }

    /** Called with the lock held. */
    private void start() {
        if (open && !running && !waiting.isEmpty()) {
            callbacks.threads().execute(this::run);
            running = true;
        }
    }

    private synchronized @Nullable Operation<?> next() {
        current = waiting.isEmpty() ? null : waiting.removeFirst();
        running = current != null;
        return current;
    }

    private void run() {
        Operation<?> operation = next();
        while (operation != null) {
            Runnable completion = operation.perform();
            Operation<?> following = next();
            if (following == null) {
                callbacks.executeLast(completion);
            } else {
                callbacks.execute(completion);
            }
            operation = following;
        }
    }
}
