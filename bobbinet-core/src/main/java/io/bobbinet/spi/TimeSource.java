package io.bobbinet.spi;

/**
 * Monotonic time and timers: the seam that lets tests run on virtual time.
 *
 * <p>The time source in force travels with the cancel scope, to child tasks too; see
 * {@link io.bobbinet.task.TimeSources}.
 */
public interface TimeSource {

    /**
     * {@return the current time in nanoseconds} The origin is arbitrary; only differences mean something, and they must
     * be compared by subtraction, as with {@link System#nanoTime()}.
     */
    long nanoTime();

    /**
     * Runs an action once, at a time or as soon after as possible; at once if the time has passed.
     *
     * @param nanoTime when, on the scale of {@link #nanoTime()}
     * @param action short and not blocking; it runs on a thread of the time source
     * @return the timer, to call the action off
     */
    Timer schedule(long nanoTime, Runnable action);

    /**
     * {@return the time source of the system} It costs one daemon thread, started with the first timer, that sleeps
     * until the next action is due: nothing wakes up periodically. Setting or calling off a timer is O(log n).
     */
    static TimeSource system() {
        return SystemTime.INSTANCE;
    }

    /** An action that is to run later. */
    interface Timer {

        /** Calls the action off if it has not begun; otherwise does nothing. Does not wait for it. */
        void cancel();
    }
}
