package io.bobbinet.cli;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets a server end in good order when it is told to by SIGTERM or SIGINT: its stop action runs, its command ends, and
 * the process exits with the command's status.
 *
 * <p>A shutdown hook, because Java has no signal handlers that a program may use. The status that the JVM would exit with
 * is that of the signal, and only {@link Runtime#halt} can change it.
 */
final class ShutdownHook {
    /** How long connections may go on after the signal. */
    static final Duration GRACE = Duration.ofSeconds(3);

    /** How long after that the command has to end, say if an output is stuck, before it is left alone. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final CompletableFuture<Integer> STATUS = new CompletableFuture<>();

    /** The one that is installed; guarded by the class. */
    private static @Nullable Thread hook;

    private ShutdownHook() {}

    /**
     * Installs the hook, for the rest of the process.
     *
     * @param stop is told to stop the command, and how long its connections may go on
     */
    static synchronized void install(Consumer<Duration> stop) {
        hook = new Thread(() -> shutDown(stop), "shutdown");
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The signal was faster: the process ends before it has served anybody.
            stop.accept(Duration.ZERO);
        }
    }

    private static void shutDown(Consumer<Duration> stop) {
        stop.accept(GRACE);
        int status = 0;
        try {
            status = STATUS.get(GRACE.plus(PATIENCE).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException | InterruptedException e) {
            Complaints.say("gave up waiting for connections to end");
        }
        System.out.flush();
        System.err.flush();
        Runtime.getRuntime().halt(status);
    }

    /** Ends the process. Does not return. */
    static void exit(int status) {
        Thread installed;
        synchronized (ShutdownHook.class) {
            installed = hook;
        }
        if (installed != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(installed);
            } catch (IllegalStateException e) {
                // The hook is running, and waits for the status.
            }
        }
        STATUS.complete(status);
        System.exit(status);
    }
}
