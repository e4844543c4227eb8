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

    /** Guarded by lock; {@code heap[0]} is due first, {@code heap[i].index == i}. */
    private Entry[] heap = new Entry[64];

    /** Guarded by lock. */
    private int size;

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
            if (size == heap.length) {
                heap = java.util.Arrays.copyOf(heap, size * 2);
            }
            siftUp(size++, entry);
            if (entry.index == 0) {
                wake = runningThread();
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
        Thread t = thread;
        if (t == null) {
            // Inherits nothing from whoever happens to set the first timer.
            t = Thread.ofPlatform()
                    .name("bobbinet-timer")
                    .daemon()
                    .inheritInheritableThreadLocals(false)
                    .unstarted(this::loop);
            thread = t;
            t.start();
        }
        return t;
    }

    private void loop() {
        while (true) {
            Entry due = null;
            long wait = Long.MAX_VALUE;
            lock.lock();
            try {
                if (size > 0) {
                    wait = heap[0].nanoTime - System.nanoTime();
                    if (wait <= 0) {
                        due = heap[0];
                        remove(due);
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
            if (entry.index >= 0) {
                remove(entry);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Called with the lock held. */
    private void remove(Entry entry) {
        int hole = entry.index;
        entry.index = -1;
        Entry last = heap[--size];
        clear(size);
        if (last != entry) {
            siftUp(hole, last);
            siftDown(last.index, last);
        }
    }

    @SuppressWarnings("NullAway") // slots beyond size are empty and never read
    private void clear(int index) {
        heap[index] = null;
    }

    private void siftUp(int start, Entry entry) {
        int i = start;
        while (i > 0) {
            int parent = (i - 1) >>> 1;
            Entry p = heap[parent];
            if (entry.nanoTime - p.nanoTime >= 0) {
                break;
            }
            place(i, p);
            i = parent;
        }
        place(i, entry);
    }

    private void siftDown(int start, Entry entry) {
        int i = start;
        while (true) {
            int child = 2 * i + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && heap[child + 1].nanoTime - heap[child].nanoTime < 0) {
                child++;
            }
            if (heap[child].nanoTime - entry.nanoTime >= 0) {
                break;
            }
            place(i, heap[child]);
            i = child;
        }
        place(i, entry);
    }

    private void place(int index, Entry entry) {
        heap[index] = entry;
        entry.index = index;
    }

    private static final class Entry implements Timer {
        final long nanoTime;
        final Runnable action;

        /** Guarded by lock; -1 outside the heap. */
        int index;

        Entry(long nanoTime, Runnable action) {
            this.nanoTime = nanoTime;
            this.action = action;
        }

        @Override
        public void cancel() {
            INSTANCE.cancel(this);
        }
    }
}
