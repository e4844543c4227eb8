package io.bobbinet.tests.async;

import static io.bobbinet.tests.async.Futures.LINES;
import static io.bobbinet.tests.async.Futures.failureOf;
import static io.bobbinet.tests.async.Futures.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.packet.Arrivals;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.Connector;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.NotYetConnectedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How an asynchronous client comes to its connection. */
@Timeout(30)
final class AsyncConnectTest {
    private final HeldConnector connector = new HeldConnector();
    private final AsyncPacketClient<String, String> client = AsyncPacketClient.of(connector, LINES);

    @Test
    void makingAClientDoesNothing() throws IOException {
        assertThat(client.isConnected()).isFalse();
        assertThat(client.isClosed()).isFalse();
        client.close();
        assertThat(connector.attempts()).isZero();
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void beforeTheConnectionNothingIsKnownOfTheSocket() throws Exception {
        assertNothingIsKnown();
        CompletableFuture<Void> connecting = client.connect();
        HeldConnector.Attempt attempt = connector.next();
        assertNothingIsKnown();
        assertThat(client.isClosed()).isFalse();
        attempt.end().complete(MemoryByteStream.pair().left());
        connecting.get();
        assertThat(client.isConnected()).isTrue();
        assertThatThrownBy(client::localAddress).isInstanceOf(UnsupportedOperationException.class);
        client.close();
    }

    private void assertNothingIsKnown() {
        assertThat(client.isConnected()).isFalse();
        assertThatThrownBy(client::localAddress).isInstanceOf(NotYetConnectedException.class);
        assertThatThrownBy(client::peerAddress).isInstanceOf(NotYetConnectedException.class);
        assertThatThrownBy(client::peerCredentials).isInstanceOf(NotYetConnectedException.class);
        assertThatThrownBy(client::socket).isInstanceOf(NotYetConnectedException.class);
        assertThatThrownBy(() -> client.find(Attribute.REMOTE_HOST)).isInstanceOf(NotYetConnectedException.class);
    }

    @Test
    @Tag("smoke")
    void whoeverConnectsAtTheSameTimeSharesOneConnection() throws Exception {
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
        List<CompletableFuture<?>> all = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                CompletableFuture<Void> begun = new CompletableFuture<>();
                all.add(begun);
                threads.execute(() -> client.connect().whenComplete((nothing, e) -> begun.complete(nothing)));
            }
        }
        all.add(client.send("first"));
        connector.next().end().complete(pair.left());
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get();
        assertThat(client.connect()).isCompleted();
        assertThat(connector.attempts()).isEqualTo(1);
        assertThat(peer(pair.right()).receive()).isEqualTo("first");
        client.close();
    }

    @Test
    void theFirstSendOrReceiveConnects() throws Exception {
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
        CompletableFuture<String> received = client.receive();
        connector.next().end().complete(pair.left());
        peer(pair.right()).send("hello");
        assertThat(received.get()).isEqualTo("hello");
        client.close();

        StreamPair<MemoryByteStream> other = MemoryByteStream.pair();
        try (var sender = AsyncPacketClient.of(connector, LINES)) {
            CompletableFuture<Void> sent = sender.send("hello");
            connector.next().end().complete(other.left());
            sent.get();
            assertThat(peer(other.right()).receive()).isEqualTo("hello");
        }
    }

    @Test
    @Tag("smoke")
    void afterAFailureTheNextOneTriesAgain() throws Exception {
        CompletableFuture<Void> connecting = client.connect();
        CompletableFuture<Void> sending = client.send("lost");
        ConnectException refused = new ConnectException("refused");
        connector.next().end().completeExceptionally(refused);
        assertThat(failureOf(connecting)).isSameAs(refused);
        assertThat(failureOf(sending)).isSameAs(refused);
        assertThat(client.isConnected()).isFalse();
        assertThat(client.isClosed()).isFalse();

        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
        CompletableFuture<Void> again = client.send("sent");
        connector.next().end().complete(pair.left());
        again.get();
        assertThat(peer(pair.right()).receive()).isEqualTo("sent");
        client.close();
    }

    @Test
    void afterACancellationTheNextOneTriesAgain() throws Exception {
        CompletableFuture<Void> connecting = client.connect();
        HeldConnector.Attempt first = connector.next();
        assertThat(connecting.cancel(true)).isTrue();
        first.cancelled().get();

        CompletableFuture<Void> again = client.connect();
        connector.next().end().complete(MemoryByteStream.pair().left());
        again.get();
        assertThat(connecting).isCancelled();
        client.close();
    }

    @Test
    void aTimeLimitEndsConnecting() throws Exception {
        CompletableFuture<Void> connecting = client.connect().orTimeout(1, TimeUnit.MILLISECONDS);
        connector.next().cancelled().get();
        assertThat(failureOf(connecting)).isInstanceOf(TimeoutException.class);
        assertThat(client.isConnected()).isFalse();
        client.close();
    }

    @Test
    void whoLeavesDoesNotEndItForTheOthers() throws Exception {
        CompletableFuture<Void> one = client.connect();
        CompletableFuture<String> other = client.receive();
        HeldConnector.Attempt attempt = connector.next();
        one.cancel(true);
        assertThat(attempt.cancelled()).isNotDone();
        other.cancel(true);
        attempt.cancelled().get();
        assertThat(connector.attempts()).isEqualTo(1);
        client.close();
    }

    @Test
    void aConnectionThatComesTooLateIsClosed() throws Exception {
        WatchedStream late = new WatchedStream(MemoryByteStream.pair().left());
        CompletableFuture<Void> came = new CompletableFuture<>();
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        // Does not look at interrupts, as a system call may be that is done already.
        var deaf = AsyncPacketClient.of(connectorOf(late, came, goOn), LINES);
        CompletableFuture<Void> connecting = deaf.connect();
        came.get();
        connecting.cancel(true);
        goOn.complete(null);
        deaf.close();
        late.awaitClosed();
        assertThat(deaf.isConnected()).isFalse();
    }

    private static Connector<ByteStream> connectorOf(
            ByteStream stream, CompletableFuture<Void> came, CompletableFuture<Void> goOn) {
        return new Connector<>() {
            @Override
            public ByteStream connect() {
                came.complete(null);
                goOn.join();
                return stream;
            }

            @Override
            public <T> Optional<T> find(Attribute<T> attribute) {
                return Optional.empty();
            }
        };
    }

    @Test
    void closedBeforeConnectingNothingEverConnects() throws Exception {
        client.close();
        assertThat(failureOf(client.connect())).isInstanceOf(ClosedResourceException.class);
        assertThat(failureOf(client.send("x"))).isInstanceOf(ClosedResourceException.class);
        assertThat(failureOf(client.sendEof())).isInstanceOf(ClosedResourceException.class);
        assertThat(failureOf(client.receive())).isInstanceOf(ClosedResourceException.class);
        assertThat(failureOf(client.receive(Duration.ZERO))).isInstanceOf(ClosedResourceException.class);
        assertThat(client.available().get().end()).isEqualTo(Arrivals.End.CLOSED);
        assertThat(client.available(Duration.ofDays(1)).get().end()).isEqualTo(Arrivals.End.CLOSED);
        assertThat(client.closeAsync()).isCompleted();
        client.close();
        assertThat(connector.attempts()).isZero();
    }

    @Test
    void closedWhileConnectingAllWhoWaitFail() throws Exception {
        CompletableFuture<Void> connecting = client.connect();
        CompletableFuture<Void> sending = client.send("x");
        CompletableFuture<String> receiving = client.receive();
        HeldConnector.Attempt attempt = connector.next();
        client.close();
        attempt.cancelled().get();
        assertThat(failureOf(connecting)).isInstanceOf(ClosedResourceException.class);
        assertThat(failureOf(sending)).isInstanceOf(ClosedResourceException.class);
        assertThat(failureOf(receiving)).isInstanceOf(ClosedResourceException.class);
        assertThat(failureOf(client.connect())).isInstanceOf(ClosedResourceException.class);
        assertThat(connector.attempts()).isEqualTo(1);
    }

    @Test
    void anOrderlyCloseDoesNotWaitForAConnection() throws Exception {
        CompletableFuture<Void> sending = client.send("x");
        HeldConnector.Attempt attempt = connector.next();
        assertThat(client.closeAsync()).isCompleted();
        attempt.cancelled().get();
        assertThat(failureOf(sending)).isInstanceOf(ClosedResourceException.class);
    }

    @Test
    void anAdoptedStreamIsConnectedAndClosedEvenIfItWasNeverUsed() throws Exception {
        WatchedStream stream = new WatchedStream(MemoryByteStream.pair().left());
        AsyncPacketClient<String, String> adopted = AsyncPacketClient.over(stream, LINES);
        assertThat(adopted.isConnected()).isTrue();
        assertThat(adopted.connect()).isCompleted();
        adopted.close();
        assertThat(stream.isClosed()).isTrue();
        assertThat(failureOf(adopted.connect())).isInstanceOf(ClosedResourceException.class);

        WatchedStream other = new WatchedStream(MemoryByteStream.pair().left());
        AsyncPacketClient.over(other, LINES).closeAsync().get();
        assertThat(other.isClosed()).isTrue();
    }

    @Test
    void aLimitOfAReceiveIncludesConnectingAndDoesNotEndIt() throws Exception {
        VirtualTime.<Exception>run(time -> {
            try (var timed = AsyncPacketClient.of(connector, LINES)) {
                CompletableFuture<String> receiving = timed.receive(Duration.ofSeconds(1));
                CompletableFuture<Arrivals<String>> available = timed.available(Duration.ofSeconds(1));
                HeldConnector.Attempt attempt = connector.next();
                time.advance(Duration.ofSeconds(1));
                assertThat(failureOf(receiving)).isInstanceOf(TimedOutException.class);
                assertThat(available.get().end()).isEqualTo(Arrivals.End.NO_MORE);

                StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
                CompletableFuture<String> next = timed.receive();
                attempt.end().complete(pair.left());
                peer(pair.right()).send("late");
                assertThat(next.get()).isEqualTo("late");
                assertThat(connector.attempts()).isEqualTo(1);
            }
        });
    }

    @Test
    void withoutAConnectionThereIsNothingToBeHadAtOnceButItIsBegun() throws Exception {
        assertThat(failureOf(client.receive(Duration.ZERO))).isInstanceOf(TimedOutException.class);
        assertThat(client.available().get().end()).isEqualTo(Arrivals.End.NO_MORE);
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
        PacketClient<String, String> peer = peer(pair.right());
        peer.send("there");
        CompletableFuture<Void> connecting = client.connect();
        connector.next().end().complete(pair.left());
        connecting.get();
        assertThat(connector.attempts()).isEqualTo(1);
        assertThat(client.receive(Duration.ZERO).get()).isEqualTo("there");
        client.close();
    }

    @Test
    void aFailureToConnectIsAmongWhatAvailableTells() throws Exception {
        CompletableFuture<Arrivals<String>> available = client.available(Duration.ofDays(1));
        ConnectException refused = new ConnectException("refused");
        connector.next().end().completeExceptionally(refused);
        assertThat(available.get().failure()).containsSame(refused);
        client.close();
    }

    @Test
    void aCancelledOperationNeverBegins() throws Exception {
        CompletableFuture<Void> first = client.send("first");
        CompletableFuture<Void> second = client.send("second");
        CompletableFuture<Void> third = client.send("third");
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
        HeldConnector.Attempt attempt = connector.next();
        assertThat(second.cancel(false)).isTrue();
        attempt.end().complete(pair.left());
        CompletableFuture.allOf(first, third).get();
        assertThatThrownBy(second::join).isInstanceOf(CancellationException.class);
        PacketClient<String, String> peer = peer(pair.right());
        assertThat(List.of(peer.receive(), peer.receive())).containsExactly("first", "third");
        client.close();
    }
}
