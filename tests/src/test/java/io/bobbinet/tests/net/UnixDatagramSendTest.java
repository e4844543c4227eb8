package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUnixDatagramSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.DatagramTransport;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sends of UNIX datagrams to a receiver that is full: they wait for it, whatever becomes of them and of it. */
@OnEachBackend(having = Capability.UNIX_DATAGRAM)
@DisplayName("UnixDatagramSendTest")
@Timeout(30)
class UnixDatagramSendTest {
    @TempDir
    private Path folder;

    private Path path;
    private UnixDatagramSocket receiver;
    private Descriptor file;

    @BeforeEach
    void open() throws IOException {
        path = folder.resolve("receiver");
        receiver = UnixDatagram.bind(path);
        file = OpenFiles.file(folder, "content");
    }

    @AfterEach
    void close() throws IOException {
        receiver.close();
        file.close();
    }

    /** A socket that sends to the receiver in one of the possible ways. */
    private record Sender(String kind, Closeable socket, Sending sending) implements Closeable {
        private interface Sending {
            void send(byte[] data) throws IOException;
        }

        void send(String text) throws IOException {
            sending.send(bytes(text));
        }

        /** Sends numbers until the receiver is full, and gives how many went out. */
        int fill() throws Exception {
            AtomicInteger sent = new AtomicInteger();
            TaskGroup.run(group -> {
                Task<?> filler = group.fork(() -> {
                    while (true) {
                        send("" + sent.get());
                        sent.incrementAndGet();
                    }
                });
                Blocked.await(filler);
                filler.cancel();
            });
            return sent.get();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }

        @Override
        public String toString() {
            return kind;
        }
    }

    /** Opens a sender. */
    private interface Opening {
        Sender open() throws IOException;
    }

    private Sender unconnected() throws IOException {
        UnixDatagramSocket socket = UnixDatagram.open();
        return new Sender("unconnected", socket, data -> socket.send(data, path));
    }

    private Sender connected() throws IOException {
        ConnectedUnixDatagramSocket socket = UnixDatagram.connect(path);
        return new Sender("connected", socket, socket::send);
    }

    private Sender withDescriptors() throws IOException {
        UnixDatagramSocket socket = UnixDatagram.open();
        return new Sender(
                "with descriptors", socket, data -> socket.sendMessage(data, List.of(file), UnixAddress.of(path)));
    }

    private Sender connectedWithDescriptors() throws IOException {
        ConnectedUnixDatagramSocket socket = UnixDatagram.connect(path);
        return new Sender("connected, with descriptors", socket, data -> socket.sendMessage(data, List.of(file)));
    }

    private Sender inBatches() throws IOException {
        UnixDatagramSocket socket = UnixDatagram.open();
        return new Sender("in batches", socket, data -> {
            DatagramBatch<UnixAddress> batch = DatagramBatch.allocate(1, data.length);
            batch.add(ByteBuffer.wrap(data), UnixAddress.of(path));
            socket.sendBatch(batch);
        });
    }

    private Sender connectedInBatches() throws IOException {
        ConnectedUnixDatagramSocket socket = UnixDatagram.connect(path);
        return new Sender("connected, in batches", socket, data -> {
            DatagramBatch<UnixAddress> batch = DatagramBatch.allocate(1, data.length);
            batch.add(ByteBuffer.wrap(data));
            socket.sendBatch(batch);
        });
    }

    private List<Opening> kinds() {
        return List.of(
                this::unconnected,
                this::connected,
                this::withDescriptors,
                this::connectedWithDescriptors,
                this::inBatches,
                this::connectedInBatches);
    }

    private interface Body {
        void with(Sender sender) throws Exception;
    }

    /** Does something with a sender of each kind. */
    private void withEach(Body body) throws Exception {
        for (Opening kind : kinds()) {
            try (Sender sender = kind.open()) {
                body.with(sender);
            }
        }
    }

    private void assertReceives(String text) throws IOException {
        assertThat(text(receiver.receive().data())).isEqualTo(text);
    }

