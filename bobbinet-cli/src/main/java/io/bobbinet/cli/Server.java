package io.bobbinet.cli;

import io.bobbinet.net.Endpoint;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.Listeners;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.task.ThrowingConsumer;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The listeners of a command, until the process is told to end.
 *
 * @param <S> the type of the connections
 */
final class Server<S extends ByteStream> implements Closeable {
    private final List<Bound<S>> bound;

    /** All of them as one, so that one limit holds for all. */
    private final Listener<? extends S> listener;

    private Server(List<Bound<S>> bound) {
        this.bound = bound;
        this.listener = bound.size() == 1
                ? bound.getFirst().listener()
                : Listeners.<S>merge(bound.stream().map(Bound::listener).toList());
    }

    /**
     * A listener and where it can be reached.
     *
     * @param <S> the type of the connections
     * @param endpoint with the real port
     * @param listener the listener
     */
    record Bound<S extends ByteStream>(Endpoint endpoint, Listener<? extends S> listener) {}

    /** Opens a listener on an endpoint. */
    interface Opening<S extends ByteStream> {
        Bound<S> open(Endpoint endpoint) throws IOException;
    }

    /** Opens listeners on all endpoints, or on none. From here on SIGTERM and SIGINT drain them. */
    static <S extends ByteStream> Server<S> bind(List<Endpoint> endpoints, Opening<S> opening) throws IOException {
        Server<S> server = open(endpoints, opening);
        ShutdownHook.install(server::drain);
        return server;
    }

    /** Opens listeners on all endpoints, or on none. */
    static <S extends ByteStream> Server<S> open(List<Endpoint> endpoints, Opening<S> opening) throws IOException {
        List<Bound<S>> bound = new ArrayList<>();
        try {
            for (Endpoint endpoint : endpoints) {
                bound.add(opening.open(endpoint));
            }
        } catch (Throwable t) {
            for (Bound<S> each : bound) {
                closeAfter(t, each.listener());
            }
            throw t;
        }
        return new Server<>(bound);
    }

    private static void closeAfter(Throwable failure, Closeable listener) {
        try {
            listener.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** {@return where the listeners can be reached} */
    List<Endpoint> endpoints() {
        return bound.stream().map(Bound::endpoint).toList();
    }

    /** Tells where the listeners can be reached. */
    void announce(PrintStream out) {
        endpoints().forEach(endpoint -> out.println("listening " + endpoint));
        out.flush();
    }

    /** Serves until SIGTERM or SIGINT, and then until the handlers have ended. */
    void serve(ServerOptions options, ConnectionOptions connections, ThrowingConsumer<S, IOException> handler)
            throws IOException {
        ServeOptions serveOptions =
                options.serveOptions().withFailureReporter((connection, failure) -> connections.report(failure));
        listener.serve(handler, serveOptions);
    }

    void drain(Duration grace) {
        try {
            listener.drain(grace);
        } catch (IOException e) {
            Complaints.say(Complaints.describe(e));
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
