package io.bobbinet.task;

import io.bobbinet.spi.TimeSource;
import io.bobbinet.spi.WaitPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What this package knows of one thread: its stack of entered scopes, and the interrupts it was sent.
 *
 * <p><b>How cancellation reaches a thread.</b> There are two ways, and each makes up for what the other lacks. Every
 * blocking call of the library <i>asks</i>, before it begins, whether a scope of its thread is cancelled
 * ({@link #pending()}); that makes cancellation level-triggered. A thread that is already waiting, in the library or in
 * the JDK, is <i>interrupted</i> ({@link #deliver()}), and again with growing pauses for as long as the cancelled scope
 * is its concern. Whoever cancels writes the scope's cancellation first and looks at the thread's stack under the lock
 * afterwards; whoever enters a scope pushes it under the lock first and looks at the cancellation afterwards; so one of
 * the two always sees the other.
 *
 * <p>Interrupts are sent under the lock, and a scope is popped under the lock, so that once it was left no interrupt on
 * its behalf arrives any more, and a status that it caused can be cleared. A user's interrupt that comes at the same
 * time cannot be told apart and is absorbed.
 *
 * <p>Lock order: a strand's lock is taken before no other of this package but the timer's.
 */
final class Strand {
    /**
     * Stands for the strand of a thread. A scoped value may show the strand of another thread, when the JDK's own
     * structured scopes hand bindings on; {@link #current()} sees to that.
     */
    private static final ScopedValue<Strand> CURRENT = ScopedValue.newInstance();

    private static final Strand NONE = new Strand(null);
    private static final long FIRST_PAUSE = 1_000_000;
    private static final long LONGEST_PAUSE = 100_000_000;

    private final @Nullable Thread thread;

    /** Written by the owning thread with the lock held; read by it without, by others with the lock held. */
    private @Nullable Scope innermost;

    /** Guarded by the lock: whether an interrupt was sent whose status may still be set. */
    private boolean interruptSent;

    /** Guarded by the lock: whether the thread waits for children that are being cancelled on their own account. */
    private boolean joining;

    /** Guarded by the lock: the interrupt to come, while a cancellation is pending. */
    private TimeSource.@Nullable Timer repeat;

    /** Guarded by the lock: changes whenever {@code repeat} does, so that a timer called off too late is known. */
    private long round;

    private Strand(@Nullable Thread thread) {
        this.thread = thread;
    }

    /** The strand of the calling thread, if it is inside a scope. */
    static @Nullable Strand current() {
        Strand strand = CURRENT.orElse(NONE);
        return strand.thread == Thread.currentThread() ? strand : null;
    }

    /** Calls a body on the strand of the calling thread, which is made if there is none. */
    static <T, X extends Throwable> T onStrand(ThrowingFunction<Strand, T, X> body) throws X {
        Strand strand = current();
        if (strand != null) {
            return body.apply(strand);
        }
        Strand fresh = new Strand(Thread.currentThread());
        return ScopedValue.where(CURRENT, fresh).<T, X>call(() -> body.apply(fresh));
    }

    /** The scope the owning thread is in; for the owning thread. */
    @Nullable
    Scope innermost() {
        return innermost;
    }

    /** Enters a scope; for the owning thread. */
    void push(Scope scope) {
        synchronized (this) {
            scope.outer = innermost;
            scope.strand = this;
            enter(scope);
        }
    }

    /** Enters the outermost scope of a task, whose outer scope belongs to the thread of the group. */
    void pushRoot(Scope scope) {
        synchronized (this) {
            scope.strand = this;
            enter(scope);
        }
    }

    private void enter(Scope scope) {
        innermost = scope;
        if (scope.shielded) {
            scope.statusOutside = Thread.interrupted();
            interruptSent = false;
        }
        if (repeat == null && pending() != null) {
            deliver();
        }
    }

    /** Leaves the innermost scope, and clears the interrupt status that it caused; for the owning thread. */
    void pop(Scope scope) {
        synchronized (this) {
            if (innermost != scope) {
                throw new IllegalStateException(
                        "Scopes must be left in reverse order, by the thread that entered them");
            }
            Scope outer = scope.belongsTo(this) ? scope.outer : null;
            innermost = outer != null && outer.belongsTo(this) ? outer : null;
            scope.strand = null;
            boolean pendingOutside = innermost != null && pending() != null;
            if (interruptSent && (!pendingOutside || scope.shielded)) {
                interruptSent = false;
                Thread.interrupted();
            }
            if (!pendingOutside) {
                stopRepeating();
            }
            if (pendingOutside && scope.shielded) {
                deliver();
            } else if (scope.statusOutside) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The cancellation that blocking calls of this thread must obey; walks outwards up to a shield. */
    @Nullable
    Cancellation pending() {
        return innermost == null ? null : innermost.pending();
    }

    /** Clears the interrupt status, and tells whether it was the user who had set it; for the owning thread. */
    synchronized boolean takeUserInterrupt() {
        return !interruptSent && pending() == null && Thread.interrupted();
    }

    /** Interrupts the thread, now and again, while a cancellation is pending. Called with the lock held. */
    private void deliver() {
        if (joining) {
            return; // nothing to cut short, and the thread will not be told periodically
        }
        interruptSent = true;
        owner().interrupt();
        if (repeat == null) {
            repeatAfter(FIRST_PAUSE);
        }
    }

    private Thread owner() {
        return Objects.requireNonNull(thread);
    }

    /** Called with the lock held. On system time always: it serves code that knows no other. */
    private void repeatAfter(long pause) {
        TimeSource time = TimeSource.system();
        long current = ++round;
        repeat = time.schedule(time.nanoTime() + pause, () -> repeat(current, pause));
    }

    private synchronized void repeat(long scheduled, long pause) {
        if (scheduled != round) {
            return;
        }
        repeat = null;
        if (joining || pending() == null) {
            return;
        }
        interruptSent = true;
        owner().interrupt();
        repeatAfter(Math.min(2 * pause, LONGEST_PAUSE));
    }

    /** Called with the lock held. */
    private void stopRepeating() {
        if (repeat != null) {
            repeat.cancel();
            repeat = null;
            round++;
        }
    }

    /**
     * Tells the thread inside a cancelled scope, and the groups of tasks that it has open in there.
     *
     * @return the groups whose tasks must be told too
     */
    List<TaskGroup> cancelled(Scope scope) {
        List<TaskGroup> groups = new ArrayList<>();
        synchronized (this) {
            if (!scope.belongsTo(this)) {
                return groups; // left meanwhile
            }
            if (pending() != null) {
                deliver();
            }
            for (Scope s = innermost; s != null; s = s.outer) {
                if (s.group != null) {
                    groups.add(s.group);
                }
                if (s == scope) {
                    break;
                }
                if (s.shielded) {
                    groups.clear();
                }
            }
        }
        return groups;
    }

    /**
     * What a thread does that is about to wait: cancels the scope in which it must not, if there is one. Waiting for children is
     * their business, who are told the same.
     */
    static void refuseToWait() {
        Strand strand = current();
        Scope innermost = strand == null || strand.isJoining() ? null : strand.innermost();
        Scope refusing = innermost == null ? null : innermost.refusing();
        if (refusing != null) {
            refusing.cancel(new Cancellation("there was nothing without waiting", false));
        }
    }

    private synchronized boolean isJoining() {
        return joining;
    }

    /**
     * Waits for children: neither a cancellation nor an interrupt cuts the wait short. A cancellation has reached the
     * children by itself.
     *
     * @return whether the user interrupted the thread meanwhile, and nothing was cancelled
     */
    boolean join(WaitPoint allEnded, Runnable onInterrupt) {
        synchronized (this) {
            joining = true;
            if (interruptSent) {
                interruptSent = false;
                Thread.interrupted();
            }
        }
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    allEnded.await();
                    return interrupted;
                } catch (InterruptedException e) {
                    if (pending() == null) {
                        interrupted = true;
                        onInterrupt.run();
                    }
                }
            }
        } finally {
            synchronized (this) {
                joining = false;
                if (pending() != null) {
                    deliver();
                }
            }
        }
    }
}
