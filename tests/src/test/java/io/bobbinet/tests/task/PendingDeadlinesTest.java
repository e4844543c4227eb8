package io.bobbinet.tests.task;

import static java.time.Duration.ZERO;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.spi.TimeSource;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Deadline;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingRunnable;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/** Deadlines in great number. */
@Timeout(60)
class PendingDeadlinesTest {
    private static final int TASKS = 1_000;
    private static final int DEPTH = 100;

    /** Runs a body inside many scopes, each with a deadline of its own. */
    private static void nest(int depth, List<MoveOnScope> scopes, ThrowingRunnable<IOException> body)
            throws IOException {
        if (depth == 0) {
            body.run();
            return;
        }
        var scope = CancelScope.moveOnAfter(ofHours(depth));
        synchronized (scopes) {
            scopes.add(scope);
        }
        scope.run(() -> nest(depth - 1, scopes, body));
    }

    @Test
    void hundredThousandDeadlinesArePendingAndOneThatIsDueIsNotKeptWaiting() throws IOException {
        List<MoveOnScope> scopes = new ArrayList<>();
        TaskGroup.run(group -> {
            for (int i = 0; i < TASKS; i++) {
                Blocked.await(group.fork(() -> nest(DEPTH, scopes, () -> new WaitingLatch().await())));
            }
            assertThat(scopes).hasSize(TASKS * DEPTH);
            assertThat(CancelScope.moveOnAfter(ofMillis(1)).run(() -> CancelScopeTest.block()))
                    .isFalse();
            scopes.forEach(scope -> scope.moveDeadline(Deadline.after(ofHours(DEPTH - 1))));
            scopes.forEach(scope -> scope.moveDeadline(Deadline.after(ZERO)));
        });
        assertThat(scopes.stream().filter(CancelScope::isCancelled).count()).isGreaterThanOrEqualTo(TASKS);
    }

    @Test
    void deadlinesPassInOrder(TestReporter reporter) throws IOException {
        long seed = Long.getLong("bobbinet.seed", ThreadLocalRandom.current().nextLong());
        reporter.publishEntry("bobbinet.seed", Long.toString(seed));
        SplittableRandom random = new SplittableRandom(seed);
        VirtualTime.run(time -> TaskGroup.run(group -> {
            List<Task<Boolean>> tasks = new ArrayList<>();
            List<MoveOnScope> scopes = new ArrayList<>();
            int[] minutes = random.ints(200, 1, 100).toArray();
            for (int at : minutes) {
                var scope = CancelScope.moveOnAt(Deadline.after(ofMinutes(at)));
                scopes.add(scope);
                tasks.add(group.fork(() -> scope.run(() -> CancelScopeTest.block())));
            }
            for (Task<Boolean> task : tasks) {
                Blocked.await(task);
            }
            for (int now = 0; now < 100; now++) {
                for (int i = 0; i < minutes.length; i++) {
                    assertThat(scopes.get(i).isCancelled()).isEqualTo(minutes[i] <= now);
                }
                time.advance(ofMinutes(1));
            }
        }));
    }

    @Test
    void systemTimersComeInOrderAndCanBeCalledOff(TestReporter reporter) throws InterruptedException {
        long seed = Long.getLong("bobbinet.seed", ThreadLocalRandom.current().nextLong());
        reporter.publishEntry("bobbinet.seed", Long.toString(seed));
        SplittableRandom random = new SplittableRandom(seed);
        TimeSource time = TimeSource.system();
        long start = time.nanoTime();
        int count = 20_000;
        List<Long> fired = new ArrayList<>(); // by the one thread of the time source
        CountDownLatch all = new CountDownLatch(count);
        List<TimeSource.Timer> calledOff = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long at = start + random.nextLong(500_000_000);
            time.schedule(at, () -> {
                fired.add(at - start);
                all.countDown();
            });
            calledOff.add(time.schedule(start + 3_600_000_000_000L + random.nextLong(1_000_000_000), () -> {
                throw new AssertionError("called off");
            }));
            if (random.nextBoolean()) {
                calledOff.remove(random.nextInt(calledOff.size())).cancel();
            }
        }
        all.await();
        calledOff.forEach(TimeSource.Timer::cancel);
        calledOff.forEach(TimeSource.Timer::cancel);
        assertThat(fired).hasSize(count);
        // Those that were due before all were set may come in the order of setting; the last half had the time to
        // queue.
        assertThat(fired.subList(count / 2, count)).isSorted();
    }
}
