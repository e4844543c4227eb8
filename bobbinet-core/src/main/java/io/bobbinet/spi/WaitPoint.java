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
    /**
     * What a thread does that is about to wait in a way that can be cut short, if this is bound: it calls off what it waits for,
     * by an interrupt of itself, because its caller wants only what is there already. It is here for the package
     * {@code io.bobbinet.task}, which binds it, and public since that cannot be told to Java otherwise. Whoever else binds it
     * has it run on threads of his own, inside of the binding, and nowhere else.
     */
    public static final ScopedValue<Runnable> ABOUT_TO_WAIT = ScopedValue.newInstance();

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
     * {@return whether the calling thread may want only what is there already} Whoever knows without a call of the system that
     * there was nothing a moment ago, and would wait, makes the call after all.
     */
    public static boolean isWaitingRefused() {
        return ABOUT_TO_WAIT.isBound();
    }

    /**
     * Says that the calling thread is about to wait elsewhere than at a wait point, for a lock perhaps, in a way that an interrupt
     * cuts short. If its caller wants only what is there already, it is interrupted when this returns.
     */
    public static void aboutToWait() {
        if (ABOUT_TO_WAIT.isBound()) {
            ABOUT_TO_WAIT.get().run();
        }
    }

    /**
     * Waits until signalled, and uses the signal up. A signal that is already there wins over an interrupt.
     *
     * @throws InterruptedException if the thread is interrupted before a signal came; the interrupt status is cleared
     */
    public final void await() throws InterruptedException {
        if (!signalled) {
            aboutToWait();
        }
        park();
    }

    private void park() throws InterruptedException {
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
                park();
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
