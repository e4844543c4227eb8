package io.bobbinet.linux;

import io.bobbinet.spi.TimeSource;
import io.bobbinet.spi.WaitPoint;

/** Pauses between attempts, where the system tells nobody when to try again: ever longer ones. */
final class Pauses {
    private static final long FIRST = 1_000_000;
    private static final long LONGEST = 50_000_000;

    private long next = FIRST;

    /** Waits for a while, or until somebody else gives a signal. */
    void await(WaitPoint point) throws InterruptedException {
        TimeSource time = TimeSource.system();
        TimeSource.Timer timer = time.schedule(time.nanoTime() + next, point::signal);
        try {
            point.await();
        } finally {
            timer.cancel();
        }
        next = Math.min(2 * next, LONGEST);
    }
}
