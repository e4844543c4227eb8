package io.bobbinet.tests.async;

import static io.bobbinet.tests.async.Futures.LINES;
import static io.bobbinet.tests.async.Futures.peer;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.async.AsyncDatagramClient;
import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.packet.Arrivals;
import io.bobbinet.packet.DatagramProtocol;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.MemoryDatagrams;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Cancelling against completing, at points that a seed chooses. */
@Timeout(60)
final class AsyncRaceTest {
    private static final int ROUNDS = 10_000;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    /** The ways of receiving one packet, or some. */
    private record Ways(
            Supplier<CompletableFuture<String>> receive,
            Function<Duration, CompletableFuture<String>> receiveWithin,
            Function<Duration, CompletableFuture<Arrivals<String>>> available) {}

    /** Receives one after the other, calls off many of them at any moment, and gives all that was received. */
    private List<String> receiveAll(Ways ways, int packets) throws Exception {
        List<String> received = new ArrayList<>();
        while (received.size() < packets) {
            switch (random.nextInt(4)) {
                case 0 -> {
                    CompletableFuture<String> one = ways.receive.get();
                    spin();
                    if (!one.cancel(true)) {
                        received.add(one.get()); // too late to be cancelled, so it has a packet
                    }
                }
                case 1 -> {
                    CompletableFuture<String> first = ways.receive.get();
                    CompletableFuture<String> second = ways.receive.get();
                    spin();
                    boolean cut = first.cancel(true);
                    if (!cut) {
                        received.add(first.get());
                    }
                    if (!second.cancel(true)) {
                        received.add(second.get());
                    }
                }
                case 2 ->
                    ways.receiveWithin
                            .apply(Duration.ofNanos(random.nextInt(100_000)))
                            .handle((packet, late) -> late == null ? received.add(packet) : received.isEmpty())
                            .get();
                default -> {
                    CompletableFuture<Arrivals<String>> some =
                            ways.available.apply(Duration.ofNanos(random.nextInt(50_000)));
                    spin();
                    if (!random.nextBoolean() || !some.cancel(true)) {
                        received.addAll(some.get().packets());
                    }
                }
            }
        }
        return received;
    }

    private void spin() {
        int turns = random.nextInt(3) == 0 ? 0 : random.nextInt(300);
        for (int i = 0; i < turns; i++) {
            Thread.onSpinWait();
        }
        if (random.nextInt(4) == 0) {
            Thread.yield();
        }
    }

    private static List<String> numbers() {
        List<String> numbers = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            numbers.add(Integer.toString(i));
        }
        return numbers;
    }

    @Test
    void noPacketOfAStreamIsLostDoubledOrMisplaced() throws Exception {
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair(64);
        try (var client = AsyncPacketClient.over(pair.left(), LINES);
                var peer = peer(pair.right())) {
            TaskGroup.<Exception>run(group -> {
                group.fork(() -> {
                    for (String number : numbers()) {
                        peer.send(number);
                    }
                    return true;
                });
                assertThat(receiveAll(new Ways(client::receive, client::receive, client::available), ROUNDS))
                        .as("seed %s", seed)
                        .isEqualTo(numbers());
            });
        }
    }

    @Test
    void noDatagramIsLostDoubledOrMisplaced() throws Exception {
        DatagramProtocol<String, String> lines = DatagramProtocol.of(Lines.utf8());
        try (var pair = MemoryDatagrams.faultless().withWaitingSenders().pair();
                var client = AsyncDatagramClient.over(pair.left(), lines)) {
            TaskGroup.<Exception>run(group -> {
                group.fork(() -> {
                    for (String number : numbers()) {
                        pair.right().send(number.getBytes(StandardCharsets.UTF_8));
                    }
                    return true;
                });
                assertThat(receiveAll(new Ways(client::receive, client::receive, client::available), ROUNDS))
                        .as("seed %s", seed)
                        .isEqualTo(numbers());
            });
        }
    }

    @Test
    @Tag("smoke")
    void timeLimitsOfFuturesLoseNothing() throws Exception {
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair(64);
        int packets = 1000;
        try (var client = AsyncPacketClient.over(pair.left(), LINES);
                var peer = peer(pair.right())) {
            TaskGroup.<Exception>run(group -> {
                group.fork(() -> {
                    for (int i = 0; i < packets; i++) {
                        peer.send(Integer.toString(i));
                    }
                    return true;
                });
                for (int next = 0; next < packets; ) {
                    String packet = timed(client::receive).get();
                    if (!packet.equals("late")) {
                        assertThat(packet).as("seed %s", seed).isEqualTo(Integer.toString(next++));
                    }
                }
            });
        }
    }

    private CompletableFuture<String> timed(Supplier<CompletableFuture<String>> receive) {
        return receive.get().completeOnTimeout("late", random.nextInt(50_000), TimeUnit.NANOSECONDS);
    }
}
