package io.bobbinet.stream;

import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingConsumer;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;

/**
 * Waits for connections.
 *
 * <p>To implement one, {@link #accept()}, {@link #close()} and {@link #serving()} are needed.
 *
 * @param <S> the type of the connections
 */
public interface Listener<S extends Closeable> extends Attributed, Closeable {

    /**
     * Accepts a connection, waiting for it if need be. A cancelled, timed-out or interrupted accept has taken none.
     *
     * @return the connection, which belongs to the caller
     * @throws ClosedResourceException if the listener was closed, before or during the call
     * @throws BusyResourceException if another thread is accepting
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws java.io.InterruptedIOException if the thread was interrupted by the user; the status stays set
     * @throws IOException if the system fails, for instance for lack of descriptors; the listener remains usable
     */
    S accept() throws IOException;

    /**
     * {@return the state of serving of this listener} One for its life; whoever implements a listener makes it, and calls
     * {@link Serving#closed()} from {@link #close()}.
     */
    Serving serving();

    /**
     * Closes the listener. Idempotent. A blocked {@link #accept()} throws {@link ClosedResourceException}; {@link #forEach}
     * returns; {@link #serve} cancels its handlers and throws. Accepted connections that no handler of {@link #serve}
     * has are left alone.
     *
     * @throws IOException if releasing reported a failure
     */
    @Override
    void close() throws IOException;

    /**
     * Accepts connections and gives each to a body, one after the other, until the listener is closed, by anyone, the body
     * included; then returns. The body owns the connection. Whatever the body throws leaves this method.
     *
     * @param <X> what the body throws
     * @param body what to do with a connection, typically to fork a task
     * @throws X if the body throws it
     * @throws IOException as from {@link #accept()}, but for the closing of this listener
     */
    default <X extends Throwable> void forEach(ThrowingConsumer<? super S, X> body) throws X, IOException {
        while (true) {
            S connection;
            try {
                connection = accept();
            } catch (ClosedResourceException e) {
                return;
            }
            body.accept(connection);
        }
    }

    /**
     * Serves with the {@linkplain ServeOptions#defaults() default options}.
     *
     * @param handler what to do with a connection
     * @throws IOException as from {@link #serve(ThrowingConsumer, ServeOptions)}
     */
    default void serve(ThrowingConsumer<? super S, ?> handler) throws IOException {
        serve(handler, ServeOptions.defaults());
    }

    /**
     * Runs a handler for each connection, in a task of its own, and closes the connection after it. A handler that fails
     * is reported and concerns no other. When the system lacks descriptors, accepting pauses and goes on. Returns after
     * {@link #drain} only, when all handlers have ended.
     *
     * @param handler what to do with a connection
     * @param options limit and reporter
     * @throws ClosedResourceException if the listener is closed otherwise, by whomever; the handlers were cancelled and
     *     have ended
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; the handlers have ended
     * @throws IOException as {@link java.io.InterruptedIOException} if the thread was interrupted by the user; the
     *     handlers were cancelled and have ended
     */
    default void serve(ThrowingConsumer<? super S, ?> handler, ServeOptions options) throws IOException {
        serving().serve(this, handler, options);
    }

    /**
     * Runs a handler for each connection as a task of a group, and closes the connection after it. A handler that fails
     * cancels the group. Handlers outlive this call if it is cancelled alone; {@link #drain} bounds them even then. To be
     * called inside the group, so that its cancellation ends the accepting too.
     *
     * @param handler what to do with a connection
     * @param group the group that the handlers become tasks of
     * @throws IOException as from {@link #serve(ThrowingConsumer, ServeOptions)}
     */
    default void serve(ThrowingConsumer<? super S, ?> handler, TaskGroup group) throws IOException {
        serving().serve(this, handler, group);
    }

    /**
     * Ends the serving in good order: stops accepting, closes the listener, and gives the running handlers a time to end
     * before they are cancelled. Does not wait for that: {@link #serve} does, and returns. May be called by a handler, and
     * again, to shorten the time.
     *
     * @param grace how long the handlers may go on
     * @throws IOException if closing the listener reported a failure
     */
    default void drain(Duration grace) throws IOException {
        serving().drain(this, grace);
    }
}
