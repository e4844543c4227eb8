package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixStream;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.task.Readiness;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.nio.file.Path;

/** A server on a UNIX socket as a loop over the connections that come, each handed to a task of its own. */
public final class UnixLineServer {
    private UnixLineServer() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        serve(Path.of("/tmp/mysock"), path -> System.out.println("listening on " + path));
    }

    /** Serves until it is cancelled, and tells once it listens. The loop would end if the listener were closed. */
    public static void serve(Path path, Readiness<Path> readiness) throws IOException {
        TaskGroup.run(group -> {
            try (var listener = Unix.binder(path).withDeleteOnClose().listen()) {
                readiness.ready(path);
                listener.forEach(client -> group.fork(() -> greet(client)));
            }
        });
    }

    private static void greet(UnixStream connection) throws IOException {
        try (var client = BufferedByteStream.over(connection)) {
            var name = new String(client.receiveUntil("\n".getBytes(UTF_8), 1024), UTF_8);
            client.send(("Hello, " + name + "\n").getBytes(UTF_8));
        }
    }
}
