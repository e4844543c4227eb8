package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Tcp;
import io.bobbinet.stream.BufferedByteStream;
import java.io.IOException;

/** Connects to a TCP server, gives a name, and prints the answer up to the end of its line. */
public final class TcpLineClient {
    private TcpLineClient() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        System.out.println(greet("localhost", 1234));
    }

    /** {@return the line that a server answers to a name} */
    public static String greet(String host, int port) throws IOException {
        try (var client = BufferedByteStream.over(Tcp.connect(host, port))) {
            client.send("Client\n".getBytes(UTF_8));
            return new String(client.receiveUntil("\n".getBytes(UTF_8), 1024), UTF_8);
        }
    }
}
