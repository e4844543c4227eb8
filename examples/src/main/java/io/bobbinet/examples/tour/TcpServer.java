package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpStream;
import io.bobbinet.task.Readiness;
import java.io.IOException;
import java.net.InetSocketAddress;

/** A TCP server that greets each client by its name. */
public final class TcpServer {
    private TcpServer() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        serve("localhost", 1234, address -> System.out.println("listening on " + address));
    }

    /** Serves until it is cancelled, and tells where once it listens. */
    public static void serve(String host, int port, Readiness<InetSocketAddress> readiness) throws IOException {
        try (var listener = Tcp.listen(host, port)) {
            readiness.ready(listener.localAddress());
            listener.serve(TcpServer::greet);
        }
    }

    private static void greet(TcpStream client) throws IOException {
        var name = new String(client.receive(1024), UTF_8);
        client.send(("Hello, " + name + "\n").getBytes(UTF_8));
    }
}
