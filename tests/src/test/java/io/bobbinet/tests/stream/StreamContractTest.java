package io.bobbinet.tests.stream;

import static io.bobbinet.testkit.StreamTrait.BACK_PRESSURE;
import static io.bobbinet.testkit.StreamTrait.HALF_CLOSE;
import static io.bobbinet.testkit.StreamTrait.SEES_PEER_GONE;
import static io.bobbinet.testkit.StreamTrait.SHOWS_CUT;
import static io.bobbinet.testkit.StreamTrait.WAITS;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.FileReceiveStream;
import io.bobbinet.stream.FileSendStream;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.MemoryObjectStream;
import io.bobbinet.stream.ObjectStream;
import io.bobbinet.stream.StapledByteStream;
import io.bobbinet.stream.StapledObjectStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.testkit.ByteLink;
import io.bobbinet.testkit.ByteStreamContract;
import io.bobbinet.testkit.HostileStreams;
import io.bobbinet.testkit.ObjectStreamContract;
import io.bobbinet.testkit.PairFactory;
import io.bobbinet.testkit.StreamTrait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The contract, over every stream there is that needs no network. */
@Timeout(60)
final class StreamContractTest {
    private static final StreamTrait[] MEMORY = {WAITS, BACK_PRESSURE, HALF_CLOSE, SHOWS_CUT, SEES_PEER_GONE};

    private static Stream<DynamicTest> tests(ByteStreamContract contract) {
        return contract.checks().stream().map(check -> DynamicTest.dynamicTest(check.name(), check::run));
    }

    private static PairFactory<ByteStream> wrapped(UnaryOperator<ByteStream> wrapper) {
        return () -> {
            StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
            return new StreamPair<>(wrapper.apply(pair.left()), wrapper.apply(pair.right()));
        };
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> memory() {
        return tests(ByteStreamContract.of(MemoryByteStream::pair).having(MEMORY));
    }

    @TestFactory
    Stream<DynamicTest> memoryOfFewBytes() {
        return tests(ByteStreamContract.of(() -> MemoryByteStream.pair(64))
                .having(MEMORY)
                .transferring(20_000));
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> buffered() {
        return tests(ByteStreamContract.of(wrapped(BufferedByteStream::over)).having(MEMORY));
    }

    @TestFactory
    Stream<DynamicTest> bufferedTwice() {
        return tests(ByteStreamContract.of(wrapped(s -> BufferedByteStream.over(BufferedByteStream.over(s))))
                .having(MEMORY));
    }

    @TestFactory
    Stream<DynamicTest> bufferedReceiveOnly() {
        return tests(ByteStreamContract.ofOneWay(() -> {
                    StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
                    return new ByteLink(pair.left(), BufferedReceiveStream.over(pair.right()));
                })
                .having(WAITS, BACK_PRESSURE, SHOWS_CUT, SEES_PEER_GONE));
    }

    @TestFactory
    Stream<DynamicTest> bufferedAndUpgraded() {
        return tests(
                ByteStreamContract.of(wrapped(StreamContractTest::upgraded)).having(MEMORY));
    }

    private static ByteStream upgraded(ByteStream stream) {
        BufferedByteStream buffered = BufferedByteStream.over(stream);
        try {
            buffered.upgrade(below -> below);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return buffered;
    }

    @TestFactory
    Stream<DynamicTest> oneByteAtATime() {
        return tests(ByteStreamContract.of(wrapped(HostileStreams::oneByteAtATime))
                .having(MEMORY)
                .transferring(10_000));
    }

    @TestFactory
    Stream<DynamicTest> randomChunks() {
        return tests(ByteStreamContract.of(wrapped(s -> HostileStreams.randomChunks(s, 42)))
                .having(MEMORY)
                .transferring(200_000));
    }

    @TestFactory
    Stream<DynamicTest> bufferedOneByteAtATime() {
        return tests(ByteStreamContract.of(wrapped(s -> BufferedByteStream.over(HostileStreams.oneByteAtATime(s))))
                .having(MEMORY)
                .transferring(10_000));
    }

    @TestFactory
    Stream<DynamicTest> failingLater() {
        IOException never = new IOException("never");
        return tests(ByteStreamContract.of(wrapped(s -> HostileStreams.failingReceive(
                        HostileStreams.failingSend(s, Long.MAX_VALUE, never), Long.MAX_VALUE, never)))
                .having(MEMORY));
    }

    @TestFactory
    Stream<DynamicTest> stapled() {
        return tests(ByteStreamContract.of(() -> {
                    StreamPair<MemoryByteStream> there = MemoryByteStream.pair();
                    StreamPair<MemoryByteStream> back = MemoryByteStream.pair();
                    return new StreamPair<>(
                            StapledByteStream.of(there.left(), back.right()),
                            StapledByteStream.of(back.left(), there.right()));
                })
                .having(WAITS, BACK_PRESSURE, HALF_CLOSE, SHOWS_CUT));
    }

    @TestFactory
    Stream<DynamicTest> file(@TempDir Path folder) {
        return tests(ByteStreamContract.ofOneWay(() -> {
                    Path file = Files.createTempFile(folder, "contract", "");
                    return new ByteLink(FileSendStream.append(file), FileReceiveStream.open(file));
                })
                .knowing(Attribute.PATH));
    }

    @TestFactory
    @Tag("smoke")
    Stream<DynamicTest> memoryObjects() {
        return objects(ObjectStreamContract.of(() -> MemoryObjectStream.<String>pair(3), Integer::toString)
                .having(MEMORY));
    }

    @TestFactory
    Stream<DynamicTest> memoryObjectsWithoutRoom() {
        return objects(ObjectStreamContract.of(() -> MemoryObjectStream.<String>pair(0), Integer::toString)
                .having(MEMORY));
    }

    @TestFactory
    Stream<DynamicTest> stapledObjects() {
        return objects(ObjectStreamContract.of(
                        () -> {
                            StreamPair<MemoryObjectStream<String>> there = MemoryObjectStream.pair(1);
                            StreamPair<MemoryObjectStream<String>> back = MemoryObjectStream.pair(1);
                            return new StreamPair<ObjectStream<String>>(
                                    StapledObjectStream.of(there.left(), back.right()),
                                    StapledObjectStream.of(back.left(), there.right()));
                        },
                        Integer::toString)
                .having(WAITS, BACK_PRESSURE, HALF_CLOSE, SHOWS_CUT));
    }

    private static Stream<DynamicTest> objects(ObjectStreamContract<String> contract) {
        return contract.checks().stream().map(check -> DynamicTest.dynamicTest(check.name(), check::run));
    }
}
