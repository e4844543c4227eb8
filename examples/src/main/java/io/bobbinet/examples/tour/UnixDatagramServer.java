package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.UnixDatagram;
import io.bobbinet.task.Readiness;
import java.io.IOException;
import java.nio.file.Path;

/** The "hello" service on a UNIX datagram socket. */
public final class UnixDatagramServer {
    private UnixDatagramServer() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        serve(Path.of("/tmp/mysock"), path -> System.out.println("listening on " + path));
    }

    /** Serves until it is cancelled, and tells once packets are received. The socket file goes with the socket. */
    public static void serve(Path path, Readiness<Path> readiness) throws IOException {
        try (var socket = UnixDatagram.binder(path).withDeleteOnClose().bind()) {
            readiness.ready(path);
            socket.forEach(packet -> {
                var name = new String(packet.data(), UTF_8);
                socket.send(packet.reply(("Hello, " + name).getBytes(UTF_8)));
            });
        }
    }
}
