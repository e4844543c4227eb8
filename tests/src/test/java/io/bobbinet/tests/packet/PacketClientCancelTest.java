package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls that are cut short, wherever they are. */
@OnEachBackend
@DisplayName("PacketClientCancelTest")
@Timeout(30)
final class PacketClientCancelTest {
    private static final StreamProtocol<String, String> LINES = StreamProtocol.of(LineCodec.LINES);
    private static final String LARGE = "x".repeat(8 << 20);

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

    // -- receives

    @ParameterizedTest
    @EnumSource
    @Tag("smoke")
    void aReceiveWhoseTimeIsOverKeepsTheBytesItHas(StreamKind kind) throws Exception {
        with(
                kind,
                (client, peer) -> VirtualTime.run(time -> TaskGroup.run(group -> {
                    send(peer, "o");
                    for (String part : List.of("n", "e", "\n")) {
                        Task<?> receive = group.fork(() -> assertThatThrownBy(() -> client.receive(ofMillis(400)))
                                .isExactlyInstanceOf(TimedOutException.class)
                                .hasMessageContaining("receiving a packet"));
                        Blocked.await(receive);
                        time.advance(ofMillis(400));
                        receive.join();
                        send(peer, part);
                    }
                    assertThat(client.receive(ofMillis(400))).isEqualTo("one");
                })));
    }

    @Test
    void theTimeIsThatOfTheWholeCallHoweverManyPartsComeMeanwhile() throws Exception {
        with(
                StreamKind.TCP,
                (client, peer) -> VirtualTime.run(time -> TaskGroup.run(group -> {
                    Task<?> receive = group.fork(() -> assertThatThrownBy(() -> client.receive(ofMillis(400)))
                            .isExactlyInstanceOf(TimedOutException.class));
                    for (int i = 0; i < 4; i++) {
                        Blocked.await(receive, "read");
                        send(peer, "abcd".substring(i, i + 1));
                        time.advance(ofMillis(100));
                    }
                    receive.join();
                    send(peer, "\n");
                    assertThat(client.receive()).isEqualTo("abcd");
                })));
    }

    @ParameterizedTest
    @EnumSource
    void withNoTimeAtAllAPacketIsReceivedThatIsThere(StreamKind kind) throws Exception {
        with(kind, (client, peer) -> {
            assertThatThrownBy(() -> client.receive(ZERO)).isExactlyInstanceOf(TimedOutException.class);
            send(peer, "one\ntwo\nthr");
            assertThat(client.receive(ZERO)).isEqualTo("one");
            assertThat(client.receive(ZERO)).isEqualTo("two");
            assertThatThrownBy(() -> client.receive(ZERO)).isExactlyInstanceOf(TimedOutException.class);
            send(peer, "ee\n");
            assertThat(client.receive(ZERO)).isEqualTo("three");
        });
    }

