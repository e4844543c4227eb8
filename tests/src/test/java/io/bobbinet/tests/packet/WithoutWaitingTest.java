package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.Udp;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.ThreadKind;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@OnEachBackend(threads = {ThreadKind.PLATFORM, ThreadKind.TASK})
@DisplayName("WithoutWaitingTest")
@Timeout(30)
final class WithoutWaitingTest {
    @TempDir
    private Path folder;

    @AfterEach
    void noInterruptStatusLeaks() {
        assertThat(Thread.interrupted()).isFalse();
    }

    private interface Scenario {
        void run(ByteStream ours, ByteStream theirs) throws Exception;
    }

    private void with(StreamKind kind, Scenario scenario) throws Exception {
        try (StreamPair<? extends ByteStream> pair = kind.open(folder)) {
            scenario.run(pair.left(), pair.right());
        }
    }

    private static Optional<String> receiveNow(ByteStream stream) throws IOException {
        return CancelScope.withoutWaiting().call(() -> new String(stream.receive(64), UTF_8));
    }

    private static void send(ByteStream stream, String text) throws IOException {
        stream.send(text.getBytes(UTF_8));
    }

    // -- receiving

    @ParameterizedTest
    @EnumSource
    @Tag("smoke")
    void whatIsThereIsFoundAndNothingElseWaitedFor(StreamKind kind) throws Exception {
        with(kind, (ours, theirs) -> {
            for (int i = 0; i < 50; i++) {
                assertThat(receiveNow(ours)).isEmpty();
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
                send(theirs, "n" + i);
                assertThat(receiveNow(ours)).contains("n" + i);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void dataRightBehindAShortReadIsFound(StreamKind kind) throws Exception {
        with(kind, (ours, theirs) -> {
            for (int i = 0; i < 50; i++) {
                send(theirs, "short");
                assertThat(new String(ours.receive(64), UTF_8)).isEqualTo("short");
                send(theirs, "behind");
                assertThat(receiveNow(ours)).contains("behind");
                assertThat(receiveNow(ours)).isEmpty();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void dataAndTheEndThatCameTogetherAreFound(StreamKind kind) throws Exception {
        with(kind, (ours, theirs) -> {
            send(theirs, "last");
            theirs.sendEof();
            assertThat(receiveNow(ours)).contains("last");
            assertThatThrownBy(() -> receiveNow(ours)).isInstanceOf(EndOfStreamException.class);
        });
    }

    @ParameterizedTest
    @EnumSource
    void anAwaitOfDataTellsTheSame(StreamKind kind) throws Exception {
        with(kind, (ours, theirs) -> {
            assertThat(CancelScope.withoutWaiting().run(ours::awaitReceivable)).isFalse();
            send(theirs, "x");
            assertThat(CancelScope.withoutWaiting().run(ours::awaitReceivable)).isTrue();
            assertThat(receiveNow(ours)).contains("x");
            send(theirs, "y");
            assertThat(CancelScope.withoutWaiting().run(ours::awaitReceivable)).isTrue();
            assertThat(receiveNow(ours)).contains("y");
            assertThat(CancelScope.withoutWaiting().run(ours::awaitReceivable)).isFalse();
        });
    }

    @ParameterizedTest
    @EnumSource
    void aRefusedReceiveTakesNothingFromTheOneThatWaits(StreamKind kind) throws Exception {
        with(
                kind,
                (ours, theirs) -> TaskGroup.run(group -> {
                    assertThat(receiveNow(ours)).isEmpty();
                    Task<String> waits = group.fork(() -> new String(ours.receive(64), UTF_8));
                    Blocked.await(waits);
                    send(theirs, "later");
                    assertThat(waits.join()).isEqualTo("later");
                }));
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsLostHoweverLooksAndWaitsAreMixed(StreamKind kind) throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        with(
                kind,
                (ours, theirs) -> TaskGroup.run(group -> {
                    int total = 20_000;
                    group.fork(() -> {
                        for (int sent = 0; sent < total; ) {
                            byte[] part = new byte[Math.min(total - sent, 1 + random.nextInt(400))];
                            for (int i = 0; i < part.length; i++) {
                                part[i] = (byte) (sent + i);
                            }
                            theirs.send(part);
                            sent += part.length;
                        }
                    });
                    int received = 0;
                    while (received < total) {
                        int most = 1 + (received * 31 & 255);
                        boolean look = (received & 3) != 0;
                        byte[] part = look
                                ? CancelScope.withoutWaiting()
                                        .call(() -> ours.receive(most))
                                        .orElse(new byte[0])
                                : ours.receive(most);
                        for (byte b : part) {
                            assertThat(b).as("seed %d", seed).isEqualTo((byte) received);
                            received++;
                        }
                        if (part.length == 0) {
                            ours.awaitReceivable();
                        }
                    }
                }));
    }

    // -- sending

    @Test
    void aSendThatFindsRoomGoesOut() throws Exception {
        with(StreamKind.TCP, (ours, theirs) -> {
            assertThat(CancelScope.withoutWaiting().run(() -> send(ours, "x"))).isTrue();
            assertThat(theirs.receive(8)).hasSize(1);
        });
    }

    @Test
    void aSendThatFindsRoomForAPartIsCutOff() throws Exception {
        with(StreamKind.TCP, (ours, theirs) -> {
            ByteBuffer large = ByteBuffer.allocate(64 << 20);
            assertThat(CancelScope.withoutWaiting().run(() -> ours.send(large))).isFalse();
            assertThat(large.position()).isPositive();
            assertThatThrownBy(() -> send(ours, "x"))
                    .isInstanceOf(BrokenResourceException.class)
                    .hasMessageContaining(large.position() + " of its");
        });
    }

    // -- other calls

    @Test
    void anAcceptTakesAConnectionThatHasCome() throws Exception {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
            assertThat(CancelScope.withoutWaiting().call(listener::accept)).isEmpty();
            try (ByteStream client =
                    Tcp.connect("127.0.0.1", listener.localAddress().getPort())) {
                assertThat(client.find(SocketAttributes.SOCKET)).isPresent();
                Optional<? extends ByteStream> accepted =
                        CancelScope.withoutWaiting().call(listener::accept);
                assertThat(accepted).isPresent();
                accepted.orElseThrow().close();
            }
            assertThat(CancelScope.withoutWaiting().call(listener::accept)).isEmpty();
        }
    }

    @Test
    void aDatagramThatHasComeIsFound() throws Exception {
        try (var ours = Udp.bind("127.0.0.1", 0);
                var theirs = Udp.connect("127.0.0.1", ours.localAddress().getPort())) {
            for (int i = 0; i < 20; i++) {
                assertThat(CancelScope.withoutWaiting().call(ours::receive)).isEmpty();
                theirs.send(ByteBuffer.wrap(new byte[i]));
                assertThat(CancelScope.withoutWaiting().call(ours::receive))
                        .hasValueSatisfying(
                                datagram -> assertThat(datagram.data()).isNotNull());
            }
        }
    }

    @Test
    void aSleepIsRefusedAndOneOfNoTimeIsNot() throws IOException {
        assertThat(CancelScope.withoutWaiting().run(() -> CancelScope.sleep(ofSeconds(9))))
                .isFalse();
        assertThat(CancelScope.withoutWaiting().run(() -> CancelScope.sleep(ofSeconds(0))))
                .isTrue();
    }

    @Test
    void aCloseMayWaitAndRefusesNothing() throws Exception {
        with(StreamKind.TCP, (ours, theirs) -> {
            assertThat(receiveNow(ours)).isEmpty(); // registers it with the poller, from which a close parts it
            MoveOnScope scope = CancelScope.withoutWaiting();
            assertThat(scope.run(ours::close)).isTrue();
            assertThat(scope.isCancelled()).isFalse();
        });
    }

    // -- among other scopes and tasks

    @Test
    void tasksInsideTakeWhatIsThereToo() throws Exception {
        try (var one = MemoryByteStream.pair();
                var two = MemoryByteStream.pair()) {
            for (int i = 0; i < 200; i++) {
                send(one.right(), "one");
                send(two.right(), "two");
                Optional<String> both = CancelScope.withoutWaiting().call(() -> bothOf(one.left(), two.left()));
                assertThat(both).contains("onetwo");
            }
            send(one.right(), "one");
            assertThat(CancelScope.withoutWaiting().call(() -> bothOf(one.left(), two.left())))
                    .isEmpty();
        }
    }

    private static String bothOf(ByteStream one, ByteStream two) throws IOException {
        StringBuffer both = new StringBuffer();
        return TaskGroup.<String, IOException>call(group -> {
            TaskGroup.run(inner -> {
                inner.fork(() -> {
                    both.insert(0, new String(one.receive(8), UTF_8));
                });
                inner.fork(() -> {
                    both.append(new String(two.receive(8), UTF_8));
                });
            });
            return both.toString();
        });
    }

    @Test
    void anInnerScopePassesItOn() throws Exception {
        with(StreamKind.MEMORY, (ours, theirs) -> {
            MoveOnScope outer = CancelScope.withoutWaiting();
            MoveOnScope inner = CancelScope.moveOnAfter(ofSeconds(60));
            assertThat(outer.run(() -> inner.run(() -> ours.receive(1)))).isFalse();
            assertThat(inner.isCancelled()).isFalse();
            assertThat(CancelScope.withoutWaiting()
                            .call(() -> CancelScope.failAfter(ofSeconds(60)).call(() -> ours.receive(1))))
                    .isEmpty();
        });
    }

    @Test
    void theInnermostRefusesAndTheOuterOneGoesOn() throws Exception {
        with(StreamKind.MEMORY, (ours, theirs) -> {
            MoveOnScope outer = CancelScope.withoutWaiting();
            assertThat(outer.run(() -> assertThat(receiveNow(ours)).isEmpty())).isTrue();
            assertThat(outer.isCancelled()).isFalse();
        });
    }

    @Test
    void aWaitInAShieldGoesOn() throws Exception {
        with(
                StreamKind.TCP,
                (ours, theirs) -> TaskGroup.run(group -> {
                    MoveOnScope scope = CancelScope.withoutWaiting();
                    Task<Optional<String>> shielded = group.fork(() -> scope.call(() -> {
                        byte[] first = CancelScope.shielded()
                                .call(() -> ours.receive(8))
                                .orElseThrow();
                        return new String(first, UTF_8);
                    }));
                    Blocked.await(shielded);
                    assertThat(scope.isCancelled()).isFalse();
                    send(theirs, "x");
                    assertThat(shielded.join()).contains("x");
                }));
    }

    @Test
    void outsideOfItWaitsGoOn() throws Exception {
        with(
                StreamKind.TCP,
                (ours, theirs) -> TaskGroup.run(group -> {
                    Task<?> task = group.fork(() -> {
                        assertThat(receiveNow(ours)).isEmpty();
                        assertThat(ours.receive(8)).hasSize(1);
                    });
                    Blocked.await(task);
                    send(theirs, "x");
                    task.join();
                }));
    }

    @Test
    void anOuterCancelLeavesIt() throws Exception {
        with(StreamKind.TCP, (ours, theirs) -> {
            send(theirs, "x");
            MoveOnScope outer = CancelScope.create();
            outer.cancel();
            assertThat(outer.run(
                            () -> assertThatThrownBy(() -> receiveNow(ours)).isInstanceOf(CancelledException.class)))
                    .isTrue();
            assertThat(receiveNow(ours)).contains("x");
        });
    }

    @Test
    void anInterruptByTheUserLeavesItAndStays() throws Exception {
        with(StreamKind.TCP, (ours, theirs) -> {
            send(theirs, "x");
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> receiveNow(ours)).isExactlyInstanceOf(InterruptedIOException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(receiveNow(ours)).contains("x");
        });
    }
}
