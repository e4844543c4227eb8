package io.bobbinet.tests.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.task.ThrowingCallable;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** Waits for what nobody signals, such as that a thread waits in a call of the JDK, where {@code Blocked} cannot see it. */
final class Waiting {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long PAUSE = 20_000;
    private static final Set<Thread.State> WAITING =
            EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING, Thread.State.BLOCKED);

    private Waiting() {}

    static void await(Thread thread) {
        until(() -> {
            assertThat(thread.getState()).isNotEqualTo(Thread.State.TERMINATED);
            return WAITING.contains(thread.getState());
        });
    }

    static <X extends Throwable> void until(ThrowingCallable<Boolean, X> condition) throws X {
        long start = System.nanoTime();
        while (!condition.call()) {
            assertThat(System.nanoTime() - start).isLessThan(PATIENCE.toNanos());
            LockSupport.parkNanos(PAUSE); // a mere yield would keep a lone carrier from those that are to act
        }
    }
}
