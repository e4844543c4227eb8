package io.bobbinet.tests.task;

import static java.time.Duration.ofSeconds;
import static java.util.concurrent.TimeUnit.HOURS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingConsumer;
import io.bobbinet.task.ThrowingRunnable;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Exchanger;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** Blocking calls of the JDK, and its synchronizers, inside scopes. */
@Timeout(30)
class JdkBlockingTest {
    @AfterEach
    void noInterruptStatusLeaks() {
        assertThat(Thread.interrupted()).isFalse();
    }

    /** Runs a body in a task of its own, and something else once that waits. */
    private static <T> T whenWaiting(ThrowingRunnable<?> body, ThrowingConsumer<Task<?>, ?> then, T result)
            throws IOException {
        TaskGroup.run(group -> {
            CompletableFuture<Thread> thread = new CompletableFuture<>();
            Task<Void> task = group.fork(() -> {
                thread.complete(Thread.currentThread());
                body.run();
            });
            Waiting.await(thread.join());
            group.fork(() -> then.accept(task)).join();
        });
        return result;
    }

    @TestFactory
    @Tag("smoke")
    List<DynamicTest> deadlineOfAScopeCuts() {
        List<DynamicTest> tests = new ArrayList<>();
        Object monitor = new Object();
        tests.add(cut("Thread.sleep", () -> Thread.sleep(1_000_000)));
        tests.add(cut("CountDownLatch", () -> new CountDownLatch(1).await()));
        tests.add(cut("CountDownLatch with a time limit", () -> new CountDownLatch(1).await(1, HOURS)));
        tests.add(cut("BlockingQueue.take", () -> new LinkedBlockingQueue<String>().take()));
        tests.add(cut("BlockingQueue.put", () -> new SynchronousQueue<String>().put("nobody takes it")));
        tests.add(cut("Semaphore", () -> new Semaphore(0).acquire()));
        tests.add(cut("CompletableFuture", () -> new CompletableFuture<String>().get()));
        tests.add(cut("CyclicBarrier", () -> new CyclicBarrier(2).await()));
        tests.add(cut("Exchanger", () -> new Exchanger<String>().exchange("nobody is there")));
        tests.add(cut("Object.wait", () -> {
            synchronized (monitor) {
                while (true) {
                    monitor.wait();
                }
            }
        }));
        tests.add(cut("Condition", () -> {
            ReentrantLock lock = new ReentrantLock();
            lock.lock();
            try {
                while (true) {
                    lock.newCondition().await();
                }
            } finally {
                lock.unlock();
            }
        }));
        tests.add(cut("Thread.join", () -> {
            CountDownLatch end = new CountDownLatch(1);
            Thread other = Thread.ofVirtual().start(() -> {
                try {
                    end.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            try {
                other.join();
            } finally {
                end.countDown();
            }
        }));
        return tests;
    }

    private static DynamicTest cut(String name, ThrowingRunnable<?> call) {
        return DynamicTest.dynamicTest(
                name,
                () -> VirtualTime.run(time -> whenWaiting(
                        () -> assertThatExceptionOfType(TimedOutException.class)
                                .isThrownBy(() ->
                                        CancelScope.failAfter(ofSeconds(5)).run(call::run))
                                .withMessage("the time limit of 5s has passed"),
                        task -> {
                            assertThat(task.status()).isEqualTo(Task.Status.PENDING);
                            time.advance(ofSeconds(5));
                            task.await();
                            task.result();
                        },
                        true)));
    }

    @Test
    void channelOfTheJdkIsClosedByACancel() throws IOException {
        Pipe pipe = Pipe.open();
        var scope = CancelScope.create();
        whenWaiting(
                () -> assertThat(scope.run(() -> pipe.source().read(ByteBuffer.allocate(1))))
                        .isFalse(),
                task -> {
                    scope.cancel();
                    task.join();
                },
                true);
        assertThat(pipe.source().isOpen()).isFalse();
        pipe.sink().close();
        assertThatExceptionOfType(ClosedByInterruptException.class)
                .isThrownBy(() -> CancelScope.create().run(() -> {
                    throw new ClosedByInterruptException();
                }));
    }

    @Test
    void latchWakesItsOtherWaitersWhenOneIsCancelled() throws Exception {
        CountDownLatch event = new CountDownLatch(1);
        var scope = CancelScope.create();
        TaskGroup.run(group -> {
            Task<Boolean> cancelled = group.fork(() -> scope.run(event::await));
            Task<Void> other = group.fork(() -> event.await());
            scope.cancel();
            assertThat(cancelled.join()).isFalse();
            event.countDown();
            other.join();
            event.await(); // set before the wait
        });
    }

    @Test
    void latchThatIsOpenBeforeTheCancelIsReadStillCounts() throws Exception {
        CountDownLatch event = new CountDownLatch(1);
        var scope = CancelScope.create();
        event.countDown();
        boolean done = scope.run(() -> {
            event.await();
            scope.cancel();
        });
        assertThat(done).isTrue();
    }

    @Test
    void cancelledWaiterNeverOwnsALockNorBlocksTheNext() throws IOException {
        ReentrantLock lock = new ReentrantLock(true);
        var scope = CancelScope.create();
        List<String> owners = new ArrayList<>();
        TaskGroup.run(group -> {
            lock.lock();
            Task<Boolean> cancelled;
            Task<Void> next;
            try {
                cancelled = group.fork(() -> scope.run(() -> {
                    lock.lockInterruptibly();
                    owners.add("never");
                }));
                awaitQueue(lock, 1);
                next = group.fork(() -> {
                    lock.lockInterruptibly();
                    try {
                        owners.add("next");
                    } finally {
                        lock.unlock();
                    }
                });
                awaitQueue(lock, 2);
                scope.cancel();
                assertThat(cancelled.join()).isFalse();
                assertThat(owners).isEmpty();
            } finally {
                lock.unlock();
            }
            next.join();
        });
        assertThat(owners).containsExactly("next");
        assertThat(lock.isLocked()).isFalse();
    }

    private static void awaitQueue(ReentrantLock lock, int length) {
        Waiting.until(() -> lock.getQueueLength() == length);
    }

    @Test
    void semaphoreGivesThePermitOfACancelledWaiterToTheNext() throws IOException {
        Semaphore permits = new Semaphore(0, true);
        var scope = CancelScope.create();
        TaskGroup.run(group -> {
            Task<Boolean> cancelled = group.fork(() -> scope.run(permits::acquire));
            Waiting.until(() -> permits.getQueueLength() == 1);
            Task<Void> next = group.fork(() -> permits.acquire());
            Waiting.until(() -> permits.getQueueLength() == 2);
            scope.cancel();
            assertThat(cancelled.join()).isFalse();
            permits.release();
            next.join();
        });
        assertThat(permits.availablePermits()).isZero();
    }

    @Test
    void conditionPassesTheSignalOnWhenItsReceiverIsCancelled() throws IOException {
        for (int i = 0; i < 100; i++) {
            passSignalOn();
        }
    }

    private static void passSignalOn() throws IOException {
        ReentrantLock lock = new ReentrantLock();
        Condition condition = lock.newCondition();
        int[] items = {0};
        var scope = CancelScope.create();
        TaskGroup.run(group -> {
            Task<Boolean> cancelled = group.fork(() -> scope.run(() -> take(items, lock, condition)));
            awaitWaiters(lock, condition, 1);
            Task<Void> other = group.fork(() -> take(items, lock, condition));
            awaitWaiters(lock, condition, 2);
            lock.lock();
            try {
                items[0] = 1;
                scope.cancel();
                condition.signal(); // to the first, which is cancelled: it takes the item, or passes the signal on
            } finally {
                lock.unlock();
            }
            if (!cancelled.join()) {
                other.join();
            } else {
                other.cancel();
            }
            assertThat(items).containsExactly(0);
        });
    }

    private static void take(int[] items, ReentrantLock lock, Condition condition) throws InterruptedException {
        lock.lock();
        try {
            while (items[0] == 0) {
                condition.await();
            }
            items[0]--;
        } finally {
            lock.unlock();
        }
    }

    private static void awaitWaiters(ReentrantLock lock, Condition condition, int count) {
        Waiting.until(() -> {
            lock.lock();
            try {
                return lock.getWaitQueueLength(condition) == count;
            } finally {
                lock.unlock();
            }
        });
    }

    @Test
    void cancelledWaiterForAFutureDoesNotHurtTheOthers() throws IOException {
        CompletableFuture<Integer> future = new CompletableFuture<>();
        var scope = CancelScope.create();
        TaskGroup.run(group -> {
            Task<Boolean> cancelled = group.fork(() -> scope.run(() -> future.get()));
            Task<Integer> other = group.fork(() -> future.get());
            scope.cancel();
            assertThat(cancelled.join()).isFalse();
            assertThat(future).isNotDone();
            assertThat(future.complete(42)).isTrue();
            assertThat(future.complete(43)).isFalse();
            assertThat(other.join()).isEqualTo(42);
        });
    }

    @Test
    void cancelledTakeLosesNothing() throws Exception {
        for (int i = 0; i < 300; i++) {
            ArrayBlockingQueue<Integer> queue = new ArrayBlockingQueue<>(1);
            var scope = CancelScope.create();
            TaskGroup.run(group -> {
                Task<List<Integer>> taker =
                        group.fork(() -> scope.call(() -> List.of(queue.take())).orElse(List.of()));
                group.fork(() -> queue.put(42));
                scope.cancel();
                List<Integer> all = new ArrayList<>(taker.join());
                if (all.isEmpty()) {
                    all.add(queue.take());
                }
                assertThat(all).containsExactly(42);
            });
        }
    }
}
