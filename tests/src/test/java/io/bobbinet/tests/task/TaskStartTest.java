package io.bobbinet.tests.task;

import static io.bobbinet.tests.task.CancelScopeTest.block;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Readiness;
import io.bobbinet.task.StartedTask;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskFailedException;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@link TaskGroup#start}: tasks that report ready. */
@Timeout(30)
class TaskStartTest {
    @AfterEach
    void noInterruptStatusLeaks() {
        assertThat(Thread.interrupted()).isFalse();
    }

    private static void serve(Readiness<Integer> ready) throws IOException {
        ready.ready(4711);
        block();
    }

    @Test
    @Tag("smoke")
    void startGivesWhatTheTaskReportsAndTheTask() throws IOException {
        TaskGroup.run(group -> {
            StartedTask<Integer> server = group.start(TaskStartTest::serve);
            assertThat(server.value()).isEqualTo(4711);
            Blocked.await(server.task());
            server.task().cancel();
            server.task().await();
            assertThat(server.task().status()).isEqualTo(Task.Status.CANCELLED);
            assertThat(server.value()).isEqualTo(4711);
        });
    }

    @Test
    void taskMayReportNothing() throws IOException {
        TaskGroup.run(group -> {
            StartedTask<Void> started = group.start(ready -> ready.ready(null));
            started.task().join();
            assertThat(started.value()).isNull();
        });
    }

    @Test
    void bodyCanBeCalledWithoutStart() throws IOException {
        var scope = CancelScope.create();
        boolean done = scope.run(() -> {
            scope.cancel();
            serve(Readiness.ignored());
        });
        assertThat(done).isFalse();
    }

    @Test
    void secondReportIsAMistakeOfTheTask() {
        assertThatIllegalStateException()
                .isThrownBy(() -> TaskGroup.run(group -> group.<Integer>start(ready -> {
                    ready.ready(1);
                    ready.ready(2);
                })))
                .withMessageContaining("ready before");
    }

    @Test
    void failureBeforeTheReportLeavesStartAndNotTheGroup() throws IOException {
        IOException failure = new IOException("no port");
        TaskGroup.run(group -> {
            Task<Boolean> sibling = group.fork(() -> CancelScope.create().run(() -> block()));
            assertThatThrownBy(() -> group.<Integer>start(ready -> {
                        throw failure;
                    }))
                    .isSameAs(failure);
            Blocked.await(sibling);
            assertThat(group.scope().isCancelled()).isFalse();
            assertThat(group.<Integer>start(ready -> ready.ready(42)).value()).isEqualTo(42);
            sibling.cancel();
        });
    }

    @Test
    void failuresBeforeTheReportComeOutByKind() throws IOException {
        TaskGroup.run(group -> {
            assertThatThrownBy(() -> group.<Integer>start(ready -> {
                        throw new StackOverflowError("error");
                    }))
                    .isInstanceOf(StackOverflowError.class);
            assertThatThrownBy(() -> group.<Integer>start(ready -> {
                        throw new UnsupportedOperationException("unchecked");
                    }))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThatThrownBy(() -> group.<Integer>start(ready -> {
                        throw new ReflectiveOperationException("checked");
                    }))
                    .isInstanceOf(TaskFailedException.class)
                    .hasCauseInstanceOf(ReflectiveOperationException.class);
        });
    }