    @Test
    void aNegativeTimeIsRefusedFirstOfAll() throws Exception {
        with(StreamKind.MEMORY, (client, peer) -> {
            client.close();
            assertThatThrownBy(() -> client.receive(ofMillis(-1))).isExactlyInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> client.available(ofMillis(-1)))
                    .isExactlyInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> client.receive(ofSeconds(1))).isExactlyInstanceOf(ClosedResourceException.class);
        });
    }

    @Test
    void aTimeOfAgesIsAsGoodAsNone() throws Exception {
        with(StreamKind.MEMORY, (client, peer) -> {
            send(peer, "one\n");
            assertThat(client.receive(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo("one");
        });
    }

    @ParameterizedTest
    @EnumSource
    void aCancelledReceiveHasTakenNothing(StreamKind kind) throws Exception {
        with(
                kind,
                (client, peer) -> TaskGroup.run(group -> {
                    for (String part : List.of("on", "e\ntw", "o\n")) {
                        MoveOnScope scope = CancelScope.create();
                        Task<Boolean> receive = group.fork(() -> scope.run(() -> {
                            List<String> got = new ArrayList<>();
                            client.<RuntimeException>forEach(got::add);
                        }));
                        Blocked.await(receive);
                        scope.cancel();
                        assertThat(receive.join()).isFalse();
                        send(peer, part);
                        if (part.startsWith("e")) {
                            assertThat(client.receive()).isEqualTo("one");
                        }
                    }
                    assertThat(client.receive()).isEqualTo("two");
                }));
    }

    @Test
    void aReceiveInACancelledScopeTakesNothingThatIsThere() throws Exception {
        with(StreamKind.TCP, (client, peer) -> {
            send(peer, "one\ntwo\n");
            assertThat(client.receive()).isEqualTo("one");
            MoveOnScope scope = CancelScope.create();
            scope.cancel();
            scope.run(() -> {
                assertThatThrownBy(client::receive).isInstanceOf(CancelledException.class);
                assertThatThrownBy(client::available).isInstanceOf(CancelledException.class);
                assertThatThrownBy(() -> client.receive(ZERO)).isInstanceOf(CancelledException.class);
                assertThatThrownBy(() -> client.send("x")).isInstanceOf(CancelledException.class);
                assertThatThrownBy(client::sendEof).isInstanceOf(CancelledException.class);
            });
            assertThat(client.receive()).isEqualTo("two");
            client.send("x");
            assertThat(peer.receive()).hasSize(2);
        });
    }

    @Test
    void anInterruptByTheUserEndsTheCallAndStays() throws Exception {
        with(StreamKind.TCP, (client, peer) -> {
            send(peer, "one\ntw");
            assertThat(client.receive()).isEqualTo("one");
            Thread.currentThread().interrupt();
            assertThatThrownBy(client::receive).isExactlyInstanceOf(InterruptedIOException.class);
            assertThatThrownBy(client::available).isExactlyInstanceOf(InterruptedIOException.class);
            assertThatThrownBy(() -> client.receive(ZERO)).isExactlyInstanceOf(InterruptedIOException.class);
            assertThatThrownBy(() -> client.send("x")).isExactlyInstanceOf(InterruptedIOException.class);
            assertThat(Thread.interrupted()).isTrue();
            send(peer, "o\n");
            assertThat(client.receive()).isEqualTo("two");
        });
    }

    @Test
    void whoIsCutShortInTheQueueLeavesItToTheOthers() throws Exception {
        with(
                StreamKind.MEMORY,
                (client, peer) -> VirtualTime.run(time -> TaskGroup.run(group -> {
                    Task<String> first = group.fork(() -> client.receive());
                    Blocked.await(first);
                    Task<?> timedOut = group.fork(() -> assertThatThrownBy(() -> client.receive(ofSeconds(1)))
                            .isExactlyInstanceOf(TimedOutException.class));
                    Blocked.await(timedOut);
                    MoveOnScope scope = CancelScope.create();
                    Task<Boolean> cancelled = group.fork(() -> scope.run(() -> client.receive()));
                    Blocked.await(cancelled);
                    Task<String> last = group.fork(() -> client.receive());
                    Blocked.await(last);
                    time.advance(ofSeconds(1));
                    timedOut.join();
                    scope.cancel();
                    assertThat(cancelled.join()).isFalse();
                    send(peer, "one\ntwo\n");
                    assertThat(first.join()).isEqualTo("one");
                    assertThat(last.join()).isEqualTo("two");
                })));
    }

    @Test
    void whoMayNotWaitDoesNotQueue() throws Exception {
        with(
                StreamKind.MEMORY,
                (client, peer) -> TaskGroup.run(group -> {
                    Task<String> first = group.fork(() -> client.receive());
                    Blocked.await(first);
                    assertThatThrownBy(() -> client.receive(ZERO)).isExactlyInstanceOf(TimedOutException.class);
                    assertThat(client.available().packets()).isEmpty();
                    send(peer, "one\n");
                    assertThat(first.join()).isEqualTo("one");
                }));
    }

    @Test
    void aReceiveCutShortWhileItDiscardsGoesOnDiscarding() throws Exception {
        with(
                StreamKind.MEMORY,
                (client, peer) -> VirtualTime.run(time -> TaskGroup.run(group -> {
                    send(peer, "y".repeat(150));
                    assertThatThrownBy(client::receive).isInstanceOf(MalformedPacketException.class);
                    for (int i = 0; i < 3; i++) {
                        Task<?> receive = group.fork(() -> assertThatThrownBy(() -> client.receive(ofSeconds(1)))
                                .isExactlyInstanceOf(TimedOutException.class));
                        Blocked.await(receive);
                        send(peer, "z".repeat(150));
                        Blocked.await(receive);
                        time.advance(ofSeconds(1));
                        receive.join();
                    }
                    send(peer, "z\ngood\n");
                    assertThat(client.receive()).isEqualTo("good");
                })));
    }

    // -- sends

    @Test
    void aSendThatIsCutOffInItsMiddleEndsTheSendingAlone() throws Exception {
        with(
                StreamKind.TCP,
                (client, peer) -> TaskGroup.run(group -> {
                    MoveOnScope scope = CancelScope.create();
                    Task<Boolean> send = group.fork(() -> scope.run(() -> client.send(LARGE)));
                    Blocked.await(send);
                    Task<?> next = group.fork(() -> assertThatThrownBy(() -> client.send("next"))
                            .isInstanceOf(BrokenResourceException.class)
                            .hasMessageContaining("of its " + (LARGE.length() + 1) + " bytes"));
                    Blocked.await(next);
                    scope.cancel();
                    assertThat(send.join()).isFalse();
                    next.join();
                    assertThatThrownBy(client::sendEof).isInstanceOf(BrokenResourceException.class);
                    send(peer, "one\n");
                    assertThat(client.receive()).isEqualTo("one");
                }));
    }

    @Test
    void aSendThatIsCutShortInTheQueueHasSentNothing() throws Exception {
        with(
                StreamKind.TCP,
                (client, peer) -> VirtualTime.run(time -> TaskGroup.run(group -> {
                    Task<?> large = group.fork(() -> client.send(LARGE));
                    Blocked.await(large);
                    Task<?> small = group.fork(() -> assertThatThrownBy(
                                    () -> CancelScope.failAfter(ofSeconds(1)).run(() -> client.send("small")))
                            .isExactlyInstanceOf(TimedOutException.class));
                    Blocked.await(small);
                    assertThat(CancelScope.withoutWaiting().run(() -> client.send("small")))
                            .isFalse();
                    time.advance(ofSeconds(1));
                    small.join();
                    Task<Integer> received = group.fork(() -> {
                        int count = 0;
                        while (count < LARGE.length() + 1) {
                            count += peer.receive().length;
                        }
                        return count;
                    });
                    assertThat(received.join()).isEqualTo(LARGE.length() + 1);
                    large.join();
                    client.send("after");
                    assertThat(peer.receive()).isEqualTo("after\n".getBytes(UTF_8));
                })));
    }

    // -- the close

    @ParameterizedTest
    @EnumSource
    void aCloseEndsAllWhoReceiveOrQueueForIt(StreamKind kind) throws Exception {
        with(
                kind,
                (client, peer) -> TaskGroup.run(group -> {
                    send(peer, "par");
                    List<Task<?>> tasks = new ArrayList<>();
                    for (int i = 0; i < 3; i++) {
                        tasks.add(group.fork(() -> assertThatThrownBy(client::receive)
                                .isExactlyInstanceOf(ClosedResourceException.class)));
                        Blocked.await(tasks.getLast());
                    }
                    client.close();
                    for (Task<?> task : tasks) {
                        task.join();
                    }
                }));
    }

    @Test
    void aCloseEndsAllWhoSendOrQueueForItAndDoesNotWaitForThem() throws Exception {
        with(
                StreamKind.TCP,
                (client, peer) -> TaskGroup.run(group -> {
                    List<Task<?>> tasks = new ArrayList<>();
                    for (int i = 0; i < 3; i++) {
                        tasks.add(group.fork(() -> assertThatThrownBy(() -> client.send(LARGE))
                                .isExactlyInstanceOf(ClosedResourceException.class)));
                        Blocked.await(tasks.getLast());
                    }
                    Task<?> eof = group.fork(() ->
                            assertThatThrownBy(client::sendEof).isExactlyInstanceOf(ClosedResourceException.class));
                    Blocked.await(eof);
                    client.close();
                    for (Task<?> task : tasks) {
                        task.join();
                    }
                    eof.join();
                }));
    }

    @Test
    void aCloseInACancelledScopeOrAnInterruptedThreadCloses() throws Exception {
        with(StreamKind.TCP, (client, peer) -> {
            MoveOnScope scope = CancelScope.create();
            scope.cancel();
            scope.run(client::close);
            assertThatThrownBy(() -> peer.receive()).isInstanceOf(IOException.class);
        });
        with(StreamKind.TCP, (client, peer) -> {
            Thread.currentThread().interrupt();
            client.close();
            assertThat(Thread.interrupted()).isTrue();
            assertThatThrownBy(() -> peer.receive()).isInstanceOf(IOException.class);
        });
    }

    @Test
    void isClosedIsToldDuringASend() throws Exception {
        try (StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
                var client = PacketClient.over(pair.left(), LINES)) {
            TaskGroup.run(group -> {
                Task<?> send = group.fork(() -> client.send(LARGE));
                Blocked.await(send);
                assertThat(client.isClosed()).isFalse();
                send.cancel();
            });
        }
    }
}
