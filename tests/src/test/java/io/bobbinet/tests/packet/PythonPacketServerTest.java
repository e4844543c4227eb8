package io.bobbinet.tests.packet;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.Udp;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.packet.DatagramProtocol;
import io.bobbinet.packet.DatagramServer;
import io.bobbinet.packet.PacketServer;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Listener;
import io.bobbinet.task.Backends;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers of packets, and peers that are programs in Python, which know lines of JSON and nothing of us. */
@OnEachBackend
@DisplayName("PythonPacketServerTest")
@Timeout(60)
class PythonPacketServerTest {
    /** Connects, sends documents in pieces and at once, one that is none between them, ends its side and reads the answers. */
    private static final String STREAM = """
        import json, socket, sys
        family, *address = sys.argv[1:]
        s = socket.socket(getattr(socket, family), socket.SOCK_STREAM)
        s.connect(address[0] if family == "AF_UNIX" else (address[0], int(address[1])))
        lines = [json.dumps({"id": i, "text": "grüße " * i}, ensure_ascii=False).encode() + b"\\n" for i in range(5)]
        for byte in lines[0]:
            s.sendall(bytes([byte]))
        s.sendall(lines[1] + b"\\xff\\xfe\\n" + lines[2] + lines[3][:7])
        s.sendall(lines[3][7:] + lines[4])
        s.shutdown(socket.SHUT_WR)
        answers = s.makefile("rb").readlines()
        expected = lines[:2] + [b"malformed\\n"] + lines[2:] + [b"bye\\n"]
        assert answers == expected, (answers, expected)
        print("passed")
        """;

    /** Sends documents, one that is none and nothing at all, and reads the answers. */
    private static final String DATAGRAMS = """
        import json, socket, sys
        family, *address = sys.argv[1:]
        s = socket.socket(getattr(socket, family), socket.SOCK_DGRAM)
        if family == "AF_UNIX":
            s.bind("")
        to = address[0] if family == "AF_UNIX" else (address[0], int(address[1]))
        s.settimeout(20)
        for data in [json.dumps({"id": i}).encode() for i in range(5)] + [b""]:
            s.sendto(data, to)
            answer, sender = s.recvfrom(65536)
            assert answer == data and (sender == to or family == "AF_UNIX"), (answer, data, sender)
        s.sendto(b"\\xff", to)
        assert s.recv(65536) == b"malformed"
        print("passed")
        """;

    @TempDir
    private Path folder;

    private static void assertPasses(String program, String... arguments) throws Exception {
        String[] command = new String[arguments.length + 3];
        command[0] = Peers.program("python3");
        command[1] = "-c";
        command[2] = program;
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        try (PeerProcess python = PeerProcess.start(command)) {
            assertThat(python.readLine()).isEqualTo("passed");
            assertThat(python.awaitExit()).isZero();
        }
    }

    private static void serve(Listener<? extends ByteStream> listener, String... arguments) throws Exception {
        try (var server = PacketServer.over(listener, PacketServing.LINES)) {
            TaskGroup.<Exception>run(group -> {
                group.fork(() -> server.serve(client -> {
                    client.forEach(client::send, malformed -> client.send("malformed"));
                    client.send("bye");
                }));
                assertPasses(STREAM, arguments);
                server.drain(ofSeconds(20));
            });
        }
    }

    @Test
    @Tag("smoke")
    void aProgramTalksOverTcp() throws Exception {
        var listener = Tcp.listen("127.0.0.1", 0);
        serve(listener, "AF_INET", "127.0.0.1", "" + listener.localAddress().getPort());
    }

    @Test
    void aProgramTalksOverAUnixSocket() throws Exception {
        Path path = folder.resolve("server");
        serve(Unix.binder(path).withDeleteOnClose().listen(), "AF_UNIX", path.toString());
    }

    private static void serve(DatagramServer<String, String> unclosed, String... arguments) throws Exception {
        try (var server = unclosed) {
            TaskGroup.<Exception>run(group -> {
                group.fork(() -> server.serve(peer -> peer.forEach(peer::send, malformed -> peer.send("malformed"))));
                assertPasses(DATAGRAMS, arguments);
                server.drain(ofSeconds(20));
            });
        }
    }

    @Test
    void aProgramSendsDatagrams() throws Exception {
        var socket = Udp.bind("127.0.0.1", 0);
        serve(
                DatagramServer.over(socket, DatagramProtocol.of(Lines.utf8())),
                "AF_INET",
                "127.0.0.1",
                "" + socket.localAddress().getPort());
    }

    @Test
    void aProgramSendsUnixDatagrams() throws Exception {
        if (Backends.current().capabilities().contains(Capability.UNIX_DATAGRAM)) {
            Path path = folder.resolve("server");
            serve(
                    DatagramServer.over(
                            UnixDatagram.binder(path).withDeleteOnClose().bind(), DatagramProtocol.of(Lines.utf8())),
                    "AF_UNIX",
                    path.toString());
        }
    }
}
