package io.bobbinet.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.testkit.Blocked;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** A call on a virtual thread of its own. */
final class Running<T> {
    private final FutureTask<T> task;
    private final Thread thread;

    private Running(Callable<T> call) {
        task = new FutureTask<>(call);
        thread = Thread.ofVirtual().start(task);
    }

    static <T> Running<T> start(Callable<T> call) {
        return new Running<>(call);
    }

    Running<T> awaitBlocked() {
        Blocked.await(thread);
        return this;
    }

    void interrupt() {
        thread.interrupt();
    }

    T value() throws InterruptedException {
        join();
        return task.resultNow();
    }

    Throwable failure() throws InterruptedException {
        join();
        return task.exceptionNow();
    }

    private void join() throws InterruptedException {
        assertThat(thread.join(Duration.ofSeconds(20))).as("ends").isTrue();
    }
}
