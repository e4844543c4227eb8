package io.bobbinet.tests.task;

import static io.bobbinet.tests.task.CancelScopeTest.block;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskFailedException;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TaskTest {
    @AfterEach
    void noInterruptStatusLeaks() {
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    @Tag("smoke")
    void statusTellsHowFarTheTaskHasCome() throws IOException {
        TaskGroup.run(group -> {
            WaitingLatch cleanUp = new WaitingLatch();
            Task<Void> task = group.fork("worker", () -> {
                try {
                    block();
                } finally {
                    CancelScope.shielded().run(cleanUp::await);
                }
            });
            Blocked.await(task);
            assertThat(task.status()).isEqualTo(Task.Status.PENDING);
            assertThat(task).hasToString("Task[worker, PENDING]");
            task.cancel();
            assertThat(task.status()).isEqualTo(Task.Status.CANCELLING);
            cleanUp.release();
            task.await();
            assertThat(task.status()).isEqualTo(Task.Status.CANCELLED);
            assertThat(task).hasToString("Task[worker, CANCELLED]");
        });
    }

    @Test
    void statusIsCancellingWhenTheGroupOrAScopeAroundItIsCancelled() throws IOException {
        var outer = CancelScope.create();
        List<Task.Status> seen = new ArrayList<>();
        outer.run(() -> TaskGroup.run(group -> {
            WaitingLatch cleanUp = new WaitingLatch();
            Task<Boolean> task = group.fork(() -> CancelScope.shielded().run(cleanUp::await));
            Blocked.await(task);
            seen.add(task.status());
            outer.cancel();
            seen.add(task.status());
            cleanUp.release();
            CancelScope.shielded().run(task::await);
            seen.add(task.status());
        }));
        assertThat(seen).containsExactly(Task.Status.PENDING, Task.Status.CANCELLING, Task.Status.FINISHED);
    }

    @Test
    void joinGivesTheValue() throws IOException {
        TaskGroup.run(group -> {
            WaitingLatch go = new WaitingLatch();
            Task<Integer> task = group.fork(() -> {
                go.await();
                return 42;
            });
            assertThatIllegalStateException().isThrownBy(task::result).withMessageContaining("has not ended");
            assertThat(task.failure()).isEmpty();
            go.release();
            assertThat(task.join()).isEqualTo(42);
            assertThat(task.join()).isEqualTo(42);
            assertThat(task.result()).isEqualTo(42);
            assertThat(task.status()).isEqualTo(Task.Status.FINISHED);
            assertThat(task.failure()).isEmpty();
        });
    }

    @Test
    void bodyMayGiveNothing() throws IOException {
        TaskGroup.run(group -> assertThat(group.fork(() -> {}).join()).isNull());
    }

    @Test
    void failedTaskTellsWhyAndItsGroupDoesToo() {
        IOException failure = new IOException("failed");
        List<Task<Boolean>> tasks = new ArrayList<>();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> TaskGroup.run(group -> tasks.add(group.fork(() -> {
                    throw failure;
                }))))
                .isSameAs(failure);
        Task<Boolean> task = tasks.getFirst();
        assertThat(task.status()).isEqualTo(Task.Status.FAILED);
        assertThat(task.failure()).containsSame(failure);
        assertThatExceptionOfType(TaskFailedException.class)
                .isThrownBy(task::join)
                .withCause(failure)
                .withMessageContaining(task.name());
        assertThatExceptionOfType(TaskFailedException.class)
                .isThrownBy(task::result)
                .withCause(failure);
    }

    @Test
    void errorOfATaskIsReportedLikeAnyFailure() {
        List<Task<Boolean>> tasks = new ArrayList<>();
        assertThatExceptionOfType(LinkageError.class)
                .isThrownBy(() -> TaskGroup.run(group -> tasks.add(group.fork(() -> {
                    throw new LinkageError("fatal");
                }))))
                .withMessage("fatal");
        assertThatExceptionOfType(TaskFailedException.class)
                .isThrownBy(tasks.getFirst()::join)
                .withCauseInstanceOf(LinkageError.class);
    }

    @Test
    @Tag("smoke")
    void cancelConcernsThisTaskOnly() throws IOException {
        TaskGroup.run(group -> {
            WaitingLatch go = new WaitingLatch();
            Task<Void> sibling = group.fork(go::await);
            Task<Void> task = group.fork(() -> block());
            Blocked.await(task);
            task.cancel("not needed any more");
            task.await();
            assertThat(task.status()).isEqualTo(Task.Status.CANCELLED);
            assertThat(task.failure()).isEmpty();
            assertThatExceptionOfType(TaskFailedException.class)
                    .isThrownBy(task::join)
                    .withCauseInstanceOf(CancelledException.class)
                    .satisfies(e -> assertThat(e.getCause()).hasMessage("not needed any more"));
            Blocked.await(sibling);
            go.release();
        });
    }

    @Test
    void taskCancelledInACallOfTheJdkSaysSo() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> task = group.fork(() -> new CountDownLatch(1).await());
            task.cancel();
            task.await();
            assertThat(task.status()).isEqualTo(Task.Status.CANCELLED);
            assertThatExceptionOfType(TaskFailedException.class)
                    .isThrownBy(task::result)
                    .withCauseInstanceOf(CancelledException.class)
                    .withRootCauseInstanceOf(InterruptedException.class);
        });
    }

    @Test
    void cancelReachesTheTasksOfGroupsInside() throws IOException {
        CompletableFuture<Task<?>> inside = new CompletableFuture<>();
        TaskGroup.run(group -> {
            Task<Void> task = group.fork(() -> TaskGroup.run(inner -> inside.complete(inner.fork(() -> block()))));
            Blocked.await(inside.join());
            task.cancel();
            task.await();
            assertThat(inside.join().status()).isEqualTo(Task.Status.CANCELLED);
            assertThat(task.status()).isEqualTo(Task.Status.CANCELLED);
        });
    }

    @Test
    void cancelOfAnEndedTaskChangesNothing() throws IOException {
        TaskGroup.run(group -> {
            Task<Integer> task = group.fork(() -> 42);
            task.await();
            task.cancel();
            assertThat(task.join()).isEqualTo(42);
            assertThat(task.status()).isEqualTo(Task.Status.FINISHED);
        });
    }

    @Test
    void awaitReturnsWhateverTheOutcome() {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> TaskGroup.run(group -> CancelScope.shielded().run(() -> {
                    Task<Boolean> failing = group.fork(() -> {
                        throw new IOException("failed");
                    });
                    failing.await();
                    failing.await();
                    Task<Void> cancelled = group.fork(() -> block());
                    cancelled.await();
                    cancelled.await();
                    throw new AssertionError(failing.status() + " " + cancelled.status());
                })))
                .withMessage("failed")
                .satisfies(e -> assertThat(e.getSuppressed())
                        .singleElement()
                        .isInstanceOf(AssertionError.class)
                        .extracting(Throwable::getMessage)
                        .isEqualTo("FAILED CANCELLED"));
    }

    @Test
    void manyThreadsMayWaitForOneTask() throws IOException {
        TaskGroup.run(group -> {
            WaitingLatch go = new WaitingLatch();
            Task<Integer> task = group.fork(() -> {
                go.await();
                return 42;
            });
            List<Task<Integer>> waiters = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                waiters.add(group.fork(() -> task.join()));
            }
            for (Task<Integer> waiter : waiters) {
                Blocked.await(waiter);
            }
            for (int i = 0; i < 1_000; i += 2) {
                waiters.get(i).cancel();
            }
            for (int i = 0; i < 1_000; i += 2) {
                waiters.get(i).await();
            }
            go.release();
            for (int i = 0; i < 1_000; i++) {
                assertThat(waiters.get(i).failure()).isEmpty();
                if (i % 2 == 0) {
                    assertThat(waiters.get(i).status()).isEqualTo(Task.Status.CANCELLED);
                } else {
                    assertThat(waiters.get(i).join()).isEqualTo(42);
                }
            }
        });
    }

    @Test
    void cancelledWaitLeavesTheTaskAlone() throws IOException {
        TaskGroup.run(group -> {
            WaitingLatch go = new WaitingLatch();
            Task<Void> task = group.fork(go::await);
            var scope = CancelScope.create();
            scope.cancel();
            assertThat(scope.run(task::await)).isFalse();
            assertThat(task.status()).isEqualTo(Task.Status.PENDING);
            Blocked.await(task);
            go.release();
        });
    }

    @Test
    void waitInACancelledScopeIsCancelledAlsoIfTheTaskHasEnded() throws IOException {
        TaskGroup.run(group -> {
            Task<Integer> task = group.fork(() -> 42);
            task.await();
            var scope = CancelScope.create();
            scope.cancel();
            assertThat(scope.call(task::join)).isEmpty();
            assertThat(task.result()).isEqualTo(42);
        });
    }

    @Test
    void taskTellsWhatItWaitsFor() throws IOException {
        TaskGroup.run(group -> {
            Task<Void> first = group.fork("first", () -> block());
            Task<Void> second = group.fork("second", () -> first.await());
            assertThat(Blocked.await(first).operation()).isEqualTo("sleep");
            assertThat(Blocked.await(second).operation()).isEqualTo("join first");
            group.cancel();
            CancelScope.shielded().run(first::await);
            assertThat(first.waitsAt()).isEmpty();
        });
    }
}
