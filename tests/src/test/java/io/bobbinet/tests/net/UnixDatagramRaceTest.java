package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUnixDatagramSocket;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.spi.Capability;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.ThreadKind;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** UNIX datagrams whose senders are cancelled when room comes, and receivers when datagrams come: nothing lost, nothing doubled. */
@OnEachBackend(
        having = Capability.UNIX_DATAGRAM,
        threads = {ThreadKind.PLATFORM, ThreadKind.TASK})
@DisplayName("UnixDatagramRaceTest")
@Timeout(60)
class UnixDatagramRaceTest {
    private static final int ROUNDS = 300;

    @TempDir
    private Path folder;

    private Path path;
    private UnixDatagramSocket receiver;
    private UnixDatagramSocket unconnected;
    private ConnectedUnixDatagramSocket connected;

    @BeforeEach
    void open() throws IOException {
        path = folder.resolve("receiver");
        receiver = UnixDatagram.bind(path);
        unconnected = UnixDatagram.open();
        connected = UnixDatagram.connect(path);
    }

    @AfterEach
    void close() throws IOException {
        unconnected.close();
        connected.close();
        receiver.close();
    }

    private static Random seeded(String test) {
        long seed = new Random().nextLong();
        System.out.println(test + ": seed " + seed);
        return new Random(seed);
    }

    /** Sends one datagram, perhaps waiting. */
    private interface Sending {
        void send(String text) throws IOException;
    }

    private void batch(String text) throws IOException {
        DatagramBatch<UnixAddress> batch = DatagramBatch.allocate(1, 100);
        batch.add(ByteBuffer.wrap(bytes(text)));
        connected.sendBatch(batch);
    }

    private String receive() throws IOException {
        return text(receiver.receive().data());
    }

    /** Sends until there is no more room. */
    private static Deque<String> fill(Sending sending) throws Exception {
        Deque<String> sent = new ArrayDeque<>();
        TaskGroup.run(group -> {
            Task<?> filler = group.fork(() -> {
                while (true) {
                    String text = "fill " + sent.size();
                    sending.send(text);
                    sent.add(text);
                }
            });
            Blocked.await(filler);
            filler.cancel();
        });
        return sent;
    }

    private void race(String test, Sending sending) throws Exception {
        Random random = seeded(test);
        Deque<String> waiting = fill(sending);
        TaskGroup.run(group -> {
            for (int i = 0; i < ROUNDS; i++) {
                String text = "round " + i;
                var scope = CancelScope.create();
                Task<Boolean> sender = group.fork(() -> scope.run(() -> sending.send(text)));
                if (random.nextInt(4) > 0) {
                    Blocked.await(sender);
                }
                if (random.nextBoolean()) {
                    scope.cancel();
                    assertThat(receive()).isEqualTo(waiting.remove());
                } else {
                    assertThat(receive()).isEqualTo(waiting.remove());
                    for (int spin = random.nextInt(2_000); spin > 0; spin--) {
                        Thread.onSpinWait();
                    }
                    scope.cancel();
                }
                if (sender.join()) {
                    waiting.add(text);
                } else {
                    sending.send("instead of " + i);
                    waiting.add("instead of " + i);
                }
            }
        });
        for (String text : waiting) {
            assertThat(receive()).isEqualTo(text);
        }
    }

    @Test
    void aCancelledUnconnectedSendSentAllOrNothing() throws Exception {
        race("aCancelledUnconnectedSendSentAllOrNothing", text -> unconnected.send(bytes(text), path));
    }

    @Test
    void aCancelledConnectedSendSentAllOrNothing() throws Exception {
        race("aCancelledConnectedSendSentAllOrNothing", text -> connected.send(bytes(text)));
    }

    @Test
    void aCancelledMessageWasSentOrNot() throws Exception {
        race(
                "aCancelledMessageWasSentOrNot",
                text -> unconnected.sendMessage(bytes(text), List.of(), UnixAddress.of(path)));
    }

