package io.bobbinet.task;

import io.bobbinet.spi.TimeSource;
import java.time.Duration;

/**
 * A point in time by which something must be done, on the time source in force when it was made; or never. Immutable.
 *
 * <p>A deadline can be shared by any number of scopes and handed to other tasks, where a duration would begin anew:
 *
 * {@snippet file="ScopeExamples.java" region="deadline"}
 */
public final class Deadline {
    private static final Deadline NEVER = new Deadline(TimeSource.system(), Long.MAX_VALUE);

    /** The longest time that can be told apart from never: about 146 years. */
    private static final long LONGEST = Long.MAX_VALUE / 2;

    private final TimeSource time;
    private final long nanoTime;

    private Deadline(TimeSource time, long nanoTime) {
        this.time = time;
        this.nanoTime = nanoTime;
    }

    /**
     * Makes a deadline that counts from now.
     *
     * @param duration how long from now; zero or negative for one that has passed
     * @return the deadline
     */
    public static Deadline after(Duration duration) {
        return after(duration, TimeSources.current());
    }

    static Deadline after(Duration duration, TimeSource time) {
        long nanos = nanos(duration);
        return nanos >= LONGEST ? NEVER : new Deadline(time, time.nanoTime() + nanos);
    }

    /**
     * {@return the deadline that never passes}
     */
    public static Deadline never() {
        return NEVER;
    }

    /**
     * {@return whether this deadline never passes}
     */
    public boolean isNever() {
        return this == NEVER;
    }

    /**
     * {@return whether the time has come}
     */
    public boolean hasPassed() {
        return this != NEVER && remainingNanos() <= 0;
    }

    /**
     * {@return how long until the deadline} Zero once it has passed; about 292 years for one that never does.
     */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, remainingNanos()));
    }

    /**
     * {@return the earlier of this deadline and another}
     *
     * @param other the other, of the same time source
     */
    public Deadline earlier(Deadline other) {
        return other.remainingNanos() < remainingNanos() ? other : this;
    }

    TimeSource time() {
        return time;
    }

    long nanoTime() {
        return nanoTime;
    }

    private long remainingNanos() {
        return this == NEVER ? Long.MAX_VALUE : nanoTime - time.nanoTime();
    }

    private static long nanos(Duration duration) {
        try {
            return Math.max(-LONGEST, duration.toNanos());
        } catch (ArithmeticException e) {
            return duration.isNegative() ? -LONGEST : LONGEST;
        }
    }

    @Override
    public String toString() {
        return isNever() ? "never" : "in " + remaining();
    }
}
