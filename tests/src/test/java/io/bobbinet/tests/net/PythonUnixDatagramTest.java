package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUnixDatagramSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.spi.Capability;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** UNIX datagrams between us and Python's own sockets, which are those that AnyIO has beneath its own. */
@OnEachBackend(having = Capability.UNIX_DATAGRAM)
@DisplayName("PythonUnixDatagramTest")
@Timeout(60)
class PythonUnixDatagramTest {
    @TempDir
    private Path folder;

    private Path ours;
    private Path theirs;
    private UnixDatagramSocket socket;

    @BeforeEach
    void open() throws IOException {
        ours = folder.resolve("ours");
        theirs = folder.resolve("theirs");
        socket = UnixDatagram.bind(ours);
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
    }

    /** A Python with a socket {@code s} at a path. */
    private PythonShell bound() throws IOException {
        PythonShell python = PythonShell.start();
        python.run("s = socket(AF_UNIX, SOCK_DGRAM); s.bind('" + theirs + "')");
        return python;
    }

    private void assertReceives(String data, UnixAddress from) throws IOException {
        Datagram<UnixAddress> datagram = socket.receive();
        assertThat(text(datagram.data())).isEqualTo(data);
        assertThat(datagram.peer()).contains(from);
    }

    // -- names of every kind

    @Test
    @Tag("smoke")
    void pythonAndWeTalkByPath() throws IOException {
        try (PythonShell python = bound()) {
            socket.send(bytes("hello"), theirs);
            assertThat(python.ask("s.recvfrom(100)")).isEqualTo("(b'hello', '" + ours + "')");
            python.run("s.sendto(b'olleh', '" + ours + "')");
            assertReceives("olleh", UnixAddress.of(theirs));
        }
    }

    @Test
    void pythonAndWeTalkByAbstractName() throws IOException {
        String id = ProcessHandle.current().pid() + "-" + Long.toHexString(new Random().nextLong());
        UnixAddress we = UnixAddress.ofAbstract("bobbinet-we-" + id);
        UnixAddress they = UnixAddress.ofAbstract("bobbinet-they-" + id);
        try (PythonShell python = PythonShell.start();
                UnixDatagramSocket named = UnixDatagram.binder(we).bind()) {
            python.run("s = socket(AF_UNIX, SOCK_DGRAM); s.bind('\\0" + text(they.bytes()) + "')");
            python.run("s.sendto(b'hello', '\\0" + text(we.bytes()) + "')");
            Datagram<UnixAddress> hello = named.receive();
            assertThat(hello.peer()).contains(they);
            named.send(hello.reply(bytes("olleh")));
            assertThat(python.ask("s.recvfrom(100)")).isEqualTo("(b'olleh', b'\\x00" + text(we.bytes()) + "')");
        }
    }

    @Test
    void namesThatTheSystemChoseAreAnsweredBothWays() throws IOException {
        try (PythonShell python = bound();
                UnixDatagramSocket chosen =
                        UnixDatagram.binder(UnixAddress.unnamed()).bind()) {
            chosen.send(bytes("hello"), theirs);
            python.run("data, sender = s.recvfrom(100)");
            assertThat(python.ask("sender[:1], sender[1:].decode()"))
                    .isEqualTo("(b'\\x00', '" + text(chosen.localAddress().bytes()) + "')");
            python.run("s.sendto(b'olleh', sender)");
            assertThat(text(chosen.receive().data())).isEqualTo("olleh");
            python.run("t = socket(AF_UNIX, SOCK_DGRAM); t.bind('')");
            python.run("t.sendto(b'question', '" + ours + "')");
            Datagram<UnixAddress> question = socket.receive();
            assertThat(question.peer().orElseThrow().isAbstract()).isTrue();
            socket.send(question.reply(bytes("answer")));
            assertThat(python.ask("t.recv(100)")).isEqualTo("b'answer'");
        }
    }

    @Test
    void socketsWithoutANameAreHeardBothWays() throws IOException {
        try (PythonShell python = bound();
                UnixDatagramSocket unnamed = UnixDatagram.open()) {
            unnamed.send(bytes("hello"), theirs);
            assertThat(python.ask("s.recvfrom(100)")).isEqualTo("(b'hello', None)");
            python.run("socket(AF_UNIX, SOCK_DGRAM).sendto(b'olleh', '" + ours + "')");
            Datagram<UnixAddress> received = socket.receive();
            assertThat(text(received.data())).isEqualTo("olleh");
            assertThat(received.peer()).isEmpty();
        }
    }

    @Test
    void connectedSocketsTalkBothWays() throws IOException {
        try (PythonShell python = bound();
                ConnectedUnixDatagramSocket connected = UnixDatagram.connect(theirs)) {
            connected.send(bytes("hello"));
            python.run("data, sender = s.recvfrom(100)");
            python.run("s.sendto(data[::-1], sender)");
            assertThat(text(connected.receive().data())).isEqualTo("olleh");
            // Connected to each other: no stranger is heard.
            python.run("s.connect(sender); s.send(b'mutual')");
            assertThat(text(connected.receive().data())).isEqualTo("mutual");
            assertFails(SocketException.class, () -> socket.send(bytes("x"), theirs))
                    .hasMessageContaining("connected to another");
            python.run("t = socket(AF_UNIX, SOCK_DGRAM); t.bind(''); t.connect('" + ours + "')");
            python.run("t.send(b'question')");
            socket.send(socket.receive().reply(bytes("answer")));
            assertThat(python.ask("t.recv(100)")).isEqualTo("b'answer'");
            python.run("s.close()");
            assertFails(ConnectException.class, () -> connected.send(bytes("x")));
        }
    }

