package io.bobbinet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against servers of Python's. */
@Timeout(60)
class TakeCommandTest {
    private static final String SERVER = """
        import array, os, socket, sys
        path, folder = sys.argv[1], sys.argv[2]
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        print("listening " + path, flush=True)
        connection, _ = listener.accept()
        def opened(name):
            return os.open(folder + "/" + name, os.O_RDONLY)
        def send(*fds, data=b"x"):
            socket.send_fds(connection, [data], fds)
        """;

    @TempDir
    private Path folder;

    private Path socket;

    @BeforeEach
    void writeFiles() throws Exception {
        PeerProgram.require("python3");
        socket = folder.resolve("socket");
        Files.writeString(folder.resolve("one"), "first\n");
        Files.writeString(folder.resolve("two"), "second\n");
        Files.writeString(folder.resolve("three"), "third\n");
    }

    private CommandProcess server(String body) throws Exception {
        CommandProcess server =
                CommandProcess.program("python3", "-c", SERVER + body, socket.toString(), folder.toString());
        server.awaitListening();
        return server;
    }

    private CommandProcess take() throws Exception {
        return CommandProcess.start("take", "unix://" + socket);
    }

    @Test
    void printsTheFilesOfAllMessagesInOrder() throws Exception {
        String body = """
            send(opened("one"), opened("two"))
            connection.send(b"no descriptors")
            send(opened("three"))
            """;
        try (var server = server(body);
                var take = take()) {
            assertThat(take.readAll()).isEqualTo("first\nsecond\nthird\n");
            take.assertEnds();
            server.assertEnds();
        }
    }

    @Test
    void aServerMayWaitForTheEndOfItsClient() throws Exception {
        String body = """
            send(opened("one"))
            assert connection.recv(1) == b""
            send(opened("two"))
            """;
        try (var server = server(body);
                var take = take()) {
            assertThat(take.readAll()).isEqualTo("first\nsecond\n");
            take.assertEnds();
            server.assertEnds();
        }
    }

    @Test
    void aFileIsReadFromWhereItsSenderWas() throws Exception {
        String body = """
            fd = opened("one")
            os.lseek(fd, 2, os.SEEK_SET)
            send(fd)
            """;
        try (var _ = server(body);
                var take = take()) {
            assertThat(take.readAll()).isEqualTo("rst\n");
            take.assertEnds();
        }
    }

    @Test
    void aPipeIsReadToItsEnd() throws Exception {
        String body = """
            reading, writing = os.pipe()
            send(reading)
            connection.close()
            os.write(writing, b"from ")
            os.write(writing, b"a pipe")
            """;
        try (var _ = server(body);
                var take = take()) {
            assertThat(take.readAll()).isEqualTo("from a pipe");
            take.assertEnds();
        }
    }

    @Test
    void noDescriptorsAreAFailure() throws Exception {
        try (var _ = server("connection.send(b'nothing but bytes')");
                var take = take()) {
            take.assertFails(1, "No descriptors came from unix://" + socket);
        }
    }

    @Test
    void descriptorsThatWereLostAreAFailure() throws Exception {
        String body = """
            send(opened("one"))
            assert connection.recv(1) == b""
            send(*([opened("two")] * 250))
            """;
        try (var _ = server(body);
                var take = CommandProcess.startWithOpenFiles(150, "take", "unix://" + socket)) {
            // Of a message that is not whole nothing is printed.
            assertThat(take.readAll()).isEqualTo("first\n");
            take.assertFails(1, "Descriptors were lost after number", "as many files open as it may");
        }
    }

    @Test
    void whatCannotBePrintedIsToldWithItsKind() throws Exception {
        try (var _ = server("send(opened('one'), opened('.'))");
                var take = take()) {
            assertThat(take.readAll()).isEqualTo("first\n");
            take.assertFails(1, "Descriptor 2 cannot be printed: a directory");
        }
    }

    @Test
    void timeoutEndsTheWaitForAnIdleServer() throws Exception {
        try (var _ = server("sys.stdin.read()");
                var take = CommandProcess.start("take", "--timeout", "100ms", "unix://" + socket)) {
            take.assertFails(1, "was idle for 100ms");
        }
    }

    @Test
    void nobodyListens() throws Exception {
        try (var take = take()) {
            take.assertFails(1, "Cannot connect to unix://" + socket + ": no such file");
        }
    }
}
