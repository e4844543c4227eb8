package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.ConnectedUnixDatagramSocket;
import io.bobbinet.net.ControlMessage.Credentials;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.LinuxOptions;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixCredentials;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.spi.Capability;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.nio.ByteBuffer;
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

/** Descriptors, credentials and datagram sockets that go from us to Python beside UNIX datagrams, and from it to us. */
@OnEachBackend(having = Capability.UNIX_DATAGRAM)
@DisplayName("PythonDatagramDescriptorTest")
@Timeout(60)
class PythonDatagramDescriptorTest {
    @TempDir
    private Path folder;

    private Path ours;
    private UnixAddress theirs;
    private UnixDatagramSocket socket;
    private PythonShell python;

    /** Python has a socket {@code s} with a path, which is connected to ours. */
    @BeforeEach
    void open() throws IOException {
        ours = folder.resolve("ours");
        theirs = UnixAddress.of(folder.resolve("theirs"));
        socket = UnixDatagram.bind(ours);
        python = PythonShell.start();
        python.run("s = socket(AF_UNIX, SOCK_DGRAM); s.bind('" + theirs + "'); s.connect('" + ours + "')");
    }

    @AfterEach
    void close() throws IOException {
        python.close();
        socket.close();
    }

    /** The descriptor that Python has of an object, here. */
    private Descriptor taken(String object) throws IOException {
        python.run("send_fds(s, [b'x'], [" + object + ".fileno()])");
        return socket.receiveMessage(1).descriptors().getFirst();
    }

    /** Gives Python a descriptor, which it makes a socket {@code g} of. */
    private void give(Descriptor descriptor) throws IOException {
        socket.sendMessage(bytes("x"), List.of(descriptor), theirs);
        descriptor.close();
        python.run("g = socket(fileno=recv_fds(s, 1, 1)[1][0]); g.settimeout(20)");
    }

    // -- files and credentials

    @Test
    @Tag("smoke")
    void pythonReadsOurFilesAndWeItsOwn() throws IOException {
        List<Descriptor> files = OpenFiles.files(folder, "one", "two");
        socket.sendMessage(bytes("two files"), files, theirs);
        OpenFiles.close(files);
        python.run("data, fds, flags, sender = recv_fds(s, 100, 10)");
        assertThat(python.ask("data, int(flags & MSG_CTRUNC), sender, [os.read(fd, 100) for fd in fds]"))
                .isEqualTo("(b'two files', 0, '" + ours + "', [b'one', b'two'])");
        Path file = Files.writeString(folder.resolve("file"), "of python");
        python.run("f = open('" + file + "'); send_fds(s, [b'one ', b'file'], [f.fileno()])");
        try (UnixMessage message = socket.receiveMessage(100)) {
            assertThat(text(message.data())).isEqualTo("one file");
            assertThat(message.sender()).contains(theirs);
            assertThat(OpenFiles.read(message.descriptors())).containsExactly("of python");
        }
    }

    @Test
    void asManyAsTheSystemAllowsComeFromPython() throws IOException {
        python.run("send_fds(s, [b'many'], [0] * 253)");
        try (UnixMessage message = socket.receiveMessage(100)) {
            assertThat(message.descriptors()).hasSize(253);
            assertThat(message.isControlTruncated()).isFalse();
        }
        long before = OpenFiles.count();
        python.run("send_fds(s, [b'many'], [0] * 253)");
        assertThat(text(socket.receive().data())).isEqualTo("many");
        assertThat(OpenFiles.count()).isEqualTo(before);
    }

    @Test
    void credentialsGoBothWays() throws IOException {
        Path self = Path.of("/proc/self");
        long user = (Integer) Files.getAttribute(self, "unix:uid");
        long group = (Integer) Files.getAttribute(self, "unix:gid");
        socket.setOption(LinuxOptions.SO_PASSCRED, true);
        python.run("s.send(b'x')");
        try (UnixMessage message = socket.receiveMessage(1)) {
            assertThat(message.credentials()).containsExactly(new UnixCredentials((int) python.pid(), user, group));
        }
        python.run("s.sendmsg([b'y'], [(SOL_SOCKET, SCM_CREDENTIALS, struct.pack('3i', os.getpid(), os.getuid(),"
                + " os.getgid()))])");
        try (UnixMessage message = socket.receiveMessage(1)) {
            assertThat(message.credentials()).containsExactly(new UnixCredentials((int) python.pid(), user, group));
        }
        python.run("s.setsockopt(SOL_SOCKET, SO_PASSCRED, 1)");
        socket.sendMessage(
                ByteBuffer.wrap(bytes("z")), theirs, new Credentials(List.of(new UnixCredentials(0, user, group))));
        python.run("data, control, flags, sender = s.recvmsg(10, 100)");
        assertThat(python.ask("data, [struct.unpack('3i', c[2]) for c in control if c[1] == SCM_CREDENTIALS]"))
                .isEqualTo("(b'z', [(" + ProcessHandle.current().pid() + ", " + user + ", " + group + ")])");
    }

