package io.bobbinet.bench.micro;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What entering and leaving scopes costs, and asking whether they are cancelled. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ScopeBenchmark {
    private static final int INNER = 1000;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** For JMH. */
    public ScopeBenchmark() {}

    /** The first scope of a thread. */
    @Benchmark
    public boolean enterOutermost() {
        return CancelScope.create().run(() -> {});
    }

    /** A scope within another, as in a task. */
    @Benchmark
    @OperationsPerInvocation(INNER)
    public boolean enterNested() {
        return CancelScope.create().run(() -> {
            for (int i = 0; i < INNER; i++) {
                CancelScope.create().run(() -> {});
            }
        });
    }

    /** Time limits within a scope, one after the other, as a loop sets them that receives with a limit. */
    @Benchmark
    @OperationsPerInvocation(INNER)
    public boolean failAfterNested() throws IOException {
        return CancelScope.create().<IOException>run(() -> {
            for (int i = 0; i < INNER; i++) {
                CancelScope.failAfter(LIMIT).run(() -> {});
            }
        });
    }

    /** What every blocking call does first, three scopes deep. */
    @Benchmark
    @OperationsPerInvocation(INNER)
    public boolean checkpoint() throws IOException {
        return CancelScope.create()
                .<IOException>run(() -> CancelScope.create()
                        .<IOException>run(() -> CancelScope.create().<IOException>run(() -> {
                            for (int i = 0; i < INNER; i++) {
                                CancelScope.checkpoint();
                            }
                        })));
    }

    /** A group with one child, forked and joined. */
    @Benchmark
    public void forkOne() throws IOException {
        TaskGroup.run(group -> group.fork(() -> {}));
    }
}
