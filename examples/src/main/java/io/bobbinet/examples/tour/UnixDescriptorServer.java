package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Descriptor;
import io.bobbinet.net.Unix;
import io.bobbinet.task.Readiness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A server on a UNIX socket that passes each client an open file. */
public final class UnixDescriptorServer {
    private UnixDescriptorServer() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        var file = Path.of("/tmp/examplefile");
        Files.writeString(file, "Test file");
        serve(Path.of("/tmp/mysock"), file, path -> System.out.println("listening on " + path));
    }

    /** Serves until it is cancelled, and tells once it listens. The socket file goes with the listener. */
    public static void serve(Path path, Path file, Readiness<Path> readiness) throws IOException {
        try (var listener = Unix.binder(path).withDeleteOnClose().listen()) {
            readiness.ready(path);
            listener.withDescriptors().serve(client -> {
                try (var opened = Descriptor.open(file)) {
                    client.sendMessage("this message is ignored".getBytes(UTF_8), List.of(opened));
                }
            });
        }
    }
}
