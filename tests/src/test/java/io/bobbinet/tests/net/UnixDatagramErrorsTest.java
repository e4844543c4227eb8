package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUnixDatagramSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.net.UnixListener;
import io.bobbinet.spi.Capability;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingRunnable;
import io.bobbinet.testing.JavaProgram;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** UNIX datagrams that cannot be delivered: the reason is told, and the sender stays good. */
@OnEachBackend(having = Capability.UNIX_DATAGRAM)
@DisplayName("UnixDatagramErrorsTest")
@Timeout(30)
class UnixDatagramErrorsTest {
    @TempDir
    private Path folder;

    private UnixDatagramSocket socket;
    private UnixDatagramSocket good;

    @BeforeEach
    void open() throws IOException {
        socket = UnixDatagram.binder(UnixAddress.unnamed()).bind();
        good = UnixDatagram.bind(folder.resolve("good"));
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        good.close();
    }

    /** That each way to send to an address fails, and that sends to others go on. */
    private void assertCannotSend(Class<? extends IOException> failure, UnixAddress to, String reason)
            throws IOException {
        for (ThrowingRunnable<?> way : List.<ThrowingRunnable<?>>of(
                () -> socket.send(bytes("x"), to),
                () -> socket.send(Datagram.of(bytes("x"), to)),
                () -> socket.sendMessage(bytes("x"), List.of(), to))) {
            assertFails(failure, way).hasMessageContaining(to.toString()).hasMessageContaining(reason);
            socket.send(bytes("y"), good.localAddress());
            assertThat(text(good.receive().data())).isEqualTo("y");
        }
    }

    private void assertCannotConnect(Class<? extends IOException> failure, UnixAddress to, String reason) {
        assertFails(failure, () -> UnixDatagram.connector(to).connect())
                .hasMessageContaining(to.toString())
                .hasMessageContaining(reason);
    }

    @Test
    void aMissingPathIsNoSuchFile() throws IOException {
        UnixAddress missing = UnixAddress.of(folder.resolve("missing"));
        assertCannotSend(NoSuchFileException.class, missing, "");
        assertCannotConnect(NoSuchFileException.class, missing, "");
        assertCannotSend(NoSuchFileException.class, UnixAddress.of(folder.resolve("no/where")), "");
    }

    @Test
    void whereNobodyReceivesAnyMoreThatIsTold() throws IOException {
        Path stale = folder.resolve("stale");
        UnixDatagram.bind(stale).close();
        assertCannotSend(ConnectException.class, UnixAddress.of(stale), "nobody receives");
        assertCannotConnect(ConnectException.class, UnixAddress.of(stale), "nobody receives");
        UnixAddress nobody = UnixAddress.ofAbstract(
                "bobbinet-nobody-" + ProcessHandle.current().pid());
        assertCannotSend(ConnectException.class, nobody, "nobody receives");
        assertCannotConnect(ConnectException.class, nobody, "nobody receives");
        Path file = Files.createFile(folder.resolve("file"));
        assertCannotSend(ConnectException.class, UnixAddress.of(file), "nobody receives");
    }

    @Test
    void aStreamSocketIsNoReceiver() throws IOException {
        Path path = folder.resolve("stream");
        try (UnixListener listener = Unix.listen(path)) {
            assertCannotSend(ConnectException.class, listener.localAddress(), "no datagram socket");
            assertCannotConnect(ConnectException.class, listener.localAddress(), "no datagram socket");
        }
        assertCannotSend(ConnectException.class, UnixAddress.of(path), "nobody receives");
    }

    @Test
    void aReceiverThatIsConnectedToAnotherIsOutOfReach() throws IOException {
        try (ConnectedUnixDatagramSocket taken = UnixDatagram.connector(folder.resolve("good"))
                .withLocalAddress(UnixAddress.of(folder.resolve("taken")))
                .connect()) {
            assertCannotSend(SocketException.class, taken.localAddress(), "connected to another");
            assertCannotConnect(SocketException.class, taken.localAddress(), "connected to another");
            good.send(bytes("from its peer"), taken.localAddress());
            assertThat(text(taken.receive().data())).isEqualTo("from its peer");
        }
    }

    /** As root without the right to overlook permissions. */
    @Test
    void withoutPermissionAccessIsDenied() throws Exception {
        List<String> command = new ArrayList<>();
        if (Files.getOwner(Path.of("/proc/self")).getName().equals("root")) {
            command.addAll(
                    List.of(Peers.program("setpriv"), "--bounding-set=-dac_override", "--inh-caps=-dac_override"));
        }
        Path closed = folder.resolve("closed");
        command.addAll(JavaProgram.command(UnixPermissionProgram.class, closed.toString()));
        try (UnixDatagramSocket socket = UnixDatagram.binder(closed)
                        .withPermissions(PosixFilePermissions.fromString("r--r--r--"))
                        .bind();
                PeerProcess program = PeerProcess.start(command, Map.of(), null)) {
            String expected = "java.nio.file.AccessDeniedException: " + closed;
            assertThat(program.readLine()).isEqualTo("send: " + expected);
            assertThat(program.readLine()).isEqualTo("connect: " + expected);
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("-w--w--w-"));
            program.writeLine("try again");
            assertThat(program.readLine()).isEqualTo("send: done");
            assertThat(program.readLine()).isEqualTo("connect: done");
            assertThat(text(socket.receive().data())).isEqualTo("sent");
            assertThat(text(socket.receive().data())).isEqualTo("connected");
        }
    }

    @Test
    void aPeerThatIsClosedIsToldToSendersWhileAReceiveWaitsOn() throws Exception {
        UnixDatagramSocket peer = UnixDatagram.bind(folder.resolve("peer"));
        try (ConnectedUnixDatagramSocket client = UnixDatagram.connect(folder.resolve("peer"))) {
            peer.send(bytes("before the close"), client.localAddress());
            peer.close();
            assertThat(text(client.receive().data())).isEqualTo("before the close");
            TaskGroup.run(group -> {
                Task<?> receiver = group.fork(() -> client.receive());
                Blocked.await(receiver);
                for (int i = 0; i < 3; i++) {
                    assertFails(ConnectException.class, () -> client.send(bytes("x")));
                    assertFails(ConnectException.class, () -> client.sendMessage(bytes("x"), List.of()));
                }
                Blocked.await(receiver);
                receiver.cancel();
            });
        }
    }

    /** What the documentation of connected sockets warns of. */
    @Test
    void aSendThatFindsThePeerClosedThrowsAwayWhatThePeerHadSent() throws IOException {
        UnixDatagramSocket peer = UnixDatagram.bind(folder.resolve("peer"));
        try (ConnectedUnixDatagramSocket client = UnixDatagram.connect(folder.resolve("peer"))) {
            peer.send(bytes("not received"), client.localAddress());
            assertCannotSend(SocketException.class, client.localAddress(), "connected to another");
            peer.close();
            assertFails(ConnectException.class, () -> client.send(bytes("x")));
            socket.send(bytes("from a stranger"), client.localAddress());
            Datagram<UnixAddress> next = client.receive();
            assertThat(text(next.data())).isEqualTo("from a stranger");
            assertThat(next.peer()).as("it tells who it is").contains(socket.localAddress());
        }
    }
}
