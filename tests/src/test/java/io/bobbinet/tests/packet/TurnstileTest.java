package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is let through, and in which order, when several threads send or receive at once. */
@Timeout(60)
final class TurnstileTest {
    private static final StreamProtocol<String, String> LINES = StreamProtocol.of(LineCodec.LINES);

    private interface Scenario {
        void run(PacketClient<String, String> client, MemoryByteStream peer) throws Exception;
    }

    private static void with(int capacity, Scenario scenario) throws Exception {
        try (StreamPair<MemoryByteStream> pair = MemoryByteStream.pair(capacity);
                var client = PacketClient.over(pair.left(), LINES)) {
            scenario.run(client, pair.right());
        }
    }

    @Test
    void sendsGoOutInTheOrderOfTheCalls() throws Exception {
        with(
                1,
                (client, peer) -> TaskGroup.run(group -> {
                    StringBuilder expected = new StringBuilder();
                    for (int i = 0; i < 50; i++) {
                        String packet = "packet " + i;
                        Blocked.await(group.fork(() -> client.send(packet)));
                        expected.append(packet).append('\n');
                    }
                    ByteBuffer received = ByteBuffer.allocate(expected.length());
                    while (received.hasRemaining()) {
                        peer.receive(received);
                    }
                    assertThat(new String(received.array(), UTF_8)).isEqualTo(expected.toString());
                }));
    }

    @Test
    void receivesAreServedInTheOrderOfTheCalls() throws Exception {
        with(
                1000,
                (client, peer) -> TaskGroup.run(group -> {
                    List<Task<String>> receives = new ArrayList<>();
                    for (int i = 0; i < 50; i++) {
                        receives.add(group.fork(() -> client.receive()));
                        Blocked.await(receives.getLast());
                    }
                    for (int i = 0; i < 50; i++) {
                        peer.send((i + "\n").getBytes(UTF_8));
                    }
                    for (int i = 0; i < 50; i++) {
                        assertThat(receives.get(i).join()).isEqualTo(Integer.toString(i));
                    }
                }));
    }

    @Test
    void aReceiverThatWaitsHindersNoSender() throws Exception {
        with(
                1000,
                (client, peer) -> TaskGroup.run(group -> {
                    Task<String> receive = group.fork(() -> client.receive());
                    Blocked.await(receive);
                    client.send("x");
                    assertThat(peer.receive()).hasSize(2);
                    peer.send("y\n".getBytes(UTF_8));
                    assertThat(receive.join()).isEqualTo("y");
                }));
    }

    /** A cancel that comes as the turn does must hand it on: a turn that is lost hangs this, one that is doubled breaks it. */
    @Test
    void aTurnIsNeitherLostNorGivenTwiceWhenItsOwnerIsCancelledAsItComes() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        with(100_000, (client, peer) -> {
            for (int round = 0; round < 10_000; round++) {
                var received = new ConcurrentLinkedQueue<String>();
                int packets = 4;
                int cancels = random.nextInt(4);
                int spins = random.nextInt(200);
                int number = round;
                TaskGroup.run(group -> {
                    List<MoveOnScope> scopes = new ArrayList<>();
                    for (int i = 0; i < cancels; i++) {
                        MoveOnScope scope = CancelScope.create();
                        scopes.add(scope);
                        group.fork(() -> scope.run(() -> received.add(client.receive())));
                    }
                    group.fork(() -> {
                        while (received.size() < packets) {
                            CancelScope.withoutWaiting().run(() -> received.add(client.receive()));
                            Thread.yield();
                        }
                    });
                    peer.send(lines(number, packets).getBytes(UTF_8));
                    for (int i = 0; i < spins; i++) {
                        Thread.onSpinWait();
                    }
                    scopes.forEach(MoveOnScope::cancel);
                });
                assertThat(received)
                        .as("seed %d, round %d", seed, round)
                        .containsExactlyInAnyOrder(lines(round, packets).split("\n"));
            }
        });
    }

    private static String lines(int round, int count) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append(round).append('.').append(i).append('\n');
        }
        return lines.toString();
    }

    /** The same, with threads that do wait for their turn: the last packet goes to whoever is left. */
    @Test
    void whoeverIsLeftIsServed() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        with(100_000, (client, peer) -> {
            for (int round = 0; round < 3_000; round++) {
                int spins = random.nextInt(300);
                boolean afterwards = random.nextBoolean();
                TaskGroup.run(group -> {
                    MoveOnScope scope = CancelScope.create();
                    var taken = new ConcurrentLinkedQueue<String>();
                    Task<?> cancelled = group.fork(() -> scope.run(() -> taken.add(client.receive())));
                    Task<String> patient = group.fork(() -> client.receive());
                    peer.send("x\n".getBytes(UTF_8));
                    for (int i = 0; i < spins; i++) {
                        Thread.onSpinWait();
                    }
                    if (afterwards) {
                        Thread.yield();
                    }
                    scope.cancel();
                    cancelled.await();
                    if (!taken.isEmpty()) {
                        peer.send("x\n".getBytes(UTF_8));
                    }
                    assertThat(patient.join()).as("seed %d", seed).isEqualTo("x");
                });
            }
        });
    }
}
