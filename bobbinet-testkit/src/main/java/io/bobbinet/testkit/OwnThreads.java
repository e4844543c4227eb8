package io.bobbinet.testkit;

import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Waits for what runs on a thread of its own. */
final class OwnThreads {
    private OwnThreads() {}

    /** Returns when the task has ended, or throws what it has thrown. */
    static void await(FutureTask<?> task) throws IOException {
        try {
            Object unused = task.get();
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw new AssertionError(e);
            }
        }
    }
}