    @Test
    void failureAfterTheReportIsTheGroups() {
        List<Integer> values = new ArrayList<>();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> TaskGroup.run(group -> {
                    CountDownLatch started = new CountDownLatch(1);
                    values.add(group.<Integer>start(ready -> {
                                ready.ready(42);
                                started.await();
                                throw new IOException("later");
                            })
                            .value());
                    started.countDown();
                    block();
                }))
                .withMessage("later");
        assertThat(values).containsExactly(42);
    }

    @Test
    void endWithoutAReportIsAMistake() throws IOException {
        TaskGroup.run(group -> {
            assertThatIllegalStateException()
                    .isThrownBy(() -> group.<Integer>start(ready -> {}))
                    .withMessageContaining("without having been ready");
            CancelScope.checkpoint();
        });
    }

    @Test
    void reportByAnotherThreadAfterTheEndIsRefused() throws Exception {
        CompletableFuture<Readiness<Integer>> kept = new CompletableFuture<>();
        TaskGroup.run(
                group -> assertThatIllegalStateException().isThrownBy(() -> group.<Integer>start(kept::complete)));
        assertThatIllegalStateException().isThrownBy(() -> kept.get().ready(42)).withMessageContaining("has ended");
    }

    @Test
    void reportMayComeFromAnotherThread() throws IOException {
        TaskGroup.run(group -> {
            var started = group.<Integer>start(ready -> {
                Thread.ofVirtual().start(() -> ready.ready(42));
                block();
            });
            assertThat(started.value()).isEqualTo(42);
            started.task().cancel();
        });
    }

    @Test
    void nothingIsStartedInACancelledScope() throws IOException {
        List<String> ran = new ArrayList<>();
        TaskGroup.run(group -> {
            var scope = CancelScope.create();
            scope.cancel();
            assertThat(scope.run(() -> group.<Integer>start(ready -> ran.add("started"))))
                    .isFalse();
        });
        assertThat(ran).isEmpty();
    }

    @Test
    @Tag("smoke")
    void cancelledStarterTakesTheTaskAlongAndNotTheGroup() throws IOException {
        List<String> order = new ArrayList<>();
        TaskGroup.run(group -> {
            WaitingLatch go = new WaitingLatch();
            Task<Void> sibling = group.fork(go::await);
            var scope = CancelScope.create();
            TaskGroup.run(starters -> {
                Task<Boolean> starter = starters.fork(() -> scope.run(() -> group.<Integer>start(ready -> {
                    try {
                        block();
                    } finally {
                        order.add("task");
                        ready.ready(42); // of use to nobody, and no mistake
                    }
                })));
                assertThat(Blocked.await(starter).operation()).isEqualTo("start");
                scope.cancel();
                assertThat(starter.join()).isFalse();
                order.add("starter");
            });
            Blocked.await(sibling);
            go.release();
        });
        assertThat(order).containsExactly("task", "starter");
    }

    @Test
    void cancelledStarterHonoursAShieldOfTheTask() throws IOException {
        List<String> order = new ArrayList<>();
        WaitingLatch cleanUp = new WaitingLatch();
        CompletableFuture<Thread> child = new CompletableFuture<>();
        TaskGroup.run(group -> {
            var scope = CancelScope.create();
            Task<Boolean> starter = group.fork(() -> scope.run(() -> group.<Integer>start(ready -> {
                child.complete(Thread.currentThread());
                CancelScope.shielded().run(() -> cleanUp.await());
                order.add("task");
            })));
            Blocked.await(child.join());
            Blocked.await(starter);
            scope.cancel();
            assertThat(starter.status()).isEqualTo(Task.Status.PENDING);
            cleanUp.release();
            assertThat(starter.join()).isFalse();
        });
        assertThat(order).containsExactly("task");
    }

    @Test
    void failureOfTheTaskOfACancelledStarterIsNotLost() throws IOException {
        TaskGroup.run(group -> {
            var scope = CancelScope.create();
            Task<Boolean> starter = group.fork(() -> {
                assertThatExceptionOfType(IOException.class)
                        .isThrownBy(() -> scope.run(() -> group.<Integer>start(ready -> {
                            try {
                                block();
                            } catch (CancelledException e) {
                                throw new IOException("while cleaning up");
                            }
                        })))
                        .withMessage("while cleaning up")
                        .satisfies(e -> assertThat(e.getSuppressed()).hasOnlyElementsOfType(CancelledException.class));
                return true;
            });
            Blocked.await(starter);
            scope.cancel();
            assertThat(starter.join()).isTrue();
        });
    }

    @Test
    void interruptedStarterTakesTheTaskAlong() throws IOException {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        List<Throwable> ended = new ArrayList<>();
        TaskGroup.run(group -> {
            Task<Boolean> starter = group.fork(() -> {
                thread.complete(Thread.currentThread());
                assertThatExceptionOfType(InterruptedIOException.class)
                        .isThrownBy(() -> group.<Integer>start(ready -> {
                            try {
                                block();
                            } catch (CancelledException e) {
                                ended.add(e);
                                throw e;
                            }
                        }));
                return Thread.interrupted();
            });
            Blocked.await(starter);
            thread.join().interrupt();
            assertThat(starter.join()).isTrue();
        });
        assertThat(ended).hasSize(1);
    }

    @Test
    void taskThatIsCancelledBySomebodyElseFailsStart() throws IOException {
        TaskGroup.run(group -> {
            CompletableFuture<CancelScope> childsScope = new CompletableFuture<>();
            Task<Boolean> starter = group.fork(() -> {
                assertThatExceptionOfType(TaskFailedException.class)
                        .isThrownBy(() -> group.<Integer>start(ready -> {
                            childsScope.complete(CancelScope.current().orElseThrow());
                            block();
                        }))
                        .withCauseInstanceOf(CancelledException.class);
                return true;
            });
            childsScope.join().cancel();
            assertThat(starter.join()).isTrue();
        });
    }

    @Test
    void cancelledGroupCancelsAPendingStart() throws IOException {
        List<Task<?>> tasks = new ArrayList<>();
        TaskGroup.run(group -> {
            Task<?> starter = group.fork(() -> group.<Integer>start(ready -> block()));
            tasks.add(starter);
            Blocked.await(starter);
            group.cancel();
        });
        assertThat(tasks).allMatch(t -> t.status() == Task.Status.CANCELLED);
    }

    @Test
    void failingSiblingCancelsAPendingStartInAnotherGroup() {
        List<String> reached = new ArrayList<>();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> TaskGroup.run(outer -> {
                    Task<Boolean> starter = outer.fork(() -> {
                        TaskGroup.run(inner -> inner.<Integer>start(ready -> block()));
                        return reached.add("never");
                    });
                    Blocked.await(starter);
                    throw new IOException("a sibling's");
                }))
                .withMessage("a sibling's")
                .satisfies(e -> assertThat(e.getSuppressed()).isEmpty());
        assertThat(reached).isEmpty();
    }

    @Test
    void startInACancelledGroupByAnOutsiderTells() throws IOException {
        TaskGroup.run(group -> {
            group.cancel();
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                try {
                    group.<Integer>start(ready -> block());
                } catch (Throwable t) {
                    thrown.complete(t);
                }
            });
            assertThat(thrown.join())
                    .isInstanceOf(TaskFailedException.class)
                    .hasCauseInstanceOf(CancelledException.class);
        });
    }
}
