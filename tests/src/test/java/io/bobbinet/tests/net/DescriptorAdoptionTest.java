package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.ForeignSockets.flags;
import static io.bobbinet.tests.net.ForeignSockets.isNonBlocking;
import static io.bobbinet.tests.net.ForeignSockets.target;
import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Descriptor;
import io.bobbinet.net.SocketStream;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixStream;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.Listener;
import io.bobbinet.task.Backends;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingFunction;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.Closeable;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Descriptors of another program's sockets that are taken over by their number; AdoptionTest has channels of the JDK. */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("DescriptorAdoptionTest")
@Timeout(30)
class DescriptorAdoptionTest {
    private static final String TCP_LISTENER = "l = create_server(('127.0.0.1', 0)); s = l";
    private static final String TCP_STREAM = TCP_LISTENER + "; s = create_connection(l.getsockname())";

    @TempDir
    Path folder;

    private ForeignSockets foreign;

    @BeforeEach
    void start() throws IOException {
        foreign = ForeignSockets.start(folder);
    }

    @AfterEach
    void stop() throws IOException {
        foreign.close();
    }

    private String unixListener() {
        return "l = socket(AF_UNIX); l.bind(r'%s'); l.listen(); s = l".formatted(folder.resolve("s"));
    }

    private String unixStream() {
        return unixListener() + "; s = socket(AF_UNIX); s.connect(l.getsockname())";
    }

    private Descriptor adopt(String line) throws IOException {
        return Descriptor.adopt(foreign.take(line));
    }

    private void assertEcho(ByteStream stream) throws IOException {
        foreign.run("p, _ = l.accept(); p.sendall(b'hello')");
        assertThat(text(stream.receive())).isEqualTo("hello");
        stream.send(bytes("x"));
        foreign.run("assert p.recv(10) == b'x'; p.close()");
        assertFails(EndOfStreamException.class, stream::receive);
    }

    // -- what a number becomes

    @Test
    void aConnectedTcpSocketBecomesAStream() throws IOException {
        try (TcpStream stream = adopt(TCP_STREAM).asTcpStream()) {
            assertThat(stream.peerAddress().getAddress()).isInstanceOf(Inet4Address.class);
            assertEcho(stream);
        }
        String v6 = "l = create_server(('::1', 0), family=AF_INET6); s = create_connection(l.getsockname()[:2])";
        try (TcpStream stream = adopt(v6).asTcpStream()) {
            assertThat(stream.peerAddress().getAddress()).isInstanceOf(Inet6Address.class);
            assertEcho(stream);
        }
    }

    @Test
    void aListeningTcpSocketBecomesAListenerOfTcpStreams() throws IOException {
        try (TcpListener listener = adopt(TCP_LISTENER).asTcpListener();
                TcpStream client =
                        Tcp.connect("127.0.0.1", listener.localAddress().getPort());
                TcpStream stream = listener.accept()) {
            assertThat(stream.peerAddress()).isEqualTo(client.localAddress());
            client.send(bytes("x"));
            assertThat(text(stream.receive())).isEqualTo("x");
        }
    }

    @Test
    void aConnectedUnixSocketBecomesAStream() throws IOException {
        try (UnixStream stream = adopt(unixStream()).asUnixStream()) {
            assertThat(stream.peerAddress()).isEqualTo(UnixAddress.of(folder.resolve("s")));
            assertEcho(stream);
        }
    }

    @Test
    void aListeningUnixSocketBecomesAListenerOfUnixStreams() throws IOException {
        try (UnixListener listener = adopt(unixListener()).asUnixListener();
                UnixStream client = Unix.connect(folder.resolve("s"));
                UnixStream stream = listener.accept()) {
            assertThat(listener.localAddress()).isEqualTo(UnixAddress.of(folder.resolve("s")));
            client.send(bytes("x"));
            assertThat(text(stream.receive())).isEqualTo("x");
        }
    }

    @Test
    void successMovesTheOwnership() throws IOException {
        Descriptor descriptor = adopt(TCP_STREAM);
        int number = descriptor.number();
        assertThat(ForeignSockets.isCloseOnExec(number)).isTrue();
        try (TcpStream stream = descriptor.asTcpStream()) {
            descriptor.close(); // not its any more
            assertFails(ClosedResourceException.class, descriptor::number);
            assertFails(ClosedResourceException.class, descriptor::asTcpStream);
            assertEcho(stream);
        }
        assertFails(IOException.class, () -> Descriptor.adopt(number));
    }

    // -- what is refused

    private interface Opening extends ThrowingFunction<Descriptor, Closeable, IOException> {}

    /** A refusal leaves the number open, the caller's, and what it was. */
    private void assertRefused(String line, Opening opening, Class<? extends Exception> type, String... inTheMessage)
            throws IOException {
        int number = foreign.take(line);
        Path before = target(number);
        Descriptor descriptor = Descriptor.adopt(number);
        var failure = assertFails(type, () -> opening.apply(descriptor));
        for (String part : inTheMessage) {
            failure.hasMessageContaining(part);
        }
        assertThat(descriptor.number()).isEqualTo(number);
        assertThat(descriptor.release()).isEqualTo(number);
        assertThat(target(number)).isEqualTo(before);
        Descriptor.adopt(number).close();
    }