    /** Between two that are connected to each other the buffer of the sender is the limit, not the queue of the receiver. */
    @Test
    void aSendToAPeerThatIsConnectedToUsWaitsForItsOwnBuffer() throws Exception {
        Path local = folder.resolve("local");
        try (PythonShell python = bound();
                ConnectedUnixDatagramSocket connected = UnixDatagram.connector(theirs)
                        .withLocalAddress(UnixAddress.of(local))
                        .connect()) {
            python.run("s.connect('" + local + "')");
            AtomicInteger sent = new AtomicInteger();
            TaskGroup.run(group -> {
                Task<?> sender = group.fork(() -> {
                    while (sent.get() < 5_000) {
                        connected.send(ByteBuffer.allocate(100).putInt(0, sent.get()));
                        sent.incrementAndGet();
                    }
                });
                Blocked.await(sender);
                assertThat(python.ask("all(struct.unpack('>i', s.recv(4))[0] == i for i in range(5000))"))
                        .isEqualTo("True");
                sender.join();
            });
        }
    }

    // -- what travels

    @Test
    void emptyDatagramsAreDataBothWays() throws IOException {
        try (PythonShell python = bound();
                ConnectedUnixDatagramSocket connected = UnixDatagram.connect(theirs)) {
            socket.send(new byte[0], theirs);
            assertThat(python.ask("s.recvfrom(100)")).isEqualTo("(b'', '" + ours + "')");
            connected.send(new byte[0]);
            assertThat(python.ask("s.recvfrom(100)[0]")).isEqualTo("b''");
            python.run("s.sendto(b'', '" + ours + "')");
            assertReceives("", UnixAddress.of(theirs));
        }
    }

    @Test
    void largeDatagramsTravelBothWays() throws IOException {
        try (PythonShell python = bound()) {
            socket.send(new byte[100_000], theirs);
            assertThat(python.ask("s.recv(200000) == bytes(100000)")).isEqualTo("True");
            python.run("s.sendto(b'x' * 100000, '" + ours + "')");
            Datagram<UnixAddress> cut = socket.receive(10);
            assertThat(cut.isTruncated()).isTrue();
            assertThat(cut.length()).hasValue(100_000);
            python.run("s.sendto(b'x' * 100000, '" + ours + "')");
            assertThat(text(socket.receive().data())).isEqualTo("x".repeat(100_000));
        }
    }

    @Test
    void batchesTravelBothWays() throws Exception {
        try (PythonShell python = bound();
                ConnectedUnixDatagramSocket connected = UnixDatagram.connect(theirs)) {
            TaskGroup.run(group -> {
                DatagramBatch<UnixAddress> batch = DatagramBatch.allocate(100, 10);
                for (int i = 0; i < 100; i++) {
                    batch.add(ByteBuffer.wrap(bytes("" + i)));
                }
                group.fork(() -> connected.sendBatch(batch));
                assertThat(python.ask("all(s.recv(100) == b'%d' % i for i in range(100))"))
                        .isEqualTo("True");
            });
            python.tell("[s.sendto(b'%d' % i, '" + ours + "') for i in range(100)][-1]");
            DatagramBatch<UnixAddress> batch = DatagramBatch.allocate(30, 10);
            for (int n = 0; n < 100; ) {
                socket.receiveBatch(batch);
                for (int i = 0; i < batch.size(); i++, n++) {
                    assertThat(batch.data(i)).isEqualTo(ByteBuffer.wrap(bytes("" + n)));
                    assertThat(batch.peer(i)).isEqualTo(UnixAddress.of(theirs));
                }
            }
            assertThat(python.answer()).isEqualTo("2");
        }
    }

    @Test
    void whoeverIsFasterWaitsForTheOther() throws Exception {
        try (PythonShell python = bound()) {
            TaskGroup.run(group -> {
                Task<?> sender = group.fork(() -> {
                    for (int i = 0; i < 1_000; i++) {
                        socket.send(bytes("" + i), theirs);
                    }
                });
                Blocked.await(sender);
                assertThat(python.ask("all(s.recv(100) == b'%d' % i for i in range(1000))"))
                        .isEqualTo("True");
                sender.join();
                python.tell("[s.sendto(b'%d' % i, '" + ours + "') for i in range(1000)][-1]");
                for (int i = 0; i < 1_000; i++) {
                    assertReceives("" + i, UnixAddress.of(theirs));
                }
                assertThat(python.answer()).isEqualTo("3");
            });
        }
    }

    @Test
    void aPythonThatDiesWhileWeWaitForItIsTold() throws Exception {
        try (PythonShell python = bound()) {
            TaskGroup.run(group -> {
                Task<?> sender = group.fork(() -> {
                    assertFails(ConnectException.class, () -> {
                                while (true) {
                                    socket.send(bytes("x"), theirs);
                                }
                            })
                            .hasMessageContaining(theirs.toString());
                });
                Blocked.await(sender);
                python.die();
                sender.join();
            });
        }
    }
}
