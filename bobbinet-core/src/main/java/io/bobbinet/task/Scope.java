package io.bobbinet.task;

import io.bobbinet.spi.TimeSource;
import io.bobbinet.spi.WaitPoint;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A scope of cancellation: what {@link CancelScope}s, task groups and tasks have in common. */
final class Scope {
    final boolean shielded;

    /** Whether whoever would have to wait inside cancels this instead. */
    final boolean refusesToWait;

    /** The group whose scope this is. */
    final @Nullable TaskGroup group;

    /** The next scope outwards; set before the scope is entered and never changed again. */
    @Nullable
    Scope outer;

    /** The thread inside; guarded by that strand's lock, volatile for those who have yet to find out which it is. */
    volatile @Nullable Strand strand;

    /** For shields: the interrupt status found at entry. Used by the owning thread. */
    boolean statusOutside;

    /** Written once, guarded by this; read without. */
    private volatile @Nullable Cancellation cancellation;

    /** What is in force inside; set before the scope is entered, or taken from the outer scope. */
    private @Nullable Environment environment;

    /** Guarded by this. */
    private Deadline deadline = Deadline.never();

    /** Guarded by this: whether the deadline was moved, before entry maybe. */
    private boolean moved;

    /** How long after entry the deadline is, if it was given so. */
    private final @Nullable Duration fromEntry;

    /** What is being done inside, for messages; may be empty. */
    private final String what;

    /** Guarded by this. */
    private TimeSource.@Nullable Timer timer;

    /** Guarded by this. */
    private boolean entered;

    /** Guarded by this. */
    private boolean left;

    /** Made when somebody asks for it; guarded by this. */
    private @Nullable CancelScope face;

    Scope(boolean shielded, @Nullable TaskGroup group) {
        this(shielded, false, group, null, "");
    }

    private Scope(
            boolean shielded,
            boolean refusesToWait,
            @Nullable TaskGroup group,
            @Nullable Duration fromEntry,
            String what) {
        this.shielded = shielded;
        this.refusesToWait = refusesToWait;
        this.group = group;
        this.fromEntry = fromEntry;
        this.what = what;
    }

    static Scope limitedTo(Duration fromEntry, String what) {
        return new Scope(
                false, false, null, Objects.requireNonNull(fromEntry, "limit"), Objects.requireNonNull(what, "what"));
    }

    static Scope shield(Duration fromEntry) {
        return new Scope(true, false, null, Objects.requireNonNull(fromEntry, "limit"), "");
    }

    static Scope withoutWaiting() {
        return new Scope(false, true, null, null, "");
    }

    static Scope until(Deadline deadline, String what) {
        Scope scope = new Scope(false, false, null, null, Objects.requireNonNull(what, "what"));
        scope.moveDeadline(deadline);
        return scope;
    }

    /** Runs a body inside a scope that nobody cancels, with another environment. */
    static <T, X extends Throwable> T within(Environment environment, ThrowingCallable<T, X> body) throws X {
        return Strand.<T, X>onStrand(strand -> {
            Scope scope = new Scope(false, null);
            scope.environment = environment;
            scope.enter(strand);
            try {
                return body.call();
            } finally {
                scope.leave(strand);
            }
        });
    }

    void enter(Strand strand) {
        markEntered();
        strand.push(this);
        countFromNow();
        startDeadline();
    }

    /** Enters the scope of a task on the task's own thread, inside the scope of its group. */
    void enterRoot(Strand strand, Scope groupScope) {
        markEntered();
        outer = groupScope;
        strand.pushRoot(this);
    }

    private synchronized void markEntered() {
        if (entered) {
            throw new IllegalStateException("A scope can be entered only once; make a new one");
        }
        entered = true;
    }

    void leave(Strand strand) {
        synchronized (this) {
            left = true;
            stopTimer();
        }
        strand.pop(this);
    }

    boolean belongsTo(Strand other) {
        return strand == other;
    }

    Environment environment() {
        Environment own = environment;
        if (own == null) {
            own = outer == null ? Environment.DEFAULT : outer.environment();
            environment = own;
        }
        return own;
    }

    // -- cancellation

    @Nullable
    Cancellation cancellation() {
        return cancellation;
    }

    /** The cancellation in force inside this scope: its own, or that of an outer one that no shield keeps out. */
    @Nullable
    Cancellation pending() {
        for (Scope s = this; s != null; s = s.outer) {
            Cancellation c = s.cancellation;
            if (c != null) {
                return c;
            }
            if (s.shielded) {
                return null;
            }
        }
        return null;
    }

