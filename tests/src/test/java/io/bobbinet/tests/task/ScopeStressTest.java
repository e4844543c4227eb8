package io.bobbinet.tests.task;

import static io.bobbinet.tests.task.CancelScopeTest.block;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Deadline;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.StartedTask;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/** Cancellation at the worst moment, whichever that is. */
@Timeout(60)
class ScopeStressTest {
    private static final int ROUNDS = 3_000;

    private final long seed =
            Long.getLong("bobbinet.seed", ThreadLocalRandom.current().nextLong());
    private final SplittableRandom random = new SplittableRandom(seed);

    @BeforeEach
    void printSeed(TestReporter reporter) {
        reporter.publishEntry("bobbinet.seed", Long.toString(seed));
    }

    @AfterEach
    void noInterruptStatusLeaks() {
        assertThat(Thread.interrupted()).isFalse();
    }

    private static void spin(int steps) {
        for (int i = 0; i < steps; i++) {
            Thread.onSpinWait();
        }
    }

    /** Meets a thread that cancels, round by round. */
    private static void race(int rounds, RaceBody body, Canceller canceller) throws Exception {
        CyclicBarrier start = new CyclicBarrier(2);
        CancelScope[] target = new CancelScope[1];
        TaskGroup.run(group -> {
            group.fork(() -> {
                for (int i = 0; i < rounds; i++) {
                    start.await();
                    canceller.cancel(target[0], i);
                    start.await();
                }
            });
            for (int i = 0; i < rounds; i++) {
                var scope = CancelScope.create();
                target[0] = scope;
                start.await();
                body.run(scope, i);
                assertThat(Thread.currentThread().isInterrupted())
                        .as("round %d", i)
                        .isFalse();
                CancelScope.checkpoint();
                start.await();
                assertThat(Thread.currentThread().isInterrupted())
                        .as("round %d, later", i)
                        .isFalse();
            }
        });
    }

    private interface RaceBody {
        void run(MoveOnScope scope, int round) throws Exception;
    }

    private interface Canceller {
        void cancel(CancelScope scope, int round);
    }

    @Test
    @Tag("smoke")
    void cancelAtTheMomentOfExitLeavesNothingBehind() throws Exception {
        int[] delays = random.ints(2L * ROUNDS, 0, 200).toArray();
        race(
                ROUNDS,
                (scope, round) ->
                        assertThat(scope.run(() -> spin(delays[2 * round]))).isTrue(),
                (scope, round) -> {
                    spin(delays[2 * round + 1]);
                    scope.cancel();
                });
    }

    @Test
    void cancelInAWaitAlwaysCutsIt() throws Exception {
        int[] delays = random.ints(ROUNDS, 0, 400).toArray();
        race(ROUNDS, (scope, round) -> assertThat(scope.run(() -> block())).isFalse(), (scope, round) -> {
            spin(delays[round]);
            scope.cancel();
        });
    }

    @Test
    void checkpointTellsACancelFromAnInterrupt() throws Exception {
        race(
                ROUNDS,
                (scope, round) -> {
                    boolean done = scope.run(() -> {
                        try {
                            while (true) {
                                CancelScope.checkpoint();
                            }
                        } catch (IOException e) {
                            throw new AssertionError("taken for the user's", e);
                        }
                    });
                    assertThat(done).isFalse();
                },
                (scope, round) -> scope.cancel());
    }

    @Test
    void jdkCallsInNestedScopesAlwaysEnd() throws Exception {
        int[] delays = random.ints(ROUNDS, 0, 400).toArray();
        CountDownLatch never = new CountDownLatch(1);
        race(
                ROUNDS,
                (scope, round) -> {
                    boolean done = scope.run(() -> {
                        CancelScope.shielded().run(() -> spin(50));
                        CancelScope.create().run(() -> spin(50));
                        never.await();
                    });
                    assertThat(done).isFalse();
                },
                (scope, round) -> {
                    spin(delays[round]);
                    scope.cancel();
                });
    }

    @Test
    void cancelWhileAGroupEndsIsAbsorbedByItsScope() throws Exception {
        int[] delays = random.ints(2L * ROUNDS, 0, 400).toArray();
        race(
                ROUNDS,
                (scope, round) -> scope.run(() -> TaskGroup.run(group -> {
                    group.fork(() -> spin(delays[2 * round]));
                    group.fork(() -> CancelScope.sleep(Duration.ofNanos(delays[2 * round])));
                })),
                (scope, round) -> {
                    spin(delays[2 * round + 1]);
                    scope.cancel();
                });
    }

