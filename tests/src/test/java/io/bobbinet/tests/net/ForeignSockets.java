package io.bobbinet.tests.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Sockets that another program has made: Python's, which are blocking unless told otherwise. That program keeps a descriptor
 * of each and can go on to use it.
 */
final class ForeignSockets implements AutoCloseable {
    private static final String PROGRAM = """
        import os, sys
        from socket import *
        control = socket(AF_UNIX)
        control.connect(sys.argv[1])
        for line in sys.stdin:
            exec(line)
            print("done", flush=True)
        """;

    private final PeerProcess python;
    private final UnixDescriptorStream control;

    private ForeignSockets(PeerProcess python, UnixDescriptorStream control) {
        this.python = python;
        this.control = control;
    }

    static ForeignSockets start(Path folder) throws IOException {
        Path path = folder.resolve("foreign");
        try (var listener = Unix.binder(path).withDeleteOnClose().listen().withDescriptors()) {
            PeerProcess python = PeerProcess.start(Peers.pythonWithAnyio(), "-c", PROGRAM, path.toString());
            try {
                return new ForeignSockets(python, listener.accept());
            } catch (Throwable t) {
                python.close();
                throw t;
            }
        }
    }

    /** Runs a line of Python. */
    void run(String line) throws IOException {
        python.writeLine(line);
        assertThat(python.readLine()).isEqualTo("done");
    }

    /** The number of a descriptor, the caller's, of the socket {@code s} that a line of Python makes. */
    int take(String line) throws IOException {
        return takeNumber(line, "s.fileno()");
    }

    /** The number of a descriptor, the caller's, of what Python has under a number of its own. */
    int takeNumber(String line, String number) throws IOException {
        run(line);
        run("send_fds(control, [b'x'], [" + number + "])");
        try (var message = control.receiveMessage(1)) {
            return message.descriptors().getFirst().release();
        }
    }

    /** The flags of an open file description as /proc tells them, in octal. */
    static String flags(int number) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/fdinfo/" + number)).stream()
                .filter(line -> line.startsWith("flags:"))
                .findFirst()
                .orElseThrow()
                .substring("flags:".length())
                .strip();
    }

    static boolean isNonBlocking(int number) throws IOException {
        return (Integer.parseInt(flags(number), 8) & 04000) != 0;
    }

    static boolean isCloseOnExec(int number) throws IOException {
        return (Integer.parseInt(flags(number), 8) & 02000000) != 0;
    }

    /** What a number stands for. */
    static Path target(int number) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/fd/" + number));
    }

    @Override
    public void close() throws IOException {
        try (control;
                python) {
            // Both.
        }
    }
}
