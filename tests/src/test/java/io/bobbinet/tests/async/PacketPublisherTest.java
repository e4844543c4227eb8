package io.bobbinet.tests.async;

import static io.bobbinet.tests.async.Futures.LINES;
import static io.bobbinet.tests.async.Futures.peer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.async.AsyncDatagramClient;
import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.packet.DatagramProtocol;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.MemoryDatagrams;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What subscribers get of a client's packets. */
@Timeout(30)
@SuppressWarnings("try") // closes in the middle
final class PacketPublisherTest {
    private final StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
    private final WatchedStream stream = new WatchedStream(pair.left());
    private final AsyncPacketClient<String, String> client = AsyncPacketClient.over(stream, LINES);
    private final PacketClient<String, String> peer = peer(pair.right());

    /** Keeps its signals: packets, and last how it ended. */
    private static final class Recorder implements Flow.Subscriber<String> {
        final LinkedBlockingQueue<String> packets;
        final CompletableFuture<Optional<Throwable>> end = new CompletableFuture<>();
        final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

        Recorder() {
            this(new LinkedBlockingQueue<>());
        }

        Recorder(LinkedBlockingQueue<String> packets) {
            this.packets = packets;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription.complete(given);
        }

        @Override
        public void onNext(String packet) {
            packets.add(packet);
        }

        @Override
        public void onError(Throwable failure) {
            end.complete(Optional.of(failure));
        }

        @Override
        public void onComplete() {
            end.complete(Optional.empty());
        }
    }

    private static Recorder subscribe(Flow.Publisher<String> publisher, long demand) throws Exception {
        Recorder recorder = new Recorder();
        publisher.subscribe(recorder);
        if (demand > 0) {
            recorder.subscription.get().request(demand);
        }
        return recorder;
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        peer.close();
    }

