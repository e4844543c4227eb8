package io.bobbinet.tests.task;

import static io.bobbinet.tests.task.CancelScopeTest.block;
import static java.time.Duration.ZERO;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Deadline;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Scopes and groups on platform threads: the main one, and those of pools, which are used again and again. */
@Timeout(30)
class PlatformThreadTest {
    @Test
    @Tag("smoke")
    void mainThreadCanOwnGroupsAndBeCancelled() throws IOException {
        assertThat(Thread.currentThread().isVirtual()).isFalse();
        var scope = CancelScope.create();
        boolean done = scope.run(() -> TaskGroup.run(group -> {
            group.fork(() -> scope.cancel());
            block();
        }));
        assertThat(done).isFalse();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void tasksOfAPlatformThreadRunOnVirtualThreads() throws IOException {
        assertThat(TaskGroup.<Boolean, IOException>call(group ->
                        group.fork(() -> Thread.currentThread().isVirtual()).join()))
                .isTrue();
    }

    @Test
    void platformThreadBlockedInAJdkCallIsCut() throws Exception {
        var scope = CancelScope.create();
        try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
            CompletableFuture<Thread> thread = new CompletableFuture<>();
            Future<Boolean> done = pool.submit(() -> scope.run(() -> {
                thread.complete(Thread.currentThread());
                new CountDownLatch(1).await();
            }));
            Waiting.await(thread.get());
            scope.cancel();
            assertThat(done.get()).isFalse();
        }
    }

    @Test
    void pooledThreadIsCleanAfterAScope() throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(1)) {
            for (int i = 0; i < 200; i++) {
                var scope = CancelScope.create();
                CompletableFuture<Boolean> inside = new CompletableFuture<>();
                Future<Boolean> first = pool.submit(() -> scope.run(() -> {
                    inside.complete(true);
                    new CountDownLatch(1).await();
                }));
                Future<String> next = pool.submit(() -> Thread.currentThread().isInterrupted()
                        + " " + CancelScope.current().isPresent()
                        + " " + CancelScope.isCancellationPending()
                        + " " + (CancelScope.effectiveDeadline() == Deadline.never()));
                inside.get();
                scope.cancel();
                assertThat(first.get()).isFalse();
                assertThat(next.get()).isEqualTo("false false false true");
            }
        }
    }

    @Test
    void pooledThreadIsCleanAfterAnInterruptedGroup() throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(1)) {
            CompletableFuture<Task<?>> child = new CompletableFuture<>();
            Future<Boolean> owner = pool.submit(() -> {
                TaskGroup.run(group -> child.complete(group.fork(() -> block())));
                return true;
            });
            Blocked.await(child.get());
            owner.cancel(true); // interrupts
            Waiting.until(() -> child.get().status() == Task.Status.CANCELLED);
            assertThat(pool.submit(() -> TaskGroup.<Integer, IOException>call(
                                    group -> group.fork(() -> 42).join()))
                            .get())
                    .isEqualTo(42);
        }
    }

    @Test
    void scopesOfTwoThreadsDoNotMeet() throws Exception {
        List<Boolean> pending = new ArrayList<>();
        CancelScope.moveOnAfter(ZERO).run(() -> {
            try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
                Future<Boolean> other = pool.submit(() -> CancelScope.isCancellationPending());
                CancelScope.shielded().run(() -> pending.add(other.get()));
            }
            pending.add(CancelScope.isCancellationPending());
        });
        assertThat(pending).containsExactly(false, true);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void taskMayItselfUseAPool() throws IOException {
        TaskGroup.run(group -> {
            Task<Integer> task = group.fork(() -> {
                try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
                    return pool.submit(() -> 42).get();
                }
            });
            assertThat(task.join()).isEqualTo(42);
        });
    }

    @Test
    void interruptOfTheUserIsNotSwallowedByAPoolsScope() throws Exception {
        try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
            Future<Boolean> status = pool.submit(() -> {
                Thread.currentThread().interrupt();
                CancelScope.create().run(() -> {});
                return Thread.interrupted();
            });
            assertThat(status.get()).isTrue();
        }
    }
}