    // -- sockets

    @Test
    void ourUdpSocketWorksAtPython() throws IOException {
        UdpSocket passed = Udp.bind("127.0.0.1", 0);
        try (ConnectedUdpSocket peer = Udp.connector(passed.localAddress()).connect()) {
            give(passed.toDescriptor());
            passed.close();
            peer.send(bytes("hello"));
            python.run("data, sender = g.recvfrom(100)");
            python.run("g.sendto(data[::-1], sender)");
            assertThat(text(peer.receive().data())).isEqualTo("olleh");
        }
    }

    @Test
    void ourConnectedUdpSocketWorksAtPython() throws IOException {
        try (UdpSocket peer = Udp.bind("::1", 0)) {
            try (ConnectedUdpSocket passed = Udp.connector(peer.localAddress()).connect()) {
                give(passed.toDescriptor());
            }
            python.run("g.send(b'hello')");
            peer.send(peer.receive().reply(bytes("olleh")));
            assertThat(python.ask("g.recv(100)")).isEqualTo("b'olleh'");
        }
    }

    @Test
    void ourUnixDatagramSocketsWorkAtPython() throws IOException {
        Path path = folder.resolve("passed");
        UnixDatagramSocket passed = UnixDatagram.bind(path);
        give(passed.toDescriptor());
        passed.close();
        socket.send(bytes("hello"), path);
        assertThat(python.ask("g.recvfrom(100)")).isEqualTo("(b'hello', '" + ours + "')");
        python.run("g.sendto(b'olleh', '" + ours + "')");
        assertThat(socket.receive().peer()).contains(UnixAddress.of(path));
        try (ConnectedUnixDatagramSocket connected = UnixDatagram.connect(ours)) {
            give(connected.toDescriptor());
        }
        python.run("g.send(b'question')");
        socket.send(socket.receive().reply(bytes("answer")));
        assertThat(python.ask("g.recv(100)")).isEqualTo("b'answer'");
    }

    @Test
    void udpSocketsOfPythonWorkHere() throws IOException {
        python.run("t = socket(AF_INET, SOCK_DGRAM); t.bind(('127.0.0.1', 0))");
        python.run("c = socket(AF_INET, SOCK_DGRAM); c.connect(t.getsockname())");
        try (UdpSocket taken = taken("t").asUdpSocket()) {
            assertThat(taken.localAddress().getPort()).isEqualTo(python.number("t.getsockname()[1]"));
            python.run("c.send(b'hello')");
            taken.send(taken.receive().reply(bytes("olleh")));
            assertThat(python.ask("c.recv(100)")).isEqualTo("b'olleh'");
            try (ConnectedUdpSocket connected = taken("c").asConnectedUdpSocket()) {
                assertThat(connected.peerAddress()).isEqualTo(taken.localAddress());
                connected.send(bytes("from here"));
                assertThat(text(taken.receive().data())).isEqualTo("from here");
            }
            // Python goes on with its own: the socket is one and the same.
            python.run("c.send(b'from there')");
            assertThat(text(taken.receive().data())).isEqualTo("from there");
        }
    }

    @Test
    void unixDatagramSocketsOfPythonWorkHere() throws IOException {
        Path path = folder.resolve("python");
        python.run("t = socket(AF_UNIX, SOCK_DGRAM); t.bind('" + path + "')");
        python.run("c = socket(AF_UNIX, SOCK_DGRAM); c.bind(''); c.connect('" + path + "')");
        python.run("p, q = socketpair(AF_UNIX, SOCK_DGRAM)");
        try (UnixDatagramSocket taken = taken("t").asUnixDatagramSocket();
                ConnectedUnixDatagramSocket connected = taken("c").asConnectedUnixDatagramSocket();
                ConnectedUnixDatagramSocket paired = taken("p").asConnectedUnixDatagramSocket()) {
            assertThat(taken.localAddress()).isEqualTo(UnixAddress.of(path));
            connected.send(bytes("hello"));
            taken.send(taken.receive().reply(bytes("olleh")));
            assertThat(text(connected.receive().data())).isEqualTo("olleh");
            assertThat(paired.peerAddress().isUnnamed()).isTrue();
            paired.send(bytes("to the other end"));
            assertThat(python.ask("q.recv(100)")).isEqualTo("b'to the other end'");
            python.run("q.send(b'and back')");
            assertThat(text(paired.receive().data())).isEqualTo("and back");
        }
    }
}
