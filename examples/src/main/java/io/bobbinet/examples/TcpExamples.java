package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.Unix;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.file.Path;
import java.util.Optional;

/** Connecting, listening and giving up in time. */
public final class TcpExamples {
    private TcpExamples() {}

    /** {@return what a server answers within five seconds, if it does} */
    public static Optional<String> ask(String host, int port) throws IOException {
        // @start region="ask"
        try (var client = Tcp.connect(host, port)) { // races IPv6 and IPv4, RFC 8305
            client.send("Client\n".getBytes(UTF_8));
            return CancelScope.moveOnAfter(ofSeconds(5))
                    .call(() -> new String(client.receive(), UTF_8)); // late? empty, and the client is still good
        }
        // @end region="ask"
    }

    /** {@return what a server at a path answers} */
    public static String ask(Path path) throws IOException {
        // @start region="unix"
        try (var client = Unix.connect(path)) {
            client.send("Client\n".getBytes(UTF_8));
            return new String(client.receive(1024), UTF_8);
        }
        // @end region="unix"
    }

    /** Serves with limits until the listener is drained. */
    public static void serve(TcpListener listener) throws IOException {
        // @start region="serve"
        listener.serve(
                client -> client.forEach(client::send), // echo, until the client ends its stream
                ServeOptions.defaults().withMaxConnections(1_000));
        // @end region="serve"
    }

    /** {@return a listener that several processes share} */
    public static TcpListener listen(int port) throws IOException {
        // @start region="binder"
        return Tcp.binder("localhost", port)
                .withReusePort()
                .withOption(StandardSocketOptions.SO_RCVBUF, 1 << 20)
                .listen();
        // @end region="binder"
    }
}
