package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Tcp;
import io.bobbinet.stream.EndOfStreamException;
import java.io.IOException;

/** Receives until the peer ends the stream, which an exception tells; no receive returns an empty array. */
public final class EndOfStream {
    private EndOfStream() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        System.out.println(receiveAll("localhost", 1234));
    }

    /** {@return all that a server sends, and what the receive after that throws} */
    public static String receiveAll(String host, int port) throws IOException {
        var received = new StringBuilder();
        try (var client = Tcp.connect(host, port)) {
            client.send("Client\n".getBytes(UTF_8));
            while (true) {
                received.append(new String(client.receive(), UTF_8));
            }
        } catch (EndOfStreamException e) {
            return received + "then " + e;
        }
    }
}
