package io.bobbinet.bench.micro;

import io.bobbinet.spi.TimeSource;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** Deadlines that are set and called off again while many others are pending. Below 1,000 ns is the aim. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DeadlineBenchmark {
    private static final long SEED = 42;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** How many deadlines are pending. */
    @Param({"0", "100000"})
    public int pending;

    private final TimeSource time = TimeSource.system();

    /** For JMH. */
    public DeadlineBenchmark() {}

    /** Sets the pending deadlines: some before the measured ones, some after, none due meanwhile. */
    @Setup
    public void setPending() {
        Random random = new Random(SEED);
        long now = time.nanoTime();
        for (int i = 0; i < pending; i++) {
            time.schedule(now + TimeUnit.SECONDS.toNanos(600 + random.nextInt(600)), () -> {});
        }
        for (int i = 0; i < pending / 2; i++) {
            time.schedule(now + TimeUnit.SECONDS.toNanos(1200 + random.nextInt(600)), () -> {});
        }
    }

    /** Later than about a third of the others, so that it does not stay where it enters. */
    @Benchmark
    public void setAndCancel() {
        time.schedule(time.nanoTime() + TimeUnit.SECONDS.toNanos(900), () -> {}).cancel();
    }

    /** Earlier than all others: the thread that waits for the first has to be woken. */
    @Benchmark
    public void setFirstAndCancel() {
        time.schedule(time.nanoTime() + LIMIT.toNanos(), () -> {}).cancel();
    }

    /** Two threads at once, one lock. */
    @Benchmark
    @Threads(2)
    public void setAndCancelByTwo() {
        time.schedule(time.nanoTime() + TimeUnit.SECONDS.toNanos(900), () -> {}).cancel();
    }

    /** A time limit as a program sets it, around a body that needs no time; it is the first. */
    @Benchmark
    public int failAfter() throws IOException {
        return CancelScope.failAfter(LIMIT).call(() -> 1);
    }
}
