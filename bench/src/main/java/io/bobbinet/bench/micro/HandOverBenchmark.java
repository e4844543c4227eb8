package io.bobbinet.bench.micro;

import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.MemoryObjectStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to hand something from one task to another through memory. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HandOverBenchmark {
    private static final int COUNT = 10_000;

    /** For JMH. */
    public HandOverBenchmark() {}

    /** How many objects may be under way; with 0 each sender waits for its receiver. */
    @Param({"0", "64"})
    public int capacity;

    /** Objects one way. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public void objects() throws IOException {
        StreamPair<MemoryObjectStream<Integer>> pair = MemoryObjectStream.pair(capacity);
        TaskGroup.run(group -> {
            group.fork(() -> {
                try (var sender = pair.left()) {
                    for (int i = 0; i < COUNT; i++) {
                        sender.send(i);
                    }
                }
            });
            group.fork(() -> {
                try (var receiver = pair.right()) {
                    receiver.forEach(i -> {});
                }
            });
        });
    }

    /** 64 bytes there and back, the capacity does not matter. */
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public void echoOfBytes() throws IOException {
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            group.fork(() -> echo(pair.right()));
            group.fork(() -> {
                try (var stream = pair.left()) {
                    ByteBuffer buffer = ByteBuffer.allocate(64);
                    for (int i = 0; i < COUNT; i++) {
                        stream.send(buffer.clear());
                        buffer.clear();
                        while (buffer.hasRemaining()) {
                            stream.receive(buffer);
                        }
                    }
                }
            });
        });
    }

    private static void echo(MemoryByteStream stream) throws IOException {
        try (stream) {
            ByteBuffer buffer = ByteBuffer.allocate(1024);
            while (true) {
                stream.receive(buffer.clear());
                stream.send(buffer.flip());
            }
        } catch (EndOfStreamException e) {
            // The other side is done.
        }
    }
}
