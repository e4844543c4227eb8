package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.bytes;

import io.bobbinet.net.ConnectedUnixDatagramSocket;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.task.ThrowingRunnable;
import java.io.IOException;
import java.nio.file.Path;

/** Sends to a UNIX datagram socket, and prints how that went, once at its start and once with each byte of its input. */
final class UnixPermissionProgram {
    private UnixPermissionProgram() {}

    public static void main(String[] arguments) throws IOException {
        Path path = Path.of(arguments[0]);
        do {
            print("send", () -> {
                try (UnixDatagramSocket socket = UnixDatagram.open()) {
                    socket.send(bytes("sent"), path);
                }
            });
            print("connect", () -> {
                try (ConnectedUnixDatagramSocket socket = UnixDatagram.connect(path)) {
                    socket.send(bytes("connected"));
                }
            });
        } while (System.in.read() >= 0);
    }

    private static void print(String what, ThrowingRunnable<IOException> body) {
        try {
            body.run();
            System.out.println(what + ": done");
        } catch (IOException e) {
            System.out.println(what + ": " + e);
        }
    }
}
