package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.fails;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.MemoryQueue;
import io.bobbinet.stream.MemoryReceiver;
import io.bobbinet.stream.MemorySender;
import io.bobbinet.stream.ObjectReceiveStream;
import io.bobbinet.stream.ObjectSendStream;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class MemoryQueueTest {

    @Test
    void aNegativeCapacityIsRefused() {
        fails(IllegalArgumentException.class, () -> MemoryQueue.bounded(-1));
    }

    @Test
    void noItemIsNull() {
        var queue = MemoryQueue.<String>bounded(1);
        fails(NullPointerException.class, () -> queue.sender().send(absent()));
        fails(NullPointerException.class, () -> queue.sender().trySend(absent()));
        assertThat(queue.statistics().items()).isZero();
    }

    @SuppressWarnings("NullAway") // what is to be refused
    private static String absent() {
        return null;
    }

    @Test
    @Tag("smoke")
    void withoutCapacityASendWaitsForAReceiver() throws IOException {
        var queue = MemoryQueue.<String>bounded(0);
        TaskGroup.run(group -> {
            Task<Void> send = group.fork(() -> queue.sender().send("x"));
            assertThat(Blocked.await(send).operation()).isEqualTo("send");
            assertThat(queue.receiver().receive()).isEqualTo("x");
            send.join();
        });
    }

    @Test
    void withoutCapacityAWaitingReceiverIsServedAtOnce() throws IOException {
        var queue = MemoryQueue.<String>bounded(0);
        TaskGroup.run(group -> {
            Task<String> receive = group.fork(() -> queue.receiver().receive());
            assertThat(Blocked.await(receive).operation()).isEqualTo("receive");
            queue.sender().send("x");
            assertThat(receive.join()).isEqualTo("x");
        });
    }

    @Test
    void waitingReceiversAreServedInTheirOrder() throws IOException {
        var queue = MemoryQueue.<String>bounded(0);
        TaskGroup.run(group -> {
            List<Task<String>> receives = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Task<String> receive = group.fork(() -> queue.receiver().receive());
                Blocked.await(receive);
                receives.add(receive);
            }
            assertThat(queue.sender().trySend("first")).isTrue();
            assertThat(queue.sender().trySend("second")).isTrue();
            assertThat(queue.sender().trySend("third")).isTrue();
            assertThat(queue.sender().trySend("none")).isFalse();
            assertThat(receives.get(0).join()).isEqualTo("first");
            assertThat(receives.get(1).join()).isEqualTo("second");
            assertThat(receives.get(2).join()).isEqualTo("third");
        });
    }

    @Test
    void waitingSendersAreServedInTheirOrder() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(1);
        TaskGroup.run(group -> {
            for (int i = 0; i < 4; i++) {
                int item = i;
                Task<Void> send = group.fork(() -> queue.sender().send(item));
                if (i == 0) {
                    send.await();
                } else {
                    Blocked.await(send);
                }
            }
            for (int i = 0; i < 4; i++) {
                assertThat(queue.receiver().tryReceive()).contains(i);
            }
            assertThat(queue.receiver().tryReceive()).isEmpty();
        });
    }

    @Test
    void takingAnItemMakesRoomForAWaitingSender() throws IOException {
        var queue = MemoryQueue.<String>bounded(1);
        queue.sender().send("first");
        TaskGroup.run(group -> {
            Task<Void> send = group.fork(() -> queue.sender().send("second"));
            Blocked.await(send);
            assertThat(queue.receiver().tryReceive()).contains("first");
            send.join();
            assertThat(queue.receiver().tryReceive()).contains("second");
        });
    }

    @Test
    void tryingNeverWaitsAndKeepsTheOrder() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(2);
        assertThat(queue.sender().trySend(1)).isTrue();
        assertThat(queue.sender().trySend(2)).isTrue();
        assertThat(queue.sender().trySend(3)).isFalse();
        assertThat(queue.receiver().tryReceive()).contains(1);
        assertThat(queue.receiver().tryReceive()).contains(2);
        assertThat(queue.receiver().tryReceive()).isEmpty();
    }

    @Test
    void tryingTakesNoNoticeOfCancellation() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(1);
        var scope = CancelScope.create();
        scope.cancel();
        scope.run(() -> {
            assertThat(queue.sender().trySend(1)).isTrue();
            assertThat(queue.receiver().tryReceive()).contains(1);
        });
    }

    @Test
    void anUnboundedQueueNeverMakesASenderWait() throws IOException {
        var queue = MemoryQueue.<Integer>unbounded();
        for (int i = 0; i < 10_000; i++) {
            queue.sender().send(i);
        }
        assertThat(queue.statistics().items()).isEqualTo(10_000);
        assertThat(queue.receiver().receive()).isZero();
    }

    @Test
    void theLoopEndsWhenAllSendersAreClosed() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(10);
        var another = queue.sender().duplicate();
        List<Integer> received = new ArrayList<>();
        TaskGroup.run(group -> {
            Task<Void> loop = group.fork(() -> queue.receiver().forEach(received::add));
            queue.sender().send(1);
            queue.sender().close();
            Blocked.await(loop);
            another.send(2);
            another.close();
        });
        assertThat(received).containsExactly(1, 2);
    }

    @Test
    void whatIsInTheQueueComesBeforeTheEnd() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(2);
        queue.sender().send(1);
        queue.sender().send(2);
        queue.sender().close();

        assertThat(queue.receiver().receive()).isEqualTo(1);
        assertThat(queue.receiver().tryReceive()).contains(2);
        fails(EndOfStreamException.class, () -> queue.receiver().receive());
        fails(EndOfStreamException.class, () -> queue.receiver().tryReceive());
        fails(ClosedResourceException.class, () -> queue.sender().send(3));
        fails(ClosedResourceException.class, () -> queue.sender().trySend(3));
    }

    @Test
    void anEndHasNoCause() {
        var queue = MemoryQueue.<Integer>bounded(0);
        queue.sender().close();
        try {
            queue.receiver().receive();
            throw new AssertionError("no end");
        } catch (IOException e) {
            assertThat(e).isInstanceOf(EndOfStreamException.class).hasNoCause().hasNoSuppressedExceptions();
        }
    }

    @Test
    void sendsAreBrokenWhenAllReceiversAreClosed() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(5);
        queue.receiver().close();

        fails(BrokenResourceException.class, () -> queue.sender().send(1));
        fails(BrokenResourceException.class, () -> queue.sender().trySend(1));
        fails(ClosedResourceException.class, () -> queue.receiver().receive());
        fails(ClosedResourceException.class, () -> queue.receiver().tryReceive());
    }

    @Test
    void whatIsLeftWhenTheLastReceiverIsClosedIsDropped() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(5);
        queue.sender().send(1);
        queue.receiver().close();

        assertThat(queue.statistics().items()).isZero();
    }

    @Test
    @Tag("smoke")
    void aCancelledReceiveLeavesNoWaiterBehind() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(0);
        TaskGroup.run(group -> {
            Task<Integer> receive = group.fork(() -> queue.receiver().receive());
            Blocked.await(receive);
            receive.cancel();
            receive.await();
            assertThat(receive.status()).isEqualTo(Task.Status.CANCELLED);
        });
        assertThat(queue.sender().trySend(1)).isFalse();
        assertThat(queue.statistics().waitingReceivers()).isZero();
    }

    @Test
    @Tag("smoke")
    void aCancelledSendLeavesNoItemBehind() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(0);
        TaskGroup.run(group -> {
            Task<Void> send = group.fork(() -> queue.sender().send(1));
            Blocked.await(send);
            send.cancel();
            send.await();
            assertThat(send.status()).isEqualTo(Task.Status.CANCELLED);
        });
        assertThat(queue.receiver().tryReceive()).isEmpty();
        assertThat(queue.statistics().waitingSenders()).isZero();
    }

    @Test
    void inACancelledScopeNothingIsSentOrReceived() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(3);
        queue.sender().send(1);
        queue.sender().send(2);
        var scope = CancelScope.create();
        scope.cancel();
        scope.run(() -> {
            fails(CancelledException.class, () -> queue.receiver().receive());
            fails(CancelledException.class, () -> queue.sender().send(3));
        });
        assertThat(queue.receiver().receive()).isEqualTo(1);
        assertThat(queue.receiver().receive()).isEqualTo(2);
        assertThat(queue.receiver().tryReceive()).isEmpty();
    }

    @Test
    void anItemHandedOverBeforeTheCancelIsReceived() throws IOException {
        for (int round = 0; round < 200; round++) {
            var queue = MemoryQueue.<Integer>bounded(0);
            TaskGroup.run(group -> {
                Task<Integer> receive = group.fork(() -> queue.receiver().receive());
                Blocked.await(receive);
                assertThat(queue.sender().trySend(1)).isTrue();
                receive.cancel();
                assertThat(receive.join()).isEqualTo(1);
            });
        }
    }

    @Test
    void afterAnItemThatCameFirstTheCancelStrikesAtTheNextCall() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(0);
        TaskGroup.run(group -> {
            Task<Integer> receive = group.fork(() -> {
                int item = queue.receiver().receive();
                fails(CancelledException.class, () -> queue.receiver().receive());
                return item;
            });
            Blocked.await(receive);
            assertThat(queue.sender().trySend(1)).isTrue();
            receive.cancel();
            assertThat(receive.join()).isEqualTo(1);
        });
    }

    @Test
    void anItemSentAfterTheCancelStaysForTheNext() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(1);
        TaskGroup.run(group -> {
            Task<Integer> cancelled = group.fork(() -> queue.receiver().receive());
            Blocked.await(cancelled);
            Task<Integer> next = group.fork(() -> queue.receiver().receive());
            Blocked.await(next);
            cancelled.cancel();
            cancelled.await();
            queue.sender().send(1);
            assertThat(next.join()).isEqualTo(1);
            queue.sender().send(2);
            assertThat(queue.receiver().tryReceive()).contains(2);
        });
    }

    @Test
    void cancelsAndSendsThatMeetLoseNothing() throws IOException {
        for (int round = 0; round < 300; round++) {
            var queue = MemoryQueue.<Integer>bounded(0);
            TaskGroup.run(group -> {
                Task<Integer> receive = group.fork(() -> queue.receiver().receive());
                Blocked.await(receive);
                Task<Void> cancel = group.fork(() -> receive.cancel());
                boolean sent = queue.sender().trySend(1);
                cancel.join();
                receive.await();
                assertThat(receive.status()).isEqualTo(sent ? Task.Status.FINISHED : Task.Status.CANCELLED);
            });
        }
    }

    @Test
    void duplicatesShareOneQueue() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(2);
        MemorySender<Integer> sender = queue.sender().duplicate();
        MemoryReceiver<Integer> receiver = queue.receiver().duplicate();
        queue.sender().send(1);
        sender.send(2);
        assertThat(receiver.receive()).isEqualTo(1);
        assertThat(queue.receiver().receive()).isEqualTo(2);

        sender.close();
        receiver.close();
        queue.sender().send(3);
        assertThat(queue.receiver().receive()).isEqualTo(3);
        fails(ClosedResourceException.class, () -> sender.send(4));
        fails(ClosedResourceException.class, receiver::receive);
    }

    @Test
    void aClosedEndCannotBeDuplicated() {
        var queue = MemoryQueue.<Integer>bounded(0);
        queue.sender().close();
        queue.receiver().close();

        fails(ClosedResourceException.class, () -> queue.sender().duplicate());
        fails(ClosedResourceException.class, () -> queue.receiver().duplicate());
    }

    @Test
    void closingTheLastSenderEndsAWaitingReceive() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(0);
        TaskGroup.run(group -> {
            Task<Void> receive = group.fork(() ->
                    fails(EndOfStreamException.class, () -> queue.receiver().receive()));
            Blocked.await(receive);
            queue.sender().close();
        });
    }

    @Test
    void closingTheLastReceiverBreaksAWaitingSend() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(0);
        TaskGroup.run(group -> {
            Task<Void> send = group.fork(() ->
                    fails(BrokenResourceException.class, () -> queue.sender().send(1)));
            Blocked.await(send);
            queue.receiver().close();
        });
    }

    @Test
    void aSenderWhoseItemWasTakenSucceedsThoughTheReceiverClosesAtOnce() throws IOException {
        for (int round = 0; round < 100; round++) {
            var queue = MemoryQueue.<Integer>bounded(0);
            TaskGroup.run(group -> {
                Task<Void> send = group.fork(() -> queue.sender().send(1));
                Blocked.await(send);
                assertThat(queue.receiver().receive()).isEqualTo(1);
                queue.receiver().close();
                send.join();
            });
        }
    }

    @Test
    void closingOnesOwnEndWakesOnesOwnWaiters() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(0);
        var sender = queue.sender().duplicate();
        var receiver = queue.receiver().duplicate();
        TaskGroup.run(group -> {
            Task<Void> receive = group.fork(() -> fails(ClosedResourceException.class, receiver::receive));
            Blocked.await(receive);
            receiver.close();
        });
        TaskGroup.run(group -> {
            Task<Void> send = group.fork(() -> fails(ClosedResourceException.class, () -> sender.send(1)));
            Blocked.await(send);
            sender.close();
        });
        assertThat(queue.receiver().tryReceive()).isEmpty();
    }

    @Test
    void closingADuplicateLeavesTheWaitersOfTheOthersAlone() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(0);
        var receiver = queue.receiver().duplicate();
        TaskGroup.run(group -> {
            Task<Integer> receive = group.fork(() -> queue.receiver().receive());
            Blocked.await(receive);
            receiver.close();
            queue.sender().send(1);
            assertThat(receive.join()).isEqualTo(1);
        });
    }

    @Test
    void closeIsIdempotentAndCountsOnce() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(1);
        var sender = queue.sender().duplicate();
        sender.close();
        sender.close();
        assertThat(queue.statistics().openSenders()).isEqualTo(1);
        queue.sender().send(1);
        assertThat(queue.receiver().receive()).isEqualTo(1);
    }

    @Test
    void statisticsAreExactWhileTasksWait() throws IOException {
        var queue = MemoryQueue.<Integer>bounded(1);
        assertThat(queue.statistics()).isEqualTo(new MemoryQueue.Statistics(0, 1, 1, 1, 0, 0));
        var sender = queue.sender().duplicate();
        TaskGroup.run(group -> {
            Task<Integer> first = group.fork(() -> queue.receiver().receive());
            Task<Integer> second = group.fork(() -> queue.receiver().receive());
            Blocked.await(first);
            Blocked.await(second);
            assertThat(queue.statistics()).isEqualTo(new MemoryQueue.Statistics(0, 1, 2, 1, 0, 2));
            sender.send(1);
            sender.send(2);
            first.join();
            second.join();
            sender.send(3);
            Task<Void> send = group.fork(() -> sender.send(4));
            Blocked.await(send);
            assertThat(queue.statistics()).isEqualTo(new MemoryQueue.Statistics(1, 1, 2, 1, 1, 0));
            queue.receiver().receive();
            send.join();
        });
        assertThat(queue.statistics()).isEqualTo(new MemoryQueue.Statistics(1, 1, 2, 1, 0, 0));
    }

    @Test
    void aUsersInterruptLeavesNothingBehind() throws Exception {
        var queue = MemoryQueue.<Integer>bounded(0);
        var interrupted = new FutureTask<Boolean>(() -> {
            fails(InterruptedIOException.class, () -> queue.receiver().receive());
            return Thread.interrupted();
        });
        Thread receiver = Thread.ofVirtual().start(interrupted);
        Blocked.await(receiver);
        receiver.interrupt();

        assertThat(interrupted.get()).isTrue();
        assertThat(queue.sender().trySend(1)).isFalse();
    }

    @Test
    void endsServeForMoreGeneralAndMoreSpecialItems() throws IOException {
        var queue = MemoryQueue.<Number>bounded(2);
        ObjectSendStream<? super Integer> integers = queue.sender();
        ObjectReceiveStream<? extends Number> numbers = queue.receiver();
        integers.send(1);
        Number number = numbers.receive();
        assertThat(number).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 1000})
    @Tag("smoke")
    void eachItemGoesToOneReceiver(int capacity) throws IOException {
        var queue = MemoryQueue.<Integer>bounded(capacity);
        Queue<Integer> received = new ConcurrentLinkedQueue<>();
        TaskGroup.run(group -> {
            for (int i = 0; i < 4; i++) {
                int first = i * 1000;
                var sender = queue.sender().duplicate();
                group.fork(() -> {
                    try (sender) {
                        for (int n = first; n < first + 1000; n++) {
                            sender.send(n);
                        }
                    }
                });
                var receiver = queue.receiver().duplicate();
                group.fork(() -> {
                    try (receiver) {
                        receiver.forEach(received::add);
                    }
                });
            }
            queue.sender().close();
            queue.receiver().close();
        });
        assertThat(received)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 4000).boxed().toList());
    }
}
