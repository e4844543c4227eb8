package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.packet.Arrivals;
import io.bobbinet.packet.Arrivals.End;
import io.bobbinet.packet.Converter;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketProtocolException;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@OnEachBackend
@DisplayName("ArrivalsTest")
@Timeout(30)
final class ArrivalsTest {
    private static final StreamProtocol<String, String> LINES = StreamProtocol.of(LineCodec.LINES);

    @TempDir
    private Path folder;

    @AfterEach
    void noInterruptStatusLeaks() {
        assertThat(Thread.interrupted()).isFalse();
    }

    private interface Scenario {
        void run(PacketClient<String, String> client, ByteStream peer) throws Exception;
    }

    private void with(StreamKind kind, Scenario scenario) throws Exception {
        try (StreamPair<? extends ByteStream> pair = kind.open(folder);
                var client = PacketClient.over(pair.left(), LINES)) {
            scenario.run(client, pair.right());
        }
    }

    private static void send(ByteStream peer, String text) throws IOException {
        peer.send(text.getBytes(UTF_8));
    }

    private static void check(Arrivals<String> arrivals, End end, String... packets) {
        assertThat(arrivals.packets()).containsExactly(packets);
        assertThat(arrivals.end()).isEqualTo(end);
        assertThat(arrivals.failure().isPresent()).isEqualTo(end == End.FAILED);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("smoke")
    void areAllThatHasComeTheSystemsBuffersIncluded(StreamKind kind) throws Exception {
        with(kind, (client, peer) -> {
            check(client.available(), End.NO_MORE);
            send(peer, "one\n");
            send(peer, "two\nth");
            check(client.available(), End.NO_MORE, "one", "two");
            check(client.available(), End.NO_MORE);
            send(peer, "ree\n");
            check(client.available(), End.NO_MORE, "three");
        });
    }

    @ParameterizedTest
    @EnumSource
    void endWithTheStream(StreamKind kind) throws Exception {
        with(kind, (client, peer) -> {
            send(peer, "one\n");
            peer.sendEof();
            check(client.available(), End.END_OF_STREAM, "one");
            check(client.available(), End.END_OF_STREAM);
            check(client.available(ofSeconds(1000)), End.END_OF_STREAM);
        });
    }

    @Test
    void tellAnEndInsideOfAPacketFromOneBehindIt() throws Exception {
        with(StreamKind.TCP, (client, peer) -> {
            send(peer, "one\ntw");
            peer.sendEof();
            Arrivals<String> arrivals = client.available();
            check(arrivals, End.FAILED, "one");
            assertThat(arrivals.failure()).get().isExactlyInstanceOf(IncompleteReadException.class);
        });
    }

    @Test
    void tellAReset() throws Exception {
        with(StreamKind.UNIX, (client, peer) -> {
            send(peer, "one\n");
            client.send("never read");
            peer.close();
            Arrivals<String> arrivals = client.available();
            check(arrivals, End.FAILED, "one");
            assertThat(arrivals.failure()).get().isInstanceOf(BrokenResourceException.class);
        });
    }

    @Test
    void areNoneOfAClientThatIsClosed() throws Exception {
        with(StreamKind.TCP, (client, peer) -> {
            send(peer, "one\n");
            client.close();
            check(client.available(), End.CLOSED);
        });
    }

    @Test
    void endAtAMalformedPacketWhichIsToldAndGoOnBehindIt() throws Exception {
        with(StreamKind.MEMORY, (client, peer) -> {
            send(peer, "one\nbad\ntwo\ncrash\nthree\n");
            Arrivals<String> arrivals = client.available();
            check(arrivals, End.FAILED, "one");
            assertThat(arrivals.failure()).get().isInstanceOf(MalformedPacketException.class);
            arrivals = client.available();
            check(arrivals, End.FAILED, "two");
            assertThat(arrivals.failure()).get().isInstanceOf(PacketProtocolException.class);
            check(client.available(), End.NO_MORE, "three");
        });
    }

    @Test
    void areAtMostAThousand() throws Exception {
        with(StreamKind.MEMORY, (client, peer) -> {
            send(peer, "x\n".repeat(PacketClient.MOST_AT_ONCE + 7));
            Arrivals<String> arrivals = client.available();
            assertThat(arrivals.packets()).hasSize(PacketClient.MOST_AT_ONCE);
            assertThat(arrivals.end()).isEqualTo(End.FULL);
            assertThat(client.available().packets()).hasSize(7);
        });
    }

    @Test
    void cannotBeChanged() throws Exception {
        with(StreamKind.MEMORY, (client, peer) -> {
            send(peer, "x\n");
            assertThatThrownBy(() -> client.available().packets().clear())
                    .isInstanceOf(UnsupportedOperationException.class);
        });
    }

    @Test
    void areKeptFromTheCrashOfAStreamOfTheUsers() throws Exception {
        for (Throwable crash : List.of(new IllegalStateException("crash"), new InternalError("crash"))) {
            AtomicInteger receives = new AtomicInteger();
            try (StreamPair<? extends ByteStream> pair = StreamKind.MEMORY.open(folder)) {
                ByteStream crashing = new CountedStream(pair.left(), most -> {
                    if (receives.getAndIncrement() > 0) {
                        throwUnchecked(crash);
                    }
                    return most;
                });
                try (var client = PacketClient.over(crashing, StreamProtocol.of(LineCodec.LINES))) {
                    send(pair.right(), "one\ntwo\nthr");
                    Arrivals<String> arrivals = client.available();
                    check(arrivals, End.FAILED, "one", "two");
                    Exception failure = arrivals.failure().orElseThrow();
                    assertThat(Stream.of(failure, failure.getCause())).contains(crash);
                }
            }
        }
    }

    private static void throwUnchecked(Throwable crash) {
        if (crash instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) crash;
    }

    // -- with a budget

    @Test
    void withABudgetAreThoseThatComeWithinIt() throws Exception {
        withObserved((client, peer, decoded) -> VirtualTime.run(time -> TaskGroup.run(group -> {
            Task<Arrivals<String>> available = group.fork(() -> client.available(ofSeconds(10)));
            for (String packet : new String[] {"one\n", "two\n"}) {
                Blocked.await(available, "read");
                send(peer, packet);
                decoded.acquire();
                time.advance(ofSeconds(4));
            }
            send(peer, "thr");
            Blocked.await(available, "read");
            time.advance(ofSeconds(2));
            check(available.join(), End.NO_MORE, "one", "two");
            send(peer, "ee\n");
            check(client.available(), End.NO_MORE, "three");
        })));
    }

    private interface ObservedScenario {
        void run(PacketClient<String, String> client, ByteStream peer, Semaphore decoded) throws Exception;
    }

    /** With a permit for each packet that was decoded. */
    private void withObserved(ObservedScenario scenario) throws Exception {
        Semaphore decoded = new Semaphore(0);
        Converter<String, String> observed = Converter.of(text -> text, text -> {
            decoded.release();
            return text;
        });
        try (StreamPair<? extends ByteStream> pair = StreamKind.TCP.open(folder);
                var client = PacketClient.over(pair.left(), StreamProtocol.of(LineCodec.LINES.converted(observed)))) {
            scenario.run(client, pair.right(), decoded);
        }
    }

    @Test
    void aBudgetIsNotWaitedForWhenTheStreamEnds() throws Exception {
        with(
                StreamKind.TCP,
                (client, peer) -> TaskGroup.run(group -> {
                    Task<Arrivals<String>> available = group.fork(() -> client.available(ofSeconds(100_000)));
                    Blocked.await(available);
                    send(peer, "one\n");
                    Blocked.await(available, "read");
                    peer.sendEof();
                    check(available.join(), End.END_OF_STREAM, "one");
                }));
    }

    @Test
    void aCloseEndsTheWaitForTheBudget() throws Exception {
        with(
                StreamKind.TCP,
                (client, peer) -> TaskGroup.run(group -> {
                    Task<Arrivals<String>> available = group.fork(() -> client.available(ofSeconds(100_000)));
                    Blocked.await(available);
                    client.close();
                    check(available.join(), End.CLOSED);
                }));
    }

    @Test
    void aCancelLosesNoPacketsThatHaveBeenTaken() throws Exception {
        withObserved((client, peer, decoded) -> TaskGroup.run(group -> {
            MoveOnScope scope = CancelScope.create();
            Task<?> task = group.fork(() -> scope.run(() -> {
                check(client.available(ofSeconds(100_000)), End.NO_MORE, "one");
                assertThatThrownBy(client::receive).isInstanceOf(CancelledException.class);
            }));
            send(peer, "one\n");
            decoded.acquire();
            Blocked.await(task, "read");
            scope.cancel();
            task.join();
        }));
    }

    @Test
    void anInterruptByTheUserLosesNoneEither() throws Exception {
        with(StreamKind.MEMORY, (client, peer) -> {
            StreamProtocol<String, String> interrupting =
                    StreamProtocol.of(LineCodec.LINES.converted(Converter.<String, String>of(text -> text, text -> {
                        if (text.equals("two")) {
                            Thread.currentThread().interrupt();
                        }
                        return text;
                    })));
            try (var other = PacketClient.over(peer, interrupting)) {
                client.send("one");
                client.send("two");
                client.send("three");
                check(other.available(), End.NO_MORE, "one", "two");
                assertThat(Thread.interrupted()).isTrue();
                check(other.available(), End.NO_MORE, "three");
            }
        });
    }
}
