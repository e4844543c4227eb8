package io.bobbinet.examples;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpConnector;
import io.bobbinet.net.TcpListener;
import io.bobbinet.stream.Streams;
import java.io.IOException;
import java.time.Duration;

/** A TCP proxy: joins each client to a server. Usage: {@code TcpProxy PORT HOST PORT}. */
public final class TcpProxy {
    private TcpProxy() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        var server = Tcp.connector(args[1], Integer.parseInt(args[2])).withConnectTimeout(Duration.ofSeconds(10));
        try (var listener = Tcp.listen(Integer.parseInt(args[0]))) {
            serve(listener, server);
        }
    }

    /** Serves until the listener is drained. */
    public static void serve(TcpListener listener, TcpConnector server) throws IOException {
        listener.serve(client -> {
            try (var upstream = server.connect()) {
                Streams.relay(client, upstream); // until both have ended; one may end its sending long before the other
            }
        });
    }
}
