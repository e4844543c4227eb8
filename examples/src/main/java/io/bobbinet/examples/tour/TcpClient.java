package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Tcp;
import java.io.IOException;

/** Connects to a TCP server, gives a name, and prints the answer. */
public final class TcpClient {
    private TcpClient() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        System.out.print(greet("localhost", 1234));
    }

    /** {@return what a server answers to a name} */
    public static String greet(String host, int port) throws IOException {
        try (var client = Tcp.connect(host, port)) {
            client.send("Client\n".getBytes(UTF_8));
            return new String(client.receive(), UTF_8);
        }
    }
}
