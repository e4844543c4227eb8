package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpStream;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.task.Readiness;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.net.InetSocketAddress;

/** A TCP server as a loop over the connections that come, each handed to a task of its own. */
public final class TcpLineServer {
    private TcpLineServer() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        serve("localhost", 1234, address -> System.out.println("listening on " + address));
    }

    /** Serves until it is cancelled, and tells where once it listens. The loop would end if the listener were closed. */
    public static void serve(String host, int port, Readiness<InetSocketAddress> readiness) throws IOException {
        TaskGroup.run(group -> {
            try (var listener = Tcp.listen(host, port)) {
                readiness.ready(listener.localAddress());
                listener.forEach(client -> group.fork(() -> greet(client)));
            }
        });
    }

    private static void greet(TcpStream connection) throws IOException {
        try (var client = BufferedByteStream.over(connection)) {
            var name = new String(client.receiveUntil("\n".getBytes(UTF_8), 1024), UTF_8);
            client.send(("Hello, " + name + "\n").getBytes(UTF_8));
        }
    }
}
