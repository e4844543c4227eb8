package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.ForeignSockets.flags;
import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Descriptor;
import io.bobbinet.net.ForeignDescriptors;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixStream;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingRunnable;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.ThreadKind;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Waits for descriptors that somebody else owns. */
@OnEachBackend(
        having = Capability.DESCRIPTORS,
        threads = {ThreadKind.PLATFORM, ThreadKind.TASK})
@DisplayName("ForeignDescriptorsTest")
@Timeout(30)
class ForeignDescriptorsTest {
    @TempDir
    Path folder;

    /** A socket of a library that is none of ours, so to say: it is read and written by this stream. */
    private UnixStream owner;

    private UnixStream peer;

    /** The number that the owner has given us. */
    private int number;

    @BeforeEach
    void open() throws IOException {
        StreamPair<UnixStream> pair = Unix.pair();
        owner = pair.left();
        peer = pair.right();
        number = owner.toDescriptor().release();
    }

    @AfterEach
    void close() throws IOException {
        owner.close();
        peer.close();
        Descriptor.adopt(number).close();
        assertThat(Thread.interrupted()).isFalse();
    }

    /** Sends until there is no room any more. */
    private void fill() throws IOException {
        TaskGroup.run(group -> {
            Task<?> sender = group.fork(() -> owner.send(new byte[4 << 20]));
            Blocked.await(sender);
            group.cancel();
        });
    }

    @Test
    @Tag("smoke")
    void aDescriptorIsAwaitedUntilItHasData() throws IOException {
        TaskGroup.run(group -> {
            Task<?> waiter = group.fork(() -> ForeignDescriptors.awaitReadable(number));
            assertThat(Blocked.await(waiter).operation()).isEqualTo("await readable");
            peer.send(bytes("x"));
            waiter.join();
        });
        ForeignDescriptors.awaitReadable(number); // and still is
        assertThat(text(owner.receive())).isEqualTo("x");
    }

    @Test
    void aDescriptorIsAwaitedUntilItHasRoom() throws IOException {
        ForeignDescriptors.awaitWritable(number);
        fill();
        TaskGroup.run(group -> {
            Task<?> waiter = group.fork(() -> ForeignDescriptors.awaitWritable(number));
            assertThat(Blocked.await(waiter).operation()).isEqualTo("await writable");
            Task<?> reader = group.fork(() -> peer.forEach(chunk -> {}));
            waiter.join();
            reader.cancel();
        });
    }

    @Test
    void theEndOfThePeerCountsAsReadable() throws IOException {
        TaskGroup.run(group -> {
            Task<?> waiter = group.fork(() -> ForeignDescriptors.awaitReadable(number));
            Blocked.await(waiter);
            peer.close();
            waiter.join();
        });
    }

