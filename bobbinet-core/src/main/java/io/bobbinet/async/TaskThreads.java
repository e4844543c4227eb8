package io.bobbinet.async;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.TimeSource;
import io.bobbinet.task.Backends;
import io.bobbinet.task.Deadline;
import io.bobbinet.task.TimeSources;
import java.time.Duration;
import java.util.concurrent.Executor;

/** Runs each thing on a task thread of its own, with the backend and the time source that were in force when this was made. */
final class TaskThreads implements Executor {
    private final Backend backend = Backends.current();
    private final TimeSource time = TimeSources.current();

    @Override
    public void execute(Runnable body) {
        backend.newTaskThread("", () -> surround(body)).start();
    }

    private void surround(Runnable body) {
        TimeSources.<Boolean, RuntimeException>using(time, () -> {
            Backends.<RuntimeException>using(backend.name(), body::run);
            return true;
        });
    }

    /** A deadline that counts from now. */
    Deadline deadline(Duration limit) {
        return TimeSources.<Deadline, RuntimeException>using(time, () -> Deadline.after(limit));
    }

    /** Does something on a thread of its own at a deadline: a timer's thread is not for callbacks. */
    TimeSource.Timer at(Deadline deadline, Runnable body) {
        if (deadline.isNever()) {
            return () -> {};
        }
        return time.schedule(time.nanoTime() + deadline.remaining().toNanos(), () -> execute(body));
    }
}
