package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Unix;
import java.io.IOException;
import java.nio.file.Path;

/** Connects to a UNIX socket, receives a file that the server has opened, and prints what is in it. */
public final class UnixDescriptorClient {
    private UnixDescriptorClient() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        System.out.println(read(Path.of(args.length > 0 ? args[0] : "/tmp/mysock")));
    }

    /** {@return what is in the file that a server passes} */
    public static String read(Path path) throws IOException {
        try (var client = Unix.connector(path).withDescriptors().connect();
                var message = client.receiveMessage(0); // the descriptor, and none of the bytes it came with
                var file = message.descriptors().getFirst().asInputStream()) {
            return new String(file.readAllBytes(), UTF_8);
        }
    }
}
