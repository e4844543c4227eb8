package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.ThreadKind;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Receives and sends of a UDP socket that are cut short: nothing was taken, nothing was sent, and it works as before. */
@OnEachBackend(threads = {ThreadKind.PLATFORM, ThreadKind.TASK})
@DisplayName("UdpCancelTest")
@Timeout(30)
class UdpCancelTest extends UdpPair {

    /** One way to receive. */
    private interface Receiving {
        void from(UdpSocket socket) throws IOException;
    }

    private static final List<Receiving> RECEIVES = List.of(
            UdpSocket::receive,
            socket -> socket.receive(1),
            socket -> socket.receiveBatch(DatagramBatch.allocate(3, 100)),
            socket -> socket.receiveBatch(DatagramBatch.allocate(64, 1_500))); // large enough for UDP_GRO

    private static final List<Receiving> ALL_WAYS = List.of(
            RECEIVES.get(0),
            RECEIVES.get(1),
            RECEIVES.get(2),
            RECEIVES.get(3),
            socket -> socket.forEach(datagram -> {}),
            socket -> socket.serve(datagram -> {}));

    /** One way to send to the peer. */
    private interface Sending {
        void by(UdpSocket socket) throws IOException;
    }

    private List<Sending> sends() {
        InetSocketAddress to = peer.localAddress();
        return List.of(
                socket -> socket.send(bytes("x"), to),
                socket -> socket.send(bytes("x"), "127.0.0.1", to.getPort()),
                socket -> socket.send(Datagram.of(bytes("x"), to)),
                socket -> socket.sendBatch(batch(to, "x", "y")));
    }

    // -- under a receive

    @Test
    @Tag("smoke")
    void aCancelledReceiveHasTakenNothing() throws Exception {
        for (Receiving receiving : ALL_WAYS) {
            var scope = CancelScope.create();
            Thread helper = whenWaiting(scope::cancel);
            assertThat(scope.run(() -> receiving.from(ours))).isFalse();
            helper.join();
            peerSends("after");
            assertNext("after");
            assertTalking();
        }
    }

    @Test
    @Tag("smoke")
    void aReceiveThatTimesOutHasTakenNothing() throws Exception {
        VirtualTime.run(time -> {
            for (Receiving receiving : ALL_WAYS) {
                Thread helper = whenWaiting(() -> time.advance(ofSeconds(5)));
                assertFails(
                        TimedOutException.class,
                        () -> CancelScope.failAfter(ofSeconds(5)).run(() -> receiving.from(ours)));
                helper.join();
                assertTalking();
                Thread again = whenWaiting(() -> time.advance(ofSeconds(5)));
                assertThat(CancelScope.moveOnAfter(ofSeconds(5)).run(() -> receiving.from(ours)))
                        .isFalse();
                again.join();
                assertTalking();
            }
        });
    }

    @Test
    @Tag("smoke")
    void aUsersInterruptEndsAReceiveAndTheStatusStays() throws Exception {
        for (Receiving receiving : ALL_WAYS) {
            Thread receiver = Thread.currentThread();
            Thread helper = whenWaiting(receiver::interrupt);
            assertFails(InterruptedIOException.class, () -> receiving.from(ours));
            assertThat(Thread.interrupted()).isTrue();
            helper.join();
            assertTalking();
        }
    }

    @Test
    void aTaskThatIsCancelledIsCancelledInItsReceive() throws Exception {
        for (Receiving receiving : ALL_WAYS) {
            TaskGroup.run(group -> {
                Task<Void> task = group.fork(() -> receiving.from(ours));
                Blocked.await(task);
                task.cancel();
                task.await();
                assertThat(task.status()).isEqualTo(Task.Status.CANCELLED);
                assertTalking();
            });
        }
    }

    @Test
    @Tag("smoke")
    void closingByAnotherTaskWakesAReceive() throws Exception {
        for (Receiving receiving : RECEIVES) {
            Thread helper = whenWaiting(() -> ours.close());
            assertFails(ClosedResourceException.class, () -> receiving.from(ours))
                    .hasMessageContaining(ours.localAddress().toString().substring(1));
            helper.join();
            close();
            open();
        }
    }

    @Test
    void closingByAnotherTaskEndsALoopInGoodOrder() throws Exception {
        Thread helper = whenWaiting(() -> ours.close());
        ours.forEach(datagram -> {});
        helper.join();
    }

    // -- before a call

    @Test
    void inACancelledScopeNoCallBegins() throws Exception {
        peerSends("waiting");
        var scope = CancelScope.create();
        scope.cancel();
        boolean done = scope.run(() -> {
            for (int i = 0; i < 2; i++) {
                for (Receiving receiving : ALL_WAYS) {
                    assertFails(CancelledException.class, () -> receiving.from(ours));
                }
                for (Sending sending : sends()) {
                    assertFails(CancelledException.class, () -> sending.by(ours));
                }
            }
            CancelScope.checkpoint();
        });
        assertThat(done).isFalse();
        assertNext("waiting");
        assertTalking();
    }

