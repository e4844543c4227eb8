package io.bobbinet.stream;

import io.bobbinet.task.CancelScope;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import org.jspecify.annotations.Nullable;

/**
 * Blocking calls of something of the JDK, one at a time, made to end as those of a stream end.
 *
 * <p>A cancel or an interrupt reaches the thread inside as an interrupt, whatever the JDK makes of it; most of its
 * channels and sockets are closed by it, which is told as broken from then on. Closing interrupts the thread inside too,
 * since not every close of the JDK wakes it; that interrupt never outlives the call.
 */
final class JdkCalls {
    private final Closeable resource;
    private final ResourceGuard guard;

    /** Guarded by this. */
    private boolean closed;

    /** The thread inside a call; guarded by this. */
    private @Nullable Thread caller;

    /** Guarded by this: whether {@link #close()} has interrupted the caller. */
    private boolean callerInterrupted;

    /** Why the resource cannot be used any more; guarded by this. */
    private @Nullable Throwable broken;

    JdkCalls(Closeable resource, String action) {
        this.resource = resource;
        this.guard = new ResourceGuard(action);
    }

    /** A call of the JDK that may block. */
    interface Call {
        int call() throws IOException;
    }

    int call(String operation, Call call) throws IOException {
        refuse(operation);
        guard.enter();
        try {
            CancelScope.checkpoint();
            enter(operation);
            try {
                return call.call();
            } finally {
                exit();
            }
        } catch (EndOfStreamException | ClosedResourceException | BrokenResourceException | SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            throw translated(operation, e);
        } finally {
            guard.exit();
        }
    }

    private synchronized void refuse(String operation) throws IOException {
        if (closed) {
            throw new ClosedResourceException(operation + ": " + this + " is closed");
        }
        if (broken != null) {
            throw new BrokenResourceException(operation + ": " + this + " is broken: " + broken, broken);
        }
    }

    private synchronized void enter(String operation) throws IOException {
        refuse(operation);
        caller = Thread.currentThread();
    }

    private synchronized void exit() {
        caller = null;
        if (callerInterrupted) {
            Thread.interrupted();
        }
    }

    private IOException translated(String operation, IOException e) {
        boolean interrupted = e instanceof InterruptedIOException
                || e instanceof ClosedByInterruptException
                || Thread.currentThread().isInterrupted()
                || CancelScope.isCancellationPending();
        synchronized (this) {
            if (closed) {
                return new ClosedResourceException(operation + ": " + this + " was closed", e);
            }
            if (!interrupted) {
                broken = e;
                return new BrokenResourceException(operation + ": " + this + ": " + e.getMessage(), e);
            }
            if (e.getClass() != InterruptedIOException.class) {
                broken = e; // the interrupt has closed it
            }
        }
        InterruptedException cause = new InterruptedException(operation + ": " + this);
        cause.initCause(e);
        return CancelScope.interrupted(cause);
    }

    /** Refuses all later calls. */
    synchronized void breakOff(Throwable why) {
        if (broken == null) {
            broken = why;
        }
    }

    void close() throws IOException {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            if (caller != null && caller != Thread.currentThread()) {
                callerInterrupted = true;
                caller.interrupt();
            }
        }
        // With the interrupt status set the JDK could not write out what it has buffered.
        CancelScope.shielded().run(resource::close);
    }

    @Override
    public String toString() {
        return resource.toString();
    }
}
