package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.examples.tour.UnixDescriptorClient;
import io.bobbinet.examples.tour.UnixDescriptorServer;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.net.UnixStream;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Descriptors between us and Python: its own calls, and AnyIO. */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("PythonDescriptorTest")
@Timeout(60)
class PythonDescriptorTest {
    /** A connection to us, which every program begins with. */
    private static final String CONNECT = """
        import os, socket, sys
        stream = socket.socket(socket.AF_UNIX)
        stream.connect(sys.argv[1])
        """;

    @TempDir
    private Path folder;

    private Path path;
    private UnixListener listener;

    @BeforeEach
    void open() throws IOException {
        path = folder.resolve("socket");
        listener = Unix.listen(path);
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
    }

    /** A conversation with a program that is connected to us. */
    private interface Conversation {
        void with(UnixDescriptorStream stream, PeerProcess python) throws Exception;
    }

    private void talk(String program, Conversation conversation) throws Exception {
        talk(Peers.program("python3"), CONNECT + program, conversation);
    }

    private void talkToAnyio(String body, Conversation conversation) throws Exception {
        String program = """
            import os, sys, anyio
            async def main():
                async with await anyio.connect_unix(sys.argv[1]) as stream:
            """ + body.indent(8) + "anyio.run(main)\n";
        talk(Peers.pythonWithAnyio(), program, conversation);
    }

    private void talk(String command, String program, Conversation conversation) throws Exception {
        try (PeerProcess python = PeerProcess.start(command, "-u", "-c", program, path.toString(), folder.toString());
                UnixDescriptorStream stream = listener.withDescriptors().accept()) {
            conversation.with(stream, python);
            assertThat(python.awaitExit()).as(python.toString()).isZero();
        }
    }

    private void send(UnixDescriptorStream stream, String text, String... contents) throws IOException {
        List<Descriptor> files = OpenFiles.files(folder, contents);
        stream.sendMessage(bytes(text), files);
        OpenFiles.close(files);
    }

    private static void assertReceived(UnixDescriptorStream stream, int max, String text, String... contents)
            throws IOException {
        try (UnixMessage message = stream.receiveMessage(max)) {
            assertThat(text(message.data())).isEqualTo(text);
            assertThat(OpenFiles.read(message.descriptors())).containsExactly(contents);
        }
    }

    private static void assertTalking(ByteStream one, ByteStream other) throws IOException {
        one.send(bytes("hello"));
        assertThat(text(other.receive())).isEqualTo("hello");
        other.send(bytes("olleh"));
        assertThat(text(one.receive())).isEqualTo("olleh");
    }

    // -- files and pipes

    @Test
    @Tag("smoke")
    void filesAndPipesOfPythonArrive() throws Exception {
        String program = """
            names = [os.path.join(sys.argv[2], n) for n in ('p1', 'p2')]
            for name in names:
                with open(name, 'w') as f: f.write('content of ' + os.path.basename(name))
            files = [os.open(name, os.O_RDONLY) for name in names]
            r, w = os.pipe()
            socket.send_fds(stream, [b'two files', b' and a pipe'], files + [r])
            os.close(r)
            os.write(w, b'through the pipe')
            """;
        talk(
                program,
                (stream, python) -> assertReceived(
                        stream, 100, "two files and a pipe", "content of p1", "content of p2", "through the pipe"));
    }

    @Test
    void ourFilesArriveAtPythonSplitOverShortReads() throws Exception {
        String program = """
            data, fds, flags, _ = socket.recv_fds(stream, 4, 10)
            print(data.decode(), flags & socket.MSG_CTRUNC, *[os.read(fd, 100).decode() for fd in fds])
            data, fds, flags, _ = socket.recv_fds(stream, 100, 10)
            print(data.decode(), len(fds))
            data, fds, flags, _ = socket.recv_fds(stream, 100, 10)
            print(data.decode(), *[os.read(fd, 100).decode() for fd in fds])
            """;
        talk(program, (stream, python) -> {
            send(stream, "long message", "one", "two");
            assertThat(python.readLine()).isEqualTo("long 0 one two");
            assertThat(python.readLine()).isEqualTo(" message 0");
            send(stream, "second", "three");
            assertThat(python.readLine()).isEqualTo("second three");
        });
    }

