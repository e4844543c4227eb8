package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUnixDatagramSocket;
import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.ControlMessage.Credentials;
import io.bobbinet.net.ControlMessage.Rights;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.LinuxOptions;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixCredentials;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.spi.Capability;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Descriptors and credentials beside UNIX datagrams: they arrive, and none is ever left over. */
@OnEachBackend(having = Capability.UNIX_DATAGRAM)
@DisplayName("UnixDatagramMessageTest")
@Timeout(60)
class UnixDatagramMessageTest {
    @TempDir
    private Path folder;

    private Path path;
    private UnixDatagramSocket server;
    private ConnectedUnixDatagramSocket client;
    private Descriptor file;
    private long before;

    @BeforeEach
    void open() throws Exception {
        path = folder.resolve("server");
        server = UnixDatagram.bind(path);
        client = UnixDatagram.connect(path);
        file = OpenFiles.file(folder, "x");
        // What a wait opens stays open.
        TaskGroup.run(group -> {
            Task<?> receiver = group.fork(() -> server.receive());
            Blocked.await(receiver);
            client.send(bytes("x"));
            receiver.join();
        });
        before = OpenFiles.count();
    }

    @AfterEach
    void close() throws IOException {
        assertThat(OpenFiles.count()).as("open descriptors").isEqualTo(before);
        file.close();
        client.close();
        server.close();
    }

    private static UnixCredentials own() throws IOException {
        Path self = Path.of("/proc/self");
        return new UnixCredentials(
                (int) ProcessHandle.current().pid(), (int) Files.getAttribute(self, "unix:uid"), (int)
                        Files.getAttribute(self, "unix:gid"));
    }

    // -- descriptors

    @Test
    @Tag("smoke")
    void descriptorsTravelWithDatagramsBothWays() throws IOException {
        List<Descriptor> files = OpenFiles.files(folder, "one", "two");
        client.sendMessage(bytes("question"), files);
        try (UnixMessage message = server.receiveMessage(100)) {
            assertThat(text(message.data())).isEqualTo("question");
            assertThat(message.sender()).contains(client.localAddress());
            assertThat(message.isControlTruncated()).isFalse();
            assertThat(message.isTruncated()).isFalse();
            assertThat(message.controls()).hasSize(1).hasOnlyElementsOfType(Rights.class);
            assertThat(OpenFiles.read(message.descriptors())).containsExactly("one", "two");
            // The sender's are as they were; both share the position in the file.
            server.sendMessage(bytes("answer"), List.of(file), message.sender().orElseThrow());
        }
        OpenFiles.close(files);
        try (UnixMessage message = client.receiveMessage(100)) {
            assertThat(text(message.data())).isEqualTo("answer");
            assertThat(message.sender()).contains(UnixAddress.of(path));
            assertThat(OpenFiles.read(message.descriptors())).containsExactly("x");
        }
    }

    @Test
    void anEmptyDatagramCarriesDescriptorsToo() throws IOException {
        client.sendMessage(new byte[0], List.of(file));
        try (UnixMessage message = server.receiveMessage(1)) {
            assertThat(message.data()).isEmpty();
            assertThat(OpenFiles.read(message.descriptors())).containsExactly("x");
        }
        server.sendMessage(ByteBuffer.allocate(0), client.localAddress(), new Rights(List.of(file)));
        try (UnixMessage message = client.receiveMessage(1)) {
            assertThat(message.data()).isEmpty();
            assertThat(message.descriptors()).hasSize(1);
        }
    }

    @Test
    void whatDoesNotAskForDescriptorsLeavesNoneOpen() throws IOException {
        for (int i = 0; i < 5; i++) {
            client.sendMessage(bytes("n" + i), List.of(file, file));
        }
        assertThat(text(server.receive().data())).isEqualTo("n0");
        assertThat(server.receive(1).isTruncated()).isTrue();
        DatagramBatch<UnixAddress> batch = DatagramBatch.allocate(8, 100);
        server.receiveBatch(batch);
        assertThat(batch.size()).isEqualTo(3);
        assertThat(batch.isTruncated(0)).isFalse();
        // A coming message has its own alone.
        client.sendMessage(bytes("last"), List.of(file));
        try (UnixMessage message = server.receiveMessage(100)) {
            assertThat(message.descriptors()).hasSize(1);
        }
    }

    @Test
    void aDatagramThatIsCutKeepsItsDescriptors() throws IOException {
        client.sendMessage(bytes("abcdef"), List.of(file, file));
        client.sendMessage(bytes("next"), List.of());
        try (UnixMessage message = server.receiveMessage(2)) {
            assertThat(text(message.data())).isEqualTo("ab");
            assertThat(message.isTruncated()).isTrue();
            assertThat(message.length()).isEqualTo(6);
            assertThat(message.isControlTruncated()).isFalse();
            assertThat(message.descriptors()).hasSize(2);
        }
        try (UnixMessage message = server.receiveMessage(100)) {
            assertThat(text(message.data())).isEqualTo("next");
            assertThat(message.descriptors()).isEmpty();
        }
    }

    @Test
    void whatWasNeverReceivedGoesWithTheSocket() throws IOException {
        for (int i = 0; i < 50; i++) {
            try (UnixDatagramSocket brief =
                    UnixDatagram.binder(UnixAddress.unnamed()).bind()) {
                server.sendMessage(bytes("x"), List.of(file, file), brief.localAddress());
                server.sendMessage(bytes("y"), List.of(file), brief.localAddress());
                brief.receive(1);
            }
        }
        assertThat(OpenFiles.count()).isEqualTo(before);
    }

