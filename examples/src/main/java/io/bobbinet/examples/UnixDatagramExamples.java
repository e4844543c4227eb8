package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.net.ConnectedUnixDatagramSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.LinuxOptions;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/** UNIX datagram sockets, which Linux has. */
public final class UnixDatagramExamples {
    private UnixDatagramExamples() {}

    /** Greets whoever sends a name, until the socket is drained. */
    public static void greet(UnixDatagramSocket socket) throws IOException {
        // @start region="serve"
        socket.serve(packet -> {
            if (packet.peer().isPresent()) { // who has no name cannot be answered
                var name = new String(packet.data(), UTF_8);
                socket.send(packet.reply(("Hello, " + name).getBytes(UTF_8)));
            }
        });
        // @end region="serve"
    }

    /** {@return what a server at a path answers} */
    public static String ask(Path path) throws IOException {
        // @start region="connect"
        try (var server = UnixDatagram.connect(path)) { // with a name that the system chooses
            server.send("Client".getBytes(UTF_8)); // waits while the server has no room: nothing is lost
            return new String(server.receive().data(), UTF_8);
        }
        // @end region="connect"
    }

    /** Sends a line to a log, from a socket without a name. */
    public static void log(Path path, String line) throws IOException {
        // @start region="unnamed"
        try (var socket = UnixDatagram.open()) { // has no name: nobody can answer it
            socket.send(line.getBytes(UTF_8), path);
        }
        // @end region="unnamed"
    }

    /** {@return a socket that only its own user can send to, and whose file goes with it} */
    public static UnixDatagramSocket bind(Path path) throws IOException {
        // @start region="binder"
        return UnixDatagram.binder(path)
                .withPermissions(
                        PosixFilePermissions.fromString("rw-------")) // at no time has anybody else been let in
                .withOption(LinuxOptions.SO_PASSCRED, true) // who sends is told with each message
                .withDeleteOnClose()
                .bind();
        // @end region="binder"
    }

    /** {@return a connection to a server that wants to know its clients by a path} */
    public static ConnectedUnixDatagramSocket connect(Path server, Path own) throws IOException {
        // @start region="connector"
        return UnixDatagram.connector(server)
                .withLocalAddress(UnixAddress.of(own))
                .withDeleteOnClose()
                .connect();
        // @end region="connector"
    }

    /** Lends an open file to the process at a path. */
    public static void lend(UnixDatagramSocket socket, Path file, Path to) throws IOException {
        // @start region="send-descriptor"
        try (var opened = Descriptor.open(file)) {
            socket.sendMessage("a file for you".getBytes(UTF_8), List.of(opened), UnixAddress.of(to));
        }
        // @end region="send-descriptor"
    }

    /** {@return what is in a file that another process has open, if it is one of this user's; the socket has SO_PASSCRED} */
    public static Optional<String> read(UnixDatagramSocket socket, int user) throws IOException {
        // @start region="receive-descriptor"
        try (var message = socket.receiveMessage(1024)) {
            if (message.credentials().getFirst().uid() != user) {
                return Optional.empty(); // and the file is closed
            }
            try (var file = message.descriptors().getFirst().asInputStream()) {
                return Optional.of(new String(file.readAllBytes(), UTF_8));
            }
        }
        // @end region="receive-descriptor"
    }

    /** {@return the answer of a peer, wherever it is: code that knows only what all datagram sockets have in common} */
    public static byte[] exchange(ConnectedDatagramTransport<?> peer, byte[] question) throws IOException {
        // @start region="transport"
        peer.send(question);
        Datagram<?> answer = peer.receive();
        return answer.data();
        // @end region="transport"
    }
}