    @Test
    void messagesOfPythonSplitOverShortReads() throws Exception {
        String program = """
            name = os.path.join(sys.argv[2], 'file')
            with open(name, 'w') as f: f.write('content')
            def send(data, count):
                fds = [os.open(name, os.O_RDONLY) for _ in range(count)]
                socket.send_fds(stream, [data], fds)
                for fd in fds: os.close(fd)
            send(b'abcdef', 2)
            stream.sendall(b'plain')
            stream.recv(1)
            send(b'ghi', 1)
            """;
        talk(program, (stream, python) -> {
            assertReceived(stream, 0, "", "content", "content");
            assertReceived(stream, 2, "ab");
            // What is left of a message whose descriptors were taken is like any bytes.
            StringBuilder rest = new StringBuilder();
            while (rest.length() < 9) {
                rest.append(text(stream.receive()));
            }
            assertThat(rest).hasToString("cdefplain");
            stream.send(bytes("x"));
            assertThat(text(stream.receive())).isEqualTo("ghi");
            assertThat(OpenFiles.read(stream.takeDescriptors())).containsExactly("content");
        });
    }

    @Test
    void ourPipesWorkAtPython() throws Exception {
        Path fifo = folder.resolve("fifo");
        assertThat(new ProcessBuilder(Peers.program("mkfifo"), fifo.toString())
                        .start()
                        .waitFor())
                .isZero();
        String program = """
            data, fds, _, _ = socket.recv_fds(stream, 100, 10)
            os.write(fds[0], b'written by python')
            """;
        talk(program, (stream, python) -> {
            try (var in = Descriptor.open(fifo).asInputStream()) {
                try (Descriptor out = Descriptor.open(fifo, java.nio.file.StandardOpenOption.WRITE)) {
                    stream.sendMessage(bytes("x"), List.of(out));
                }
                assertThat(text(in.readAllBytes())).isEqualTo("written by python");
            }
        });
    }

    // -- sockets

    @Test
    void listenersAndStreamsOfPythonWorkHere() throws Exception {
        String program = """
            tcp = socket.create_server(('127.0.0.1', 0))
            local = socket.socket(socket.AF_UNIX)
            local.bind(os.path.join(sys.argv[2], 'python'))
            local.listen()
            ours, theirs = socket.socketpair()
            client = socket.create_connection(tcp.getsockname())
            socket.send_fds(stream, [b'x'], [s.fileno() for s in (tcp, local, theirs, client)])
            for s in (tcp, local, theirs, client): s.close()
            ours.sendall(b'hello')
            print(ours.recv(100).decode())
            """;
        talk(program, (stream, python) -> {
            try (UnixMessage message = stream.receiveMessage(1);
                    TcpListener tcp = message.descriptors().get(0).asTcpListener();
                    UnixListener local = message.descriptors().get(1).asUnixListener();
                    UnixStream paired = message.descriptors().get(2).asUnixStream();
                    TcpStream client = message.descriptors().get(3).asTcpStream()) {
                assertThat(local.localAddress().path()).isEqualTo(folder.resolve("python"));
                try (TcpStream server = tcp.accept()) {
                    assertThat(server.peerAddress()).isEqualTo(client.localAddress());
                    assertTalking(client, server);
                }
                try (UnixStream one = Unix.connect(folder.resolve("python"));
                        UnixStream other = local.accept()) {
                    assertTalking(one, other);
                }
                assertThat(text(paired.receive())).isEqualTo("hello");
                paired.send(bytes("olleh"));
                assertThat(python.readLine()).isEqualTo("olleh");
            }
        });
    }

    @Test
    void ourListenersAndStreamsWorkAtPython() throws Exception {
        String program = """
            data, fds, _, _ = socket.recv_fds(stream, 100, 10)
            tcp, unix, client, pair = [socket.socket(fileno=fd) for fd in fds]
            stream.sendall(b'got them')
            for listener in (tcp, unix):
                listener.settimeout(20)
                connection, _ = listener.accept()
                connection.settimeout(20)
                connection.sendall(b'from python: ' + connection.recv(100))
                connection.close()
            for connection in (client, pair):
                connection.settimeout(20)
                connection.sendall(b'from python: ' + connection.recv(100))
            """;
        talk(program, (stream, python) -> {
            Path place = folder.resolve("ours");
            TcpListener tcp = Tcp.listen("127.0.0.1", 0);
            UnixListener unix = Unix.listen(place);
            try (TcpPair connected = TcpPair.open();
                    var pair = Unix.pair()) {
                List<Descriptor> sockets = List.of(
                        tcp.toDescriptors().getFirst(),
                        unix.toDescriptor(),
                        connected.ours().toDescriptor(),
                        pair.left().toDescriptor());
                stream.sendMessage(bytes("x"), sockets);
                OpenFiles.close(sockets);
                tcp.close();
                unix.close();
                assertThat(text(stream.receive())).isEqualTo("got them");
                assertAnswered(Tcp.connector(tcp.localAddress()).connect());
                assertAnswered(Unix.connect(place));
                connected.peer().getOutputStream().write(bytes("hello"));
                assertThat(text(connected.peer().getInputStream().readNBytes(18)))
                        .isEqualTo("from python: hello");
                assertAnswered(pair.right());
            }
        });
    }

