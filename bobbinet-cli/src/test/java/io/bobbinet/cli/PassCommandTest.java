package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PassCommandTest {
    /** Prints the message and what is in the files that come with it. */
    private static final String PYTHON_CLIENT = """
        import os, socket, sys
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(sys.argv[1])
            data, fds, flags, _ = socket.recv_fds(client, 65536, 253)
            print("names", data.decode().split("\\n"))
            for fd in fds:
                os.set_blocking(fd, True)
                with os.fdopen(fd) as file:
                    print("content", file.read())
            print("rest", client.recv(1))
        """;

    @TempDir
    private Path folder;

    private Path socket;
    private String uri;

    @BeforeEach
    void name() {
        socket = folder.resolve("socket");
        uri = "unix://" + socket;
    }

    private Path file(String name, String content) throws Exception {
        return Files.writeString(folder.resolve(name), content);
    }

    private static CommandProcess pass(String uri, Path... files) throws Exception {
        List<String> line = new ArrayList<>(List.of("pass", uri));
        Arrays.stream(files).map(Path::toString).forEach(line::add);
        CommandProcess pass = CommandProcess.start(line.toArray(String[]::new));
        assertThat(pass.awaitListening()).isEqualTo(uri);
        return pass;
    }

    private static void assertTakes(String uri, String content) throws Exception {
        try (var take = CommandProcess.start("take", uri)) {
            assertThat(take.readAll()).isEqualTo(content);
            take.assertEnds();
        }
    }

    @Test
    void everyClientGetsTheWholeContentOfTheFilesInOrder() throws Exception {
        try (var pass = pass(uri, file("one", "first\n"), file("empty", ""), file("two", "second\n"))) {
            assertTakes(uri, "first\nsecond\n");
            assertTakes(uri, "first\nsecond\n");
            pass.signal("TERM").assertEnds();
            assertThat(socket).doesNotExist();
        }
    }

    @Test
    void anAbstractNameIsAnEndpointToo() throws Exception {
        String name = "unix:@bobbinet%20" + folder.toString().replace('/', '-');
        try (var _ = pass(name, file("one", "first"))) {
            assertTakes(name, "first");
        }
    }

    @Test
    void aClientThatReadsAtTheSameTimeMovesNobodysPosition() throws Exception {
        PeerProgram.require("python3");
        String halfReader = """
            import os, socket, sys
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(sys.argv[1])
                data, fds, flags, _ = socket.recv_fds(client, 65536, 253)
                print(os.read(fds[0], 3), flush=True)
                sys.stdin.read()
                print(os.read(fds[0], 100))
            """;
        try (var _ = pass(uri, file("one", "abcdef"));
                var half = CommandProcess.program("python3", "-c", halfReader, socket.toString())) {
            assertThat(half.readLine()).isEqualTo("b'abc'");
            assertTakes(uri, "abcdef");
            half.in().close();
            assertThat(half.readLine()).isEqualTo("b'def'");
        }
    }

    @Test
    void pythonReceivesTheNamesAndTheFiles() throws Exception {
        PeerProgram.require("python3");
        Path one = file("one", "first");
        Path two = file("two", "second");
        try (var _ = pass(uri, one, two);
                var python = CommandProcess.program("python3", "-c", PYTHON_CLIENT, socket.toString())) {
            assertThat(python.readAll().lines())
                    .containsExactly(
                            "names ['" + one + "', '" + two + "', '']", "content first", "content second", "rest b''");
            python.assertEnds();
        }
    }

    @Test
    void whatIsWrittenToAFifoComesOutOfIt() throws Exception {
        PeerProgram.require("mkfifo");
        Path fifo = folder.resolve("fifo");
        try (var mkfifo = CommandProcess.program("mkfifo", fifo.toString())) {
            mkfifo.assertEnds();
        }
        try (var _ = pass(uri, fifo);
                var take = take(fifo)) {
            assertThat(take.readAll()).isEqualTo("through");
            take.assertEnds();
        }
    }

    /** Takes when the FIFO has its writer, or else there would be nothing to wait for. */
    private CommandProcess take(Path fifo) throws Exception {
        try (OutputStream writer = Files.newOutputStream(fifo)) {
            var take = CommandProcess.start("take", uri);
            writer.write("through".getBytes(UTF_8));
            return take;
        }
    }

    @Test
    void aHundredMebibytesArriveUnchanged() throws Exception {
        Path big = folder.resolve("big");
        MessageDigest written = MessageDigest.getInstance("SHA-256");
        byte[] chunk = new byte[1 << 20];
        new SplittableRandom(4711).nextBytes(chunk);
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(big), written)) {
            for (int i = 0; i < 100; i++) {
                chunk[i] ^= (byte) i;
                out.write(chunk);
            }
        }
        MessageDigest read = MessageDigest.getInstance("SHA-256");
        try (var _ = pass(uri, big);
                var take = CommandProcess.start("take", uri);
                InputStream out = new DigestInputStream(take.rawOut(), read)) {
            assertThat(out.transferTo(OutputStream.nullOutputStream())).isEqualTo(100L << 20);
            assertThat(read.digest()).isEqualTo(written.digest());
            take.assertEnds();
        }
    }

    @Test
    void asManyFilesAsAMessageCarries() throws Exception {
        Path[] files = new Path[253];
        for (int i = 0; i < files.length; i++) {
            files[i] = file("file" + i, i + "\n");
        }
        try (var _ = pass(uri, files)) {
            String all = String.join(
                    "\n",
                    IntStream.range(0, files.length).mapToObj(Integer::toString).toList());
            assertTakes(uri, all + "\n");
        }
    }

    @Test
    void moreFilesThanAMessageCarriesAreRefused() throws Exception {
        List<String> line = new ArrayList<>(List.of("pass", uri));
        IntStream.range(0, 254).forEach(i -> line.add("file" + i));
        try (var pass = CommandProcess.start(line.toArray(String[]::new))) {
            pass.assertFails(2, "At most 253 files", "not 254");
        }
    }

    @Test
    void aMissingFileIsToldBeforeItListens() throws Exception {
        Path missing = folder.resolve("missing");
        try (var pass = CommandProcess.start("pass", uri, file("one", "").toString(), missing.toString())) {
            assertThat(pass.readAll()).isEmpty();
            pass.assertFails(1, "no such file: " + missing);
            assertThat(socket).doesNotExist();
        }
    }

    @Test
    void aFileThatIsGoneFailsThatClientAndNotTheServer() throws Exception {
        Path file = file("one", "first");
        try (var pass = pass(uri, file)) {
            Files.delete(file);
            try (var take = CommandProcess.start("take", uri)) {
                take.assertFails(1, "No descriptors came from " + uri);
            }
            Files.writeString(file, "again");
            assertTakes(uri, "again");
            pass.signal("TERM");
            assertThat(pass.awaitExit()).isZero();
            assertThat(pass.err()).isEqualTo("bobbinet: no such file: " + file + "\n");
        }
    }
}
