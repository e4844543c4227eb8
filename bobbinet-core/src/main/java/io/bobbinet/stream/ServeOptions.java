package io.bobbinet.stream;

import io.bobbinet.task.TimedOutException;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLException;

/**
 * How a listener serves; see {@link Listener#serve(io.bobbinet.task.ThrowingConsumer, ServeOptions)}. Immutable. A datagram
 * socket serves in the same way, and counts a datagram that is being handled as a connection.
 *
 * @param maxConnections how many connections are handled at the same time at most; further ones wait to be accepted
 * @param failureReporter is told of each handler that failed, with the connection, which is closed by then
 */
public record ServeOptions(int maxConnections, BiConsumer<Object, Throwable> failureReporter) {
    private static final System.Logger LOG = System.getLogger(Listener.class.getName());

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if the limit is less than 1
     */
    public ServeOptions {
        if (maxConnections < 1) {
            throw new IllegalArgumentException("At least 1 connection must be allowed, not " + maxConnections);
        }
        Objects.requireNonNull(failureReporter, "failureReporter");
    }

    /**
     * {@return the defaults} No limit, and a warning to the {@link System.Logger} named after {@link Listener} for each
     * failure; of a peer that went away or kept us waiting before the handler was done, {@link EndOfStreamException},
     * {@link IncompleteReadException}, {@link BrokenResourceException} or {@link TimedOutException}, or that failed the
     * handshake of TLS, the stack trace is logged at level {@link System.Logger.Level#DEBUG} alone.
     */
    public static ServeOptions defaults() {
        return new ServeOptions(Integer.MAX_VALUE, ServeOptions::log);
    }

    /**
     * Tells the reporter of a failure, on the calling thread. Never throws: if the reporter fails, that is logged, with the failure
     * suppressed under it. For whoever serves in a way of their own.
     *
     * @param connection what the handler was for
     * @param failure what it failed by
     */
    public void report(Object connection, Throwable failure) {
        try {
            failureReporter.accept(connection, failure);
        } catch (RuntimeException | LinkageError | ServiceConfigurationError e) {
            if (e != failure) {
                e.addSuppressed(failure);
            }
            Serving.log(Level.ERROR, "The reporter of failures failed", e);
        }
    }

    private static void log(Object connection, Throwable failure) {
        String message = "The handler of " + connection + " failed";
        if (isByPeer(failure)) {
            LOG.log(Level.WARNING, message + ": " + failure);
            LOG.log(Level.DEBUG, message, failure);
        } else {
            LOG.log(Level.WARNING, message, failure);
        }
    }

    /** Whether it was the peer: every server's daily bread, and no mistake of the handler's. */
    private static boolean isByPeer(Throwable failure) {
        return failure instanceof EndOfStreamException
                || failure instanceof IncompleteReadException
                || failure instanceof BrokenResourceException
                || failure instanceof TimedOutException
                || failure instanceof SSLException;
    }

    /**
     * {@return the same with a limit of connections}
     *
     * @param limit how many connections are handled at the same time at most
     */
    public ServeOptions withMaxConnections(int limit) {
        return new ServeOptions(limit, failureReporter);
    }

    /**
     * {@return the same with another reporter of failures}
     *
     * @param reporter is told of each handler that failed; runs on the handler's task
     */
    public ServeOptions withFailureReporter(BiConsumer<Object, Throwable> reporter) {
        return new ServeOptions(maxConnections, reporter);
    }
}
