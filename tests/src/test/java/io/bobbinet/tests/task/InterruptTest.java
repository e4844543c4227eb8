package io.bobbinet.tests.task;

import static io.bobbinet.tests.task.CancelScopeTest.block;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskFailedException;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@link Thread#interrupt()} by the user, which is not cancellation. */
@Timeout(30)
class InterruptTest {
    @AfterEach
    void noInterruptStatusLeaks() {
        assertThat(Thread.interrupted()).isFalse();
    }

    private static void assertInterrupted(Throwable thrown) {
        assertThat(thrown).isExactlyInstanceOf(InterruptedIOException.class).isNotInstanceOf(TimedOutException.class);
        assertThat(thrown).isNotInstanceOf(SocketTimeoutException.class);
        assertThat(Thread.interrupted()).as("status").isTrue();
    }

    @Test
    @Tag("smoke")
    void blockingCallsThrowAndTheStatusStays() {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedIOException.class)
                .isThrownBy(() -> block())
                .satisfies(
                        e -> assertThat(Thread.currentThread().isInterrupted()).isTrue())
                .satisfies(InterruptTest::assertInterrupted);
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedIOException.class)
                .isThrownBy(CancelScope::checkpoint)
                .satisfies(InterruptTest::assertInterrupted);
    }

    @Test
    void blockedCallIsInterrupted() throws IOException {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        TaskGroup.run(group -> {
            Task<Boolean> task = group.fork(() -> {
                thread.complete(Thread.currentThread());
                assertThatExceptionOfType(InterruptedIOException.class)
                        .isThrownBy(() -> CancelScope.failAfter(ofHours(1)).run(() -> block()))
                        .satisfies(InterruptTest::assertInterrupted);
                return true;
            });
            Blocked.await(task);
            thread.join().interrupt();
            assertThat(task.join()).isTrue();
        });
    }

    @Test
    void scopeThatIsNotCancelledKeepsTheStatus() throws IOException {
        Thread.currentThread().interrupt();
        assertThat(CancelScope.moveOnAfter(ofHours(1)).run(() -> {})).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        CancelScope.failAfter(ofHours(1)).run(() -> CancelScope.shielded().run(() -> {}));
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        TaskGroup.run(group -> {});
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void scopeDoesNotAbsorbAnInterrupt() {
        var scope = CancelScope.moveOnAfter(ofHours(1));
        assertThatExceptionOfType(InterruptedIOException.class)
                .isThrownBy(() -> scope.run(() -> {
                    Thread.currentThread().interrupt();
                    block();
                }))
                .satisfies(InterruptTest::assertInterrupted);
        assertThat(scope.isCancelled()).isFalse();
    }

    @Test
    void interruptedExceptionOfTheJdkLeavesAScopeUnchanged() {
        assertThatExceptionOfType(InterruptedException.class)
                .isThrownBy(() -> CancelScope.moveOnAfter(ofHours(1)).run(() -> {
                    Thread.currentThread().interrupt();
                    new CountDownLatch(1).await();
                }));
    }

    @Test
    void interruptThatCoincidesWithACancelIsAbsorbed() throws IOException {
        var scope = CancelScope.create();
        boolean done = scope.run(() -> {
            scope.cancel();
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(CancelledException.class).isThrownBy(CancelScope::checkpoint);
            Thread.currentThread().interrupt();
            block();
        });
        assertThat(done).isFalse();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void interruptOfAnAbsorbedCancelIsGone() throws Exception {
        for (int i = 0; i < 200; i++) {
            assertThat(CancelScope.moveOnAfter(ZERO).run(() -> new CountDownLatch(1).await()))
                    .isFalse();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
    }

    @Test
    @Tag("smoke")
    void ownerInterruptedInItsBodyCancelsAndAwaitsTheChildren() {
        List<Task<?>> tasks = new ArrayList<>();
        assertThatExceptionOfType(InterruptedIOException.class)
                .isThrownBy(() -> TaskGroup.run(group -> {
                    tasks.add(group.fork(() -> block()));
                    Thread.currentThread().interrupt();
                    block();
                }))
                .satisfies(InterruptTest::assertInterrupted);
        assertThat(tasks).allMatch(t -> t.status() == Task.Status.CANCELLED);
    }

    @Test
    void ownerInterruptedInAJdkCallIsTold() {
        assertThatExceptionOfType(InterruptedIOException.class)
                .isThrownBy(() -> TaskGroup.run(group -> {
                    try {
                        group.fork(() -> block());
                        Thread.currentThread().interrupt();
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        throw new InterruptedIOException("by hand");
                    }
                }))
                .withMessage("by hand");
        assertThatExceptionOfType(InterruptedIOException.class)
                .isThrownBy(() -> TaskGroup.<Integer, InterruptedException>call(group -> {
                    group.fork(() -> block());
                    Thread.currentThread().interrupt();
                    new CountDownLatch(1).await();
                    return 42;
                }))
                .withCauseInstanceOf(InterruptedException.class)
                .satisfies(InterruptTest::assertInterrupted);
    }

    @Test
    void ownerInterruptedWhileItWaitsCancelsAndAwaitsTheChildren() throws Exception {
        CompletableFuture<Task<?>> child = new CompletableFuture<>();
        WaitingLatch cleanUp = new WaitingLatch();
        FutureTask<Throwable> thrown = new FutureTask<>(() -> {
            try {
                TaskGroup.run(group -> child.complete(group.fork(() -> {
                    try {
                        block();
                    } finally {
                        CancelScope.shielded().run(() -> cleanUp.await());
                    }
                })));
                return new AssertionError("not interrupted");
            } catch (IOException e) {
                assertInterrupted(e);
                return e;
            }
        });
        Thread owner = Thread.ofPlatform().start(thrown);
        Blocked.await(child.get());
        Blocked.await(owner);
        owner.interrupt();
        Blocked.await(child.get(), "latch");
        assertThat(child.get().status()).isEqualTo(Task.Status.CANCELLING);
        owner.interrupt(); // impatience changes nothing: it waits for its child
        assertThat(Blocked.await(owner).operation()).isEqualTo("join group");
        cleanUp.release();
        assertThat(thrown.get()).isInstanceOf(InterruptedIOException.class);
        assertThat(child.get().status()).isEqualTo(Task.Status.CANCELLED);
    }

    @Test
    void interruptWhileAGroupEndsComesBeforeTheFailuresItCauses() throws Exception {
        CompletableFuture<Task<?>> child = new CompletableFuture<>();
        FutureTask<Throwable> thrown = new FutureTask<>(() -> {
            try {
                TaskGroup.run(group -> child.complete(group.fork(() -> {
                    try {
                        block();
                    } catch (CancelledException e) {
                        throw new IOException("while cleaning up");
                    }
                })));
                return new AssertionError("not interrupted");
            } catch (IOException e) {
                assertInterrupted(e);
                return e;
            }
        });
        Thread owner = Thread.ofVirtual().start(thrown);
        Blocked.await(child.get());
        Blocked.await(owner);
        owner.interrupt();
        assertThat(thrown.get()).isInstanceOf(InterruptedIOException.class);
        assertThat(thrown.get().getSuppressed())
                .extracting(Throwable::getMessage)
                .containsExactly("while cleaning up");
    }

    @Test
    void statusSetBeforeTheGroupEndsCutsItsWait() {
        List<Task<?>> tasks = new ArrayList<>();
        assertThatExceptionOfType(InterruptedIOException.class)
                .isThrownBy(() -> TaskGroup.run(group -> {
                    tasks.add(group.fork(() -> block()));
                    Thread.currentThread().interrupt();
                }))
                .satisfies(InterruptTest::assertInterrupted);
        assertThat(tasks).allMatch(t -> t.status() == Task.Status.CANCELLED);
    }

    @Test
    void failingBodyKeepsTheUsersStatus() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> TaskGroup.run(group -> {
                    group.fork(() -> block());
                    Thread.currentThread().interrupt();
                    throw new IllegalArgumentException();
                }));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void ownerInterruptedInANestedGroupIsTold() {
        List<Task<?>> tasks = new ArrayList<>();
        assertThatExceptionOfType(InterruptedIOException.class)
                .isThrownBy(() -> TaskGroup.run(outer -> {
                    tasks.add(outer.fork(() -> block()));
                    CancelScope.moveOnAfter(ofHours(1))
                            .run(() -> TaskGroup.run(inner -> {
                                tasks.add(inner.fork(() -> block()));
                                Thread.currentThread().interrupt();
                            }));
                }))
                .satisfies(InterruptTest::assertInterrupted);
        assertThat(tasks).hasSize(2).allMatch(t -> t.status() == Task.Status.CANCELLED);
    }

    @Test
    void interruptedChildIsAFailureOfItsGroup() {
        assertThatExceptionOfType(InterruptedIOException.class)
                .isThrownBy(() -> TaskGroup.run(group -> {
                    Task<Void> task = group.fork(() -> {
                        Thread.currentThread().interrupt();
                        block();
                    });
                    CancelScope.shielded().run(task::await);
                    assertThat(task.status()).isEqualTo(Task.Status.FAILED);
                }));
        assertThatExceptionOfType(TaskFailedException.class)
                .isThrownBy(() -> TaskGroup.run(group -> group.fork(() -> {
                    Thread.currentThread().interrupt();
                    new CountDownLatch(1).await();
                })))
                .withCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void sleepOfNoTimeStillChecks() {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedIOException.class)
                .isThrownBy(() -> CancelScope.sleep(ZERO))
                .satisfies(InterruptTest::assertInterrupted);
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedIOException.class)
                .isThrownBy(() -> CancelScope.sleep(ofMillis(-1)))
                .satisfies(InterruptTest::assertInterrupted);
    }
}