    private static void assertAnswered(ByteStream stream) throws IOException {
        try (stream) {
            stream.send(bytes("hello"));
            assertThat(text(stream.receive())).isEqualTo("from python: hello");
        }
    }

    // -- AnyIO

    @Test
    void anyioReceivesOurFiles() throws Exception {
        String body = """
            data, fds = await stream.receive_fds(100, 2)
            print(data.decode(), *[os.read(fd, 100).decode() for fd in fds])
            data, fds = await stream.receive_fds(0, 1)
            print(data, os.read(fds[0], 100).decode())
            print((await stream.receive()).decode())
            """;
        talkToAnyio(body, (stream, python) -> {
            send(stream, "two", "one", "two");
            assertThat(python.readLine()).isEqualTo("two one two");
            send(stream, "later", "three");
            assertThat(python.readLine()).isEqualTo("b'' three");
            assertThat(python.readLine()).isEqualTo("later");
        });
    }

    @Test
    void weReceiveTheFilesOfAnyio() throws Exception {
        String body = """
            name = os.path.join(sys.argv[2], 'file')
            with open(name, 'w') as f: f.write('content')
            with open(name) as one, open(name) as two:
                await stream.send_fds(b'two files', [one, two.fileno()])
            await stream.receive()
            with open(name) as one:
                await stream.send_fds(b'another', [one])
            """;
        talkToAnyio(body, (stream, python) -> {
            assertReceived(stream, 3, "two", "content", "content");
            assertReceived(stream, 100, " files");
            stream.send(bytes("x"));
            assertReceived(stream, 100, "another", "content");
        });
    }

    @Test
    void theClientOfAnyiosDocumentationReadsTheFileOfOurServer() throws Exception {
        String program = """
            import os, sys
            from anyio import connect_unix, run

            async def main():
                async with await connect_unix(sys.argv[1]) as client:
                    _, fds = await client.receive_fds(0, 1)
                    with os.fdopen(fds[0]) as file:
                        print(file.read())

            run(main)
            """;
        Path place = folder.resolve("tour");
        Path file = Files.writeString(folder.resolve("example"), "Test file");
        TaskGroup.run(group -> {
            group.start(ready -> UnixDescriptorServer.serve(place, file, r -> ready.ready(r)));
            try (PeerProcess python = PeerProcess.start(Peers.pythonWithAnyio(), "-c", program, place.toString())) {
                assertThat(python.readLine()).isEqualTo("Test file");
                assertThat(python.awaitExit()).isZero();
            }
            assertThat(UnixDescriptorClient.read(place)).isEqualTo("Test file");
            group.cancel("seen");
        });
    }

    @Test
    void ourClientReadsTheFileOfTheServerOfAnyiosDocumentation() throws Exception {
        String program = """
            import sys
            from pathlib import Path
            from anyio import create_unix_listener, run

            async def handle(client):
                async with client:
                    with path.open('r') as file:
                        await client.send_fds(b'this message is ignored', [file])

            async def main():
                listener = await create_unix_listener(sys.argv[1])
                print('listening')
                await listener.serve(handle)

            path = Path(sys.argv[2])
            path.write_text('Test file')
            run(main)
            """;
        Path place = folder.resolve("tour");
        try (PeerProcess python = PeerProcess.start(
                Peers.pythonWithAnyio(),
                "-u",
                "-c",
                program,
                place.toString(),
                folder.resolve("file").toString())) {
            assertThat(python.readLine()).isEqualTo("listening");
            assertThat(UnixDescriptorClient.read(place)).isEqualTo("Test file");
        }
    }
}
