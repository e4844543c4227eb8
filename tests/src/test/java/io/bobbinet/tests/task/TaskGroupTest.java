package io.bobbinet.tests.task;

import static io.bobbinet.tests.task.CancelScopeTest.block;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.examples.TaskExamples;
import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.CapturedValues;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskFailedException;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingRunnable;
import io.bobbinet.task.TimeSources;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TaskGroupTest {
    @AfterEach
    void noInterruptStatusLeaks() {
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    @Tag("smoke")
    void runReturnsWhenAllChildrenHaveEnded() throws IOException {
        List<Task<?>> tasks = new ArrayList<>();
        WaitingLatch go = new WaitingLatch();
        TaskGroup.run(group -> {
            tasks.add(group.fork(go::await));
            Blocked.await(tasks.getFirst());
            for (int i = 0; i < 10; i++) {
                tasks.add(group.fork(() -> 42));
            }
            go.release();
        });
        assertThat(tasks).hasSize(11).allMatch(t -> t.status() == Task.Status.FINISHED);
    }

    @Test
    void callGivesTheValueOfItsBody() throws IOException {
        int sum = TaskGroup.call(group -> {
            Task<Integer> a = group.fork(() -> 40);
            Task<Integer> b = group.fork(() -> 2);
            return a.join() + b.join();
        });
        assertThat(sum).isEqualTo(42);
    }

    @Test
    void resultsInOrderAreAForkAndAJoinEach() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(all -> {
            Task<List<Integer>> gathered = all.fork(() -> TaskGroup.call(group -> {
                List<Task<Integer>> tasks = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    int number = i;
                    tasks.add(group.fork(() -> {
                        CancelScope.sleep(ofSeconds(5 - number)); // the last ends first
                        return number;
                    }));
                }
                List<Integer> values = new ArrayList<>();
                for (Task<Integer> task : tasks) {
                    Blocked.await(task);
                }
                time.advance(ofSeconds(5));
                for (Task<Integer> task : tasks) {
                    values.add(task.join());
                }
                return values;
            }));
            assertThat(gathered.join()).containsExactly(0, 1, 2, 3, 4);
        }));
    }

    @Test
    void failureWhileResultsAreGatheredLeavesAndCancelsTheRest() {
        List<Task<?>> tasks = new ArrayList<>();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> TaskGroup.run(group -> {
                    tasks.add(group.fork(() -> block()));
                    group.fork(() -> {
                        throw new IOException("the second");
                    });
                    for (Task<?> task : tasks) {
                        task.join();
                    }
                }))
                .withMessage("the second");
        assertThat(tasks).allMatch(t -> t.status() == Task.Status.CANCELLED);
    }

    @Test
    void earlyExitCancelsUnfinishedWork() throws IOException {
        List<Task<?>> tasks = new ArrayList<>();
        int first = TaskGroup.call(group -> {
            tasks.add(group.fork(() -> block()));
            int value = group.fork(() -> 42).join();
            group.cancel();
            return value;
        });
        assertThat(first).isEqualTo(42);
        assertThat(tasks).allMatch(t -> t.status() == Task.Status.CANCELLED);
    }

    @Test
    void emptyGroupEndsAtOnce() throws IOException {
        TaskGroup.run(group -> {});
        assertThat(TaskGroup.<List<Integer>, RuntimeException>call(group -> List.of()))
                .isEmpty();
    }

    @Test
    void childrenForkMoreChildrenAlsoWhileTheGroupEnds() throws IOException {
        Set<Integer> ran = new ConcurrentSkipListSet<>();
        TaskGroup.run(group -> forkNext(group, ran, 20));
        assertThat(ran).hasSize(20);
    }

    private static void forkNext(TaskGroup group, Set<Integer> ran, int left) {
        if (left > 0) {
            group.fork(() -> {
                ran.add(left);
                forkNext(group, ran, left - 1);
            });
        }
    }

    @Test
    void groupCanBeUsedByOtherThreads() throws Exception {
        List<Integer> values = new ArrayList<>();
        TaskGroup.run(group -> {
            WaitingLatch keepsTheGroupOpen = new WaitingLatch();
            group.fork(keepsTheGroupOpen::await);
            Thread other = Thread.ofPlatform().start(() -> {
                group.fork(() -> values.add(42));
                keepsTheGroupOpen.release();
            });
            other.join();
        });
        assertThat(values).containsExactly(42);
    }

    @Test
    void nothingCanBeStartedInAGroupThatHasEnded() throws IOException {
        AtomicReference<TaskGroup> ended = new AtomicReference<>();
        List<String> ran = new ArrayList<>();
        TaskGroup.run(ended::set);
        assertThatIllegalStateException().isThrownBy(() -> ended.get().fork(() -> ran.add("fork")));
        assertThatIllegalStateException().isThrownBy(() -> ended.get().<Integer>start(ready -> ran.add("start")));
        assertThatThrownBy(() -> TaskGroup.run(group -> {
                    ended.set(group);
                    throw new IOException("failed");
                }))
                .hasMessage("failed");
        assertThatIllegalStateException().isThrownBy(() -> ended.get().fork(() -> ran.add("fork after failure")));
        ended.get().cancel();
        assertThat(ran).isEmpty();
    }

    @Test
    @Tag("smoke")
    void failingChildCancelsSiblingsAndBody() {
        List<Task<?>> tasks = new ArrayList<>();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> TaskGroup.run(group -> {
                    tasks.add(group.fork(() -> block()));
                    Blocked.await(tasks.getFirst());
                    group.fork(() -> {
                        throw new IOException("a child's");
                    });
                    block();
                }))
                .withMessage("a child's")
                .satisfies(e -> assertThat(e.getSuppressed()).isEmpty());
        assertThat(tasks).allMatch(t -> t.status() == Task.Status.CANCELLED);
    }

    @Test
    void failingBodyCancelsChildren() {
        List<Task<?>> tasks = new ArrayList<>();
        assertThatExceptionOfType(FileNotFoundException.class)
                .isThrownBy(() -> TaskGroup.run(group -> {
                    tasks.add(group.fork(() -> block()));
                    throw new FileNotFoundException("the body's");
                }))
                .withMessage("the body's");
        assertThat(tasks).allMatch(t -> t.status() == Task.Status.CANCELLED);
    }

    @Test
    void laterFailuresAreSuppressedUnderTheFirst() {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> TaskGroup.run(group -> {
                    Task<Boolean> second = group.fork(() -> failWhenCancelled("second"));
                    Blocked.await(second);
                    group.fork(() -> {
                        throw new IOException("first");
                    });
                    failWhenCancelled("third");
                }))
                .withMessage("first")
                .satisfies(e -> assertThat(e.getSuppressed())
                        .extracting(Throwable::getMessage)
                        .containsExactlyInAnyOrder("second", "third"));
    }

    private static boolean failWhenCancelled(String message) throws IOException {
        try {
            block();
        } finally {
            if (CancelScope.isCancellationPending()) {
                fail(message);
            }
        }
        return true;
    }

    private static void fail(String message) throws IOException {
        throw new IOException(message);
    }

    @Test
    void failureMetByWhoeverJoinsTheTaskIsReportedOnce() {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> TaskGroup.run(group -> {
                    Task<Boolean> failing = group.fork(() -> {
                        throw new IOException("once");
                    });
                    CancelScope.shielded().run(() -> {
                        failing.await();
                        failing.join();
                    });
                }))
                .withMessage("once")
                .satisfies(e -> assertThat(e.getSuppressed()).isEmpty());
    }

    @Test
    void failuresOfChildrenComeOutByKind() {
        RuntimeException unchecked = new UnsupportedOperationException();
        assertThatThrownBy(() -> failWith(unchecked)).isSameAs(unchecked);
        Error error = new StackOverflowError();
        assertThatThrownBy(() -> failWith(error)).isSameAs(error);
        IOException io = new FileNotFoundException();
        assertThatThrownBy(() -> failWith(io)).isSameAs(io);
        Exception checked = new ReflectiveOperationException("checked");
        assertThatThrownBy(() -> failWith(checked))
                .isInstanceOf(TaskFailedException.class)
                .hasCause(checked);
    }

    private static void failWith(Throwable thrown) throws IOException {
        ThrowingRunnable<Throwable> body = () -> {
            throw thrown;
        };
        TaskGroup.run(group -> group.fork(body));
    }

    @Test
    void bodysOwnExceptionComesOutAsItIs() {
        assertThatExceptionOfType(ReflectiveOperationException.class)
                .isThrownBy(() -> TaskGroup.run(group -> {
                    throw new ReflectiveOperationException("the body's");
                }))
                .withMessage("the body's");
    }

    @Test
    void failurePassesThroughNestedGroupsUnchanged() {
        IOException failure = new IOException("deep down");
        assertThatThrownBy(() -> TaskGroup.run(outer -> outer.fork(() -> TaskGroup.run(middle -> {
                    middle.fork(() -> block());
                    TaskGroup.run(inner -> inner.fork(() -> {
                        throw failure;
                    }));
                }))))
                .isSameAs(failure)
                .hasNoSuppressedExceptions()
                .hasNoCause();
    }

    @Test
    @Tag("smoke")
    void groupAbsorbsItsOwnCancellation() throws IOException {
        List<Task<?>> tasks = new ArrayList<>();
        TaskGroup.run(group -> {
            tasks.add(group.fork(() -> block()));
            group.cancel();
            block();
        });
        assertThat(tasks).allMatch(t -> t.status() == Task.Status.CANCELLED);
    }

    @Test
    void callThatIsCancelledByHandGivesTheValueOrThrows() throws IOException {
        int value = TaskGroup.call(group -> {
            group.fork(() -> block());
            group.cancel();
            return 42;
        });
        assertThat(value).isEqualTo(42);
        assertThatExceptionOfType(CancelledException.class)
                .isThrownBy(() -> TaskGroup.call(group -> {
                    group.cancel("by hand");
                    block();
                    return 42;
                }))
                .withMessage("by hand");
    }

    @Test
    void realFailureOfACancelledGroupLeavesIt() {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> TaskGroup.run(group -> {
                    Blocked.await(group.fork(() -> failWhenCancelled("while cleaning up")));
                    group.cancel();
                }))
                .withMessage("while cleaning up");
    }

    @Test
    void forkedIntoACancelledGroupRunsToItsFirstBlockingCall() throws IOException {
        Set<String> reached = new ConcurrentSkipListSet<>();
        TaskGroup.run(group -> {
            group.fork(() -> {
                reached.add("just before");
                block();
                reached.add("never");
            });
            group.cancel();
            group.fork(() -> {
                reached.add("just after");
                block();
                reached.add("never");
            });
        });
        assertThat(reached).containsExactlyInAnyOrder("just before", "just after");
    }

    @Test
    void childsOwnScopeConcernsNobodyElse() throws IOException {
        TaskGroup.run(group -> {
            var scope = CancelScope.create();
            WaitingLatch go = new WaitingLatch();
            Task<Boolean> child = group.fork(() -> scope.run(() -> block()));
            Task<Void> sibling = group.fork(go::await);
            Blocked.await(child);
            scope.cancel();
            assertThat(child.join()).isFalse();
            Blocked.await(sibling);
            CancelScope.checkpoint();
            go.release();
        });
    }

    @Test
    void cancellationThatIsNobodysIsAFailure() {
        assertThatExceptionOfType(CancelledException.class)
                .isThrownBy(() -> failWith(new CancelledException("made up")))
                .withMessage("made up");
        assertThatExceptionOfType(TaskFailedException.class)
                .isThrownBy(() -> failWith(new InterruptedException("made up")))
                .withCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void tasksHaveNames() throws IOException {
        TaskGroup.run(group -> {
            Task<String> named =
                    group.fork("feeder", () -> Thread.currentThread().getName());
            assertThat(named.name()).isEqualTo("feeder");
            assertThat(named.join()).isEqualTo("feeder");
            Task<Void> named2 = group.fork("reader", () -> {});
            assertThat(named2.name()).isEqualTo("reader");
            assertThat(group.fork(() -> {}).name()).startsWith("task-");
        });
    }

    @Test
    void environmentTravelsToTasks() throws IOException {
        VirtualTime.run(time -> Backends.using(
                "nio",
                () -> TaskGroup.run(group -> {
                    assertThat(group.fork(() -> TimeSources.current()).join()).isSameAs(time);
                    assertThat(group.fork(() -> Backends.current().name()).join())
                            .isEqualTo("nio");
                })));
    }

    @Test
    void scopedValuesReachTasksWhenCaptured() throws Exception {
        assertThat(TaskExamples.captured()).isEqualTo("alice");
        ScopedValue<String> bound = ScopedValue.newInstance();
        ScopedValue<String> unbound = ScopedValue.newInstance();
        Set<String> seen = new TreeSet<>();
        ScopedValue.where(bound, "bound").call(() -> {
            TaskGroup.run(group -> {
                var values = CapturedValues.of(bound, unbound);
                group.fork(() -> seen.add("plain: " + bound.orElse("nothing"))).await();
                group.fork(() -> values.run(() -> seen.add("captured: " + bound.get() + unbound.orElse(""))))
                        .await();
            });
            return true;
        });
        assertThat(seen).containsExactly("captured: bound", "plain: nothing");
        assertThat(CapturedValues.of().<Integer, RuntimeException>call(() -> 42))
                .isEqualTo(42);
    }

    @Test
    void argumentsAreChecked() throws IOException {
        TaskGroup.run(group -> {
            Callable<String> none = null;
            assertThatNullPointerException().isThrownBy(() -> group.fork(none));
            assertThatNullPointerException().isThrownBy(() -> group.<String>start(null));
            assertThatNullPointerException().isThrownBy(() -> group.cancel(null));
        });
    }

    @Test
    void shieldedWorkOfTheBodyIsNotCutByAFailingChild() {
        CountDownLatch done = new CountDownLatch(1);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> TaskGroup.run(group -> CancelScope.shielded().run(() -> {
                    Task<Boolean> failing = group.fork(() -> {
                        throw new IOException("meanwhile");
                    });
                    failing.await();
                    done.countDown();
                })))
                .withMessage("meanwhile");
        assertThat(done.getCount()).isZero();
    }
}
