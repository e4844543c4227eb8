package io.bobbinet.tests.task;

import static io.bobbinet.tests.task.CancelScopeTest.block;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Deadline;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ShieldTest {
    @AfterEach
    void noInterruptStatusLeaks() {
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    @Tag("smoke")
    void outerCancelDoesNotReachTheInside() throws IOException {
        var outer = CancelScope.create();
        List<String> reached = new ArrayList<>();
        boolean done = outer.run(() -> {
            outer.cancel();
            assertThat(CancelScope.shielded().run(() -> {
                        CancelScope.sleep(ofMillis(1));
                        reached.add("end of the shield");
                    }))
                    .isTrue();
            block();
        });
        assertThat(done).isFalse();
        assertThat(reached).containsExactly("end of the shield");
    }

    @Test
    void outerDeadlineDoesNotReachTheInside() throws IOException {
        VirtualTime.run(time -> {
            boolean done = CancelScope.moveOnAfter(ofSeconds(1)).run(() -> {
                CancelScope.shielded().run(() -> {
                    time.advance(ofSeconds(2));
                    CancelScope.checkpoint();
                    assertThat(CancelScope.effectiveDeadline()).isSameAs(Deadline.never());
                    assertThat(CancelScope.isCancellationPending()).isFalse();
                });
                assertThat(CancelScope.effectiveDeadline().hasPassed()).isTrue();
                assertThat(CancelScope.isCancellationPending()).isTrue();
                CancelScope.checkpoint();
            });
            assertThat(done).isFalse();
        });
    }

    @Test
    void ownCancelReachesTheInside() throws IOException {
        var shield = CancelScope.shielded();
        TaskGroup.run(group -> {
            Task<Boolean> task = group.fork(() -> {
                boolean done = shield.run(() -> block());
                CancelScope.checkpoint();
                return done;
            });
            Blocked.await(task);
            shield.cancel();
            assertThat(task.join()).isFalse();
        });
    }

    @Test
    void ownCancelIsAbsorbedAlsoInACancelledScope() throws IOException {
        var outer = CancelScope.create();
        var shield = CancelScope.shielded();
        List<String> reached = new ArrayList<>();
        outer.run(() -> {
            outer.cancel();
            shield.run(() -> {
                shield.cancel();
                assertThat(CancelScope.isCancellationPending()).isTrue();
                block();
            });
            reached.add("after the shield");
            block();
            reached.add("never");
        });
        assertThat(reached).containsExactly("after the shield");
    }

    @Test
    void shieldBetweenLetsTheInnerScopeAbsorbItsOwnCancellation() throws IOException {
        var outer = CancelScope.create();
        var inner = CancelScope.create();
        List<String> reached = new ArrayList<>();
        outer.run(() -> {
            outer.cancel();
            inner.cancel();
            CancelScope.shielded().run(() -> {
                assertThat(inner.run(() -> block())).isFalse();
                reached.add("between the scopes");
            });
            block();
        });
        assertThat(reached).containsExactly("between the scopes");
    }

    @Test
    void cancellationGoesOnAfterNestedShields() throws IOException {
        var outer = CancelScope.create();
        var middle = CancelScope.create();
        List<String> reached = new ArrayList<>();
        boolean done = outer.run(() -> {
            assertThat(middle.run(() -> {
                        outer.cancel();
                        CancelScope.shielded().run(() -> {
                            CancelScope.shielded().run(() -> CancelScope.sleep(ofMillis(1)));
                            CancelScope.checkpoint();
                            reached.add("outer shield");
                        });
                        assertThat(CancelScope.isCancellationPending()).isTrue();
                        block();
                    }))
                    .isTrue();
        });
        assertThat(reached).containsExactly("outer shield");
        assertThat(done).isFalse();
        assertThat(middle.isCancelled()).isFalse();
    }

    @Test
    void jdkCallAfterTheShieldIsInterrupted() throws Exception {
        var outer = CancelScope.create();
        CountDownLatch never = new CountDownLatch(1);
        boolean done = outer.run(() -> {
            CancelScope.shielded().run(() -> {
                outer.cancel();
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            });
            never.await();
        });
        assertThat(done).isFalse();
    }

    @Test
    @Tag("smoke")
    void interruptStatusOfACancelDoesNotReachTheInside() throws IOException {
        var outer = CancelScope.create();
        TaskGroup.run(group -> {
            Task<Boolean> task = group.fork(() -> outer.run(() -> {
                try {
                    block();
                } finally {
                    CancelScope.shielded().run(() -> {
                        assertThat(Thread.currentThread().isInterrupted()).isFalse();
                        new CountDownLatch(0).await();
                        CancelScope.sleep(ofMillis(5)); // as long as a first few interrupts would take
                    });
                }
            }));
            Blocked.await(task);
            outer.cancel();
            assertThat(task.join()).isFalse();
        });
    }

    @Test
    void usersInterruptStatusIsClearedAtEntryAndRestoredAtExit() throws Exception {
        Thread.currentThread().interrupt();
        CancelScope.shielded().run(() -> {
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            CancelScope.sleep(ofMillis(1));
            new CountDownLatch(0).await();
        });
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void usersInterruptStatusIsRestoredWhenTheShieldWasCancelled() throws IOException {
        Thread.currentThread().interrupt();
        assertThat(CancelScope.shielded(ZERO).run(() -> block())).isFalse();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void usersInterruptStatusIsRestoredWhenTheBodyFails() {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> CancelScope.shielded().run(() -> {
                    throw new IOException("failed");
                }));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void userCanInterruptTheInside() {
        assertThatExceptionOfType(InterruptedIOException.class)
                .isThrownBy(() -> CancelScope.shielded().run(() -> {
                    Thread.currentThread().interrupt();
                    block();
                }));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void shieldWithALimitEndsByItself() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            var outer = CancelScope.create();
            outer.cancel();
            Task<List<Boolean>> task = group.fork(() -> {
                List<Boolean> done = new ArrayList<>();
                outer.run(() -> done.add(CancelScope.shielded(ofSeconds(1)).run(() -> block())));
                return done;
            });
            Blocked.await(task);
            time.advance(ofSeconds(1));
            assertThat(task.join()).containsExactly(false);
        }));
    }

    @Test
    void limitInsideAShieldInACancelledScopeTimesOut() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            var outer = CancelScope.create();
            outer.cancel();
            Task<Boolean> task = group.fork(() -> outer.run(() -> CancelScope.shielded()
                    .run(() -> assertThatExceptionOfType(TimedOutException.class)
                            .isThrownBy(
                                    () -> CancelScope.failAfter(ofSeconds(1)).run(() -> block())))));
            Blocked.await(task);
            time.advance(ofSeconds(1));
            assertThat(task.join()).isTrue();
        }));
    }

    @Test
    void tasksOfAGroupInsideAShieldGoOn() throws IOException {
        var outer = CancelScope.create();
        List<Integer> values = new ArrayList<>();
        outer.run(() -> {
            outer.cancel();
            CancelScope.shielded()
                    .run(() -> TaskGroup.run(group -> {
                        Task<Integer> task = group.fork(() -> {
                            CancelScope.sleep(ofMillis(1));
                            return 42;
                        });
                        values.add(task.join());
                    }));
        });
        assertThat(values).containsExactly(42);
    }

    @Test
    void tasksOfAGroupAroundAShieldAreCancelledMeanwhile() throws IOException {
        List<Task.Status> seen = new ArrayList<>();
        TaskGroup.run(group -> {
            Task<Void> child = group.fork(() -> block());
            CancelScope.shielded().run(() -> {
                group.cancel();
                child.await();
                seen.add(child.status());
            });
        });
        assertThat(seen).containsExactly(Task.Status.CANCELLED);
    }

    @Test
    void shieldOfAChildIsHonouredByItsGroup() throws IOException {
        List<String> reached = new ArrayList<>();
        WaitingLatch cleanUp = new WaitingLatch();
        TaskGroup.run(group -> {
            Task<Boolean> child = group.fork(() -> CancelScope.shielded().run(() -> {
                cleanUp.await();
                reached.add("clean-up done");
            }));
            Blocked.await(child);
            group.cancel();
            cleanUp.release();
        });
        assertThat(reached).containsExactly("clean-up done");
    }

    @Test
    void cancelledExceptionThrownInsideByHandPasses() {
        assertThatExceptionOfType(CancelledException.class)
                .isThrownBy(() -> CancelScope.shielded().run(() -> {
                    throw new CancelledException("made up");
                }));
    }
}
