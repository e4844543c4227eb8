package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Unix;
import java.io.IOException;
import java.nio.file.Path;

/** Connects to a UNIX socket, gives a name, and prints the answer. */
public final class UnixClient {
    private UnixClient() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        System.out.print(greet(Path.of("/tmp/mysock")));
    }

    /** {@return what a server answers to a name} */
    public static String greet(Path path) throws IOException {
        try (var client = Unix.connect(path)) {
            client.send("Client\n".getBytes(UTF_8));
            return new String(client.receive(1024), UTF_8);
        }
    }
}
