package io.bobbinet.examples;

// @start region="hello"
import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Tcp;
import io.bobbinet.stream.TextStream;

/** Greets each client by its name. */
public final class HelloServer {
    private HelloServer() {}

    /** Runs the program. */
    public static void main(String[] args) throws Exception {
        try (var listener = Tcp.listen(1234)) { // IPv4 and IPv6
            // Each client has a virtual thread of its own, and is closed afterwards.
            listener.serve(client -> {
                var text = TextStream.over(client, UTF_8);
                text.sendLine("Hello, " + text.receiveLine(1024));
            });
        }
    }
}
// @end region="hello"
