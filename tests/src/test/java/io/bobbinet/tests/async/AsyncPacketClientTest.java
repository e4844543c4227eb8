package io.bobbinet.tests.async;

import static io.bobbinet.tests.async.Futures.LINES;
import static io.bobbinet.tests.async.Futures.failureOf;
import static io.bobbinet.tests.async.Futures.peer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.packet.Arrivals;
import io.bobbinet.packet.Arrivals.End;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketProtocolException;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteReceiveStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StapledByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an asynchronous client does with sends, receives, their futures and its end. */
@Timeout(30)
final class AsyncPacketClientTest {
    /** Small, so that a send soon waits. */
    private final StreamPair<MemoryByteStream> pair = MemoryByteStream.pair(16);

    private final WatchedStream stream = new WatchedStream(pair.left());
    private final AsyncPacketClient<String, String> client = AsyncPacketClient.over(stream, LINES);
    private final PacketClient<String, String> peer = peer(pair.right());

    /** Too long for the room that there is. */
    private static final String LONG = "long".repeat(10);

    @AfterEach
    void close() throws IOException {
        client.close();
        peer.close();
    }

    // -- order

    @Test
    @Tag("smoke")
    void sendsLeaveInTheOrderOfTheCalls() throws Exception {
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            sent.add(client.send("packet " + i));
        }
        for (int i = 0; i < 200; i++) {
            assertThat(peer.receive()).isEqualTo("packet " + i);
        }
        CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).get();
    }

    @Test
    @Tag("smoke")
    void receivesAreServedInTheOrderOfTheCalls() throws Exception {
        List<CompletableFuture<String>> received = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            received.add(client.receive());
        }
        for (int i = 0; i < 200; i++) {
            peer.send("packet " + i);
        }
        for (int i = 0; i < 200; i++) {
            assertThat(received.get(i).get()).isEqualTo("packet " + i);
        }
    }

    @Test
    void sendsAndReceivesDoNotWaitForEachOther() throws Exception {
        CompletableFuture<String> received = client.receive();
        stream.awaitReceiving();
        client.send("ping").get();
        assertThat(peer.receive()).isEqualTo("ping");
        CompletableFuture<Void> blocked = client.send(LONG);
        stream.awaitSending();
        peer.send("pong");
        assertThat(received.get()).isEqualTo("pong");
        assertThat(blocked).isNotDone();
        assertThat(peer.receive()).isEqualTo(LONG);
        blocked.get();
    }

    // -- futures that are completed from outside

    @Test
    @Tag("smoke")
    void aCancelledReceiveTakesNothingNotEvenPartOfAPacket() throws Exception {
        CompletableFuture<String> cut = client.receive();
        pair.right().send("hel".getBytes(UTF_8));
        stream.awaitReceiving();
        stream.awaitReceiving(); // for what follows "hel"
        assertThat(cut.cancel(true)).isTrue();
        CompletableFuture<String> next = client.receive();
        pair.right().send("lo\nworld\n".getBytes(UTF_8));
        assertThat(next.get()).isEqualTo("hello");
        assertThat(client.receive().get()).isEqualTo("world");
        assertThat(cut).isCancelled();
    }

    @Test
    void everyWayOfCompletingAReceiveCallsItOff() throws Exception {
        List<CompletableFuture<String>> futures = List.of(
                client.receive().orTimeout(1, TimeUnit.MILLISECONDS),
                client.receive().completeOnTimeout("instead", 1, TimeUnit.MILLISECONDS),
                client.receive().completeAsync(() -> "elsewhere"),
                client.receive(),
                client.receive());
        assertThat(futures.get(3).complete("by hand")).isTrue();
        assertThat(futures.get(4).completeExceptionally(new IOException("by hand")))
                .isTrue();
        assertThat(failureOf(futures.get(0))).isInstanceOf(TimeoutException.class);
        assertThat(futures.get(1).get()).isEqualTo("instead");
        assertThat(futures.get(2).get()).isEqualTo("elsewhere");
        assertThat(failureOf(futures.get(4))).hasMessage("by hand");
        peer.send("kept");
        assertThat(client.receive().get()).isEqualTo("kept");
    }

    @Test
    void aReceiveThatIsCancelledWhileItWaitsForItsTurnIsForgotten() throws Exception {
        CompletableFuture<String> first = client.receive();
        CompletableFuture<String> second = client.receive();
        CompletableFuture<String> third = client.receive();
        second.cancel(false);
        peer.send("one");
        peer.send("two");
        assertThat(first.get()).isEqualTo("one");
        assertThat(third.get()).isEqualTo("two");
    }

    @Test
    void aSendCancelledBeforeItsTurnSendsNothing() throws Exception {
        CompletableFuture<Void> blocked = client.send(LONG);
        stream.awaitSending();
        CompletableFuture<Void> never = client.send("never");
        CompletableFuture<Void> last = client.send("last");
        assertThat(never.cancel(true)).isTrue();
        assertThat(peer.receive()).isEqualTo(LONG);
        assertThat(peer.receive()).isEqualTo("last");
        CompletableFuture.allOf(blocked, last).get();
    }

    @Test
    void aSendCutInThePacketEndsTheSendingAndNotTheReceiving() throws Exception {
        CompletableFuture<Void> blocked = client.send(LONG);
        stream.awaitSending();
        blocked.cancel(true);
        assertThat(failureOf(client.send("x"))).isInstanceOf(BrokenResourceException.class);
        peer.send("still here");
        assertThat(client.receive().get()).isEqualTo("still here");
    }

    // -- limits

    @Test
    void aTimeLimitCoversTheWaitForEarlierReceives() throws Exception {
        VirtualTime.<Exception>run(time -> {
            StreamPair<MemoryByteStream> timedPair = MemoryByteStream.pair();
            WatchedStream watched = new WatchedStream(timedPair.left());
            try (var timed = AsyncPacketClient.over(watched, LINES);
                    var other = peer(timedPair.right())) {
                CompletableFuture<String> first = timed.receive();
                CompletableFuture<String> limited = timed.receive(Duration.ofSeconds(2));
                CompletableFuture<Arrivals<String>> all = timed.available(Duration.ofSeconds(3));
                watched.awaitReceiving();
                time.advance(Duration.ofSeconds(2));
                assertThat(failureOf(limited)).isInstanceOf(TimedOutException.class);
                assertThat(all).isNotDone();
                time.advance(Duration.ofSeconds(1));
                assertThat(all.get()).isEqualTo(new Arrivals<>(List.of(), End.NO_MORE, Optional.empty()));
                assertThat(first).isNotDone();
                other.send("for the first");
                assertThat(first.get()).isEqualTo("for the first");
            }
        });
    }

    @Test
    void aTimeLimitEndsTheReceiveThatIsUnderWay() throws Exception {
        VirtualTime.<Exception>run(time -> {
            StreamPair<MemoryByteStream> timedPair = MemoryByteStream.pair();
            WatchedStream watched = new WatchedStream(timedPair.left());
            try (var timed = AsyncPacketClient.over(watched, LINES);
                    var other = peer(timedPair.right())) {
                CompletableFuture<String> limited = timed.receive(Duration.ofMillis(1500));
                watched.awaitReceiving();
                time.advance(Duration.ofMillis(1500));
                assertThat(failureOf(limited))
                        .isInstanceOf(TimedOutException.class)
                        .hasMessageContaining("1.5s");
                other.send("later");
                assertThat(timed.receive(Duration.ofDays(1)).get()).isEqualTo("later");
                assertThat(time.pending()).isZero();
            }
        });
    }

    @Test
    void aLimitMayBeLongerThanAnyTime() throws Exception {
        CompletableFuture<String> received = client.receive(Duration.ofSeconds(Long.MAX_VALUE));
        peer.send("x");
        assertThat(received.get()).isEqualTo("x");
        assertThatThrownBy(() -> client.receive(Duration.ofNanos(-1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> client.available(Duration.ofNanos(-1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> client.send(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void withoutALimitToSpareThereIsWhatHasComeAndNobodyElseWaitsFor() throws Exception {
        assertThat(failureOf(client.receive(Duration.ZERO))).isInstanceOf(TimedOutException.class);
        peer.send("there");
        assertThat(client.receive(Duration.ZERO).get()).isEqualTo("there");
        CompletableFuture<String> waiting = client.receive();
        stream.awaitReceiving();
        assertThat(failureOf(client.receive(Duration.ZERO))).isInstanceOf(TimedOutException.class);
        assertThat(client.available().get().packets()).isEmpty();
        waiting.cancel(true);
        peer.send("again");
        assertThat(client.receive(Duration.ZERO).get()).isEqualTo("again");
    }

    @Test
    void whatIsAvailableTellsWhyThereIsNoMore() throws Exception {
        assertThat(client.available().get().end()).isEqualTo(End.NO_MORE);
        pair.right().send("a\nb\n".getBytes(UTF_8));
        assertThat(client.available().get().packets()).containsExactly("a", "b");
        pair.right().send(new byte[] {'c', '\n', (byte) 0xff, '\n', 'd', '\n'});
        Arrivals<String> bad = client.available().get();
        assertThat(bad.packets()).containsExactly("c");
        assertThat(bad.end()).isEqualTo(End.FAILED);
        assertThat(bad.failure().orElseThrow()).isInstanceOf(MalformedPacketException.class);
        peer.sendEof();
        Arrivals<String> last = client.available(Duration.ofDays(1)).get();
        assertThat(last.packets()).containsExactly("d");
        assertThat(last.end()).isEqualTo(End.END_OF_STREAM);
    }

    @Test
    void packetsOfACancelledCollectionGoToTheNextReceives() throws Exception {
        CompletableFuture<Arrivals<String>> collecting = client.available(Duration.ofDays(1));
        pair.right().send(new byte[] {'a', '\n', 'b', '\n'});
        stream.awaitReceiving();
        stream.awaitReceiving(); // it has both
        collecting.cancel(true);
        assertThat(client.receive().get()).isEqualTo("a");
        peer.send("c");
        assertThat(client.available(Duration.ofMillis(1)).get().packets()).startsWith("b");
    }

    @Test
    void packetsOfACollectionThatAnErrorEndsGoToTheNextReceives() throws Exception {
        AtomicBoolean crash = new AtomicBoolean();
        ByteStream crashing = StapledByteStream.of(pair.left(), new ByteReceiveStream() {
            @Override
            public int receive(ByteBuffer target) throws IOException {
                if (crash.getAndSet(false)) {
                    throw new InternalError("crash");
                }
                crash.set(true);
                return pair.left().receive(target);
            }

            @Override
            public void close() {
                // The other direction is.
            }
        });
        try (var crashed = AsyncPacketClient.over(crashing, LINES)) {
            peer.send("a");
            peer.send("b");
            assertThat(failureOf(crashed.available())).isInstanceOf(InternalError.class);
            assertThat(crashed.receive().get()).isEqualTo("a");
            assertThat(crashed.receive().get()).isEqualTo("b");
        }
    }

    @Test
    void atMostAThousandAreTakenAtOnce() throws Exception {
        StreamPair<MemoryByteStream> roomy = MemoryByteStream.pair();
        try (var many = AsyncPacketClient.over(roomy.left(), LINES);
                roomy) {
            roomy.right().send("x\n".repeat(PacketClient.MOST_AT_ONCE + 1).getBytes(UTF_8));
            Arrivals<String> full = many.available().get();
            assertThat(full.packets()).hasSize(PacketClient.MOST_AT_ONCE);
            assertThat(full.end()).isEqualTo(End.FULL);
            assertThat(many.available().get().packets()).hasSize(1);
        }
    }

    // -- failures

    @Test
    void aMalformedPacketFailsOneReceiveAndTheNextOneIsGood() throws Exception {
        pair.right().send(new byte[] {(byte) 0xff, '\n', 'o', 'k', '\n'});
        assertThat(failureOf(client.receive())).isInstanceOf(MalformedPacketException.class);
        assertThat(client.receive().get()).isEqualTo("ok");
    }

    @Test
    void aPacketThatTheCodecRefusesFailsItsSendAlone() throws Exception {
        CompletableFuture<Void> refused = client.send("two\nlines");
        CompletableFuture<Void> next = client.send("one line");
        assertThat(failureOf(refused)).isInstanceOf(IllegalArgumentException.class);
        next.get();
        assertThat(peer.receive()).isEqualTo("one line");
    }

    @Test
    void theEndOfTheStreamEndsEveryReceive() throws Exception {
        CompletableFuture<String> one = client.receive();
        CompletableFuture<String> two = client.receive();
        peer.sendEof();
        assertThat(failureOf(one)).isInstanceOf(EndOfStreamException.class);
        assertThat(failureOf(two)).isInstanceOf(EndOfStreamException.class);
        client.send("still").get();
        assertThat(peer.receive()).isEqualTo("still");
    }

    @Test
    void messagesNeedAUnixSocket() throws Exception {
        assertThat(failureOf(client.receiveMessage())).isInstanceOf(UnsupportedOperationException.class);
        assertThat(failureOf(client.sendMessage("x"))).isInstanceOf(UnsupportedOperationException.class);
        peer.send("not taken");
        assertThat(client.receive().get()).isEqualTo("not taken");
    }

    @Test
    void aCrashOfACodecFailsTheFutureAndIsToldToThoseThatFollow() throws Exception {
        StreamPair<MemoryByteStream> other = MemoryByteStream.pair();
        try (other;
                var crashing = AsyncPacketClient.over(other.left(), CrashingCodec.protocol())) {
            other.right().send(new byte[] {'!', '1'});
            assertThat(failureOf(crashing.receive())).isInstanceOf(PacketProtocolException.class);
            assertThat(failureOf(crashing.receive()))
                    .isInstanceOf(BrokenResourceException.class)
                    .hasRootCauseMessage("crashed");
            assertThat(failureOf(crashing.send('!'))).isInstanceOf(PacketProtocolException.class);
        }
    }

    // -- the end

    @Test
    void endingTheSendingWaitsForTheSendsBeforeIt() throws Exception {
        CompletableFuture<Void> sent = client.send(LONG);
        CompletableFuture<Void> ended = client.sendEof();
        stream.awaitSending();
        assertThat(ended).isNotDone();
        assertThat(peer.receive()).isEqualTo(LONG);
        assertThatThrownBy(peer::receive).isInstanceOf(EndOfStreamException.class);
        CompletableFuture.allOf(sent, ended, client.sendEof()).get();
        assertThat(failureOf(client.send("x"))).isInstanceOf(ClosedResourceException.class);
        peer.send("answer");
        assertThat(client.receive().get()).isEqualTo("answer");
    }

    @Test
    void closingFailsAllThatIsUnderWayOrWaiting() throws Exception {
        List<CompletableFuture<?>> all =
                List.of(client.send(LONG), client.send("x"), client.receive(), client.receive(), client.sendEof());
        stream.awaitSending();
        stream.awaitReceiving();
        client.close();
        for (CompletableFuture<?> future : all) {
            assertThat(failureOf(future)).isInstanceOf(ClosedResourceException.class);
        }
        assertThat(client.isClosed()).isTrue();
        assertThat(failureOf(client.send("x"))).isInstanceOf(ClosedResourceException.class);
        assertThat(failureOf(client.receive())).isInstanceOf(ClosedResourceException.class);
        client.close();
    }

    @Test
    void anOrderlyCloseLetsTheSendsOutAndThenFailsTheReceives() throws Exception {
        CompletableFuture<Void> sent = client.send(LONG);
        CompletableFuture<String> receiving = client.receive();
        stream.awaitSending();
        CompletableFuture<Void> closed = client.closeAsync();
        CompletableFuture<Void> again = client.closeAsync();
        assertThat(failureOf(client.send("refused"))).isInstanceOf(ClosedResourceException.class);
        assertThat(closed).isNotDone();
        assertThat(receiving).isNotDone();
        assertThat(peer.receive()).isEqualTo(LONG);
        CompletableFuture.allOf(sent, closed, again).get();
        assertThat(failureOf(receiving)).isInstanceOf(ClosedResourceException.class);
        assertThatThrownBy(peer::receive).isInstanceOf(EndOfStreamException.class);
        assertThat(stream.isClosed()).isTrue();
    }

    @Test
    void anOrderlyCloseThatIsCancelledClosesAtOnce() throws Exception {
        CompletableFuture<Void> sent = client.send(LONG);
        stream.awaitSending();
        CompletableFuture<Void> closed = client.closeAsync();
        assertThat(closed.cancel(true)).isTrue();
        assertThat(failureOf(sent)).isInstanceOf(ClosedResourceException.class);
        assertThat(stream.isClosed()).isTrue();
    }

    @Test
    void closingDoesNotBlockForAnInterrupt() throws Exception {
        CompletableFuture<String> receiving = client.receive();
        stream.awaitReceiving();
        Thread.currentThread().interrupt();
        client.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(failureOf(receiving)).isInstanceOf(ClosedResourceException.class);
    }

    @Test
    void anInterruptOfWhoWaitsForAFutureLeavesTheOperationAlone() throws Exception {
        CompletableFuture<String> receiving = client.receive();
        Thread.currentThread().interrupt();
        assertThatThrownBy(receiving::get).isInstanceOf(InterruptedException.class);
        peer.send("x");
        assertThat(receiving.get()).isEqualTo("x");
    }

    @Test
    void aClientWithNothingToDoHasNoThread() throws Exception {
        CompletableFuture<String> receiving = client.receive();
        Thread receiver = stream.awaitReceiving();
        assertThat(receiver.isVirtual()).isTrue();
        peer.send("x");
        receiving.get();
        client.send("y").get();
        assertThat(peer.receive()).isEqualTo("y");
        receiver.join();
        stream.sender().join();
    }
}
