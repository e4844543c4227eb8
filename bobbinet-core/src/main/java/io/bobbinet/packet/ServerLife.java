package io.bobbinet.packet;

import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.TaskFailedException;
import io.bobbinet.task.ThrowingRunnable;
import java.io.IOException;

/** Where a server is in its life: one call serves at a time, between a start and a stop, until it is drained or closed. */
final class ServerLife {
    private final Object server;

    /** Guarded by this. */
    private boolean serving;

    /** Guarded by this. */
    private boolean drained;

    /** Guarded by this. */
    private boolean closed;

    ServerLife(Object server) {
        this.server = server;
    }

    /** Serves between a start and, if that returned, a stop; not at all if the server was drained before. */
    void serve(ThrowingRunnable<Exception> start, ThrowingRunnable<IOException> serve, ThrowingRunnable<Exception> stop)
            throws IOException {
        if (!begin()) {
            return;
        }
        try {
            CancelScope.checkpoint();
            run(start, "start");
            both(serve, () -> run(stop, "stop"));
        } finally {
            end();
        }
    }

    /** Whether there is still something to serve. */
    private synchronized boolean begin() throws ClosedResourceException {
        if (drained) {
            return false;
        }
        if (closed) {
            throw new ClosedResourceException(server + " is closed");
        }
        if (serving) {
            throw new BusyResourceException("Another thread serves " + server);
        }
        serving = true;
        return true;
    }

    private synchronized void end() {
        serving = false;
    }

    /** Whether this is the way in which the server ends, and not by a close that came before. */
    synchronized boolean drain() {
        drained |= !closed;
        return drained;
    }

    synchronized boolean isDrained() {
        return drained;
    }

    synchronized boolean isServing() {
        return serving;
    }

    synchronized void close() {
        closed = true;
    }

    /** Runs two things, the second whatever the first ends by, which is what counts. */
    static <X extends Exception> void both(ThrowingRunnable<? extends X> first, ThrowingRunnable<? extends X> second)
            throws X {
        try {
            first.run();
        } catch (Throwable t) {
            try {
                second.run();
            } catch (Throwable later) {
                if (later != t) {
                    t.addSuppressed(later);
                }
            }
            throw t;
        }
        second.run();
    }

    private static void run(ThrowingRunnable<Exception> hook, String name) throws IOException {
        try {
            hook.run();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (Exception e) {
            throw new TaskFailedException("The " + name + " of the handler failed: " + e, e);
        }
    }
}
