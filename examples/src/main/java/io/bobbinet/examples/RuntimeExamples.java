package io.bobbinet.examples;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.task.Backends;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimeSources;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;

/** What runs the tasks, and what became of them. */
public final class RuntimeExamples {
    private RuntimeExamples() {}

    /**
     * Tells what backends there are.
     *
     * @return a line for each
     */
    public static List<String> backends() {
        // @start region="candidates"
        return Backends.candidates().stream()
                .map((Backends.Candidate c) -> c.name() + (c.isSupported() ? "" : ": " + c.obstacle()))
                .toList();
        // @end region="candidates"
    }

    /**
     * Listens by a backend of one's choice.
     *
     * @param name the backend's name
     * @return the listener, which lives on it wherever it is used
     * @throws IOException if listening fails
     */
    public static TcpListener listenBy(String name) throws IOException {
        // @start region="using"
        TcpListener[] listener = new TcpListener[1];
        Backends.using(name, () -> {
            listener[0] = Tcp.listen("localhost", 0);
        });
        return listener[0];
        // @end region="using"
    }

    /**
     * Runs work and tells what became of it.
     *
     * @param work the work
     * @return a word
     * @throws IOException in no case
     */
    public static String outcome(Callable<Integer> work) throws IOException {
        // @start region="status"
        Task<Integer> task = TaskGroup.call(group -> {
            Task<Integer> child = group.fork(() -> {
                try {
                    return work.call();
                } catch (Exception e) {
                    return -1;
                }
            });
            child.await();
            return child;
        });
        return switch (task.status()) {
            case PENDING, CANCELLING -> "running";
            case CANCELLED -> "cancelled";
            case FINISHED -> "finished with " + task.result();
            case FAILED -> "failed: " + task.failure().orElseThrow();
        };
        // @end region="status"
    }

    /**
     * Measures in the time that is in force, which may be that of a test.
     *
     * @param work the work
     * @return how long it took, in nanoseconds
     */
    public static long measure(Runnable work) {
        // @start region="time"
        long start = TimeSources.current().nanoTime();
        work.run();
        return TimeSources.current().nanoTime() - start;
        // @end region="time"
    }
}
