package io.bobbinet.task;

import io.bobbinet.spi.TimeSource;
import io.bobbinet.spi.WaitPoint;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A body of code that can be cancelled, by hand or by a deadline, without harm to what it uses.
 *
 * <p>Make a scope with one of the factories and enter it, once, with {@code run} or {@code call}:
 *
 * {@snippet file="ScopeExamples.java" region="scopes"}
 *
 * <p>Scopes nest. The effective deadline is the earliest one up to the first shield; it counts from entry. Inside a
 * cancelled scope every blocking call throws {@link CancelledException}; see the package description for what that means.
 * A body that returned wins over a cancellation or deadline that came too late to cut it short.
 *
 * <p>{@link #cancel()} and the other methods may be called by any thread, before, during and after the body.
 */
public sealed interface CancelScope permits MoveOnScope, FailScope {

    /**
     * {@return a scope without a deadline, to be cancelled by hand}
     */
    static MoveOnScope create() {
        return new MoveOnScope(new Scope(false, null));
    }

    /**
     * {@return a scope that outer cancellations and deadlines do not reach} Its own cancel and deadline do. For
     * clean-up that has to block; prefer {@link #shielded(Duration)}. The interrupt status is cleared at entry and
     * restored at exit.
     */
    static MoveOnScope shielded() {
        return new MoveOnScope(new Scope(true, null));
    }

    /**
     * {@return a scope that outer cancellations and deadlines do not reach, and that gives up after a time, quietly} For
     * clean-up that has to block:
     *
     * {@snippet file="ScopeExamples.java" region="shielded"}
     *
     * @param limit how long the body may take, from entry; if zero or negative, the first blocking call is cancelled
     */
    static MoveOnScope shielded(Duration limit) {
        return new MoveOnScope(Scope.shield(limit));
    }

    /**
     * {@return a scope that gives up after a time, quietly}
     *
     * @param limit how long the body may take, from entry; if zero or negative, the first blocking call is cancelled
     */
    static MoveOnScope moveOnAfter(Duration limit) {
        return new MoveOnScope(Scope.limitedTo(limit, ""));
    }

    /**
     * {@return a scope that gives up at a deadline, quietly}
     *
     * @param deadline the deadline
     */
    static MoveOnScope moveOnAt(Deadline deadline) {
        return new MoveOnScope(Scope.until(deadline, ""));
    }

    /**
     * {@return a scope for what can be had without waiting} Its blocking calls take what is there, the system's buffers
     * included; the first that would have to wait cancels the scope instead, quietly:
     *
     * {@snippet file="ScopeExamples.java" region="without-waiting"}
     *
     * <p>Meant are the blocking calls of this library, in tasks that are forked inside too; those of the JDK wait. Neither does
     * this reach into a shield, and {@code close} may wait as it always may. A group ends with its tasks, none of which waits. As
     * by any cancellation, a receive that is refused has taken nothing, and a send that finds room for a part alone is cut off.
     */
    static MoveOnScope withoutWaiting() {
        return new MoveOnScope(Scope.withoutWaiting());
    }

    /**
     * {@return a scope that fails with {@link TimedOutException} after a time}
     *
     * @param limit how long the body may take, from entry; if zero or negative, the first blocking call is cancelled
     */
    static FailScope failAfter(Duration limit) {
        return failAfter(limit, "");
    }

    /**
     * {@return a scope that fails with {@link TimedOutException} after a time}
     *
     * @param limit how long the body may take, from entry; if zero or negative, the first blocking call is cancelled
     * @param what what is being done, for the message of the exception: {@code "the login"}
     */
    static FailScope failAfter(Duration limit, String what) {
        return new FailScope(Scope.limitedTo(limit, what));
    }

    /**
     * {@return a scope that fails with {@link TimedOutException} at a deadline}
     *
     * @param deadline the deadline
     */
    static FailScope failAt(Deadline deadline) {
        return failAt(deadline, "");
    }

    /**
     * {@return a scope that fails with {@link TimedOutException} at a deadline}
     *
     * @param deadline the deadline
     * @param what what is being done, for the message of the exception
     */
    static FailScope failAt(Deadline deadline, String what) {
        return new FailScope(Scope.until(deadline, what));
    }

    /**
     * {@return the innermost scope the calling thread is in, that of its task or task group included; empty outside of
     * all}
     */
    static Optional<CancelScope> current() {
        Strand strand = Strand.current();
        Scope innermost = strand == null ? null : strand.innermost();
        return innermost == null ? Optional.empty() : Optional.of(innermost.face());
    }

    /**
     * {@return the earliest deadline in force on the calling thread, up to the first shield} One that has passed if a
     * scope in force is cancelled; {@link Deadline#never()} outside of all scopes.
     */
    static Deadline effectiveDeadline() {
        Strand strand = Strand.current();
        Scope innermost = strand == null ? null : strand.innermost();
        return innermost == null ? Deadline.never() : innermost.effectiveDeadline();
    }

    /**
     * {@return whether a blocking call on the calling thread would throw {@link CancelledException} now} False behind a
     * shield that keeps the cancellation out.
     */
    static boolean isCancellationPending() {
        Strand strand = Strand.current();
        return strand != null && strand.pending() != null;
    }

    /**
     * Does what every blocking call does first: throws if the calling thread is cancelled or interrupted. For long
     * computations, and for streams of one's own.
     *
     * @throws CancelledException if a scope in force is cancelled; the interrupt status is cleared
     * @throws InterruptedIOException if the thread was interrupted by the user; the status stays set
     */
    static void checkpoint() throws InterruptedIOException {
        // Looked at first: whoever cancels interrupts last, so that an interrupt seen here is the user's if nothing is
        // found to be cancelled after it.
        boolean interrupted = Thread.currentThread().isInterrupted();
        Strand strand = Strand.current();
        Cancellation pending = strand == null ? null : strand.pending();
        if (pending != null) {
            Thread.interrupted();
            throw pending.exception();
        }
        if (interrupted) {
            throw new InterruptedIOException("The thread is interrupted");
        }
    }

    /**
     * Turns the {@link InterruptedException} of a JDK call into what a blocking call of this library throws. Use:
     * {@code catch (InterruptedException e) { throw CancelScope.interrupted(e); }}
     *
     * @param e what the JDK call threw; it has cleared the interrupt status
     * @return the exception to throw for a user's interrupt; the status has been set again
     * @throws CancelledException instead, if a scope in force is cancelled
     */
    static InterruptedIOException interrupted(InterruptedException e) {
        Strand strand = Strand.current();
        Cancellation pending = strand == null ? null : strand.pending();
        if (pending != null) {
            throw pending.exception();
        }
        Thread.currentThread().interrupt();
        InterruptedIOException translated = new InterruptedIOException("The thread was interrupted");
        translated.initCause(e);
        return translated;
    }

    /**
     * Waits for a time, on the time source in force. Unlike {@link Thread#sleep(Duration)} it is cancelled like every
     * blocking call, and takes no time in tests on virtual time.
     *
     * @param duration how long; zero or negative only checks for cancellation
     * @throws CancelledException if a scope in force is cancelled, before or meanwhile
     * @throws InterruptedIOException if the thread was interrupted by the user; the status stays set
     */
    static void sleep(Duration duration) throws InterruptedIOException {
        Deadline end = Deadline.after(duration);
        checkpoint();
        if (end.hasPassed()) {
            return;
        }
        WaitPoint over = new WaitPoint("sleep");
        TimeSource.Timer timer = end.isNever() ? () -> {} : end.time().schedule(end.nanoTime(), over::signal);
        try {
            over.await();
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            timer.cancel();
        }
    }

    /** Cancels the scope, as {@link #cancel(String)} does, with a reason that says no more than that. */
    default void cancel() {
        cancel("the scope was cancelled");
    }

    /**
     * Cancels the scope: blocking calls inside end, and those that follow do not begin. Does not wait for that. If the
     * scope has not been entered yet, it is cancelled from its first blocking call on. The first cause stands: a second
     * cancel, a deadline after a cancel and a cancel after the deadline change nothing; nor does any of them once the
     * scope was left.
     *
     * @param reason why, for the message of {@link CancelledException}
     */
    void cancel(String reason);

    /**
     * {@return whether the scope was cancelled by hand or by its own deadline} It may have been so without effect, if the
     * body did not block any more.
     */
    boolean isCancelled();

    /**
     * {@return why the scope was cancelled; empty if it was not}
     */
    Optional<String> cancelReason();

    /**
     * {@return the scope's own deadline} For one that is given as a duration, {@link Deadline#never()} until entry.
     */
    Deadline deadline();

    /**
     * Moves the scope's own deadline, to earlier or later, or to {@link Deadline#never()}. One that has passed cancels
     * an entered scope at once. A cancelled scope stays cancelled.
     *
     * {@snippet file="ScopeExamples.java" region="idle"}
     *
     * @param deadline the new deadline
     */
    void moveDeadline(Deadline deadline);
}