    @Test
    void anotherKindIsRefusedAndBothAreNamed() throws IOException {
        Class<IllegalArgumentException> refusal = IllegalArgumentException.class;
        String udp = "s = socket(AF_INET, SOCK_DGRAM); s.bind(('127.0.0.1', 0)); s.connect(s.getsockname())";
        String unixDatagrams = "s, keep = socketpair(AF_UNIX, SOCK_DGRAM)";
        assertRefused(udp, Descriptor::asTcpStream, refusal, "TCP connection", "UDP");
        assertRefused(udp, Descriptor::asTcpListener, refusal, "TCP listener", "UDP");
        assertRefused(unixDatagrams, Descriptor::asUnixStream, refusal, "UNIX stream connection", "datagram");
        assertRefused(unixDatagrams, Descriptor::asUnixListener, refusal, "UNIX stream listener", "datagram");
        assertRefused("s, keep = socketpair()", Descriptor::asTcpStream, refusal, "TCP connection", "UNIX stream");
        assertRefused(TCP_STREAM, Descriptor::asUnixStream, refusal, "UNIX stream connection", "TCP");
        assertRefused(TCP_LISTENER, Descriptor::asUnixListener, refusal, "UNIX stream listener", "TCP");
        assertRefused(unixListener(), Descriptor::asTcpListener, refusal, "TCP listener", "UNIX stream");
    }

    @Test
    void aConnectionIsNoListenerAndAListenerNoConnection() throws IOException {
        Class<IllegalArgumentException> refusal = IllegalArgumentException.class;
        assertRefused(TCP_LISTENER, Descriptor::asTcpStream, refusal, "TCP connection", "listens");
        assertRefused(TCP_STREAM, Descriptor::asTcpListener, refusal, "TCP listener", "connected");
        assertRefused(unixListener(), Descriptor::asUnixStream, refusal, "UNIX stream connection", "listens");
        assertRefused("s, k = socketpair()", Descriptor::asUnixListener, refusal, "UNIX stream listener", "connected");
    }

    @Test
    void aFileOrPipeIsNoSocket() throws IOException {
        try (Descriptor file = Descriptor.open(Files.writeString(folder.resolve("file"), "content"))) {
            assertFails(IllegalArgumentException.class, file::asTcpStream)
                    .hasMessageContaining("TCP connection")
                    .hasMessageContaining("file");
            assertFails(IllegalArgumentException.class, file::asTcpListener).hasMessageContaining("file");
            assertFails(IllegalArgumentException.class, file::asUnixStream).hasMessageContaining("file");
            assertFails(IllegalArgumentException.class, file::asUnixListener).hasMessageContaining("file");
            assertThat(OpenFiles.read(file)).isEqualTo("content");
        }
        try (Descriptor pipe = Descriptor.adopt(foreign.takeNumber("r, w = os.pipe()", "r"))) {
            assertFails(IllegalArgumentException.class, pipe::asTcpStream).hasMessageContaining("pipe");
            foreign.run("os.write(w, b'x'); os.close(w)");
            assertThat(OpenFiles.read(pipe)).isEqualTo("x");
        }
    }

    @Test
    void whatIsNotConnectedIsRefused() throws IOException {
        assertRefused("s = socket()", Descriptor::asTcpStream, NotYetConnectedException.class);
        assertRefused("s = socket(AF_UNIX)", Descriptor::asUnixStream, NotYetConnectedException.class);
        String bound = "s = socket(); s.bind(('127.0.0.1', 0))";
        assertRefused(bound, Descriptor::asTcpStream, NotYetConnectedException.class);
    }

    @Test
    void whatIsNotBoundIsRefused() throws IOException {
        assertRefused("s = socket()", Descriptor::asTcpListener, NotYetBoundException.class);
        assertRefused("s = socket(AF_UNIX)", Descriptor::asUnixListener, NotYetBoundException.class);
    }

    @Test
    void whatIsBoundAndDoesNotListenIsRefused() throws IOException {
        Class<IllegalArgumentException> refusal = IllegalArgumentException.class;
        assertRefused(
                "s = socket(); s.bind(('127.0.0.1', 0))",
                Descriptor::asTcpListener,
                refusal,
                "bound but does not listen");
        String unix = "s = socket(AF_UNIX); s.bind(r'%s')".formatted(folder.resolve("bound"));
        assertRefused(unix, Descriptor::asUnixListener, refusal, "bound but does not listen");
    }

    @Test
    void whatIsToldFirstIsTheKindThenTheState() throws IOException {
        assertRefused("s = socket(AF_UNIX)", Descriptor::asTcpStream, IllegalArgumentException.class, "UNIX");
        assertRefused("s = socket()", Descriptor::asUnixListener, IllegalArgumentException.class, "TCP");
    }