    /** The cancellation in force just outside of this scope, for code inside that would leave it. */
    @Nullable
    Cancellation pendingOutside() {
        return shielded || outer == null ? null : outer.pending();
    }

    /** The innermost scope, from here outwards up to a shield, in which nobody is to wait. */
    @Nullable
    Scope refusing() {
        for (Scope s = this; s != null && !s.shielded; s = s.outer) {
            if (s.refusesToWait) {
                return s;
            }
        }
        return null;
    }

    /**
     * Calls a body on the thread inside, which is told when it is about to wait. Scoped values do not reach the tasks that are
     * forked inside a scope; each of them does this too.
     */
    static <T, X extends Throwable> T callRefusing(ThrowingCallable<T, X> body) throws X {
        return ScopedValue.where(WaitPoint.ABOUT_TO_WAIT, Strand::refuseToWait).<T, X>call(body::call);
    }

    void cancel(Cancellation why) {
        synchronized (this) {
            if (left || cancellation != null) {
                return;
            }
            cancellation = why;
            stopTimer();
        }
        propagate();
    }

    /** Tells the thread inside and, through the groups it has open, the tasks. Holds no lock from one to the next. */
    void propagate() {
        Strand inside = strand;
        if (inside != null) {
            for (TaskGroup open : inside.cancelled(this)) {
                open.propagateToChildren();
            }
        }
    }

    /**
     * Whether what was thrown is the way in which code inside ends when it is cancelled. JDK calls end with an
     * InterruptedException, or one of the IOExceptions that stand for it; the time-out subclass is not meant.
     */
    static boolean isCancellation(Throwable thrown) {
        return thrown instanceof CancelledException
                || thrown instanceof InterruptedException
                || thrown instanceof ClosedByInterruptException
                || thrown instanceof FileLockInterruptionException
                || thrown.getClass() == InterruptedIOException.class;
    }

    /** Whether this scope, once left, absorbs what its body threw: its own cancellation, and no outer one's. */
    boolean absorbs(Throwable thrown) {
        return cancellation != null && isCancellation(thrown) && pendingOutside() == null;
    }

    // -- deadline

    synchronized Deadline deadline() {
        return deadline;
    }

    /** Sets the deadline that counts from entry, unless one was set by {@link #moveDeadline} before. */
    private void countFromNow() {
        if (fromEntry != null) {
            Deadline fromNow = Deadline.after(fromEntry, environment().time());
            synchronized (this) {
                if (!moved) {
                    deadline = fromNow;
                }
            }
        }
    }

    void moveDeadline(Deadline to) {
        Objects.requireNonNull(to, "deadline");
        synchronized (this) {
            moved = true;
            deadline = to;
        }
        startDeadline();
    }

    private void startDeadline() {
        synchronized (this) {
            stopTimer();
            if (!entered || left || deadline.isNever() || cancellation != null) {
                return;
            }
            if (!deadline.hasPassed()) {
                Deadline set = deadline;
                timer = set.time().schedule(set.nanoTime(), () -> expire(set));
                return;
            }
        }
        cancel(expired());
    }

    private void expire(Deadline set) {
        synchronized (this) {
            if (deadline != set || left) {
                return;
            }
        }
        cancel(expired());
    }

    private synchronized Cancellation expired() {
        String limit = moved || fromEntry == null
                ? "the deadline has passed"
                : "the time limit of " + fromEntry.toString().substring(2).toLowerCase(Locale.ROOT) + " has passed";
        return new Cancellation(what.isEmpty() ? limit : what + ": " + limit, true);
    }

    /** Called with the lock held. */
    private void stopTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    /** The earliest deadline in force inside this scope; past if it is cancelled. */
    Deadline effectiveDeadline() {
        Deadline earliest = Deadline.never();
        for (Scope s = this; s != null; s = s.outer) {
            if (s.cancellation != null) {
                return Deadline.after(Duration.ZERO, environment().time());
            }
            Deadline own = s.deadline();
            earliest = own.isNever() ? earliest : own.earlier(earliest);
            if (s.shielded) {
                break;
            }
        }
        return earliest;
    }

    // -- the public side

    synchronized void face(CancelScope scope) {
        face = scope;
    }

    synchronized CancelScope face() {
        CancelScope shown = face;
        if (shown == null) {
            shown = new MoveOnScope(this);
            face = shown;
        }
        return shown;
    }
}
