package io.bobbinet.net;

import io.bobbinet.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Time that moves when a script says so. (The testkit has a fuller one, but it is built on this module.) */
final class ScriptedTime implements TimeSource {
    private record Entry(long at, Runnable action) {}

    /** Guarded by this. */
    private final List<Entry> timers = new ArrayList<>();

    /** Guarded by this. */
    private long now;

    @Override
    public synchronized long nanoTime() {
        return now;
    }

    @Override
    public Timer schedule(long nanoTime, Runnable action) {
        Entry entry = new Entry(nanoTime, action);
        synchronized (this) {
            if (nanoTime > now) {
                timers.add(entry);
                return () -> remove(entry);
            }
        }
        action.run();
        return () -> {};
    }

    private synchronized void remove(Entry entry) {
        timers.remove(entry);
    }

    synchronized long millis() {
        return Duration.ofNanos(now).toMillis();
    }

    void advance(Duration duration) {
        List<Entry> due;
        synchronized (this) {
            now += duration.toNanos();
            due = timers.stream()
                    .filter(e -> e.at <= now)
                    .sorted(Comparator.comparingLong(Entry::at))
                    .toList();
            timers.removeAll(due);
        }
        due.forEach(e -> e.action.run());
    }
}
