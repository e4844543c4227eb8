package io.bobbinet.testkit;

import io.bobbinet.spi.TimeSource;
import io.bobbinet.task.ThrowingConsumer;
import io.bobbinet.task.TimeSources;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Time that stands still until a test advances it: deadlines and sleeps take none.
 *
 * <p>{@link #run} puts it in force for a body and the tasks forked inside. The order of a test is then: let the tasks come
 * to where they wait ({@link Blocked#await}), advance, look.
 */
public final class VirtualTime implements TimeSource {
    /** Guarded by this. */
    private long now;

    /** Guarded by this: orders timers that are due at the same time. */
    private long sequence;

    /** Guarded by this. */
    private final PriorityQueue<Entry> timers =
            new PriorityQueue<>(Comparator.comparingLong(Entry::at).thenComparingLong(Entry::sequence));

    /** Makes a time source that stands at zero. */
    public VirtualTime() {}

    /**
     * Runs a body with a new virtual time in force, for everything inside and for the tasks forked inside.
     *
     * @param <X> what the body throws
     * @param body the body, which is given the time to advance
     * @throws X if the body throws it
     */
    public static <X extends Throwable> void run(ThrowingConsumer<VirtualTime, X> body) throws X {
        VirtualTime time = new VirtualTime();
        TimeSources.<Boolean, X>using(time, () -> {
            body.accept(time);
            return true;
        });
    }

    private record Entry(long at, long sequence, Runnable action, AtomicBoolean done) implements Timer {
        @Override
        public void cancel() {
            done.set(true);
        }
    }

    @Override
    public synchronized long nanoTime() {
        return now;
    }

    @Override
    public Timer schedule(long nanoTime, Runnable action) {
        Entry entry;
        boolean due;
        synchronized (this) {
            entry = new Entry(nanoTime, sequence++, action, new AtomicBoolean());
            due = nanoTime - now <= 0;
            if (!due) {
                timers.add(entry);
            }
        }
        if (due) {
            action.run();
        }
        return entry;
    }

    /**
     * {@return how long from the beginning}
     */
    public Duration elapsed() {
        return Duration.ofNanos(nanoTime());
    }

    /**
     * {@return how many timers are pending: deadlines of entered scopes, and sleeps}
     */
    public synchronized int pending() {
        timers.removeIf(e -> e.done.get());
        return timers.size();
    }

    /**
     * Advances the time. Timers run on the calling thread, in the order in which they are due, each at its time.
     *
     * @param duration how far
     */
    public void advance(Duration duration) {
        long end;
        synchronized (this) {
            end = now + duration.toNanos();
        }
        while (true) {
            Entry due;
            synchronized (this) {
                due = timers.peek();
                if (due == null || due.at - end > 0) {
                    now = end;
                    return;
                }
                timers.remove();
                now = Math.max(now, due.at);
            }
            if (due.done.compareAndSet(false, true)) {
                due.action.run();
            }
        }
    }
}
