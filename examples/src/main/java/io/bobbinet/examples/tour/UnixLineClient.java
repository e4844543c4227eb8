package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Unix;
import io.bobbinet.stream.BufferedByteStream;
import java.io.IOException;
import java.nio.file.Path;

/** Connects to a UNIX socket, gives a name, and prints the answer up to the end of its line. */
public final class UnixLineClient {
    private UnixLineClient() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        System.out.println(greet(Path.of("/tmp/mysock")));
    }

    /** {@return the line that a server answers to a name} */
    public static String greet(Path path) throws IOException {
        try (var client = BufferedByteStream.over(Unix.connect(path))) {
            client.send("Client\n".getBytes(UTF_8));
            return new String(client.receiveUntil("\n".getBytes(UTF_8), 1024), UTF_8);
        }
    }
}
