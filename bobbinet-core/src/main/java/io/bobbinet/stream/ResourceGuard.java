package io.bobbinet.stream;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Lets one thread at a time into one direction of a resource, and tells the second at once that it is one too many. For
 * streams of one's own.
 *
 * {@snippet file="OwnStreams.java" region="guard"}
 */
public final class ResourceGuard {
    private final String action;
    private final AtomicBoolean held = new AtomicBoolean();

    /**
     * Makes a guard.
     *
     * @param action what is guarded, for the message: {@code "receiving from"}, {@code "sending to"}
     */
    public ResourceGuard(String action) {
        this.action = Objects.requireNonNull(action, "action");
    }

    /**
     * Enters; to be followed by {@link #exit()} in a finally block.
     *
     * @throws BusyResourceException if another thread is inside
     */
    public void enter() {
        if (!held.compareAndSet(false, true)) {
            throw new BusyResourceException("Another thread is " + action + " this resource");
        }
    }

    /** Leaves. */
    public void exit() {
        held.set(false);
    }
}
