package io.bobbinet.tests.async;

import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Connector;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A connector whose attempts end when, and as, the test says. */
final class HeldConnector implements Connector<ByteStream> {
    private final LinkedBlockingQueue<Attempt> begun = new LinkedBlockingQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    /** One attempt, and how it ended if by a cancellation. */
    record Attempt(CompletableFuture<ByteStream> end, CompletableFuture<Void> cancelled) {}

    @Override
    public ByteStream connect() throws IOException {
        count.incrementAndGet();
        Attempt attempt = new Attempt(new CompletableFuture<>(), new CompletableFuture<>());
        begun.add(attempt);
        try {
            return attempt.end.get();
        } catch (InterruptedException e) {
            attempt.cancelled.complete(null);
            throw CancelScope.interrupted(e);
        } catch (ExecutionException e) {
            throw (IOException) e.getCause();
        }
    }

    /** Waits for the next attempt. */
    Attempt next() throws InterruptedException {
        return begun.take();
    }

    int attempts() {
        return count.get();
    }
}
