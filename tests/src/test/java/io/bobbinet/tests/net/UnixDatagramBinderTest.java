package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.ConnectedUnixDatagramSocket;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramBinder;
import io.bobbinet.net.UnixDatagramConnector;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.net.UnixListener;
import io.bobbinet.spi.Capability;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardSocketOptions;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The socket files of UNIX datagram sockets. */
@OnEachBackend(having = Capability.UNIX_DATAGRAM)
@DisplayName("UnixDatagramBinderTest")
@Timeout(30)
class UnixDatagramBinderTest {
    @TempDir
    private Path folder;

    private Path path;

    @BeforeEach
    void choosePath() {
        path = folder.resolve("socket");
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** A path in the folder whose last name is not text in UTF-8. */
    private UnixAddress notText() {
        byte[] start = bytes(folder + "/x");
        byte[] name = Arrays.copyOf(start, start.length + 2);
        name[start.length] = (byte) 0xff;
        name[start.length + 1] = (byte) 0xe9;
        return UnixAddress.of(name);
    }

    private static void assertReceives(UnixDatagramSocket socket, UnixAddress at) throws IOException {
        try (UnixDatagramSocket client = UnixDatagram.open()) {
            client.send(bytes("hello"), at);
            assertThat(text(socket.receive().data())).isEqualTo("hello");
        }
    }

    private void assertReceives(UnixDatagramSocket socket) throws IOException {
        assertReceives(socket, UnixAddress.of(path));
    }

    // -- what is in the way

    @Test
    void theFileStaysAfterTheCloseAndRefuses() throws IOException {
        UnixDatagram.bind(path).close();
        assertThat(files()).containsExactly("socket");
        assertFails(ConnectException.class, () -> UnixDatagram.connect(path)).hasMessageContaining(path.toString());
    }

    @Test
    @Tag("smoke")
    void aStaleFileIsReplaced() throws IOException {
        UnixDatagram.bind(path).close();
        try (UnixDatagramSocket socket = UnixDatagram.bind(path)) {
            assertReceives(socket);
        }
        assertThat(files()).containsExactly("socket");
        Files.delete(path);
        Unix.listen(path).close(); // of another kind
        try (UnixDatagramSocket socket = UnixDatagram.bind(path)) {
            assertReceives(socket);
        }
        assertThat(files()).containsExactly("socket");
    }

    @Test
    void aLiveSocketIsNotRobbed() throws IOException {
        var ownerOnly = PosixFilePermissions.fromString("rw-------");
        try (UnixDatagramSocket live = UnixDatagram.bind(path)) {
            for (UnixDatagramBinder binder : List.of(
                    UnixDatagram.binder(path),
                    UnixDatagram.binder(path).withDeleteOnClose(),
                    UnixDatagram.binder(path).withPermissions(ownerOnly))) {
                assertFails(BindException.class, binder::bind).hasMessageContaining("in use: " + path);
                assertReceives(live);
            }
            assertFails(
                    BindException.class,
                    () -> UnixDatagram.connector(path)
                            .withLocalAddress(UnixAddress.of(path))
                            .connect());
            assertReceives(live);
        }
        assertThat(files()).containsExactly("socket");
        Files.delete(path);
        try (UnixListener live = Unix.listen(path)) {
            assertFails(BindException.class, () -> UnixDatagram.bind(path)).hasMessageContaining(path.toString());
            live.accept().close(); // the probe's
            try (var client = Unix.connect(path);
                    var stream = live.accept()) {
                client.send(bytes("x"));
                assertThat(text(stream.receive())).isEqualTo("x");
            }
        }
    }

    @Test
    void aSocketThatIsConnectedElsewhereIsNotRobbedEither() throws IOException {
        try (UnixDatagramSocket peer = UnixDatagram.bind(folder.resolve("peer"));
                ConnectedUnixDatagramSocket live = UnixDatagram.connector(folder.resolve("peer"))
                        .withLocalAddress(UnixAddress.of(path))
                        .connect()) {
            assertFails(BindException.class, () -> UnixDatagram.bind(path)).hasMessageContaining("in use: " + path);
            peer.send(bytes("hello"), path);
            assertThat(text(live.receive().data())).isEqualTo("hello");
        }
    }

    @Test
    void aListenerDoesNotTakeTheFileOfALiveDatagramSocket() throws IOException {
        try (UnixDatagramSocket live = UnixDatagram.bind(path)) {
            assertFails(BindException.class, () -> Unix.listen(path)).hasMessageContaining("in use: " + path);
            assertReceives(live);
        }
    }

    @Test
    void otherFilesAreNeverTouched() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "content");
        Path directory = Files.createDirectory(folder.resolve("directory"));
        Path dangling = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nowhere"));
        UnixDatagram.bind(path).close();
        Path toStale = Files.createSymbolicLink(folder.resolve("to stale"), path);
        for (Path taken : List.of(file, directory, dangling, toStale)) {
            assertFails(BindException.class, () -> UnixDatagram.bind(taken)).hasMessageContaining(taken.toString());
            assertFails(
                    BindException.class,
                    () -> UnixDatagram.binder(taken)
                            .withDeleteOnClose()
                            .withPermissions(PosixFilePermissions.fromString("rwx------"))
                            .bind());
        }
        assertThat(files()).containsExactly("directory", "file", "link", "socket", "to stale");
        assertThat(file).hasContent("content");
    }

    @Test
    void whatIsWrongOnTheWayToTheFileIsTold() throws IOException {
        long before = Sockets.openSockets();
        Path nowhere = folder.resolve("missing").resolve("socket");
        assertFails(NoSuchFileException.class, () -> UnixDatagram.bind(nowhere))
                .hasMessageContaining(nowhere.toString());
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> UnixDatagram.bind(file.resolve("socket")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
        assertThat(Sockets.openSockets()).isEqualTo(before);
        assertThat(files()).containsExactly("file");
    }

    @RepeatedTest(10)
    void ofThoseWhoReplaceAStaleFileTogetherOneWins() throws Exception {
        UnixDatagram.bind(path).close();
        int servers = 4;
        var start = new CyclicBarrier(servers);
        Queue<UnixDatagramSocket> winners = new ConcurrentLinkedQueue<>();
        TaskGroup.run(group -> {
            for (int i = 0; i < servers; i++) {
                group.fork(() -> {
                    start.await();
                    try {
                        winners.add(UnixDatagram.bind(path));
                    } catch (BindException e) {
                        assertThat(e).hasMessageContaining(path.toString());
                    }
                });
            }
        });
        assertThat(winners).hasSize(1);
        try (UnixDatagramSocket winner = winners.element()) {
            assertReceives(winner);
        }
        assertThat(files()).containsExactly("socket");
    }

    @Test
    void inACancelledScopeNoFileIsMade() throws IOException {
        var scope = CancelScope.create();
        scope.cancel();
        scope.run(() -> {
            assertFails(CancelledException.class, () -> UnixDatagram.bind(path));
            assertFails(CancelledException.class, UnixDatagram::open);
        });
        assertThat(files()).isEmpty();
    }

    // -- the end of the file

    @Test
    void onRequestTheFileIsDeletedWithTheClose() throws IOException {
        UnixDatagramSocket socket =
                UnixDatagram.binder(path).withDeleteOnClose().bind();
        assertReceives(socket);
        socket.close();
        assertThat(files()).isEmpty();
        UnixDatagram.bind(path).close();
        socket.close(); // the second close deletes nothing
        assertThat(files()).containsExactly("socket");
    }

    @Test
    void onlyTheFileThatTheSocketMadeIsDeleted() throws IOException {
        UnixDatagramSocket first = UnixDatagram.binder(path).withDeleteOnClose().bind();
        Files.move(path, folder.resolve("moved"));
        try (UnixDatagramSocket second = UnixDatagram.bind(path)) {
            first.close();
            assertThat(files()).containsExactly("moved", "socket");
            assertReceives(second);
        }
        Path other = folder.resolve("other");
        UnixDatagramSocket third =
                UnixDatagram.binder(other).withDeleteOnClose().bind();
        Files.delete(other);
        Files.createFile(other);
        third.close();
        assertThat(files()).containsExactly("moved", "other", "socket");
        UnixDatagramSocket fourth = UnixDatagram.binder(folder.resolve("fourth"))
                .withDeleteOnClose()
                .bind();
        Files.delete(folder.resolve("fourth"));
        fourth.close();
    }

    @Test
    void theLocalFileOfAConnectedSocketGoesOnRequest() throws IOException {
        Path local = folder.resolve("local");
        try (UnixDatagramSocket server = UnixDatagram.bind(path)) {
            UnixDatagramConnector connector = UnixDatagram.connector(path).withLocalAddress(UnixAddress.of(local));
            for (int i = 0; i < 2; i++) { // the second replaces the stale file of the first
                try (ConnectedUnixDatagramSocket client = connector.connect()) {
                    client.send(bytes("x"));
                    server.send(server.receive().reply(bytes("y")));
                    assertThat(text(client.receive().data())).isEqualTo("y");
                }
                assertThat(files()).containsExactly("local", "socket");
            }
            connector.withDeleteOnClose().connect().close();
            assertThat(files()).containsExactly("socket");
        }
    }

    @Test
    void aConnectorThatFailsLeavesNothingBehind() throws IOException {
        long before = Sockets.openSockets();
        Path local = folder.resolve("local");
        UnixDatagramConnector connector = UnixDatagram.connector(path).withLocalAddress(UnixAddress.of(local));
        assertFails(NoSuchFileException.class, connector::connect).hasMessageContaining(path.toString());
        try (UnixListener listener = Unix.listen(path)) {
            assertFails(ConnectException.class, connector::connect)
                    .hasMessageContaining(listener.localAddress().toString());
        }
        assertFails(ConnectException.class, connector::connect);
        UnixListener brief = Unix.listen(local);
        brief.close();
        assertFails(ConnectException.class, connector::connect); // having replaced what was stale
        assertThat(Sockets.openSockets()).isEqualTo(before);
        assertThat(files()).containsExactly("socket");
    }

    @Test
    void anOptionThatFailsLeavesNothingBehind() throws IOException {
        long before = Sockets.openSockets();
        assertFails(
                UnsupportedOperationException.class,
                () -> UnixDatagram.binder(path)
                        .withOption(StandardSocketOptions.TCP_NODELAY, true)
                        .bind());
        assertFails(
                UnsupportedOperationException.class,
                () -> UnixDatagram.connector(path)
                        .withOption(StandardSocketOptions.TCP_NODELAY, true)
                        .connect());
        assertThat(Sockets.openSockets()).isEqualTo(before);
        assertThat(files()).isEmpty();
    }

    // -- permissions

    @Test
    void permissionsAreThoseAskedForAndTheFileIsInItsPlace() throws IOException {
        for (String wanted : List.of("rw-------", "rw--w----", "rw-rw-rw-", "---------")) {
            var permissions = PosixFilePermissions.fromString(wanted);
            try (UnixDatagramSocket socket = UnixDatagram.binder(path)
                    .withPermissions(permissions)
                    .withDeleteOnClose()
                    .bind()) {
                assertThat(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS))
                        .isEqualTo(permissions);
                assertThat(files()).containsExactly("socket");
                assertThat(socket.localAddress()).isEqualTo(UnixAddress.of(path));
            }
            assertThat(files()).isEmpty();
        }
    }

    @Test
    void permissionsReplaceAStaleFileToo() throws IOException {
        UnixDatagram.bind(path).close();
        var everyone = PosixFilePermissions.fromString("rw-rw-rw-");
        try (UnixDatagramSocket socket =
                UnixDatagram.binder(path).withPermissions(everyone).bind()) {
            assertThat(Files.getPosixFilePermissions(path)).isEqualTo(everyone);
            assertReceives(socket);
        }
        assertThat(files()).containsExactly("socket");
    }

    @Test
    void whatConcernsFilesIsWithoutEffectOnNames() throws IOException {
        try (UnixDatagramSocket socket = UnixDatagram.binder(UnixAddress.unnamed())
                .withDeleteOnClose()
                .withPermissions(PosixFilePermissions.fromString("rw-------"))
                .bind()) {
            assertReceives(socket, socket.localAddress());
        }
    }

    // -- paths

    @Test
    void aPathNeedNotBeText() throws IOException {
        try (UnixDatagramSocket socket =
                UnixDatagram.binder(notText()).withDeleteOnClose().bind()) {
            assertThat(socket.localAddress()).isEqualTo(notText());
            assertReceives(socket, notText());
            assertReceives(socket, UnixAddress.of(notText().path()));
            socket.send(bytes("to myself"), notText());
            assertThat(socket.receive().peer()).contains(notText());
            try (ConnectedUnixDatagramSocket client =
                    UnixDatagram.connect(notText().path())) {
                client.send(bytes("x"));
                assertThat(text(socket.receive().data())).isEqualTo("x");
            }
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void aPathOfTheGreatestLengthWorksAndALongerOneIsRefused() throws IOException {
        Path longest = folder.resolve("x".repeat(107 - bytes(folder + "/").length));
        try (UnixDatagramSocket socket = UnixDatagram.bind(longest)) {
            assertReceives(socket, UnixAddress.of(longest));
            Path tooLong = Path.of(longest + "x");
            assertFails(IllegalArgumentException.class, () -> UnixDatagram.bind(tooLong))
                    .hasMessageContaining("107");
            assertFails(IllegalArgumentException.class, () -> UnixDatagram.connect(tooLong));
            assertFails(IllegalArgumentException.class, () -> socket.send(bytes("x"), tooLong));
            assertFails(IllegalArgumentException.class, () -> UnixDatagram.bind(Path.of("")));
        }
    }

    @Test
    void anAbstractNameInUseIsRefused() throws IOException {
        UnixAddress name = UnixAddress.ofAbstract(
                "bobbinet-taken-" + ProcessHandle.current().pid());
        try (UnixDatagramSocket socket = UnixDatagram.binder(name).bind()) {
            assertFails(BindException.class, () -> UnixDatagram.binder(name).bind())
                    .hasMessageContaining(name.toString());
            assertReceives(socket, name);
        }
    }
}