    @Test
    void numbersThatAreNoneAreRefused() {
        assertFails(IllegalArgumentException.class, () -> Descriptor.adopt(-1)).hasMessageContaining("-1");
        assertFails(IOException.class, () -> Descriptor.adopt(Integer.MAX_VALUE))
                .hasMessageContaining(Integer.toString(Integer.MAX_VALUE));
    }

    @Test
    void aBackendWithoutDescriptorsSaysWhichHasThem() throws IOException {
        int number = foreign.take(TCP_STREAM);
        Backends.using(
                "nio",
                () -> assertFails(UnsupportedOperationException.class, () -> Descriptor.adopt(number))
                        .hasMessageContaining("linux"));
        Descriptor.adopt(number).close();
    }

    // -- blocking descriptions

    @Test
    @Tag("smoke")
    void aBlockingConnectionKeepsItsFlagsAndHoldsUpNobody() throws Exception {
        try (TcpStream tcp = adopt(TCP_STREAM).asTcpStream()) {
            foreign.run("p, _ = l.accept()");
            assertHoldsUpNobody(tcp);
        }
        try (UnixStream unix = adopt("s, p = socketpair()").asUnixStream()) {
            assertHoldsUpNobody(unix);
        }
    }

    /** With one carrier thread a call that blocks it would hold up everybody else for ever. */
    private void assertHoldsUpNobody(SocketStream stream) throws Exception {
        int number = number(stream);
        String before = flags(number);
        assertThat(isNonBlocking(number)).isFalse();
        TaskGroup.run(group -> {
            Task<byte[]> receiver = group.fork(() -> stream.receive());
            Task<?> sender = group.fork(() -> stream.send(new byte[16 << 20]));
            Blocked.await(receiver);
            Blocked.await(sender);
            var others = new CountDownLatch(8);
            for (int i = 0; i < 8; i++) {
                group.fork(others::countDown);
            }
            others.await();
            foreign.run("p.sendall(b'x')");
            assertThat(text(receiver.join())).isEqualTo("x");
            foreign.run("assert sum(len(p.recv(1 << 16, MSG_WAITALL)) for _ in range(256)) == 16 << 20");
            sender.join();
        });
        assertThat(flags(number)).isEqualTo(before);
        Descriptor.adopt(number).close();
    }

    /** Another number of the same description. */
    private static int number(SocketStream stream) throws IOException {
        return stream.toDescriptor().release();
    }

    @Test
    @Tag("smoke")
    void aBlockingListenerKeepsItsFlagsAndIsCancelledAndClosedWhileItWaits() throws IOException {
        int tcp = foreign.take(TCP_LISTENER);
        TcpListener listener = Descriptor.adopt(tcp).asTcpListener();
        assertWaitsAsAllDo(
                tcp,
                listener,
                () -> Tcp.connect("127.0.0.1", listener.localAddress().getPort()));
        int unix = foreign.take(unixListener());
        assertWaitsAsAllDo(unix, Descriptor.adopt(unix).asUnixListener(), () -> Unix.connect(folder.resolve("s")));
    }

    /** Both see that there is a connection, one gets it, and the other is in the system until there is another. */
    @Test
    void whoIsBeatenToAConnectionOfABlockingListenerDoesNotStopTheJvm() throws Exception {
        try (TcpListener one = adopt(TCP_LISTENER).asTcpListener();
                TcpListener two = one.toDescriptors().getFirst().asTcpListener()) {
            int port = one.localAddress().getPort();
            for (int round = 0; round < 500; round++) { // about one in a hundred is close enough
                TaskGroup.run(group -> {
                    var ready = new CountDownLatch(2);
                    for (TcpListener listener : List.of(one, two)) {
                        group.fork(() -> {
                            ready.countDown();
                            listener.accept().close();
                        });
                    }
                    ready.await();
                    Tcp.connect("127.0.0.1", port).close();
                    // Waits, as the collector does, for every thread that is not known to be in the system.
                    assertThat(Thread.getAllStackTraces()).isNotEmpty();
                    Tcp.connect("127.0.0.1", port).close();
                });
            }
        }
    }

    private interface Connect {
        ByteStream connect() throws IOException;
    }

    private static void assertWaitsAsAllDo(int number, Listener<? extends ByteStream> listener, Connect connect)
            throws IOException {
        String before = flags(number);
        assertThat(isNonBlocking(number)).isFalse();
        try (listener) {
            TaskGroup.run(group -> {
                Task<?> cancelled = group.fork(() -> listener.accept());
                Blocked.await(cancelled);
                cancelled.cancel();
                cancelled.await();
                assertThat(cancelled.status()).isEqualTo(Task.Status.CANCELLED);
                Task<? extends ByteStream> accepting = group.fork(() -> listener.accept());
                Blocked.await(accepting);
                try (ByteStream client = connect.connect();
                        ByteStream accepted = accepting.join()) {
                    client.send(bytes("x"));
                    assertThat(text(accepted.receive())).isEqualTo("x");
                }
                assertThat(flags(number)).isEqualTo(before);
                Task<?> closed = group.fork(() -> assertFails(ClosedResourceException.class, listener::accept));
                Blocked.await(closed);
                listener.close();
                closed.join();
            });
        }
    }
}
