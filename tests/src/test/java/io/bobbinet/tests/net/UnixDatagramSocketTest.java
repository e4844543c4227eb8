package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUnixDatagramSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** UNIX datagrams between sockets with names of every kind, and what they look like on arrival. */
@OnEachBackend(having = Capability.UNIX_DATAGRAM)
@DisplayName("UnixDatagramSocketTest")
@Timeout(30)
class UnixDatagramSocketTest {
    @TempDir
    private Path folder;

    private Path path;
    private UnixDatagramSocket server;

    @BeforeEach
    void open() throws IOException {
        path = folder.resolve("server");
        server = UnixDatagram.bind(path);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private static UnixAddress name() {
        return UnixAddress.ofAbstract(
                "bobbinet-" + ProcessHandle.current().pid() + "-" + Long.toHexString(new Random().nextLong()));
    }

    /** Sends to the server and back. */
    private void assertTalks(UnixDatagramSocket client) throws IOException {
        client.send(bytes("hello"), path);
        Datagram<UnixAddress> question = server.receive();
        assertThat(text(question.data())).isEqualTo("hello");
        assertThat(question.peer()).contains(client.localAddress());
        server.send(question.reply(bytes("olleh")));
        Datagram<UnixAddress> answer = client.receive();
        assertThat(text(answer.data())).isEqualTo("olleh");
        assertThat(answer.peer()).contains(UnixAddress.of(path));
    }

    // -- names

    @Test
    @Tag("smoke")
    void socketsWithPathsTalk() throws IOException {
        assertThat(server.localAddress()).isEqualTo(UnixAddress.of(path));
        try (UnixDatagramSocket client = UnixDatagram.bind(folder.resolve("client"))) {
            assertTalks(client);
        }
    }

    @Test
    void abstractNamesAreAnsweredAndGoAwayWithTheSocket() throws IOException {
        UnixAddress name = name();
        for (int i = 0; i < 2; i++) {
            try (UnixDatagramSocket client = UnixDatagram.binder(name).bind()) {
                assertThat(client.localAddress()).isEqualTo(name);
                assertTalks(client);
            }
        }
    }

    @Test
    void namesThatTheSystemChoosesAreAnswered() throws IOException {
        try (UnixDatagramSocket client =
                UnixDatagram.binder(UnixAddress.unnamed()).bind()) {
            assertThat(client.localAddress().isAbstract()).isTrue();
            // unix(7): a name of five hexadecimal digits
            assertThat(text(client.localAddress().bytes())).matches("[0-9a-f]{5}");
            assertTalks(client);
        }
    }

    @Test
    void aSenderWithoutANameCannotBeAnsweredAndThatIsSaid() throws IOException {
        try (UnixDatagramSocket client = UnixDatagram.open()) {
            assertThat(client.localAddress().isUnnamed()).isTrue();
            client.send(bytes("hello"), path);
            Datagram<UnixAddress> received = server.receive();
            assertThat(text(received.data())).isEqualTo("hello");
            assertThat(received.peer()).isEmpty();
            assertFails(SocketException.class, () -> server.send(received.reply(bytes("answer"))))
                    .hasMessageContaining("has no name");
            client.send(bytes("again"), path);
            try (UnixMessage message = server.receiveMessage(100)) {
                assertThat(message.sender()).isEmpty();
            }
        }
        // The server is none the worse.
        server.send(bytes("to myself"), path);
        assertThat(text(server.receive().data())).isEqualTo("to myself");
    }

    @Test
    void ofABatchTheUnnamedSenderIsToldByItsAbsence() throws IOException {
        DatagramBatch<UnixAddress> batch = DatagramBatch.allocate(8, 100);
        try (UnixDatagramSocket named = UnixDatagram.binder(name()).bind();
                UnixDatagramSocket unnamed = UnixDatagram.open()) {
            named.send(bytes("one"), path);
            unnamed.send(bytes("two"), path);
            named.send(bytes("three"), path);
            server.receiveBatch(batch);
            assertThat(batch.size()).isEqualTo(3);
            assertThat(batch.peer(0)).isEqualTo(named.localAddress());
            assertThat(batch.hasPeer(1)).isFalse();
            assertThat(batch.peer(2)).isEqualTo(named.localAddress());
            // Sent as it is it goes back; the one that cannot is told by the position.
            assertFails(SocketException.class, () -> server.sendBatch(batch)).hasMessageContaining("has no name");
            assertThat(batch.position()).isEqualTo(1);
            assertThat(text(named.receive().data())).isEqualTo("one");
            batch.position(2);
            server.sendBatch(batch);
            assertThat(text(named.receive().data())).isEqualTo("three");
        }
    }

    @Test
    void nothingGoesToAnUnnamedAddress() throws IOException {
        assertFails(IllegalArgumentException.class, () -> server.send(bytes("x"), UnixAddress.unnamed()));
        assertFails(
                IllegalArgumentException.class, () -> server.sendMessage(bytes("x"), List.of(), UnixAddress.unnamed()));
        assertFails(IllegalArgumentException.class, () -> UnixDatagram.connector(UnixAddress.unnamed()));
        DatagramBatch<UnixAddress> batch = DatagramBatch.allocate(1, 10);
        assertFails(
                IllegalArgumentException.class, () -> batch.add(ByteBuffer.wrap(bytes("x")), UnixAddress.unnamed()));
    }

    @Test
    void addressesAreKnownAfterTheClose() throws IOException {
        ConnectedUnixDatagramSocket client = UnixDatagram.connect(path);
        for (int i = 0; i < 2; i++) {
            assertThat(server.find(SocketAttributes.LOCAL_ADDRESS)).contains(UnixAddress.of(path));
            assertThat(server.find(SocketAttributes.PEER_ADDRESS)).isEmpty();
            assertThat(client.localAddress().isAbstract()).isTrue();
            assertThat(client.find(SocketAttributes.LOCAL_ADDRESS)).contains(client.localAddress());
            assertThat(client.peerAddress()).isEqualTo(UnixAddress.of(path));
            assertThat(client.find(SocketAttributes.PEER_ADDRESS)).contains(UnixAddress.of(path));
            server.close();
            client.close();
        }
        assertThat(server.toString()).contains(path.toString()).contains("closed");
    }

    // -- connected

    @Test
    void aConnectedSocketTalksToItsPeer() throws IOException {
        for (UnixAddress local : List.of(UnixAddress.unnamed(), name(), UnixAddress.of(folder.resolve("client")))) {
            try (ConnectedUnixDatagramSocket client =
                    UnixDatagram.connector(path).withLocalAddress(local).connect()) {
                client.send(bytes("hello"));
                Datagram<UnixAddress> question = server.receive();
                assertThat(text(question.data())).isEqualTo("hello");
                assertThat(question.peer()).contains(client.localAddress());
                server.send(question.reply(bytes("olleh")));
                Datagram<UnixAddress> answer = client.receive();
                assertThat(text(answer.data())).isEqualTo("olleh");
                client.send(answer.reply(bytes("reply")));
                assertThat(text(server.receive().data())).isEqualTo("reply");
                ByteBuffer data = ByteBuffer.wrap(bytes("buffer"));
                client.send(data);
                assertThat(data.hasRemaining()).isFalse();
                assertThat(text(server.receive().data())).isEqualTo("buffer");
            }
        }
    }

    @Test
    void aConnectedSocketSendsToNobodyElse() throws IOException {
        try (ConnectedUnixDatagramSocket client = UnixDatagram.connect(path)) {
            assertFails(
                            IllegalArgumentException.class,
                            () -> client.send(Datagram.of(bytes("x"), UnixAddress.of(folder.resolve("other")))))
                    .hasMessageContaining("other")
                    .hasMessageContaining(path.toString());
            client.send(Datagram.of(bytes("y"), UnixAddress.of(path)));
            assertThat(text(server.receive().data())).isEqualTo("y");
        }
    }

    @Test
    void aSocketConnectsToAnAbstractName() throws IOException {
        UnixAddress name = name();
        try (UnixDatagramSocket other = UnixDatagram.binder(name).bind();
                ConnectedUnixDatagramSocket client =
                        UnixDatagram.connector(name).connect()) {
            assertThat(client.peerAddress()).isEqualTo(name);
            client.send(bytes("hello"));
            other.send(other.receive().reply(bytes("olleh")));
            assertThat(text(client.receive().data())).isEqualTo("olleh");
        }
    }

    // -- what arrives

    @Test
    void aSocketSendsToItself() throws IOException {
        server.send(bytes("note"), path);
        Datagram<UnixAddress> note = server.receive();
        assertThat(text(note.data())).isEqualTo("note");
        assertThat(note.peer()).contains(UnixAddress.of(path));
        assertThat(note.isTruncated()).isFalse();
        assertThat(note.length()).hasValue(4);
        assertThat(note.destination()).isEmpty();
    }

    @Test
    void emptyDatagramsAreData() throws IOException {
        try (ConnectedUnixDatagramSocket client = UnixDatagram.connect(path)) {
            client.send(new byte[0]);
            client.send(bytes("x"));
            client.send(new byte[0]);
            Datagram<UnixAddress> empty = server.receive();
            assertThat(empty.data()).isEmpty();
            assertThat(empty.peer()).contains(client.localAddress());
            assertThat(empty.isTruncated()).isFalse();
            assertThat(text(server.receive().data())).isEqualTo("x");
            try (UnixMessage message = server.receiveMessage(10)) {
                assertThat(message.data()).isEmpty();
                assertThat(message.sender()).contains(client.localAddress());
            }
            server.send(new byte[0], client.localAddress());
            assertThat(client.receive().data()).isEmpty();
        }
    }

    @Test
    void aLargeDatagramIsCutAndSaysSoOnlyIfLessIsAskedFor() throws IOException {
        byte[] large = new byte[100_000];
        new Random(71).nextBytes(large);
        for (int i = 0; i < 2; i++) {
            server.send(large, path);
        }
        Datagram<UnixAddress> cut = server.receive(65_536);
        assertThat(cut.isTruncated()).isTrue();
        assertThat(cut.length()).hasValue(100_000);
        assertThat(cut.data()).isEqualTo(Arrays.copyOf(large, 65_536));
        Datagram<UnixAddress> whole = server.receive();
        assertThat(whole.isTruncated()).isFalse();
        assertThat(whole.length()).hasValue(100_000);
        assertThat(whole.data()).isEqualTo(large);
        server.send(large, path);
        try (UnixMessage message = server.receiveMessage(1000)) {
            assertThat(message.isTruncated()).isTrue();
            assertThat(message.length()).isEqualTo(100_000);
            assertThat(message.data()).isEqualTo(Arrays.copyOf(large, 1000));
        }
        server.send(large, path);
        DatagramBatch<UnixAddress> batch = DatagramBatch.allocate(2, 50_000);
        server.receiveBatch(batch);
        assertThat(batch.size()).isEqualTo(1);
        assertThat(batch.isTruncated(0)).isTrue();
        assertThat(batch.length(0)).hasValue(100_000);
        assertThat(batch.data(0)).isEqualTo(ByteBuffer.wrap(large, 0, 50_000));
    }

    @Test
    void aDatagramThatIsTooLongIsRefusedAndTheSocketStaysGood() throws IOException {
        server.setOption(StandardSocketOptions.SO_SNDBUF, 100_000);
        byte[] tooLong = new byte[300_000]; // socket(7): the system doubles the size of the buffer
        assertFails(SocketException.class, () -> server.send(tooLong, path))
                .hasMessageContaining("a datagram of " + tooLong.length + " bytes")
                .hasMessageContaining(path.toString())
                .hasMessageContaining("too long");
        try (ConnectedUnixDatagramSocket client = UnixDatagram.connector(path)
                .withOption(StandardSocketOptions.SO_SNDBUF, 100_000)
                .connect()) {
            assertFails(SocketException.class, () -> client.send(tooLong))
                    .hasMessageContaining("a datagram of " + tooLong.length + " bytes")
                    .hasMessageContaining("too long");
            client.send(bytes("good"));
        }
        server.send(bytes("good too"), path);
        assertThat(text(server.receive().data())).isEqualTo("good");
        assertThat(text(server.receive().data())).isEqualTo("good too");
    }

    @Test
    void nothingIsLostOrOvertaken() throws Exception {
        long seed = new Random().nextLong();
        System.out.println("nothingIsLostOrOvertaken: seed " + seed);
        Random random = new Random(seed);
        int count = 5_000;
        try (UnixDatagramSocket client = UnixDatagram.open()) {
            TaskGroup.run(group -> {
                group.fork(() -> {
                    for (int i = 0; i < count; i++) {
                        client.send(
                                ByteBuffer.allocate(4 + random.nextInt(2_000))
                                        .putInt(i)
                                        .array(),
                                path);
                    }
                });
                for (int i = 0; i < count; i++) {
                    assertThat(ByteBuffer.wrap(server.receive().data()).getInt())
                            .isEqualTo(i);
                }
            });
        }
    }

    @Test
    void batchesKeepTheOrderToo() throws Exception {
        int count = 2_000;
        try (ConnectedUnixDatagramSocket client = UnixDatagram.connect(path)) {
            TaskGroup.run(group -> {
                group.fork(() -> {
                    DatagramBatch<UnixAddress> batch = DatagramBatch.allocate(64, 100);
                    for (int i = 0; i < count; ) {
                        batch.clear();
                        while (i < count && batch.size() < 64) {
                            batch.add(ByteBuffer.allocate(4 + i % 90).putInt(0, i++));
                        }
                        client.sendBatch(batch);
                        assertThat(batch.position()).isEqualTo(batch.size());
                    }
                });
                List<Integer> received = new ArrayList<>();
                DatagramBatch<UnixAddress> batch = DatagramBatch.allocate(8, 100);
                while (received.size() < count) {
                    server.receiveBatch(batch);
                    for (int i = 0; i < batch.size(); i++) {
                        ByteBuffer data = batch.data(i);
                        assertThat(data.remaining()).isEqualTo(4 + received.size() % 90);
                        assertThat(batch.peer(i)).isEqualTo(client.localAddress());
                        received.add(data.getInt());
                    }
                }
                assertThat(received).isSorted().doesNotHaveDuplicates();
            });
        }
    }

    // -- guards and options

    @Test
    void aSecondReceiverIsRefusedAndDoesNotDisturbTheFirst() throws Exception {
        TaskGroup.run(group -> {
            Task<Datagram<UnixAddress>> first = group.fork(() -> server.receive());
            Blocked.await(first);
            DatagramBatch<UnixAddress> batch = DatagramBatch.allocate(1, 10);
            var busy = BusyResourceException.class;
            assertFails(busy, server::receive);
            assertFails(busy, () -> server.receiveMessage(1));
            assertFails(busy, () -> server.receiveBatch(batch));
            assertFails(busy, () -> server.forEach(datagram -> {}));
            server.send(bytes("x"), path);
            assertThat(text(first.join().data())).isEqualTo("x");
        });
    }

    @Test
    void atLeastOneByteMustBeAskedFor() {
        assertFails(IllegalArgumentException.class, () -> server.receive(0));
        assertFails(IllegalArgumentException.class, () -> server.receiveMessage(0));
    }

    @Test
    void optionsAreSetBeforeTheBindAndLater() throws IOException {
        try (UnixDatagramSocket socket = UnixDatagram.binder(name())
                .withOption(StandardSocketOptions.SO_SNDBUF, 50_000)
                .bind()) {
            int before = socket.option(StandardSocketOptions.SO_SNDBUF);
            socket.setOption(StandardSocketOptions.SO_SNDBUF, 25_000);
            assertThat(socket.option(StandardSocketOptions.SO_SNDBUF)).isEqualTo(before / 2);
            assertThat(socket.supportedOptions())
                    .contains(StandardSocketOptions.SO_SNDBUF, StandardSocketOptions.SO_RCVBUF)
                    .doesNotContain(StandardSocketOptions.TCP_NODELAY);
            assertFails(
                    UnsupportedOperationException.class, () -> socket.option(StandardSocketOptions.IP_MULTICAST_TTL));
        }
    }
}
