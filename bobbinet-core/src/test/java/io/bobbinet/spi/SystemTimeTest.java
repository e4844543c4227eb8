package io.bobbinet.spi;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MICROSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Timers of real time: none is asked how late it is, only whether it comes, not too early, and in order. */
@Timeout(30)
class SystemTimeTest {
    private final TimeSource time = TimeSource.system();

    private TimeSource.Timer after(long nanos, Runnable action) {
        return time.schedule(time.nanoTime() + nanos, action);
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(20, SECONDS)).as("it comes").isTrue();
    }

    @Test
    void timerRunsNotBeforeItsTime() throws InterruptedException {
        CountDownLatch ran = new CountDownLatch(1);
        AtomicReference<Long> at = new AtomicReference<>();
        long due = time.nanoTime() + MICROSECONDS.toNanos(2_000);

        time.schedule(due, () -> {
            at.set(time.nanoTime());
            ran.countDown();
        });

        await(ran);
        assertThat(at.get() - due).isNotNegative();
    }

    @Test
    void timeThatHasPassedIsDueAtOnce() throws InterruptedException {
        CountDownLatch ran = new CountDownLatch(2);

        after(0, ran::countDown);
        after(-SECONDS.toNanos(5), ran::countDown);

        await(ran);
    }

    @Test
    void earlierTimerIsNotHeldUpByALaterOne() throws InterruptedException {
        CountDownLatch ran = new CountDownLatch(1);
        TimeSource.Timer later = after(HOURS.toNanos(1), () -> {});

        after(MICROSECONDS.toNanos(500), ran::countDown);

        await(ran);
        later.cancel();
    }

    @Test
    void cancelledTimerDoesNotRun() throws InterruptedException {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        after(
                0,
                () -> { // keeps the thread from the timers that are due, until one of them was called off
                    held.countDown();
                    awaitUninterruptibly(release);
                });
        await(held);
        long due = time.nanoTime();

        TimeSource.Timer timer = time.schedule(due, runs::incrementAndGet);
        timer.cancel();
        timer.cancel();
        time.schedule(due + 1, over::countDown); // later than the one that was called off
        release.countDown();

        await(over);
        assertThat(runs).hasValue(0);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void cancelOfATimerThatHasRunDoesNothing() throws InterruptedException {
        CountDownLatch first = new CountDownLatch(1);
        TimeSource.Timer timer = after(0, first::countDown);
        await(first);

        timer.cancel();

        CountDownLatch second = new CountDownLatch(1);
        after(0, second::countDown);
        await(second);
    }

    @Test
    void failingActionStopsNoOther() throws InterruptedException {
        CountDownLatch ran = new CountDownLatch(1);

        after(0, () -> {
            throw new IllegalStateException("This action fails; the log shows it");
        });
        after(1, ran::countDown);

        await(ran);
    }

    @Test
    void actionMaySetAndCancelTimers() throws InterruptedException {
        CountDownLatch ran = new CountDownLatch(1);
        TimeSource.Timer other = after(HOURS.toNanos(1), () -> {});

        after(0, () -> {
            other.cancel();
            after(0, ran::countDown);
        });

        await(ran);
    }

    @Test
    void manyTimersRunOnceEachAndInOrder() throws InterruptedException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int count = 2_000;
        List<Long> order = new ArrayList<>(); // used by the timer thread, then read after the latch
        CountDownLatch ran = new CountDownLatch(count);
        // All far enough ahead to be set before the first is due, wherever this thread is held up in between: a timer
        // set late would only be run late, and then stand behind its betters.
        long start = time.nanoTime() + MICROSECONDS.toNanos(200_000);
        for (int i = 0; i < count; i++) {
            long due = start + random.nextInt(5_000_000);
            time.schedule(due, () -> {
                order.add(due);
                ran.countDown();
            });
        }
        boolean inTime = time.nanoTime() - start < 0;

        await(ran);

        assertThat(order).as("seed %d", seed).hasSize(count);
        if (inTime) {
            assertThat(order).as("seed %d", seed).isSorted();
        }
    }

    @Test
    void timersOfManyThreadsRunUnlessCancelled() throws InterruptedException {
        long seed = new Random().nextLong();
        int threads = 4;
        int each = 5_000;
        AtomicInteger[] runs = new AtomicInteger[threads * each];
        boolean[] cancelled = new boolean[runs.length]; // each slot written by one thread, read after the joins
        CountDownLatch pending = new CountDownLatch(runs.length);
        List<Thread> started = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int first = t * each;
            Random random = new Random(seed + t);
            started.add(Thread.ofPlatform().start(() -> {
                for (int i = first; i < first + each; i++) {
                    AtomicInteger run = new AtomicInteger();
                    runs[i] = run;
                    boolean cancel = random.nextInt(3) == 0;
                    long delay = cancel ? HOURS.toNanos(1) : random.nextInt(2_000_000);
                    TimeSource.Timer timer = after(delay, () -> {
                        run.incrementAndGet();
                        pending.countDown();
                    });
                    if (cancel) {
                        timer.cancel();
                        cancelled[i] = true;
                        pending.countDown();
                    }
                }
            }));
        }
        for (Thread thread : started) {
            thread.join();
        }

        await(pending);

        for (int i = 0; i < runs.length; i++) {
            assertThat(runs[i].get()).as("timer %d, seed %d", i, seed).isEqualTo(cancelled[i] ? 0 : 1);
        }
    }

    @Test
    void aHundredThousandPendingTimersDelayNoOther() throws InterruptedException {
        List<TimeSource.Timer> pending = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            pending.add(after(HOURS.toNanos(1) + i, () -> {}));
        }
        for (int i = 0; i < 1_000; i++) {
            CountDownLatch ran = new CountDownLatch(1);
            after(0, ran::countDown);
            await(ran);
        }

        pending.forEach(TimeSource.Timer::cancel);
    }
}
