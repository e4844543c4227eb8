package io.bobbinet.spi;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A place where one thread at a time waits for a signal: the one blocking primitive of the library.
 *
 * <p>A signal given while nobody waits is kept, and the next wait returns at once; several signals are one. The waiter
 * publishes the wait point as its {@linkplain LockSupport#getBlocker(Thread) blocker}, so that tools and tests can see
 * on what a thread waits, without any cost to the wait.
 *
 * <p>Whoever signals does so after making true what the waiter waits for; whoever waits looks again after each wait,
 * because a signal may be older than the state it finds. Signals may come from any thread.
 */
public class WaitPoint {
    private final String operation;

    /** Written by the waiting thread, read by signallers. */
    private volatile @Nullable Thread waiter;

    /** Set by signallers, cleared by the waiting thread. */
    private volatile boolean signalled;

    /**
     * Creates a wait point.
     *
     * @param operation what a thread that waits here is doing, such as {@code "read"}; for people, tests and dumps
     */
    public WaitPoint(String operation) {
        this.operation = operation;
    }

    /**
     * {@return what a thread that waits here is doing}
     */
    public final String operation() {
        return operation;
    }

    /**
     * {@return whether a thread waits here now}
     */
    public final boolean isAwaited() {
        return waiter != null;
    }

    /**
     * Waits until signalled, and uses the signal up. A signal that is already there wins over an interrupt.
     *
     * @throws InterruptedException if the thread is interrupted before a signal came; the interrupt status is cleared
     */
    public final void await() throws InterruptedException {
        if (!signalled) {
            waiter = Thread.currentThread();
            try {
                while (!signalled) {
                    if (Thread.interrupted()) {
                        throw new InterruptedException();
                    }
                    LockSupport.park(this);
                }
            } finally {
                waiter = null;
            }
        }
        signalled = false;
    }

    /**
     * Waits until signalled, whatever the interrupt status, and uses the signal up.
     *
     * @return whether the thread was interrupted before or during the wait; the status is cleared, and the caller
     *     restores it if it should last
     */
    public final boolean awaitUninterruptibly() {
        boolean interrupted = false;
        while (true) {
            try {
                await();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    /** Wakes the waiting thread, or lets the next wait return at once. */
    public final void signal() {
        signalled = true;
        Thread thread = waiter;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    /**
     * {@return whether a signal is there that nobody has used yet} A hint: a waiter may be about to use it.
     */
    public final boolean isSignalled() {
        return signalled;
    }

    /** Forgets a signal that nobody has used; for the one thread that may wait here, before it looks at the state. */
    public final void reset() {
        signalled = false;
    }

    @Override
    public String toString() {
        return operation;
    }
}
