package io.bobbinet.task;

import io.bobbinet.spi.TimeSource;
import java.util.Objects;

/**
 * The time source in force: that of the system, unless a test binds another.
 *
 * {@snippet file="RuntimeExamples.java" region="time"}
 */
public final class TimeSources {
    private TimeSources() {}

    /**
     * {@return the time source in force on this thread}
     */
    public static TimeSource current() {
        return Environment.current().time();
    }

    /**
     * Runs a body with a time source in force, for everything inside and for the tasks forked inside.
     *
     * @param <T> the type of the value
     * @param <X> what the body throws
     * @param time the time source
     * @param body the body
     * @return the body's value
     * @throws X if the body throws it
     */
    public static <T, X extends Throwable> T using(TimeSource time, ThrowingCallable<T, X> body) throws X {
        Objects.requireNonNull(time, "time");
        Environment outer = Environment.current();
        return Scope.within(new Environment(time, outer.boundBackend()), body);
    }
}
