package io.bobbinet.tests.task;

import static io.bobbinet.tests.task.CancelScopeTest.block;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Groups that are cancelled by scopes around them, and nested ones. */
@Timeout(30)
class GroupCancellationTest {
    @AfterEach
    void noInterruptStatusLeaks() {
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    @Tag("smoke")
    void cancelFromOutsideLeavesTheGroupAsOneCancelledException() throws IOException {
        var outer = CancelScope.create();
        List<Throwable> seen = new ArrayList<>();
        boolean done = outer.run(() -> {
            try {
                TaskGroup.run(group -> {
                    group.fork(() -> block());
                    Blocked.await(group.fork(() -> block()));
                    outer.cancel("from outside");
                    block();
                });
            } catch (Throwable t) {
                seen.add(t);
                throw t;
            }
        });
        assertThat(done).isFalse();
        assertThat(seen)
                .singleElement()
                .satisfies(t -> assertThat(t)
                        .isInstanceOf(CancelledException.class)
                        .hasMessage("from outside")
                        .hasNoSuppressedExceptions());
    }

    @Test
    void cancelFromOutsideLeavesAlsoWhenOnlyTheChildrenWereCut() throws IOException {
        var outer = CancelScope.create();
        List<String> reached = new ArrayList<>();
        boolean done = outer.run(() -> {
            TaskGroup.run(group -> {
                Blocked.await(group.fork(() -> block()));
                outer.cancel();
            });
            reached.add("after the group");
        });
        assertThat(done).isFalse();
        assertThat(reached).isEmpty();
    }

    @Test
    void groupInACancelledScopeThatNeverBlocksReturns() throws IOException {
        var scope = CancelScope.create();
        scope.cancel();
        List<Integer> values = new ArrayList<>();
        boolean done = scope.run(() -> {
            TaskGroup.run(group -> {});
            values.add(TaskGroup.call(group -> 1));
            TaskGroup.run(group -> group.fork(() -> {}));
        });
        assertThat(values).containsExactly(1);
        assertThat(done).isTrue();
    }

    @Test
    void bodysValueIsKeptIfNothingWasCut() throws IOException {
        var outer = CancelScope.create();
        boolean done = outer.run(() -> {
            int value = TaskGroup.call(group -> {
                Task<Void> child = group.fork(() -> block());
                child.cancel();
                child.await();
                outer.cancel();
                return 42;
            });
            assertThat(value).isEqualTo(42);
        });
        assertThat(done).isTrue();
    }

    @Test
    void waitingGroupThatIsCancelledWaitsOnForItsChildren() throws Exception {
        CompletableFuture<TaskGroup> given = new CompletableFuture<>();
        CompletableFuture<Task<?>> child = new CompletableFuture<>();
        WaitingLatch cleanUp = new WaitingLatch();
        List<String> order = new ArrayList<>();
        Thread owner = Thread.ofVirtual().start(() -> {
            try {
                TaskGroup.run(group -> {
                    child.complete(group.fork(() -> {
                        try {
                            block();
                        } finally {
                            CancelScope.shielded().run(() -> cleanUp.await());
                            order.add("child");
                        }
                    }));
                    given.complete(group);
                });
                order.add("group");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        Blocked.await(child.get());
        assertThat(Blocked.await(owner).operation()).isEqualTo("join group");
        given.get().cancel();
        Blocked.await(child.get(), "latch");
        assertThat(Blocked.await(owner).operation()).isEqualTo("join group");
        cleanUp.release();
        owner.join();
        assertThat(order).containsExactly("child", "group");
    }

    @Test
    void outerCancelReachesTasksOfNestedGroups() throws IOException {
        List<Task<?>> tasks = new ArrayList<>();
        TaskGroup.run(outer -> {
            CompletableFuture<Task<?>> deep = new CompletableFuture<>();
            tasks.add(outer.fork(() -> TaskGroup.run(middle -> {
                TaskGroup.run(inner -> deep.complete(inner.fork(() -> block())));
            })));
            tasks.add(deep.join());
            Blocked.await(deep.join());
            outer.cancel();
        });
        assertThat(tasks).hasSize(2).allMatch(t -> t.status() == Task.Status.CANCELLED);
    }

    @Test
    void scopeBetweenGroupsCancelsTheInnerOneOnly() throws IOException {
        TaskGroup.run(outer -> {
            WaitingLatch go = new WaitingLatch();
            Task<Void> outside = outer.fork(go::await);
            var scope = CancelScope.create();
            List<Task<?>> inside = new ArrayList<>();
            boolean done = scope.run(() -> TaskGroup.run(inner -> {
                inside.add(inner.fork(() -> block()));
                scope.cancel();
                block();
            }));
            assertThat(done).isFalse();
            assertThat(inside).allMatch(t -> t.status() == Task.Status.CANCELLED);
            Blocked.await(outside);
            go.release();
        });
    }

    @Test
    void failureOfANestedGroupStaysInItsScope() throws IOException {
        TaskGroup.run(outer -> {
            WaitingLatch go = new WaitingLatch();
            Task<Void> outside = outer.fork(go::await);
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> TaskGroup.run(inner -> {
                        inner.fork(() -> {
                            throw new IOException("inner");
                        });
                        block();
                    }));
            CancelScope.checkpoint();
            Blocked.await(outside);
            go.release();
        });
    }

    @Test
    void realFailureOfAnInnerGroupWinsOverTheOuterCancel() {
        var outer = CancelScope.create();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> outer.run(() -> TaskGroup.run(group -> {
                    Task<Void> child = group.fork(() -> {
                        try {
                            block();
                        } catch (CancelledException e) {
                            throw new IOException("while cleaning up");
                        }
                    });
                    Blocked.await(child);
                    outer.cancel();
                    block();
                })))
                .withMessage("while cleaning up");
    }

    @Test
    void cancelledTaskThatIsJoinedByACancelledOneIsNoFailure() throws IOException {
        for (int i = 0; i < 300; i++) {
            TaskGroup.run(group -> {
                Task<Void> first = group.fork(() -> block());
                Task<Void> second = group.fork(() -> first.join());
                Task<Void> third = group.fork(() -> second.join());
                Blocked.await(third);
                group.cancel();
            });
        }
    }

    @Test
    void jdkCallsOfChildrenAreCutToo() throws IOException {
        List<Task<?>> tasks = new ArrayList<>();
        TaskGroup.run(group -> {
            tasks.add(group.fork(() -> new Semaphore(0).acquire()));
            tasks.add(group.fork(() -> new CountDownLatch(1).await()));
            group.cancel();
        });
        assertThat(tasks).allMatch(t -> t.status() == Task.Status.CANCELLED);
    }

    @Test
    void waitForTheGroupIsNotPesteredWhileAShieldedChildGoesOn() throws Exception {
        WaitingLatch cleanUp = new WaitingLatch();
        CompletableFuture<Task<?>> child = new CompletableFuture<>();
        CompletableFuture<CancelScope> scope = new CompletableFuture<>();
        CountingThread owner = new CountingThread(() -> CancelScope.create().run(() -> {
            scope.complete(CancelScope.current().orElseThrow());
            TaskGroup.run(outer -> TaskGroup.run(inner ->
                    child.complete(inner.fork(() -> CancelScope.shielded().run(() -> cleanUp.await())))));
        }));
        owner.start();
        Blocked.await(child.get());
        Blocked.await(owner);
        scope.get().cancel();
        CountingThread.awaitInterrupts(8);
        assertThat(owner.interrupts()).isZero();
        cleanUp.release();
        owner.join();
        assertThat(owner.failure()).isEmpty();
    }

    @Test
    void threadIsLeftAloneOnceTheScopeIsLeft() throws Exception {
        WaitingLatch stay = new WaitingLatch();
        CountingThread thread = new CountingThread(() -> {
            for (int i = 0; i < 20; i++) {
                var scope = CancelScope.create();
                scope.cancel();
                scope.run(() -> block());
            }
            stay.await();
        });
        thread.start();
        Blocked.await(thread);
        int before = thread.interrupts();
        CountingThread.awaitInterrupts(8);
        assertThat(thread.interrupts()).isEqualTo(before).isGreaterThanOrEqualTo(20);
        stay.release();
        thread.join();
        assertThat(thread.failure()).isEmpty();
    }
}
