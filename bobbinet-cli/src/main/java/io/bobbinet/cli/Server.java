package io.bobbinet.cli;

import io.bobbinet.net.Endpoint;
import io.bobbinet.net.SocketStream;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingConsumer;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The listeners of a command, until the process is told to end. */
final class Server implements Closeable {
    private final List<StreamSockets.Bound> bound = new ArrayList<>();

    private Server() {}

    /** Opens listeners on all endpoints, or on none. From here on SIGTERM and SIGINT drain them. */
    static Server bind(List<Endpoint> endpoints) throws IOException {
        Server server = new Server();
        try {
            for (Endpoint endpoint : endpoints) {
                server.bound.add(StreamSockets.listen(endpoint));
            }
        } catch (Throwable t) {
            try (server) {
                throw t;
            }
        }
        ShutdownHook.install(server::drain);
        return server;
    }

    /** Tells where the listeners can be reached. */
    void announce(PrintStream out) {
        for (StreamSockets.Bound each : bound) {
            out.println("listening " + each.endpoint());
        }
        out.flush();
    }

    /** Serves until SIGTERM or SIGINT, and then until the handlers have ended. */
    void serve(
            ServerOptions options, ConnectionOptions connections, ThrowingConsumer<SocketStream, IOException> handler)
            throws IOException {
        ServeOptions serveOptions =
                options.serveOptions().withFailureReporter((connection, failure) -> connections.report(failure));
        TaskGroup.run(group -> {
            for (StreamSockets.Bound each : bound) {
                group.fork(() -> each.listener().serve(handler, serveOptions));
            }
        });
    }

    private void drain(Duration grace) {
        for (StreamSockets.Bound each : bound) {
            try {
                each.listener().drain(grace);
            } catch (IOException e) {
                Complaints.say(Complaints.describe(e));
            }
        }
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (StreamSockets.Bound each : bound) {
            try {
                each.listener().close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
