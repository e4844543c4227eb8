package io.bobbinet.spi;

import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * System time, with timers in a binary heap.
 *
 * <p>Most timers are deadlines that are called off long before they are due, and each is later than those set before
 * it: such a timer enters the heap at a leaf and leaves it there, in a step or two however many are pending. The thread
 * is woken only by a timer that is earlier than all others; a head that was called off costs one useless wake-up.
 */
final class SystemTime implements TimeSource {
    static final SystemTime INSTANCE = new SystemTime();

    private static final System.Logger LOG = System.getLogger(SystemTime.class.getName());

    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by lock. */
    private final TimerHeap timers = new TimerHeap();

    /** Guarded by lock; started with the first timer. */
    private @Nullable Thread thread;

    private SystemTime() {}

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Timer schedule(long nanoTime, Runnable action) {
        Entry entry = new Entry(nanoTime, action);
        Thread wake = null;
        lock.lock();
        try {
            Thread running = runningThread(); // first: if there is no thread to be had, no timer is set
            timers.add(entry);
            if (timers.first() == entry) {
                wake = running;
            }
        } finally {
            lock.unlock();
        }
        if (wake != null) {
            LockSupport.unpark(wake);
        }
        return entry;
    }

    /** Called with the lock held. */
    private Thread runningThread() {
        Thread running = thread;
        if (running == null) {
            // Inherits nothing from whoever happens to set the first timer.
            running = Thread.ofPlatform()
                    .name("bobbinet-timer")
                    .daemon()
                    .inheritInheritableThreadLocals(false)
                    .start(this::loop);
            thread = running;
        }
        return running;
    }

    private void loop() {
        while (true) {
            Entry due = null;
            long wait = Long.MAX_VALUE;
            lock.lock();
            try {
                TimerHeap.Entry first = timers.first();
                if (first != null) {
                    wait = first.nanoTime - System.nanoTime();
                    if (wait <= 0) {
                        due = (Entry) first;
                        timers.remove(first);
                    }
                }
            } finally {
                lock.unlock();
            }
            if (due != null) {
                run(due.action);
            } else if (wait == Long.MAX_VALUE) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, wait);
            }
        }
    }

    private static void run(Runnable action) {
        try {
            action.run();
        } catch (Throwable t) {
            // The thread serves every deadline of the process and must outlive a bad action.
            LOG.log(System.Logger.Level.ERROR, "A timer action failed", t);
        }
    }

    private void cancel(Entry entry) {
        lock.lock();
        try {
            timers.remove(entry);
        } finally {
            lock.unlock();
        }
    }

    private static final class Entry extends TimerHeap.Entry implements Timer {
        final Runnable action;

        Entry(long nanoTime, Runnable action) {
            super(nanoTime);
            this.action = action;
        }

        @Override
        public void cancel() {
            INSTANCE.cancel(this);
        }
    }
}