    @Test
    void deadlinesMovedByManyThreadsLeaveNothingBehind() throws Exception {
        race(
                ROUNDS / 10,
                (scope, round) -> {
                    boolean done = scope.run(() -> TaskGroup.run(group -> {
                        for (int i = 0; i < 4; i++) {
                            int micros = i;
                            group.fork(() -> {
                                for (int k = 0; k < 20; k++) {
                                    scope.moveDeadline(Deadline.after(Duration.ofNanos(50_000L + 1_000L * micros)));
                                }
                            });
                        }
                        block();
                    }));
                    assertThat(done).isFalse();
                },
                (scope, round) -> {});
    }

    @Test
    void randomTreesOfScopesAndGroupsAlwaysEndWell() throws Exception {
        for (int i = 0; i < ROUNDS / 10; i++) {
            SplittableRandom own = random.split();
            var scope = CancelScope.create();
            List<CancelScope> scopes = new ArrayList<>();
            boolean done = scope.run(() -> {
                try {
                    grow(own, 3, scopes);
                } finally {
                    scope.cancel();
                }
            });
            assertThat(done || scope.isCancelled()).isTrue();
            assertThat(Thread.currentThread().isInterrupted()).as("round %d", i).isFalse();
            assertThat(CancelScope.current()).isEmpty();
        }
    }

    /** A tree in which anything may be cancelled by anybody, and nothing fails. */
    private static void grow(SplittableRandom random, int depth, List<CancelScope> scopes) throws IOException {
        TaskGroup.run(group -> {
            remember(scopes, group.scope());
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                SplittableRandom own = random.split();
                group.fork(() -> branch(own, depth, scopes));
            }
            act(random, scopes);
        });
    }

    private static void branch(SplittableRandom random, int depth, List<CancelScope> scopes) throws IOException {
        var scope = random.nextInt(4) == 0 ? CancelScope.shielded() : CancelScope.create();
        remember(scopes, scope);
        boolean done = scope.run(() -> {
            act(random, scopes);
            if (depth > 0) {
                grow(random, depth - 1, scopes);
            }
            act(random, scopes);
        });
        assertThat(done || scope.isCancelled()).isTrue();
    }

    private static void act(SplittableRandom random, List<CancelScope> scopes) throws IOException {
        spin(random.nextInt(100));
        switch (random.nextInt(4)) {
            case 0 -> pick(random, scopes).cancel();
            case 1 -> CancelScope.sleep(Duration.ofNanos(random.nextInt(100_000)));
            case 2 -> {
                try {
                    CancelScope.checkpoint();
                } catch (CancelledException e) {
                    spin(10); // swallowed, as nobody should
                }
            }
            default -> pick(random, scopes).moveDeadline(Deadline.after(Duration.ofNanos(random.nextInt(100_000))));
        }
    }

    private static void remember(List<CancelScope> scopes, CancelScope scope) {
        synchronized (scopes) {
            scopes.add(scope);
        }
    }

    private static CancelScope pick(SplittableRandom random, List<CancelScope> scopes) {
        synchronized (scopes) {
            return scopes.get(random.nextInt(scopes.size()));
        }
    }

    @Test
    void cancelAtTheMomentOfReadinessLosesNeitherTaskNorFailure() throws IOException {
        for (int i = 0; i < ROUNDS / 3; i++) {
            int delay = random.nextInt(200);
            int delayOfTask = random.nextInt(200);
            var scope = CancelScope.create();
            TaskGroup.run(group -> {
                List<StartedTask<Integer>> started = new ArrayList<>();
                Task<Boolean> starter = group.fork(() -> scope.run(() -> started.add(group.<Integer>start(ready -> {
                    spin(delayOfTask);
                    ready.ready(42);
                    block();
                }))));
                spin(delay);
                scope.cancel();
                boolean done = starter.join();
                assertThat(started).hasSize(done ? 1 : 0);
                started.forEach(s -> {
                    assertThat(s.task().status()).isEqualTo(Task.Status.PENDING);
                    s.task().cancel();
                });
            });
        }
    }
}
