package io.bobbinet.tests.task;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.bobbinet.spi.WaitPoint;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CancelScopeTest {
    @AfterEach
    void noInterruptStatusLeaks() {
        assertThat(Thread.interrupted()).isFalse();
    }

    /** A call of the library that waits for ever. */
    static void block() throws IOException {
        CancelScope.sleep(ofHours(1_000));
    }

    @Test
    @Tag("smoke")
    void bodyThatReturnsIsNotCutShort() throws IOException {
        assertThat(CancelScope.create().run(CancelScope::checkpoint)).isTrue();
        assertThat(CancelScope.create().call(() -> 42)).contains(42);
        assertThat(CancelScope.failAfter(ofHours(1)).<Integer, RuntimeException>call(() -> 42))
                .isEqualTo(42);
    }

    @Test
    @Tag("smoke")
    void cancelFromAnotherThreadCutsTheBodyShort() throws IOException {
        var scope = CancelScope.create();
        TaskGroup.run(group -> {
            Task<Boolean> task = group.fork(() -> scope.run(CancelScopeTest::block));
            Blocked.await(task);
            scope.cancel();
            assertThat(task.join()).isFalse();
            assertThat(scope.isCancelled()).isTrue();
        });
    }

    @Test
    void callThatIsCutShortGivesNothing() throws IOException {
        var scope = CancelScope.create();
        Optional<Integer> value = scope.call(() -> {
            scope.cancel();
            block();
            return 42;
        });
        assertThat(value).isEmpty();
    }

    @Test
    @Tag("smoke")
    void everyBlockingCallInACancelledScopeThrows() throws IOException {
        var scope = CancelScope.create();
        List<String> thrown = new ArrayList<>();
        boolean done = scope.run(() -> {
            scope.cancel("enough");
            for (int i = 0; i < 3; i++) {
                try {
                    block();
                } catch (CancelledException e) { // swallowed, as nobody should
                    thrown.add(e.getMessage());
                }
            }
        });
        assertThat(thrown).containsExactly("enough", "enough", "enough");
        assertThat(done).isTrue();
    }

    @Test
    void swallowedInterruptedExceptionHangsNobody() throws InterruptedException {
        var scope = CancelScope.create();
        CountDownLatch never = new CountDownLatch(1);
        boolean done = scope.run(() -> {
            scope.cancel();
            for (int i = 0; i < 6; i++) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    // swallowed, as nobody should
                }
            }
            never.await();
        });
        assertThat(done).isFalse();
    }

    @Test
    void jdkCallAfterASwallowedCancellationIsInterrupted() throws Exception {
        var scope = CancelScope.create();
        boolean done = scope.run(() -> {
            scope.cancel();
            assertThatExceptionOfType(CancelledException.class).isThrownBy(CancelScopeTest::block);
            Thread.interrupted(); // swallowed too, if the next one has come
            new CountDownLatch(1).await();
        });
        assertThat(done).isFalse();
    }

    @Test
    void codeBetweenBlockingCallsIsNotDisturbed() throws IOException {
        var scope = CancelScope.create();
        int[] steps = {0};
        boolean done = scope.run(() -> {
            scope.cancel();
            for (int i = 0; i < 1_000; i++) {
                steps[0]++;
            }
            block();
        });
        assertThat(done).isFalse();
        assertThat(steps).containsExactly(1_000);
    }

    @Test
    void cancelBeforeEntryStrikesAtTheFirstBlockingCall() throws IOException {
        var scope = CancelScope.create();
        scope.cancel("not today");
        boolean[] begun = {false};
        boolean done = scope.run(() -> {
            begun[0] = true;
            assertThat(CancelScope.isCancellationPending()).isTrue();
            block();
        });
        assertThat(begun).containsExactly(true);
        assertThat(done).isFalse();
        assertThat(scope.cancelReason()).contains("not today");
    }

    @Test
    void bodyThatReturnsInSpiteOfTheCancelWins() throws IOException {
        var scope = CancelScope.create();
        Optional<Integer> value = scope.call(() -> {
            scope.cancel();
            return 42;
        });
        assertThat(value).contains(42);
        assertThat(scope.isCancelled()).isTrue();
        CancelScope.checkpoint();
    }

    @Test
    void otherExceptionsOfACancelledBodyLeaveIt() {
        var scope = CancelScope.create();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> scope.run(() -> {
                    scope.cancel();
                    try {
                        block();
                    } catch (CancelledException e) {
                        throw new IOException("while handling it");
                    }
                }))
                .withMessage("while handling it");
    }

    @Test
    void cancellationThatIsNoScopesIsAFailure() {
        var scope = CancelScope.create();
        assertThatExceptionOfType(CancelledException.class)
                .isThrownBy(() -> scope.run(() -> {
                    throw new CancelledException("made up");
                }))
                .withMessage("made up");
    }

    @Test
    void threadBlocksNormallyAfterACancelledScope() throws Exception {
        for (int i = 0; i < 3; i++) {
            var scope = CancelScope.create();
            scope.cancel();
            assertThat(scope.run(CancelScopeTest::block)).isFalse();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            VirtualTime.run(time -> TaskGroup.run(group -> {
                group.fork(() -> CancelScope.sleep(ofSeconds(1)));
                Blocked.await(group.fork(() -> CancelScope.sleep(ofSeconds(2))));
                group.cancel();
            }));
        }
    }

    @Test
    void innerScopeLetsTheOuterCancellationPass() throws IOException {
        var outer = CancelScope.create();
        var inner = CancelScope.create();
        List<String> reached = new ArrayList<>();
        boolean done = outer.run(() -> {
            inner.cancel();
            outer.cancel();
            inner.run(CancelScopeTest::block);
            reached.add("after the inner scope");
        });
        assertThat(done).isFalse();
        assertThat(reached).isEmpty();
    }

    @Test
    void innerScopeAbsorbsItsOwnCancellation() throws IOException {
        var inner = CancelScope.create();
        boolean done = CancelScope.create().run(() -> {
            inner.cancel();
            assertThat(inner.run(CancelScopeTest::block)).isFalse();
            CancelScope.checkpoint();
        });
        assertThat(done).isTrue();
    }

    @Test
    void swallowedInnerCancellationDoesNotKeepTheOuterOneFromWorking() throws IOException {
        var outer = CancelScope.create();
        var inner = CancelScope.create();
        boolean done = outer.run(() -> {
            inner.run(() -> {
                inner.cancel();
                assertThatExceptionOfType(CancelledException.class).isThrownBy(CancelScopeTest::block);
            });
            outer.cancel();
            block();
        });
        assertThat(done).isFalse();
    }

    @Test
    void firstReasonStands() throws IOException {
        var scope = CancelScope.create();
        scope.cancel("first");
        scope.cancel("second");
        assertThat(scope.cancelReason()).contains("first");
        scope.run(() -> assertThatExceptionOfType(CancelledException.class)
                .isThrownBy(CancelScopeTest::block)
                .withMessage("first"));
    }

    @Test
    void cancelAfterTheScopeWasLeftChangesNothing() {
        var scope = CancelScope.create();
        scope.run(() -> {});
        scope.cancel();
        assertThat(scope.isCancelled()).isFalse();
    }

    @Test
    void failScopeCancelledByHandReturnsFromRunAndThrowsFromCall() throws IOException {
        var run = CancelScope.failAfter(ofHours(1));
        run.cancel("by hand");
        run.run(CancelScopeTest::block);
        assertThat(run.isCancelled()).isTrue();

        var call = CancelScope.failAfter(ofHours(1));
        call.cancel("by hand");
        assertThatExceptionOfType(CancelledException.class)
                .isThrownBy(() -> call.call(() -> {
                    block();
                    return 42;
                }))
                .withMessage("by hand");
    }

    @Test
    void scopeCanBeEnteredOnlyOnce() throws IOException {
        var scope = CancelScope.create();
        scope.run(() -> {});
        assertThatIllegalStateException().isThrownBy(() -> scope.run(() -> {}));
        var nested = CancelScope.failAfter(ofHours(1));
        nested.run(() -> assertThatIllegalStateException().isThrownBy(() -> nested.run(() -> {})));
    }

    @Test
    void refusedSecondEntryDoesNotDisturbTheFirst() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            var scope = CancelScope.moveOnAfter(ofSeconds(5));
            Task<Boolean> first = group.fork(() -> scope.run(CancelScopeTest::block));
            Blocked.await(first);
            time.advance(ofSeconds(3));
            assertThatIllegalStateException().isThrownBy(() -> scope.run(() -> {}));
            assertThat(scope.deadline().remaining()).isEqualTo(ofSeconds(2));
            time.advance(ofSeconds(2));
            assertThat(first.join()).isFalse();
        }));
    }

    @Test
    void checkpointOnlyChecks() throws IOException {
        CancelScope.checkpoint();
        var scope = CancelScope.create();
        scope.run(() -> {
            CancelScope.checkpoint();
            scope.cancel("stop");
            assertThatExceptionOfType(CancelledException.class)
                    .isThrownBy(CancelScope::checkpoint)
                    .withMessage("stop");
        });
        CancelScope.checkpoint();
    }

    @Test
    void currentIsTheInnermostScope() throws IOException {
        assertThat(CancelScope.current()).isEmpty();
        var outer = CancelScope.create();
        var inner = CancelScope.failAfter(ofHours(1));
        outer.run(() -> {
            assertThat(CancelScope.current()).containsSame(outer);
            inner.run(() -> assertThat(CancelScope.current()).containsSame(inner));
            assertThat(CancelScope.current()).containsSame(outer);
        });
        assertThat(CancelScope.current()).isEmpty();
    }

    @Test
    void scopeCanBeCancelledByWhatTheBodyCalls() throws IOException {
        boolean done = CancelScope.create().run(() -> {
            CancelScope.current().orElseThrow().cancel();
            block();
        });
        assertThat(done).isFalse();
    }

    @Test
    void threadStartedByOtherMeansIsOutsideOfTheScope() throws Exception {
        var scope = CancelScope.create();
        scope.run(() -> {
            scope.cancel();
            List<Boolean> pending = new ArrayList<>();
            Thread other = Thread.ofVirtual().start(() -> pending.add(CancelScope.isCancellationPending()));
            CancelScope.shielded().run(() -> other.join());
            assertThat(pending).containsExactly(false);
        });
    }

    @Test
    void argumentsAreChecked() {
        var scope = CancelScope.create();
        assertThatNullPointerException().isThrownBy(() -> CancelScope.failAfter(nothing()));
        assertThatNullPointerException().isThrownBy(() -> CancelScope.failAt(nothing()));
        assertThatNullPointerException().isThrownBy(() -> CancelScope.moveOnAt(nothing()));
        assertThatNullPointerException().isThrownBy(() -> CancelScope.sleep(nothing()));
        assertThatNullPointerException().isThrownBy(() -> scope.cancel(nothing()));
        assertThatNullPointerException().isThrownBy(() -> scope.moveDeadline(nothing()));
        assertThat(scope.isCancelled()).isFalse();
    }

    private static <T> T nothing() {
        return null;
    }

    @Test
    void waitOfOnesOwnIsCancelledLikeAnyOther() throws IOException {
        var scope = CancelScope.create();
        TaskGroup.run(group -> {
            Task<Boolean> task = group.fork(() -> scope.run(() -> {
                try {
                    new WaitPoint("mine").await();
                } catch (InterruptedException e) {
                    throw CancelScope.interrupted(e);
                }
            }));
            assertThat(Blocked.await(task).operation()).isEqualTo("mine");
            scope.cancel();
            assertThat(task.join()).isFalse();
        });
    }
}
