package io.bobbinet.async;

import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Where futures are completed and subscribers are signalled: on an executor of the user's, or each time on a task thread. */
final class Callbacks implements Executor {
    private final TaskThreads threads = new TaskThreads();
    private final @Nullable Executor given;

    Callbacks() {
        this.given = null;
    }

    Callbacks(Executor given) {
        this.given = Objects.requireNonNull(given, "callbacks");
    }

    /** The threads that do the work. */
    TaskThreads threads() {
        return threads;
    }

    /** Runs callbacks for a thread that has something else to do. */
    @Override
    public void execute(Runnable callback) {
        if (given == null) {
            threads.execute(callback);
            return;
        }
        try {
            given.execute(callback);
        } catch (RuntimeException e) {
            threads.execute(callback); // shut down or full: whoever waits for the future must not wait for ever
        }
    }

    /** Runs callbacks for a task thread that has nothing else to do. */
    void executeLast(Runnable callback) {
        if (given == null) {
            callback.run();
        } else {
            execute(callback);
        }
    }
}
