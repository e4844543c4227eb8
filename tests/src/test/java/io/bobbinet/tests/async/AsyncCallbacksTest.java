package io.bobbinet.tests.async;

import static io.bobbinet.tests.async.Futures.LINES;
import static io.bobbinet.tests.async.Futures.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.spi.TimeSource;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Backends;
import io.bobbinet.task.TimeSources;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On which threads the callbacks of futures run. */
@OnEachBackend
@DisplayName("AsyncCallbacksTest")
@Timeout(30)
final class AsyncCallbacksTest {
    private final StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
    private final WatchedStream stream = new WatchedStream(pair.left());
    private final PacketClient<String, String> peer = peer(pair.right());

    @AfterEach
    void close() throws IOException {
        peer.close();
        stream.close();
    }

    @Test
    @Tag("smoke")
    void aCallbackThatBlocksHoldsUpNobody() throws Exception {
        try (var client = AsyncPacketClient.over(stream, LINES)) {
            CompletableFuture<Void> release = new CompletableFuture<>();
            List<CompletableFuture<String>> blocked = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                blocked.add(client.receive().thenApply(packet -> {
                    release.join();
                    return packet;
                }));
            }
            CompletableFuture<String> last = client.receive();
            for (int i = 0; i < 11; i++) {
                peer.send("packet " + i);
            }
            assertThat(last.get()).isEqualTo("packet 10");
            client.send("and sending goes on").get();
            assertThat(blocked).noneMatch(CompletableFuture::isDone);
            release.complete(null);
            assertThat(blocked.get(9).get()).isEqualTo("packet 9");
        }
    }

    @Test
    void aCallbackMayReceiveTheNextPacketAndWaitForIt() throws Exception {
        try (var client = AsyncPacketClient.over(stream, LINES)) {
            CompletableFuture<String> both =
                    client.receive().thenApply(first -> first + client.receive().join());
            stream.awaitReceiving();
            peer.send("a");
            peer.send("b");
            assertThat(both.get()).isEqualTo("ab");
        }
    }

    @Test
    void allCallbacksRunOnTheGivenExecutorInTheOrderOfTheResults() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor(work -> new Thread(work, "callbacks"));
        try (executor;
                var client = AsyncPacketClient.over(stream, LINES, executor)) {
            List<String> seen = new CopyOnWriteArrayList<>();
            List<CompletableFuture<?>> all = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                all.add(client.receive()
                        .thenAccept(packet ->
                                seen.add(packet + Thread.currentThread().getName()))
                        .thenApplyAsync(
                                nothing -> seen.add(Thread.currentThread().getName()))
                        .thenApplyAsync(
                                nothing -> seen.add(Thread.currentThread().getName())));
            }
            for (int i = 0; i < 20; i++) {
                peer.send(i + " on ");
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get();
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                expected.add(i + " on callbacks");
            }
            assertThat(seen.stream().filter(s -> !s.equals("callbacks"))).containsExactlyElementsOf(expected);
            assertThat(seen).hasSize(60);
        }
    }

    @Test
    void anExecutorThatRefusesLosesNoResult() throws Exception {
        Executor refusing = task -> {
            throw new RejectedExecutionException("shut down");
        };
        try (var client = AsyncPacketClient.over(stream, LINES, refusing)) {
            CompletableFuture<String> received = client.receive();
            peer.send("x");
            assertThat(received.get()).isEqualTo("x");
        }
    }

    @Test
    void anExecutorMayRunCallbacksInPlace() throws Exception {
        try (var client = AsyncPacketClient.over(stream, LINES, Runnable::run)) {
            CompletableFuture<Thread> thread = client.receive().thenApply(packet -> Thread.currentThread());
            Thread receiver = stream.awaitReceiving();
            peer.send("x");
            assertThat(thread.get()).isSameAs(receiver);
        }
    }

    @Test
    void whatIsCertainCannotBeCancelledEvenIfItIsOnlyOnItsWay() throws Exception {
        List<Runnable> held = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> given = new CompletableFuture<>();
        Executor holding = task -> {
            held.add(task);
            given.complete(null);
        };
        try (var client = AsyncPacketClient.over(stream, LINES, holding)) {
            CompletableFuture<String> received = client.receive();
            peer.send("x");
            given.get();
            assertThat(received.cancel(true)).isFalse();
            assertThat(received.complete("y")).isFalse();
            assertThat(received).isNotDone();
            held.forEach(Runnable::run);
            assertThat(received).isCompletedWithValue("x");
        }
    }

    @Test
    void theBackendAndTheTimeInForceTravel() throws Exception {
        VirtualTime.<Exception>run(time -> {
            String backend = Backends.current().name();
            AsyncPacketClient<String, String> client = AsyncPacketClient.over(stream, LINES);
            record Seen(String backend, TimeSource time) {}
            try (client) {
                CompletableFuture<Seen> seen = new CompletableFuture<>();
                CountDownLatch asked = new CountDownLatch(1);
                Thread.ofPlatform().start(() -> {
                    CompletableFuture<String> received = client.receive();
                    received.thenRun(
                            () -> seen.complete(new Seen(Backends.current().name(), TimeSources.current())));
                    asked.countDown();
                });
                asked.await(); // a callback of a future that is complete would run over there
                peer.send("x");
                assertThat(seen.get()).isEqualTo(new Seen(backend, time));
            }
        });
    }

    @Test
    void anExecutorMustBeGivenOrNotAskedFor() {
        assertThatThrownBy(() -> AsyncPacketClient.over(stream, LINES, null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> AsyncPacketClient.over(stream, null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> AsyncPacketClient.of(null, LINES)).isInstanceOf(NullPointerException.class);
    }
}
