package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixStream;
import io.bobbinet.task.Readiness;
import java.io.IOException;
import java.nio.file.Path;

/** A server on a UNIX socket that greets each client by its name. */
public final class UnixServer {
    private UnixServer() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        serve(Path.of("/tmp/mysock"), path -> System.out.println("listening on " + path));
    }

    /** Serves until it is cancelled, and tells once it listens. The socket file goes with the listener. */
    public static void serve(Path path, Readiness<Path> readiness) throws IOException {
        try (var listener = Unix.binder(path).withDeleteOnClose().listen()) {
            readiness.ready(path);
            listener.serve(UnixServer::greet);
        }
    }

    private static void greet(UnixStream client) throws IOException {
        var name = new String(client.receive(1024), UTF_8);
        client.send(("Hello, " + name + "\n").getBytes(UTF_8));
    }
}
