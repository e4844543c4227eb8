package io.bobbinet.tests.task;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.ThrowingRunnable;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A platform thread that counts how often it is interrupted. */
final class CountingThread extends Thread {
    private final ThrowingRunnable<?> body;
    private final AtomicInteger interrupts = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    CountingThread(ThrowingRunnable<?> body) {
        this.body = body;
    }

    /** Takes as long as a thread that swallows them needs to be interrupted so often; the pauses grow from 1 ms. */
    static void awaitInterrupts(int count) {
        CountDownLatch never = new CountDownLatch(1);
        var scope = CancelScope.create();
        scope.cancel();
        scope.run(() -> {
            for (int i = 0; i < count; i++) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    // the next
                }
            }
        });
    }

    @Override
    public void run() {
        try {
            body.run();
        } catch (Throwable t) {
            failure.set(t);
        }
    }

    @Override
    public void interrupt() {
        interrupts.incrementAndGet();
        super.interrupt();
    }

    int interrupts() {
        return interrupts.get();
    }

    Optional<Throwable> failure() {
        return Optional.ofNullable(failure.get());
    }
}
