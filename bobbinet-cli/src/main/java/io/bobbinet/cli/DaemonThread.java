package io.bobbinet.cli;

import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A thread for calls that cannot be interrupted: whoever waits for them can, and the process ends without them. */
final class DaemonThread {
    private DaemonThread() {}

    static ExecutorService executor(String name) {
        return Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name(name).factory());
    }

    /**
     * Waits for the result of a call. If the wait is cancelled the call goes on, and can be waited for again.
     *
     * @throws IOException if the call failed
     */
    static <T> T await(Future<T> call, String failure) throws IOException {
        try {
            return call.get();
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNull(e.getCause());
            throw new IOException(failure + ": " + cause.getMessage(), cause);
        }
    }
}
