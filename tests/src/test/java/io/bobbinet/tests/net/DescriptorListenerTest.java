package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Descriptor;
import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixConnector;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.net.UnixStream;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.Connector;
import io.bobbinet.stream.Listener;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Listeners and connectors whose connections can pass descriptors. */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("DescriptorListenerTest")
@Timeout(30)
class DescriptorListenerTest {
    @TempDir
    private Path folder;

    private Path path;
    private UnixListener plain;
    private Listener<UnixDescriptorStream> listener;
    private Connector<UnixDescriptorStream> connector;

    @BeforeEach
    void open() throws IOException {
        path = folder.resolve("socket");
        plain = Unix.listen(path);
        listener = plain.withDescriptors();
        connector = Unix.connector(path).withDescriptors();
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
    }

    /** Answers each message with the descriptors it came with. */
    private static void echo(UnixDescriptorStream client) throws IOException {
        try (UnixMessage message = client.receiveMessage(100)) {
            client.sendMessage(message.data(), message.descriptors());
        }
    }

    private void assertEchoed(String content) throws IOException {
        try (UnixDescriptorStream client = connector.connect();
                Descriptor file = OpenFiles.file(folder, content)) {
            client.sendMessage(bytes("x"), List.of(file));
            try (UnixMessage answer = client.receiveMessage(100)) {
                assertThat(OpenFiles.read(answer.descriptors())).containsExactly(content);
            }
        }
    }

    @Test
    void connectionsComeOutOfBothViews() throws IOException {
        try (UnixDescriptorStream client = connector.connect();
                UnixDescriptorStream server = listener.accept();
                UnixStream second = Unix.connect(path);
                UnixStream secondServer = plain.accept()) {
            assertThat(server.localAddress()).isEqualTo(UnixAddress.of(path));
            assertThat(server.peerAddress()).isEqualTo(UnixAddress.unnamed());
            assertThat(client.peerAddress()).isEqualTo(UnixAddress.of(path));
            assertThat(listener.find(SocketAttributes.LOCAL_ADDRESS)).contains(UnixAddress.of(path));
            second.send(bytes("x"));
            assertThat(secondServer.receive()).hasSize(1);
        }
    }

    @Test
    void servingEndsByADrainOfEitherView() throws Exception {
        for (boolean ofTheView : new boolean[] {true, false}) {
            Path place = folder.resolve("socket" + ofTheView);
            UnixListener original = Unix.listen(place);
            Listener<UnixDescriptorStream> view = original.withDescriptors();
            connector = Unix.connector(place).withDescriptors();
            TaskGroup.run(group -> {
                Task<?> server = group.fork(() -> view.serve(DescriptorListenerTest::echo));
                assertEchoed("one");
                assertEchoed("two");
                (ofTheView ? view : original).drain(Duration.ofSeconds(10));
                server.join();
            });
            assertFails(ClosedResourceException.class, view::accept);
            assertFails(ClosedResourceException.class, original::accept);
        }
    }

    @Test
    void aLoopOverConnectionsEndsWithTheClose() throws Exception {
        TaskGroup.run(group -> {
            Task<?> server = group.fork(() -> listener.forEach(client -> {
                try (client) {
                    echo(client);
                }
            }));
            assertEchoed("file");
            Blocked.await(server);
            assertFails(BusyResourceException.class, plain::accept);
            plain.close();
            server.join();
        });
    }

    @Test
    void aCancelledAcceptHasTakenNone() throws Exception {
        TaskGroup.run(group -> {
            Task<?> accepting = group.fork(() -> listener.accept());
            Blocked.await(accepting);
            accepting.cancel();
            accepting.await();
            Task<?> server = group.fork(() -> {
                try (UnixDescriptorStream client = listener.accept()) {
                    echo(client);
                }
            });
            assertEchoed("file");
            server.join();
        });
    }

    @Test
    void aConnectorFailsAsThePlainOneDoes() {
        UnixConnector nowhere = Unix.connector(folder.resolve("nothing"));
        assertFails(NoSuchFileException.class, () -> nowhere.withDescriptors().connect());
        assertThat(nowhere.withDescriptors()).hasToString(nowhere.toString());
    }
}
