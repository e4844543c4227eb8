package io.bobbinet.testkit;

import io.bobbinet.spi.WaitPoint;
import io.bobbinet.task.Task;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Tells when a task has come to where it waits, so that tests need no sleeps. */
public final class Blocked {
    /** Far beyond any honest wait: a test that runs into it has failed. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Between two looks. */
    private static final long PAUSE = 20_000;

    private Blocked() {}

    /**
     * Waits until a task waits in a blocking call of the library. From then on a close, a cancel or an event reaches it
     * there.
     *
     * @param task the task
     * @return where it waits; {@link WaitPoint#operation()} tells what it is doing
     * @throws IllegalStateException if the task ends instead, or does not come to wait for 20 seconds
     */
    public static WaitPoint await(Task<?> task) {
        return await(task.toString(), () -> waitPoint(task));
    }

    /**
     * Waits until a task waits in a blocking call of a certain kind, whatever it waits in before.
     *
     * @param task the task
     * @param operation what it is to be doing: the {@link WaitPoint#operation()} of the place
     * @return where it waits
     * @throws IllegalStateException if the task ends instead, or does not come to wait there for 20 seconds
     */
    public static WaitPoint await(Task<?> task, String operation) {
        return await(
                task + " in " + operation,
                () -> waitPoint(task).filter(p -> p.operation().equals(operation)));
    }

    private static Optional<WaitPoint> waitPoint(Task<?> task) {
        Task.Status status = task.status();
        if (status != Task.Status.PENDING && status != Task.Status.CANCELLING) {
            throw new IllegalStateException("The task has ended instead of waiting: " + task + task.failure());
        }
        return task.waitsAt();
    }

    /**
     * Waits until a thread waits in a blocking call of the library.
     *
     * @param thread the thread
     * @return where it waits
     * @throws IllegalStateException if the thread ends instead, or does not come to wait for 20 seconds
     */
    public static WaitPoint await(Thread thread) {
        return await(thread.toString(), () -> {
            if (thread.getState() == Thread.State.TERMINATED) {
                throw new IllegalStateException("The thread has ended instead of waiting: " + thread);
            }
            return LockSupport.getBlocker(thread) instanceof WaitPoint point ? Optional.of(point) : Optional.empty();
        });
    }

    private static WaitPoint await(String who, Supplier<Optional<WaitPoint>> look) {
        long start = System.nanoTime();
        boolean interrupted = false;
        try {
            while (true) {
                Optional<WaitPoint> point = look.get();
                if (point.isPresent()) {
                    return point.get();
                }
                if (System.nanoTime() - start > PATIENCE.toNanos()) {
                    throw new IllegalStateException(who + " does not come to wait");
                }
                // A virtual thread that only yields keeps a lone carrier from those that a platform thread has woken;
                // and one that is interrupted does not park.
                interrupted |= Thread.interrupted();
                LockSupport.parkNanos(PAUSE);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