    /** Receives the numbers that filled the receiver. */
    private void assertReceivesNumbers(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            assertReceives("" + i);
        }
    }

    // -- the end of a wait

    @Test
    @Tag("smoke")
    void aSendWaitsUntilTheReceiverReads() throws Exception {
        withEach(sender -> {
            TaskGroup.run(group -> {
                int count = sender.fill();
                assertThat(count).as(sender.kind()).isPositive();
                Task<?> waiting = group.fork(() -> sender.send("waited"));
                Blocked.await(waiting);
                assertReceivesNumbers(count);
                assertReceives("waited");
                waiting.join();
            });
        });
    }

    @Test
    void aCancelledSendHasSentNothing() throws Exception {
        withEach(sender -> {
            int count = sender.fill();
            TaskGroup.run(group -> {
                var scope = CancelScope.create();
                Task<Boolean> waiting = group.fork(() -> scope.run(() -> sender.send("lost")));
                Blocked.await(waiting);
                scope.cancel();
                assertThat(waiting.join()).isFalse();
            });
            assertFails(
                    TimedOutException.class,
                    () -> CancelScope.failAfter(Duration.ofMillis(1)).run(() -> sender.send("late")));
            assertReceivesNumbers(count);
            sender.send("next");
            assertReceives("next");
        });
    }

    @Test
    void anInterruptedSendHasSentNothing() throws Exception {
        withEach(sender -> {
            int count = sender.fill();
            TaskGroup.run(group -> {
                LinkedBlockingQueue<Thread> thread = new LinkedBlockingQueue<>();
                Task<Boolean> waiting = group.fork(() -> {
                    thread.add(Thread.currentThread());
                    assertFails(InterruptedIOException.class, () -> sender.send("lost"));
                    return Thread.interrupted();
                });
                Blocked.await(waiting);
                thread.take().interrupt();
                assertThat(waiting.join()).isTrue();
            });
            assertReceivesNumbers(count);
            sender.send("next");
            assertReceives("next");
        });
    }

    @Test
    void inACancelledScopeNothingIsSentEvenIfThereIsRoom() throws Exception {
        withEach(sender -> {
            var scope = CancelScope.create();
            scope.cancel();
            scope.run(() -> {
                assertFails(CancelledException.class, () -> sender.send("lost"));
            });
            sender.send("next");
            assertReceives("next");
        });
    }

    @Test
    void theCloseOfTheReceiverIsTold() throws Exception {
        withEach(sender -> {
            sender.fill();
            TaskGroup.run(group -> {
                Task<?> waiting = group.fork(() -> {
                    assertFails(ConnectException.class, () -> sender.send("lost"))
                            .as(sender.kind())
                            .hasMessageContaining(path.toString());
                });
                Blocked.await(waiting);
                receiver.close();
                waiting.join();
            });
            receiver = UnixDatagram.bind(path); // in the place of the stale file
            if (sender.kind().startsWith("connected")) {
                // A socket that is connected stays so to what was there.
                assertFails(ConnectException.class, () -> sender.send("lost"));
            } else {
                sender.send("good");
                assertReceives("good");
            }
        });
    }

    @Test
    void theCloseOfTheSenderIsTold() throws Exception {
        withEach(sender -> {
            int count = sender.fill();
            TaskGroup.run(group -> {
                Task<?> waiting = group.fork(() -> {
                    assertFails(ClosedResourceException.class, () -> sender.send("lost"))
                            .hasMessageContaining("closed");
                });
                Blocked.await(waiting);
                sender.close();
                waiting.join();
            });
            assertReceivesNumbers(count);
            receiver.send(bytes("the only one"), path);
            assertReceives("the only one");
        });
    }

    // -- several

    @Test
    void whoWaitsForOneReceiverDoesNotHoldUpSendsToAnother() throws Exception {
        Path elsewhere = folder.resolve("other");
        try (UnixDatagramSocket socket = UnixDatagram.open();
                UnixDatagramSocket other = UnixDatagram.bind(elsewhere)) {
            int count = new Sender("", socket, data -> socket.send(data, path)).fill();
            TaskGroup.run(group -> {
                Task<?> waiting = group.fork(() -> socket.send(bytes("waited"), path));
                Blocked.await(waiting);
                for (int i = 0; i < 100; i++) {
                    socket.send(bytes("n" + i), elsewhere);
                    assertThat(text(other.receive().data())).isEqualTo("n" + i);
                }
                Blocked.await(waiting);
                assertReceivesNumbers(count);
                waiting.join();
                assertReceives("waited");
            });
        }
    }

    @Test
    void manySendersWaitAtOnceAndAllGetThrough() throws Exception {
        try (Sender unconnected = unconnected();
                Sender connected = connected()) {
            int count = unconnected.fill();
            TaskGroup.run(group -> {
                List<Task<?>> waiting = new ArrayList<>();
                List<String> expected = new ArrayList<>();
                for (int i = 0; i < 40; i++) {
                    Sender sender = i % 2 == 0 ? unconnected : connected;
                    String text = "waited " + i;
                    expected.add(text);
                    waiting.add(group.fork(() -> sender.send(text)));
                }
                for (Task<?> task : waiting) {
                    Blocked.await(task);
                }
                assertReceivesNumbers(count);
                List<String> received = new ArrayList<>();
                for (int i = 0; i < 40; i++) {
                    received.add(text(receiver.receive().data()));
                }
                assertThat(received).containsExactlyInAnyOrderElementsOf(expected);
            });
        }
    }

    @Test
    void oneOfManyWaitingSendersIsCancelledAlone() throws Exception {
        try (Sender sender = connected()) {
            int count = sender.fill();
            TaskGroup.run(group -> {
                var scope = CancelScope.create();
                Task<?> one = group.fork(() -> sender.send("one"));
                Task<?> cancelled = group.fork(() -> scope.run(() -> sender.send("lost")));
                Task<?> two = group.fork(() -> sender.send("two"));
                for (Task<?> task : List.of(one, cancelled, two)) {
                    Blocked.await(task);
                }
                scope.cancel();
                cancelled.join();
                assertReceivesNumbers(count);
                assertThat(List.of(
                                text(receiver.receive().data()),
                                text(receiver.receive().data())))
                        .containsExactlyInAnyOrder("one", "two");
            });
        }
    }

    /** What has left a socket counts as the socket's until it is received: its own buffer can be what is full. */
    @Test
    void aSendWaitsForRoomInItsOwnBufferToo() throws Exception {
        byte[] large = new byte[60_000];
        for (boolean unconnected : new boolean[] {true, false}) {
            try (UnixDatagramSocket one = UnixDatagram.open();
                    ConnectedUnixDatagramSocket two = UnixDatagram.connect(path)) {
                AtomicInteger sent = new AtomicInteger();
                TaskGroup.run(group -> {
                    Task<?> sender = group.fork(() -> {
                        for (int i = 0; i < 40; i++) {
                            if (unconnected) {
                                one.send(large, path);
                            } else {
                                two.send(large);
                            }
                            sent.incrementAndGet();
                        }
                    });
                    Blocked.await(sender);
                    assertThat(sent.get()).isLessThan(10);
                    for (int i = 0; i < 40; i++) {
                        assertThat(receiver.receive().data()).hasSize(60_000);
                    }
                    sender.join();
                });
            }
        }
    }

    // -- batches

    @Test
    void aBatchWaitsAndItsPositionTellsHowMuchWentOut() throws Exception {
        for (boolean unconnected : new boolean[] {true, false}) {
            DatagramBatch<UnixAddress> batch = DatagramBatch.allocate(50, 10);
            for (int i = 0; i < 50; i++) {
                if (unconnected) {
                    batch.add(ByteBuffer.wrap(bytes("" + i)), UnixAddress.of(path));
                } else {
                    batch.add(ByteBuffer.wrap(bytes("" + i)));
                }
            }
            try (UnixDatagramSocket one = UnixDatagram.open();
                    ConnectedUnixDatagramSocket two = UnixDatagram.connect(path)) {
                DatagramTransport<UnixAddress> transport = unconnected ? one : two;
                TaskGroup.run(group -> {
                    Task<?> sender = group.fork(() -> transport.sendBatch(batch));
                    Blocked.await(sender);
                    sender.cancel();
                });
                int sent = batch.position();
                assertThat(sent).isBetween(1, 49);
                assertReceivesNumbers(sent);
                TaskGroup.run(group -> {
                    group.fork(() -> transport.sendBatch(batch));
                    for (int i = sent; i < 50; i++) {
                        assertReceives("" + i);
                    }
                });
                assertThat(batch.position()).isEqualTo(50);
            }
        }
    }

    @Test
    void aBatchIsAtTheOneThatFailed() throws Exception {
        Path missing = folder.resolve("missing");
        DatagramBatch<UnixAddress> batch = DatagramBatch.allocate(5, 10);
        for (int i = 0; i < 5; i++) {
            batch.add(ByteBuffer.wrap(bytes("" + i)), UnixAddress.of(i == 2 ? missing : path));
        }
        try (UnixDatagramSocket socket = UnixDatagram.open()) {
            assertFails(NoSuchFileException.class, () -> socket.sendBatch(batch))
                    .hasMessageContaining(missing.toString());
            assertThat(batch.position()).isEqualTo(2);
            batch.position(3);
            socket.sendBatch(batch);
        }
        for (String expected : List.of("0", "1", "3", "4")) {
            assertReceives(expected);
        }
    }

    // -- answers under load

    @Test
    void answersToAClientThatDoesNotReadYetAllArrive() throws Exception {
        int count = 200;
        try (UnixDatagramSocket client =
                UnixDatagram.binder(UnixAddress.unnamed()).bind()) {
            TaskGroup.run(group -> {
                Task<?> serving =
                        group.fork(() -> receiver.serve(datagram -> receiver.send(datagram.reply(datagram.data()))));
                for (int i = 0; i < count; i++) {
                    client.send(bytes("" + i), path);
                }
                List<Integer> answers = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    Datagram<UnixAddress> answer = client.receive();
                    assertThat(answer.peer()).isEqualTo(Optional.of(UnixAddress.of(path)));
                    answers.add(Integer.parseInt(text(answer.data())));
                }
                assertThat(answers).doesNotHaveDuplicates().hasSize(count);
                receiver.drain(Duration.ofSeconds(20));
                serving.join();
            });
        }
    }
}