    @Test
    void aConnectionToAcceptCountsAsReadable() throws IOException {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0);
                Descriptor descriptor = listener.toDescriptors().getFirst()) {
            TaskGroup.run(group -> {
                Task<?> waiter = group.fork(() -> ForeignDescriptors.awaitReadable(descriptor.number()));
                Blocked.await(waiter);
                try (Socket client =
                        new Socket("127.0.0.1", listener.localAddress().getPort())) {
                    waiter.join();
                    assertThat(client.isConnected()).isTrue();
                }
            });
        }
    }

    @Test
    void notifyClosingWakesWhoWaitsToReadAndWhoWaitsToWriteAndClosesNothing() throws IOException {
        fill();
        TaskGroup.run(group -> {
            Task<?> reader = group.fork(
                    () -> assertClosing(() -> ForeignDescriptors.awaitReadable(number), "to become readable"));
            Task<?> writer = group.fork(
                    () -> assertClosing(() -> ForeignDescriptors.awaitWritable(number), "to become writable"));
            Blocked.await(reader);
            Blocked.await(writer);
            ForeignDescriptors.notifyClosing(number);
            reader.join();
            writer.join();
        });
        peer.send(bytes("x"));
        ForeignDescriptors.awaitReadable(number);
        assertThat(text(owner.receive())).isEqualTo("x");
    }

    private void assertClosing(ThrowingRunnable<?> wait, String state) {
        assertFails(ClosedResourceException.class, wait)
                .hasMessageContaining("Descriptor " + number)
                .hasMessageContaining(state);
    }

    @Test
    void notifyClosingDoesNothingIfNobodyWaits() throws IOException {
        ForeignDescriptors.notifyClosing(number);
        ForeignDescriptors.notifyClosing(Integer.MAX_VALUE);
        ForeignDescriptors.awaitWritable(number);
    }

    @Test
    void aDescriptorClosedAfterANotificationMayBeOpenedAnew() throws IOException {
        TaskGroup.run(group -> {
            Task<?> waiter = group.fork(
                    () -> assertFails(ClosedResourceException.class, () -> ForeignDescriptors.awaitReadable(number)));
            Blocked.await(waiter);
            ForeignDescriptors.notifyClosing(number);
            Descriptor.adopt(number).close();
            waiter.join();
        });
        number = owner.toDescriptor().release(); // the same number, most often
        peer.send(bytes("x"));
        ForeignDescriptors.awaitReadable(number);
    }

    @Test
    void aSecondWaiterOfADirectionIsRefusedAndDoesNotDisturbTheFirst() throws IOException {
        fill();
        TaskGroup.run(group -> {
            Task<?> reader = group.fork(() -> ForeignDescriptors.awaitReadable(number));
            Task<?> writer = group.fork(() -> ForeignDescriptors.awaitWritable(number));
            Blocked.await(reader);
            Blocked.await(writer);
            assertFails(BusyResourceException.class, () -> ForeignDescriptors.awaitReadable(number))
                    .hasMessageContaining(Integer.toString(number));
            assertFails(BusyResourceException.class, () -> ForeignDescriptors.awaitWritable(number));
            peer.send(bytes("x"));
            reader.join();
            assertThat(writer.status()).isEqualTo(Task.Status.PENDING);
            Task<?> drain = group.fork(() -> peer.forEach(chunk -> {}));
            writer.join();
            drain.cancel();
        });
    }

    @Test
    void aCancelledWaitLeavesNothingBehindAndMayBeRepeated() throws IOException {
        TaskGroup.run(group -> {
            for (int i = 0; i < 3; i++) {
                Task<?> waiter = group.fork(() -> ForeignDescriptors.awaitReadable(number));
                Blocked.await(waiter);
                waiter.cancel();
                waiter.await();
                assertThat(waiter.status()).isEqualTo(Task.Status.CANCELLED);
            }
            Task<?> waiter = group.fork(() -> ForeignDescriptors.awaitReadable(number));
            Blocked.await(waiter);
            peer.send(bytes("x"));
            waiter.join();
        });
        var cancelled = CancelScope.create();
        cancelled.cancel();
        assertThat(cancelled.run(() -> ForeignDescriptors.awaitReadable(number)))
                .as("although it is ready")
                .isFalse();
    }

    @Test
    void anInterruptedWaitThrowsAndKeepsTheStatus() throws IOException {
        Thread.currentThread().interrupt();
        assertFails(InterruptedIOException.class, () -> ForeignDescriptors.awaitReadable(number));
        assertThat(Thread.interrupted()).isTrue();
        peer.send(bytes("x"));
        ForeignDescriptors.awaitReadable(number);
    }

    @Test
    void aWaitDoesNotDisturbAStreamOfTheSameSocket() throws IOException {
        TaskGroup.run(group -> {
            Task<?> waiter = group.fork(() -> ForeignDescriptors.awaitReadable(number));
            Task<byte[]> receiver = group.fork(() -> owner.receive());
            Blocked.await(waiter);
            Blocked.await(receiver);
            peer.send(bytes("x"));
            assertThat(text(receiver.join())).isEqualTo("x"); // perhaps before the waiter has seen that it was there
            peer.close();
            waiter.join();
        });
    }

    @Test
    void theFlagsOfTheDescriptionAreLeftAsTheyAre() throws Exception {
        try (ForeignSockets foreign = ForeignSockets.start(folder)) {
            int blocking = foreign.take("s, keep = socketpair()");
            int nonBlocking = foreign.take("s, keep2 = socketpair(); s.setblocking(False)");
            String before = flags(blocking);
            assertThat(ForeignSockets.isNonBlocking(blocking)).isFalse();
            ForeignDescriptors.awaitWritable(blocking);
            ForeignDescriptors.awaitWritable(nonBlocking);
            TaskGroup.run(group -> {
                Task<?> waiter = group.fork(() -> ForeignDescriptors.awaitReadable(blocking));
                Blocked.await(waiter);
                assertThat(flags(blocking)).isEqualTo(before);
                waiter.cancel();
            });
            assertThat(flags(blocking)).isEqualTo(before);
            assertThat(ForeignSockets.isNonBlocking(nonBlocking)).isTrue();
            Descriptor.adopt(blocking).close();
            Descriptor.adopt(nonBlocking).close();
        }
    }

    @Test
    void pipesAreAwaitedToo() throws Exception {
        try (ForeignSockets foreign = ForeignSockets.start(folder)) {
            int pipe = foreign.takeNumber("r, w = os.pipe()", "r");
            TaskGroup.run(group -> {
                Task<?> waiter = group.fork(() -> ForeignDescriptors.awaitReadable(pipe));
                Blocked.await(waiter);
                foreign.run("os.write(w, b'x')");
                waiter.join();
            });
            Descriptor.adopt(pipe).close();
        }
    }

    @Test
    void whatIsAlwaysReadyIsRefusedPrecisely() throws IOException {
        try (Descriptor file = Descriptor.open(Files.writeString(folder.resolve("file"), "content"))) {
            assertFails(FileSystemException.class, () -> ForeignDescriptors.awaitReadable(file.number()))
                    .hasMessageContaining(Integer.toString(file.number()));
            assertFails(FileSystemException.class, () -> ForeignDescriptors.awaitWritable(file.number()));
            assertThat(OpenFiles.read(file)).isEqualTo("content");
        }
    }

    @Test
    void numbersThatAreNoneAreRefused() {
        assertFails(IllegalArgumentException.class, () -> ForeignDescriptors.awaitReadable(-1))
                .hasMessageContaining("-1");
        assertFails(IllegalArgumentException.class, () -> ForeignDescriptors.awaitWritable(-1));
        assertFails(IllegalArgumentException.class, () -> ForeignDescriptors.notifyClosing(-1));
        assertFails(IOException.class, () -> ForeignDescriptors.awaitReadable(Integer.MAX_VALUE))
                .hasMessageContaining(Integer.toString(Integer.MAX_VALUE));
        assertFails(IOException.class, () -> ForeignDescriptors.awaitWritable(Integer.MAX_VALUE));
    }

    @Test
    void aBackendWithoutDescriptorsSaysWhichHasThem() {
        Backends.using("nio", () -> {
            assertFails(UnsupportedOperationException.class, () -> ForeignDescriptors.awaitReadable(number))
                    .hasMessageContaining("linux");
            assertFails(UnsupportedOperationException.class, () -> ForeignDescriptors.awaitWritable(number))
                    .hasMessageContaining("linux");
            assertFails(UnsupportedOperationException.class, () -> ForeignDescriptors.notifyClosing(number))
                    .hasMessageContaining("linux");
        });
    }
}
