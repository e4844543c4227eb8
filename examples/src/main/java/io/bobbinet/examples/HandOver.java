package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A server whose next version takes the place of the running one without losing a connection: it gets the listening socket
 * itself, so there is no moment at which nobody listens. Every version is started in the same way:
 *
 * <pre>
 * java ... io.bobbinet.examples.HandOver 8080 /run/greeter/next "version 2"
 * </pre>
 *
 * <p>The folder of the path should be the user's alone: whoever can connect to the path gets the listening socket.
 */
public final class HandOver {
    private final Path path;
    private final String version;

    private HandOver(Path path, String version) {
        this.path = path;
        this.version = version;
    }

    /** Runs the program; the arguments are a port of this machine, a path for the next version, and the name of this one. */
    public static void main(String[] args) throws Exception {
        new HandOver(Path.of(args[1]), args[2]).run(Integer.parseInt(args[0]));
    }

    private void run(int port) throws IOException {
        Optional<UnixDescriptorStream> before = findVersionBefore();
        try (TcpListener listener = before.isPresent() ? takeOver(before.get()) : Tcp.listen("127.0.0.1", port)) {
            TaskGroup.run(group -> {
                group.fork(() -> listener.serve(this::greet)); // returns when the listener is drained
                if (before.isPresent()) {
                    release(before.get());
                }
                awaitNextVersion(listener).close(); // it hears that we go
                listener.drain(ofSeconds(30)); // those that we accepted are served to their end
            });
        }
    }

    private void greet(TcpStream client) throws IOException {
        client.send(("Hello from " + version + "\n").getBytes(UTF_8));
    }

    private Optional<UnixDescriptorStream> findVersionBefore() throws IOException {
        try {
            return Optional.of(Unix.connector(path).withDescriptors().connect());
        } catch (NoSuchFileException | ConnectException e) {
            return Optional.empty(); // we are the first
        }
    }

    // @start region="take"
    private static TcpListener takeOver(UnixDescriptorStream before) throws IOException {
        try (var message = before.receiveMessage(1)) {
            return message.descriptors().getFirst().asTcpListener();
        }
    }

    /** Tells the version before that we accept; its answer is that it goes. */
    private static void release(UnixDescriptorStream before) throws IOException {
        try (before) {
            before.send("I serve".getBytes(UTF_8));
            before.forEach(nothing -> {}); // until it has given up the path
        }
    }
    // @end region="take"

    // @start region="give"
    /** Gives the next version the socket, waits until it accepts, and leaves it the path. */
    private UnixDescriptorStream awaitNextVersion(TcpListener listener) throws IOException {
        try (var door = Unix.binder(path).withDeleteOnClose().listen().withDescriptors()) {
            System.out.println(
                    version + " serves port " + listener.localAddress().getPort());
            while (true) {
                var next = door.accept();
                try (var socket = listener.toDescriptors().getFirst()) {
                    next.sendMessage(new byte[1], List.of(socket));
                    next.receive(); // from now on both of us accept
                    return next;
                } catch (EndOfStreamException | BrokenResourceException e) {
                    System.err.println("The next version has failed, and we go on: " + e.getMessage());
                    next.close();
                }
            }
        }
    }
    // @end region="give"
}
