package io.bobbinet.bench.micro;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.ByteStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
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
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to take a line off a stream that is always full: times the size of a line, bytes a second. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FramingBenchmark {
    private static final byte[] DELIMITER = {'\n'};

    /** For JMH. */
    public FramingBenchmark() {}

    /** How many bytes a line has, its end included. */
    @Param({"64", "1024"})
    public int size;

    private final Lines source = new Lines();
    private final PacketClient<byte[], byte[]> client = PacketClient.over(source, StreamProtocol.of(new LineCodec()));
    private final BufferedReceiveStream buffered = BufferedReceiveStream.over(source);

    /** Fills the lines. */
    @Setup
    public void fill() {
        source.fill(size);
    }

    /** A client that receives packets. */
    @Benchmark
    public byte[] client() throws IOException {
        return client.receive();
    }

    /** The search alone, without a client's transactions and turns. */
    @Benchmark
    public byte[] bufferedStream() throws IOException {
        return buffered.receiveUntil(DELIMITER, 65_536);
    }

    private static final class LineCodec implements FramedCodec<byte[]> {
        @Override
        public void encodeFrame(byte[] packet, OutputStream target) throws IOException {
            target.write(packet);
            target.write('\n');
        }

        @Override
        public byte[] decodeFrame(BufferedReceiveStream stream) throws IOException {
            return stream.receiveUntil(DELIMITER, 65_536);
        }
    }

    /** Gives lines without end, as many bytes at once as there is room for, so that lines are cut anywhere. */
    private static final class Lines implements ByteStream {
        private byte[] pattern = {};
        private int position;

        void fill(int size) {
            byte[] line = new byte[size];
            Arrays.fill(line, (byte) 'x');
            line[size - 1] = '\n';
            pattern = new byte[65_536 / size * size];
            for (int i = 0; i < pattern.length; i += size) {
                System.arraycopy(line, 0, pattern, i, size);
            }
        }

        @Override
        public int receive(ByteBuffer target) {
            int count = Math.min(target.remaining(), pattern.length - position);
            target.put(pattern, position, count);
            position = (position + count) % pattern.length;
            return count;
        }

        @Override
        public void send(ByteBuffer source) {
            source.position(source.limit());
        }

        @Override
        public void sendEof() {
            // Nobody listens.
        }

        @Override
        public void close() {
            // There is nothing to release.
        }
    }
}
