package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static java.net.StandardProtocolFamily.UNIX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.SocketStream;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixStream;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.Listeners;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@OnEachBackend
@DisplayName("UnixListenerTest")
@Timeout(30)
class UnixListenerTest {
    @TempDir
    private Path folder;

    private Path path;

    @BeforeEach
    void choosePath() {
        path = folder.resolve("socket");
    }

    @AfterEach
    void noInterruptStatusLeaks() {
        assertThat(Thread.interrupted()).isFalse();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** A socket file that nobody listens at: what a server leaves that was killed. */
    private void leaveStaleFile() throws IOException {
        ServerSocketChannel.open(UNIX).bind(UnixDomainSocketAddress.of(path)).close();
    }

    private static void assertServes(UnixListener listener, Path path) throws IOException {
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path));
                UnixStream stream = listener.accept()) {
            stream.send(bytes("here"));
            stream.sendEof();
            assertThat(Channels.newInputStream(client).readAllBytes()).isEqualTo(bytes("here"));
        }
    }

    /** What the first client says that says anything: servers that look whether the socket is alive do not. */
    private static String firstWord(UnixListener listener) throws IOException {
        while (true) {
            try (UnixStream stream = listener.accept()) {
                return text(stream.receive());
            } catch (EndOfStreamException e) {
                // The next one, then.
            }
        }
    }

    // -- accepting

    @Test
    @Tag("smoke")
    void acceptedStreamsEcho() throws IOException {
        try (UnixListener listener = Unix.listen(path);
                UnixStream client = Unix.connect(path);
                UnixStream stream = listener.accept()) {
            client.send(bytes("hello"));
            stream.send(stream.receive());
            assertThat(text(client.receive())).isEqualTo("hello");
        }
    }

    @Test
    void theListenerKnowsItsAddressAndNoPeer() throws IOException {
        UnixListener listener = Unix.listen(path);
        for (int i = 0; i < 2; i++) {
            assertThat(listener.localAddress()).isEqualTo(UnixAddress.of(path));
            assertThat(listener.find(SocketAttributes.LOCAL_ADDRESS)).contains(UnixAddress.of(path));
            assertThat(listener.find(SocketAttributes.PEER_ADDRESS)).isEmpty();
            listener.close();
        }
    }

    @Test
    void aWaitingConnectionHoldsUpNobody() throws Exception {
        try (UnixListener listener = Unix.listen(path);
                UnixStream silent = Unix.connect(path);
                UnixStream stalled = listener.accept()) {
            TaskGroup.run(group -> {
                Task<byte[]> receiver = group.fork(() -> stalled.receive());
                Blocked.await(receiver);
                assertServes(listener, path);
                receiver.cancel();
            });
            silent.send(bytes("x"));
            assertThat(text(stalled.receive())).isEqualTo("x");
        }
    }

    @Test
    void aPeerThatEndedItsSendingStillGetsAReply() throws IOException {
        try (UnixListener listener = Unix.listen(path);
                SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path));
                UnixStream stream = listener.accept()) {
            client.shutdownOutput();
            assertFails(EndOfStreamException.class, () -> stream.receive());
            stream.send(bytes("reply"));
            stream.sendEof();
            assertThat(Channels.newInputStream(client).readAllBytes()).isEqualTo(bytes("reply"));
        }
    }

    @Test
    void acceptingFromAClosedListenerIsClosed() throws IOException {
        UnixListener listener = Unix.listen(path);
        listener.close();
        listener.close();
        assertFails(ClosedResourceException.class, () -> listener.accept()).hasMessageContaining(path.toString());
    }

    @Test
    @Tag("smoke")
    void closingWakesABlockedAcceptAndASecondOneIsBusy() throws Exception {
        UnixListener listener = Unix.listen(path);
        TaskGroup.run(group -> {
            Task<?> accept = group.fork(() -> {
                assertFails(ClosedResourceException.class, () -> listener.accept());
            });
            Blocked.await(accept);
            assertFails(BusyResourceException.class, () -> listener.accept());
            listener.close();
        });
    }

    @Test
    void mergedWithATcpListenerEachConnectionKnowsItsPeer() throws Exception {
        try (TcpListener tcp = Tcp.listen("127.0.0.1", 0);
                UnixListener unix = Unix.listen(path);
                Listener<SocketStream> both = Listeners.merge(tcp, unix);
                TcpStream overTcp = Tcp.connector(tcp.localAddress()).connect();
                UnixStream overUnix = Unix.connect(path)) {
            Set<SocketAddress> peers = new HashSet<>();
            for (int i = 0; i < 2; i++) {
                try (SocketStream stream = both.accept()) {
                    peers.add(stream.peerAddress());
                }
            }
            assertThat(peers).containsExactlyInAnyOrder(overTcp.localAddress(), overUnix.localAddress());
        }
    }

    // -- the socket file

    @Test
    void theFileStaysAfterTheCloseAndRefuses() throws IOException {
        Unix.listen(path).close();
        assertThat(files()).containsExactly("socket");
        assertFails(ConnectException.class, () -> Unix.connect(path));
    }

    @Test
    void onRequestTheFileIsDeletedWithTheClose() throws IOException {
        try (UnixListener listener = Unix.binder(path).withDeleteOnClose().listen()) {
            assertServes(listener, path);
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void onlyTheFileThatTheListenerMadeIsDeleted() throws IOException {
        UnixListener first = Unix.binder(path).withDeleteOnClose().listen();
        Files.move(path, folder.resolve("moved"));
        try (UnixListener second = Unix.listen(path)) {
            first.close();
            assertThat(files()).containsExactly("moved", "socket");
            assertServes(second, path);
        }
        UnixListener third = Unix.binder(path).withDeleteOnClose().listen();
        Files.delete(path);
        third.close();
        Files.createFile(path);
        UnixListener fourth =
                Unix.binder(folder.resolve("other")).withDeleteOnClose().listen();
        Files.delete(folder.resolve("other"));
        Files.createFile(folder.resolve("other"));
        fourth.close();
        assertThat(files()).containsExactly("moved", "other", "socket");
    }

    @Test
    @Tag("smoke")
    void aStaleFileIsReplaced() throws IOException {
        leaveStaleFile();
        try (UnixListener listener = Unix.listen(path)) {
            assertServes(listener, path);
        }
        assertThat(files()).containsExactly("socket");
    }

    @Test
    void aLiveSocketIsNotRobbed() throws IOException {
        try (var live = ServerSocketChannel.open(UNIX).bind(UnixDomainSocketAddress.of(path))) {
            assertFails(BindException.class, () -> Unix.listen(path)).hasMessage("Address already in use: " + path);
            assertFails(
                            BindException.class,
                            () -> Unix.binder(path)
                                    .withPermissions(PosixFilePermissions.fromString("rw-------"))
                                    .listen())
                    .hasMessage("Address already in use: " + path);
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                assertThat(client.isConnected()).isTrue();
            }
            assertThat(live.isOpen()).isTrue();
        }
        assertThat(files()).containsExactly("socket");
    }

    @Test
    void otherFilesAreNotTouched() throws IOException {
        Files.writeString(path, "precious");
        Path directory = Files.createDirectory(folder.resolve("directory"));
        for (Path taken : List.of(path, directory)) {
            assertFails(BindException.class, () -> Unix.listen(taken)).hasMessageContaining(taken.toString());
            assertFails(
                    BindException.class,
                    () -> Unix.binder(taken)
                            .withPermissions(PosixFilePermissions.fromString("rw-------"))
                            .withDeleteOnClose()
                            .listen());
        }
        assertThat(path).hasContent("precious");
        assertThat(files()).containsExactly("directory", "socket");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void linksAreNotTouchedWhereverTheyLead() throws IOException {
        leaveStaleFile();
        Path toSocket = Files.createSymbolicLink(folder.resolve("to-socket"), path);
        Path toNothing = Files.createSymbolicLink(folder.resolve("to-nothing"), folder.resolve("nothing"));
        assertFails(BindException.class, () -> Unix.listen(toSocket));
        assertFails(BindException.class, () -> Unix.listen(toNothing));
        assertThat(Files.isSymbolicLink(toSocket)).isTrue();
        assertThat(Files.isSymbolicLink(toNothing)).isTrue();
        assertThat(files()).containsExactly("socket", "to-nothing", "to-socket");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aMissingDirectoryIsNoSuchFileAndNothingStaysOpen() throws IOException {
        long before = Sockets.openSockets();
        Path nowhere = folder.resolve("missing").resolve("socket");
        assertFails(NoSuchFileException.class, () -> Unix.listen(nowhere)).hasMessageContaining(nowhere.toString());
        assertFails(
                NoSuchFileException.class,
                () -> Unix.binder(nowhere)
                        .withPermissions(PosixFilePermissions.fromString("rw-------"))
                        .listen());
        Files.createFile(path);
        assertFails(BindException.class, () -> Unix.listen(path));
        assertThat(Sockets.openSockets()).isEqualTo(before);
        assertThat(files()).containsExactly("socket");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatIsWrongOnTheWayToTheFileIsToldByTheBind() throws IOException {
        long before = Sockets.openSockets();
        Path file = Files.createFile(folder.resolve("file"));
        Path loop = Files.createSymbolicLink(folder.resolve("loop"), folder.resolve("loop"));
        for (Path wrong : List.of(file, loop)) {
            Path below = wrong.resolve("socket");
            assertThatThrownBy(() -> Unix.listen(below))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(below.toString());
        }
        assertThat(Sockets.openSockets()).isEqualTo(before);
        assertThat(files()).containsExactly("file", "loop");
    }

    @Test
    void inACancelledScopeNoFileIsMade() throws IOException {
        var scope = CancelScope.create();
        scope.cancel();
        scope.run(() -> assertFails(CancelledException.class, () -> Unix.listen(path)));
        assertThat(files()).isEmpty();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void permissionsAreThoseAskedForAndTheFileIsInItsPlace() throws IOException {
        var ownerOnly = PosixFilePermissions.fromString("rw-------");
        try (UnixListener listener =
                Unix.binder(path).withPermissions(ownerOnly).withDeleteOnClose().listen()) {
            assertThat(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS))
                    .isEqualTo(ownerOnly);
            assertThat(files()).containsExactly("socket");
            assertServes(listener, path);
            try (UnixStream client = Unix.connect(path);
                    UnixStream stream = listener.accept()) {
                assertThat(stream.localAddress()).isEqualTo(UnixAddress.of(path));
                assertThat(client.peerAddress()).isEqualTo(UnixAddress.of(path));
            }
        }
        assertThat(files()).isEmpty();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void permissionsReplaceAStaleFileToo() throws IOException {
        leaveStaleFile();
        var everyone = PosixFilePermissions.fromString("rw-rw-rw-");
        try (UnixListener listener = Unix.binder(path).withPermissions(everyone).listen()) {
            assertThat(Files.getPosixFilePermissions(path)).isEqualTo(everyone);
            assertServes(listener, path);
        }
        assertThat(files()).containsExactly("socket");
    }

    @RepeatedTest(20)
    void ofServersThatReplaceAStaleFileTogetherOneWins() throws Exception {
        leaveStaleFile();
        int servers = 4;
        var start = new CyclicBarrier(servers);
        Queue<UnixListener> winners = new ConcurrentLinkedQueue<>();
        TaskGroup.run(group -> {
            for (int i = 0; i < servers; i++) {
                group.fork(() -> {
                    start.await();
                    try {
                        winners.add(Unix.listen(path));
                    } catch (BindException e) {
                        assertThat(e).hasMessageContaining(path.toString());
                    }
                });
            }
        });
        assertThat(winners).hasSize(1);
        try (UnixListener winner = winners.element();
                UnixStream client = Unix.connect(path)) {
            client.send(bytes("x"));
            assertThat(firstWord(winner)).isEqualTo("x");
        }
        assertThat(files()).containsExactly("socket");
    }
}