    @Test
    void afterAUsersInterruptNoCallBegins() throws Exception {
        peerSends("waiting");
        for (Receiving receiving : ALL_WAYS) {
            Thread.currentThread().interrupt();
            assertFails(InterruptedIOException.class, () -> receiving.from(ours));
            assertThat(Thread.interrupted()).isTrue();
        }
        for (Sending sending : sends()) {
            Thread.currentThread().interrupt();
            assertFails(InterruptedIOException.class, () -> sending.by(ours));
            assertThat(Thread.interrupted()).isTrue();
        }
        assertNext("waiting");
        assertTalking();
    }

    @Test
    void afterTheCloseEveryCallIsRefused() throws Exception {
        peerSends("too late");
        ours.close();
        for (Receiving receiving : RECEIVES) {
            assertFails(ClosedResourceException.class, () -> receiving.from(ours));
        }
        for (Sending sending : sends()) {
            assertFails(ClosedResourceException.class, () -> sending.by(ours));
        }
        assertFails(ClosedResourceException.class, () -> ours.serve(datagram -> {}));
        ours.forEach(datagram -> {
            throw new AssertionError(datagram);
        });
        ours.close();
        assertThat(ours.toString()).contains("closed");
    }

    @Test
    void aCloseIsNeitherCancelledNorInterrupted() throws Exception {
        var scope = CancelScope.create();
        scope.cancel();
        assertThat(scope.run(() -> ours.close())).isTrue();
        Thread.currentThread().interrupt();
        peer.close();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void ofABatchThatIsRefusedThePositionIsWhereItWas() throws Exception {
        DatagramBatch<InetSocketAddress> batch = batch(peer.localAddress(), "a", "b", "c");
        batch.position(1);
        var scope = CancelScope.create();
        scope.cancel();
        assertThat(scope.run(() -> ours.sendBatch(batch))).isFalse();
        assertThat(batch.position()).isEqualTo(1);
        ours.sendBatch(batch);
        assertThat(batch.position()).isEqualTo(3);
        assertThat(peer.receive().data()).isEqualTo(bytes("b"));
        assertThat(peer.receive().data()).isEqualTo(bytes("c"));
    }

    @Test
    void aBatchWhoseReceiveIsCutShortIsEmpty() throws Exception {
        DatagramBatch<InetSocketAddress> batch = batch(peer.localAddress(), "old");
        var scope = CancelScope.create();
        Thread helper = whenWaiting(scope::cancel);
        assertThat(scope.run(() -> ours.receiveBatch(batch))).isFalse();
        helper.join();
        assertThat(batch.size()).isZero();
        Thread closing = whenWaiting(() -> ours.close());
        assertFails(ClosedResourceException.class, () -> ours.receiveBatch(batch));
        closing.join();
        assertThat(batch.size()).isZero();
    }

    // -- beside a receive

    @Test
    @Tag("smoke")
    void aSecondReceiverIsBusyAndDisturbsNobody() throws Exception {
        for (Receiving first : ALL_WAYS) {
            TaskGroup.run(group -> {
                Task<Void> task = group.fork(() -> first.from(ours));
                Blocked.await(task);
                for (Receiving second : ALL_WAYS) {
                    assertFails(BusyResourceException.class, () -> second.from(ours));
                }
                assertThat(task.status()).isEqualTo(Task.Status.PENDING);
                ours.send(bytes("sending goes on"), peer.localAddress());
                peer.receive();
                task.cancel();
            });
            assertTalking();
        }
    }

    // -- cancels and datagrams at the same time

    @Test
    void nothingIsLostToReceivesThatAreCutShortAsADatagramComes() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(8, 100);
        int cut = 0;
        for (int i = 0; i < 2_000; i++) {
            String text = Integer.toString(i);
            var scope = CancelScope.create();
            boolean late = random.nextBoolean();
            Thread helper = Thread.startVirtualThread(() -> {
                if (late) {
                    Thread.yield();
                }
                scope.cancel();
            });
            peerSends(text);
            String got;
            if (random.nextBoolean()) {
                got = scope.call(() -> ours.receive())
                        .map(d -> Sockets.text(d.data()))
                        .orElse("");
            } else {
                got = scope.run(() -> ours.receiveBatch(batch)) ? String.join(",", texts(batch)) : "";
            }
            helper.join();
            if (got.isEmpty()) {
                cut++;
                got = Sockets.text(ours.receive().data());
            }
            assertThat(got).as("seed %d", seed).isEqualTo(text);
        }
        System.out.println("UdpCancelTest: seed " + seed + ", " + cut + " of 2000 receives were cut short");
    }
}
