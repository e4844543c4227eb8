package io.bobbinet.tests.task;

import static io.bobbinet.tests.task.CancelScopeTest.block;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Deadline;
import io.bobbinet.task.FailScope;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DeadlineTest {
    @AfterEach
    void noInterruptStatusLeaks() {
        assertThat(Thread.interrupted()).isFalse();
    }

    /** Enters a scope in a task, lets it block there, advances the time, and joins. */
    private static boolean blockIn(MoveOnScope scope, Duration advance) throws IOException {
        List<Boolean> done = new ArrayList<>();
        VirtualTime.run(time -> TaskGroup.run(group -> {
            Task<Boolean> task = group.fork(() -> scope.run(() -> block()));
            Blocked.await(task);
            time.advance(advance);
            done.add(task.join());
        }));
        return done.getFirst();
    }

    @Test
    @Tag("smoke")
    void moveOnGivesUpQuietly() throws IOException {
        var scope = CancelScope.moveOnAfter(ofSeconds(5));
        assertThat(blockIn(scope, ofSeconds(5))).isFalse();
        assertThat(scope.isCancelled()).isTrue();
        assertThat(scope.cancelReason()).contains("the time limit of 5s has passed");
    }

    @Test
    void moveOnAtGivesUpQuietly() throws IOException {
        VirtualTime.run(time -> {
            var scope = CancelScope.moveOnAt(Deadline.after(ofSeconds(5)));
            time.advance(ofSeconds(5));
            assertThat(scope.run(() -> block())).isFalse();
            assertThat(scope.cancelReason()).contains("the deadline has passed");
        });
    }

    @Test
    @Tag("smoke")
    void failThrowsTimedOutException() {
        assertThatExceptionOfType(TimedOutException.class)
                .isThrownBy(() -> CancelScope.failAfter(ofMillis(1)).run(() -> block()))
                .isInstanceOf(SocketTimeoutException.class)
                .withMessage("the time limit of 0.001s has passed");
        assertThatExceptionOfType(TimedOutException.class)
                .isThrownBy(
                        () -> CancelScope.failAt(Deadline.after(ofMillis(1))).call(() -> {
                            block();
                            return 42;
                        }))
                .withMessage("the deadline has passed");
    }

    @Test
    void timedOutExceptionSaysWhatWasBeingDoneAndWhere() {
        assertThatExceptionOfType(TimedOutException.class)
                .isThrownBy(
                        () -> CancelScope.failAfter(ofMillis(1), "the login").run(() -> block()))
                .withMessage("the login: the time limit of 0.001s has passed")
                .withCauseInstanceOf(CancelledException.class)
                .satisfies(e -> assertThat(e.getCause().getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().equals("sleep")));
        assertThatExceptionOfType(TimedOutException.class)
                .isThrownBy(() ->
                        CancelScope.failAt(Deadline.after(ZERO), "the login").run(() -> block()))
                .withMessage("the login: the deadline has passed");
    }

    @Test
    void deadlineThatNeverPassesLimitsNothing() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            Task<Integer> task = group.fork(() -> CancelScope.failAt(Deadline.never())
                    .call(() -> CancelScope.moveOnAt(Deadline.never())
                            .call(() -> {
                                CancelScope.sleep(ofHours(1_000));
                                return 42;
                            })
                            .orElseThrow()));
            Blocked.await(task);
            assertThat(time.pending()).isEqualTo(1);
            time.advance(ofHours(1_000));
            assertThat(task.join()).isEqualTo(42);
        }));
    }

    @Test
    void limitOfNoTimeCancelsTheFirstBlockingCall() throws IOException {
        for (Duration limit : List.of(ZERO, ofSeconds(-5), Duration.ofSeconds(Long.MIN_VALUE))) {
            List<String> reached = new ArrayList<>();
            boolean done = CancelScope.moveOnAfter(limit).run(() -> {
                reached.add("before the first blocking call");
                block();
                reached.add("never");
            });
            assertThat(done).isFalse();
            assertThat(reached).containsExactly("before the first blocking call");
        }
    }

    @Test
    void hugeLimitIsNoLimit() throws IOException {
        var scope = CancelScope.failAfter(Duration.ofSeconds(Long.MAX_VALUE));
        scope.run(() -> {
            assertThat(scope.deadline().isNever()).isTrue();
            CancelScope.checkpoint();
        });
    }

    @Test
    void limitCountsFromEntry() throws IOException {
        VirtualTime.run(time -> {
            var scope = CancelScope.moveOnAfter(ofSeconds(5));
            time.advance(ofSeconds(60));
            assertThat(scope.deadline().isNever()).isTrue();
            scope.run(() -> assertThat(scope.deadline().remaining()).isEqualTo(ofSeconds(5)));
        });
    }

    @Test
    void bodyThatReturnsWinsOverAnExpiredDeadline() throws IOException {
        VirtualTime.run(time -> {
            assertThat(CancelScope.failAfter(ofSeconds(1)).<Integer, RuntimeException>call(() -> {
                        time.advance(ofSeconds(2));
                        return 42;
                    }))
                    .isEqualTo(42);
            assertThat(CancelScope.moveOnAfter(ofSeconds(1)).run(() -> time.advance(ofSeconds(2))))
                    .isTrue();
            CancelScope.checkpoint();
        });
    }

    @Test
    void failScopeCancelledByHandDoesNotTimeOut() throws IOException {
        VirtualTime.run(time -> {
            FailScope scope = CancelScope.failAfter(ofSeconds(1));
            scope.run(() -> {
                scope.cancel("by hand");
                time.advance(ofSeconds(2)); // and leaving it takes until after the deadline
                block();
            });
            assertThat(scope.cancelReason()).contains("by hand");
        });
    }

    @Test
    void cancelAfterTheDeadlineStillTimesOut() throws IOException {
        VirtualTime.run(time -> {
            FailScope scope = CancelScope.failAfter(ofSeconds(1));
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() -> scope.run(() -> {
                        time.advance(ofSeconds(2));
                        scope.cancel("too late");
                        block();
                    }));
        });
    }

    @Test
    void limitsWorkAfterAnEarlierCancellation() throws IOException {
        for (int i = 0; i < 3; i++) {
            assertThat(CancelScope.moveOnAfter(ZERO).run(() -> block())).isFalse();
            assertThatExceptionOfType(TimedOutException.class)
                    .isThrownBy(() -> CancelScope.failAfter(ofMillis(1)).run(() -> block()));
        }
    }

    @Test
    void earlierOuterDeadlineIsTheOuterScopes() throws IOException {
        var outer = CancelScope.moveOnAfter(ofSeconds(1));
        var inner = CancelScope.moveOnAfter(ofSeconds(2));
        var failing = CancelScope.failAfter(ofSeconds(2));
        VirtualTime.run(time -> TaskGroup.run(group -> {
            Task<Boolean> task = group.fork(() -> outer.run(() -> failing.run(() -> inner.run(() -> block()))));
            Blocked.await(task);
            time.advance(ofSeconds(1));
            assertThat(task.join()).isFalse();
        }));
        assertThat(outer.isCancelled()).isTrue();
        assertThat(inner.isCancelled()).isFalse();
        assertThat(failing.isCancelled()).isFalse();
    }

    @Test
    void bothDeadlinesPassedIsTheOuterScopes() throws IOException {
        VirtualTime.run(time -> {
            var outer = CancelScope.moveOnAfter(ofSeconds(2));
            boolean done = outer.run(() -> CancelScope.failAfter(ofSeconds(1)).run(() -> {
                time.advance(ofSeconds(3));
                block();
            }));
            assertThat(done).isFalse();
        });
    }

    @Test
    void innerTimeoutLeavesTheOuterScopeAsAFailure() {
        var outer = CancelScope.moveOnAfter(ofHours(1));
        assertThatExceptionOfType(TimedOutException.class)
                .isThrownBy(
                        () -> outer.run(() -> CancelScope.failAfter(ofMillis(1)).run(() -> block())));
        assertThat(outer.isCancelled()).isFalse();
    }

    @Test
    void outerCancelThroughAFailScopeIsNoTimeout() throws IOException {
        var outer = CancelScope.create();
        boolean done = outer.run(() -> CancelScope.failAfter(ofHours(1)).run(() -> {
            outer.cancel();
            block();
        }));
        assertThat(done).isFalse();
    }

    @Test
    void limitAroundAGroupOfCancelledTasksIsAPlainTimeout() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(all -> {
            Task<Boolean> task = all.fork(() -> {
                assertThatExceptionOfType(TimedOutException.class)
                        .isThrownBy(() -> CancelScope.failAfter(ofSeconds(1))
                                .run(() -> TaskGroup.run(group -> {
                                    group.fork(() -> block());
                                    group.fork(() -> block());
                                    block();
                                })))
                        .satisfies(e -> assertThat(e.getSuppressed()).isEmpty());
                return true;
            });
            Blocked.await(task);
            time.advance(ofSeconds(1));
            assertThat(task.join()).isTrue();
        }));
    }

    @Test
    void exceptionsOfTheBodyLeaveAnExpiredScope() throws IOException {
        VirtualTime.run(time -> {
            SocketTimeoutException ofTheBody = new SocketTimeoutException("a socket's own");
            assertThatThrownBy(() -> CancelScope.moveOnAfter(ofSeconds(1)).run(() -> {
                        time.advance(ofSeconds(2));
                        throw ofTheBody;
                    }))
                    .isSameAs(ofTheBody);
            TimedOutException inner = new TimedOutException("of an operation");
            assertThatThrownBy(() -> CancelScope.failAfter(ofSeconds(1)).run(() -> {
                        throw inner;
                    }))
                    .isSameAs(inner);
        });
    }

    @Test
    void deadlineCanBeMovedToLater() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            var scope = CancelScope.moveOnAfter(ofSeconds(1));
            Task<Boolean> task = group.fork(() -> scope.run(() -> block()));
            Blocked.await(task);
            scope.moveDeadline(Deadline.after(ofSeconds(10)));
            time.advance(ofSeconds(5));
            assertThat(scope.isCancelled()).isFalse();
            time.advance(ofSeconds(5));
            assertThat(task.join()).isFalse();
        }));
    }

    @Test
    void deadlineCanBeMovedToEarlierAndIntoThePast() throws IOException {
        for (Duration to : List.of(ofSeconds(1), ZERO, ofSeconds(-1))) {
            VirtualTime.run(time -> TaskGroup.run(group -> {
                var scope = CancelScope.failAfter(ofHours(1), "the login");
                Task<Boolean> task = group.fork(() -> {
                    assertThatExceptionOfType(TimedOutException.class)
                            .isThrownBy(() -> scope.run(() -> block()))
                            .withMessage("the login: the deadline has passed");
                    return true;
                });
                Blocked.await(task);
                scope.moveDeadline(Deadline.after(to));
                time.advance(ofSeconds(1));
                assertThat(task.join()).isTrue();
            }));
        }
    }

    @Test
    void movedDeadlineDoesNotUndoACancel() throws IOException {
        var scope = CancelScope.moveOnAfter(ZERO);
        boolean done = scope.run(() -> {
            scope.moveDeadline(Deadline.never());
            assertThat(scope.isCancelled()).isTrue();
            block();
        });
        assertThat(done).isFalse();
    }

    @Test
    void deadlineMovedBeforeEntryStands() throws IOException {
        var scope = CancelScope.moveOnAfter(ofSeconds(1));
        scope.moveDeadline(Deadline.never());
        scope.run(() -> assertThat(scope.deadline().isNever()).isTrue());
        assertThat(scope.isCancelled()).isFalse();
    }

    @Test
    void scopeWithoutADeadlineCanBeGivenOne() throws IOException {
        VirtualTime.run(time -> {
            var scope = CancelScope.create();
            boolean done = scope.run(() -> {
                CancelScope.current().orElseThrow().moveDeadline(Deadline.after(ofSeconds(1)));
                time.advance(ofSeconds(1));
                block();
            });
            assertThat(done).isFalse();
        });
    }

    @Test
    void effectiveDeadlineIsTheEarliestUpToTheFirstShield() throws IOException {
        assertThat(CancelScope.effectiveDeadline()).isSameAs(Deadline.never());
        VirtualTime.run(time -> {
            var early = Deadline.after(ofSeconds(1));
            CancelScope.moveOnAt(early).run(() -> {
                CancelScope.moveOnAfter(ofSeconds(2))
                        .run(() -> assertThat(CancelScope.effectiveDeadline()).isSameAs(early));
                CancelScope.shielded(ofSeconds(5))
                        .run(() -> assertThat(CancelScope.effectiveDeadline().remaining())
                                .isEqualTo(ofSeconds(5)));
                CancelScope.shielded()
                        .run(() -> assertThat(CancelScope.effectiveDeadline().isNever())
                                .isTrue());
                CancelScope.current().orElseThrow().cancel();
                assertThat(CancelScope.effectiveDeadline().hasPassed()).isTrue();
            });
        });
    }

    @Test
    void tasksAreUnderTheDeadlineOfTheirGroup() throws IOException {
        VirtualTime.run(time -> {
            var deadline = Deadline.after(ofSeconds(1));
            boolean done = CancelScope.moveOnAt(deadline)
                    .run(() -> TaskGroup.run(group -> {
                        Task<Deadline> seen = group.fork(CancelScope::effectiveDeadline);
                        assertThat(seen.join()).isSameAs(deadline);
                        Blocked.await(group.fork(() -> block()));
                        time.advance(ofSeconds(1));
                    }));
            assertThat(done).isFalse();
        });
    }

    @Test
    void leftScopeLeavesNoTimerBehind() throws IOException {
        VirtualTime.run(time -> {
            CancelScope.failAfter(ofSeconds(5))
                    .run(() -> assertThat(time.pending()).isEqualTo(1));
            assertThat(time.pending()).isZero();
        });
    }

    @Test
    void deadlinesSayWhenTheyAre() throws IOException {
        VirtualTime.run(time -> {
            var deadline = Deadline.after(ofSeconds(5));
            assertThat(deadline).hasToString("in PT5S");
            assertThat(deadline.earlier(Deadline.never())).isSameAs(deadline);
            assertThat(Deadline.never().earlier(deadline)).isSameAs(deadline);
            time.advance(ofSeconds(6));
            assertThat(deadline.hasPassed()).isTrue();
            assertThat(deadline.remaining()).isEqualTo(ZERO);
            assertThat(Deadline.never()).hasToString("never");
        });
    }
}