    @Test
    void asManyDescriptorsTravelAsTheSystemAllows() throws IOException {
        client.sendMessage(bytes("many"), Collections.nCopies(253, file));
        try (UnixMessage message = server.receiveMessage(10)) {
            assertThat(message.descriptors()).hasSize(253);
            assertThat(message.isControlTruncated()).isFalse();
        }
        List<Descriptor> tooMany = Collections.nCopies(254, file);
        assertFails(IllegalArgumentException.class, () -> client.sendMessage(bytes("x"), tooMany))
                .hasMessageContaining("253");
        assertFails(
                IllegalArgumentException.class, () -> server.sendMessage(bytes("x"), tooMany, client.localAddress()));
        Descriptor closed = OpenFiles.file(folder, "closed");
        closed.close();
        assertFails(IllegalArgumentException.class, () -> client.sendMessage(bytes("x"), List.of(file, closed)))
                .hasMessageContaining("closed");
        client.send(bytes("good"));
        assertThat(text(server.receive().data())).isEqualTo("good");
    }

    @Test
    void whatCannotBeDeliveredLeavesNoneOpen() throws IOException {
        for (int i = 0; i < 20; i++) {
            assertFails(
                    NoSuchFileException.class,
                    () -> server.sendMessage(bytes("x"), List.of(file), UnixAddress.of(folder.resolve("missing"))));
            assertFails(
                            SocketException.class,
                            () -> server.sendMessage(new byte[1 << 23], List.of(file), client.localAddress()))
                    .hasMessageContaining("too long");
        }
        assertThat(OpenFiles.count()).isEqualTo(before);
    }

    @Test
    void twoThousandCancelledReceivesLeaveNoneOpenAndLoseNone() throws Exception {
        AtomicInteger received = new AtomicInteger();
        AtomicInteger cancelled = new AtomicInteger();
        TaskGroup.run(group -> {
            int sent = 0;
            while (cancelled.get() < 2_000) {
                var scope = CancelScope.create();
                Task<?> receiver = group.fork(() -> {
                    if (!scope.run(() -> receive(received))) {
                        cancelled.incrementAndGet();
                    }
                });
                // The message comes at about the time of the cancel, before or after.
                if (sent % 3 == 0) {
                    client.sendMessage(bytes("x"), List.of(file));
                    scope.cancel();
                } else {
                    scope.cancel();
                    client.sendMessage(bytes("x"), List.of(file));
                }
                sent++;
                receiver.join();
                if (received.get() < sent) {
                    receive(received);
                }
                assertThat(received).hasValue(sent);
            }
        });
    }

    private void receive(AtomicInteger received) throws IOException {
        try (UnixMessage message = server.receiveMessage(1)) {
            received.addAndGet(message.descriptors().size());
        }
    }

    @Test
    void cancelledSendsToAFullReceiverPassNone() throws Exception {
        AtomicInteger sent = new AtomicInteger();
        for (int i = 0; i < 500; i++) {
            TaskGroup.run(group -> {
                Task<?> sender = group.fork(() -> {
                    while (true) {
                        client.sendMessage(bytes("x"), List.of(file));
                        sent.incrementAndGet();
                    }
                });
                Blocked.await(sender);
                sender.cancel();
            });
        }
        for (int i = 0; i < sent.get(); i++) {
            try (UnixMessage message = server.receiveMessage(1)) {
                assertThat(message.descriptors()).hasSize(1);
            }
        }
        client.send(bytes("the next"));
        assertThat(text(server.receive().data())).isEqualTo("the next");
    }

    // -- credentials

    @Test
    void credentialsComeWhereTheyAreAskedFor() throws IOException {
        client.sendMessage(ByteBuffer.wrap(bytes("x")), new Credentials(List.of(own())));
        try (UnixMessage message = server.receiveMessage(10)) {
            assertThat(message.credentials()).isEmpty();
        }
        server.setOption(LinuxOptions.SO_PASSCRED, true);
        client.send(bytes("y")); // the system adds them
        try (UnixMessage message = server.receiveMessage(10)) {
            assertThat(text(message.data())).isEqualTo("y");
            assertThat(message.credentials()).containsExactly(own());
        }
        ByteBuffer data = ByteBuffer.wrap(bytes("z"));
        client.sendMessage(
                data,
                new Credentials(List.of(new UnixCredentials(0, own().uid(), own().gid()))),
                new Rights(List.of(file)));
        assertThat(data.hasRemaining()).isFalse();
        try (UnixMessage message = server.receiveMessage(10)) {
            assertThat(message.controls()).hasSize(2);
            assertThat(message.credentials()).containsExactly(own());
            assertThat(message.descriptors()).hasSize(1);
            assertThat(message.sender()).contains(client.localAddress());
        }
        client.send(bytes("plain"));
        assertThat(text(server.receive().data())).isEqualTo("plain");
    }

    @Test
    void whatTheSystemRefusesIsNotSent() throws IOException {
        // More than the system ever numbers processes, 2^22: refused to everybody, if for different reasons.
        ControlMessage nobody = new Credentials(List.of(new UnixCredentials(1 << 23, own().uid(), own().gid())));
        ByteBuffer data = ByteBuffer.wrap(bytes("refused"));
        assertFails(SocketException.class, () -> client.sendMessage(data, nobody))
                .hasMessageContaining("Nothing was sent");
        assertThat(data.remaining()).isEqualTo(7);
        assertFails(SocketException.class, () -> server.sendMessage(data, client.localAddress(), nobody))
                .hasMessageContaining("Nothing was sent");
        ControlMessage own = new Credentials(List.of(own()));
        assertFails(IllegalArgumentException.class, () -> client.sendMessage(data, own, own));
        client.send(bytes("good"));
        assertThat(text(server.receive().data())).isEqualTo("good");
    }
}