    @Test
    void ofACancelledBatchThePositionTellsTheTruth() throws Exception {
        Random random = seeded("ofACancelledBatchThePositionTellsTheTruth");
        Deque<String> waiting = fill(this::batch);
        int full = waiting.size();
        TaskGroup.run(group -> {
            for (int i = 0; i < ROUNDS; i++) {
                DatagramBatch<UnixAddress> batch = DatagramBatch.allocate(3, 100);
                for (int n = 0; n < 3; n++) {
                    batch.add(ByteBuffer.wrap(bytes(i + "." + n)));
                }
                var scope = CancelScope.create();
                Task<Boolean> sender = group.fork(() -> scope.run(() -> connected.sendBatch(batch)));
                for (int n = random.nextInt(4); n > 0; n--) {
                    assertThat(receive()).isEqualTo(waiting.remove());
                }
                scope.cancel();
                assertThat(sender.join()).isEqualTo(batch.position() == 3);
                for (int n = 0; n < batch.position(); n++) {
                    waiting.add(i + "." + n);
                }
                for (int n = 0; waiting.size() < full; n++) {
                    connected.send(bytes(i + " filled up " + n));
                    waiting.add(i + " filled up " + n);
                }
            }
        });
        for (String text : waiting) {
            assertThat(receive()).isEqualTo(text);
        }
        connected.send(bytes("nothing else"));
        assertThat(receive()).isEqualTo("nothing else");
    }

    @Test
    void aCancelledReceiveTookADatagramOrLeftIt() throws Exception {
        Random random = seeded("aCancelledReceiveTookADatagramOrLeftIt");
        TaskGroup.run(group -> {
            for (int i = 0; i < 5 * ROUNDS; i++) {
                String text = "round " + i;
                var scope = CancelScope.create();
                Task<Optional<String>> task = group.fork(() -> scope.call(this::receive));
                if (random.nextBoolean()) {
                    Blocked.await(task);
                }
                if (random.nextBoolean()) {
                    connected.send(bytes(text));
                    scope.cancel();
                } else {
                    scope.cancel();
                    connected.send(bytes(text));
                }
                Optional<String> received = task.join();
                assertThat(received.isPresent() ? received.get() : receive()).isEqualTo(text);
            }
        });
    }

    @Test
    void manyThreadsSendByOneSocketAndNothingIsLost() throws Exception {
        int threads = 8;
        int each = 500;
        int[] next = new int[threads];
        TaskGroup.run(group -> {
            for (int t = 0; t < threads; t++) {
                int thread = t;
                group.fork(() -> {
                    DatagramBatch<UnixAddress> batch = DatagramBatch.allocate(10, 100);
                    for (int i = 0; i < each; i++) {
                        ByteBuffer data = ByteBuffer.allocate(8 + i % 50)
                                .putInt(0, thread)
                                .putInt(4, i);
                        switch (thread % 4) {
                            case 0 -> connected.send(data);
                            case 1 -> connected.sendMessage(data);
                            case 2 -> unconnected.send(data.array(), path);
                            default -> {
                                batch.add(data);
                                if (batch.size() == 10) {
                                    connected.sendBatch(batch);
                                    batch.clear();
                                }
                            }
                        }
                    }
                });
            }
            AtomicInteger received = new AtomicInteger();
            while (received.getAndIncrement() < threads * each) {
                ByteBuffer data = ByteBuffer.wrap(receiver.receive().data());
                int thread = data.getInt();
                int index = data.getInt();
                assertThat(index).as("the order of thread %s", thread).isEqualTo(next[thread]++);
                assertThat(data.remaining()).isEqualTo(index % 50);
            }
        });
        assertThat(next).containsOnly(each);
    }

    /** The new socket at the path is another one: who waits for the old one must not wait on. */
    @Test
    void aReceiverThatIsReplacedWhileASendWaitsIsWaitedForToo() throws Exception {
        Deque<String> toOld = fill(text -> unconnected.send(bytes(text), path));
        assertThat(toOld).isNotEmpty();
        TaskGroup.run(group -> {
            Task<?> sender = group.fork(() -> unconnected.send(bytes("waited"), path));
            Blocked.await(sender);
            Files.delete(path);
            try (UnixDatagramSocket fresh = UnixDatagram.bind(path);
                    UnixDatagramSocket other = UnixDatagram.open()) {
                Deque<String> toFresh = fill(text -> other.send(bytes(text), path));
                receiver.close();
                for (String text : toFresh) {
                    assertThat(text(fresh.receive().data())).isEqualTo(text);
                }
                assertThat(text(fresh.receive().data())).isEqualTo("waited");
                sender.join();
            }
        });
    }
}