    @Test
    @Tag("smoke")
    void theWholeStreamComesInOrderAndThenItsEnd() throws Exception {
        Recorder recorder = subscribe(client.packets(), Long.MAX_VALUE);
        for (int i = 0; i < 1000; i++) {
            peer.send("packet " + i);
        }
        peer.sendEof();
        assertThat(recorder.end.get()).isEmpty();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            expected.add("packet " + i);
        }
        assertThat(recorder.packets).containsExactlyElementsOf(expected);
    }

    @Test
    void withoutDemandNothingIsReceived() throws Exception {
        Recorder recorder = subscribe(client.packets(), 0);
        peer.send("one");
        peer.send("two");
        assertThat(client.receive().get()).isEqualTo("one");
        recorder.subscription.get().request(1);
        assertThat(recorder.packets.take()).isEqualTo("two");
        peer.send("three");
        assertThat(client.receive().get()).isEqualTo("three");
        assertThat(recorder.packets).isEmpty();
        assertThat(recorder.end).isNotDone();
    }

    @Test
    void subscribersAndReceivesShareThePacketsInTheOrderInWhichTheyAsk() throws Exception {
        Recorder one = subscribe(client.packets(), 1);
        stream.awaitReceiving();
        CompletableFuture<String> between = client.receive();
        Recorder two = new Recorder();
        client.packets().subscribe(two);
        pair.right().send("a\nb\nc\n".getBytes(UTF_8));
        assertThat(one.packets.take()).isEqualTo("a");
        assertThat(between.get()).isEqualTo("b");
        two.subscription.get().request(5);
        assertThat(two.packets.take()).isEqualTo("c");
    }

    @Test
    void aCancelledSubscriptionLeavesThePacketsToTheOthers() throws Exception {
        Recorder recorder = subscribe(client.packets(), 10);
        stream.awaitReceiving();
        recorder.subscription.get().cancel();
        recorder.subscription.get().request(1);
        peer.send("for the others");
        assertThat(client.receive().get()).isEqualTo("for the others");
        assertThat(recorder.packets).isEmpty();
        assertThat(recorder.end).isNotDone();
    }

    @Test
    void aMalformedPacketEndsTheSubscriptionAndTheNextOneGoesOnBehindIt() throws Exception {
        pair.right().send(new byte[] {'a', '\n', (byte) 0xff, '\n', 'b', '\n'});
        Recorder first = subscribe(client.packets(), 10);
        assertThat(first.end.get().orElseThrow()).isInstanceOf(MalformedPacketException.class);
        assertThat(first.packets).containsExactly("a");
        assertThat(subscribe(client.packets(), 1).packets.take()).isEqualTo("b");
    }

    @Test
    void closingTheClientFailsASubscription() throws Exception {
        Recorder recorder = subscribe(client.packets(), 1);
        stream.awaitReceiving();
        client.close();
        assertThat(recorder.end.get().orElseThrow()).isInstanceOf(ClosedResourceException.class);
        assertThat(subscribe(client.packets(), 1).end.get().orElseThrow()).isInstanceOf(ClosedResourceException.class);
    }

    @Test
    void closingADatagramClientCompletesASubscription() throws Exception {
        try (var datagrams = MemoryDatagrams.faultless().pair();
                var receiver = AsyncDatagramClient.over(datagrams.left(), DatagramProtocol.of(Lines.utf8()))) {
            Recorder recorder = subscribe(receiver.packets(), 10);
            datagrams.right().send("packet".getBytes(UTF_8));
            assertThat(recorder.packets.take()).isEqualTo("packet");
            receiver.close();
            assertThat(recorder.end.get()).isEmpty();
        }
    }

    @Test
    void aRequestForNothingEndsTheSubscription() throws Exception {
        Recorder recorder = subscribe(client.packets(), 1);
        recorder.subscription.get().request(0);
        assertThat(recorder.end.get().orElseThrow())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not 0");
        peer.send("not taken");
        assertThat(client.receive().get()).isEqualTo("not taken");
        assertThatThrownBy(() -> client.packets().subscribe(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void aSubscriberThatThrowsIsTakenForCancelledAndItsBugIsShown() throws Exception {
        CompletableFuture<Throwable> uncaught = new CompletableFuture<>();
        StreamPair<MemoryByteStream> other = MemoryByteStream.pair();
        Thread.Builder threads = Thread.ofVirtual().uncaughtExceptionHandler((thread, e) -> uncaught.complete(e));
        try (other;
                var buggy = AsyncPacketClient.over(other.left(), LINES, threads::start)) {
            IllegalStateException bug = new IllegalStateException("a bug");
            Recorder recorder = new Recorder();
            buggy.packets().subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    subscription.request(10);
                }

                @Override
                public void onNext(String packet) {
                    recorder.onNext(packet);
                    throw bug;
                }

                @Override
                public void onError(Throwable failure) {
                    recorder.onError(failure);
                }

                @Override
                public void onComplete() {
                    recorder.onComplete();
                }
            });
            other.right().send("a\nb\n".getBytes(UTF_8));
            assertThat(uncaught.get()).isSameAs(bug);
            assertThat(buggy.receive().get()).isEqualTo("b");
            assertThat(recorder.packets).containsExactly("a");
            assertThat(recorder.end).isNotDone();
        }
    }

    @Test
    void cancellingAtAnyMomentLosesNothing() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int packets = 3000;
        TaskGroup.<Exception>run(group -> {
            group.fork(() -> {
                for (int i = 0; i < packets; i++) {
                    peer.send(Integer.toString(i));
                }
                peer.sendEof();
                return true;
            });
            LinkedBlockingQueue<String> all = new LinkedBlockingQueue<>();
            boolean ended = false;
            while (!ended) {
                Recorder recorder = new Recorder(all);
                client.packets().subscribe(recorder);
                recorder.subscription.get().request(1 + random.nextInt(20));
                int turns = random.nextInt(3000);
                for (int i = 0; i < turns; i++) {
                    Thread.onSpinWait();
                }
                recorder.subscription.get().cancel();
                ended = client.receive()
                        .handle((packet, end) -> end != null || !all.add(packet))
                        .get();
            }
            Set<String> different = new HashSet<>();
            for (int i = 0; i < packets; i++) {
                different.add(all.take()); // the last may still be on their way
            }
            assertThat(different).as("seed %s", seed).hasSize(packets);
            assertThat(all).isEmpty();
        });
    }
}
