package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.UnixDatagram;
import java.io.IOException;
import java.nio.file.Path;

/** Sends packets to one UNIX datagram socket, such as the system's log, which need not be named each time. */
public final class UnixDatagramClient {
    private UnixDatagramClient() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        sayHi(Path.of("/dev/log"));
    }

    /** Sends a packet. */
    public static void sayHi(Path path) throws IOException {
        try (var socket = UnixDatagram.connect(path)) {
            socket.send("Hi there!\n".getBytes(UTF_8));
        }
    }
}
