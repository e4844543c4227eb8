package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.examples.DescriptorExamples;
import io.bobbinet.examples.NetExamples;
import io.bobbinet.net.LinuxOptions;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixCredentials;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples of descriptors do what they say. */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("DescriptorExamplesTest")
@Timeout(30)
class DescriptorExamplesTest {
    @TempDir
    private Path folder;

    @Test
    void aFileIsLentAndRead() throws IOException {
        Path path = Files.writeString(folder.resolve("lent"), "content");
        try (StreamPair<UnixDescriptorStream> pair = OpenFiles.pair()) {
            DescriptorExamples.lend(pair.left(), path);
            assertThat(DescriptorExamples.read(pair.right())).isEqualTo("content");
        }
    }

    @Test
    void aFileIsPatched() throws IOException {
        Path path = Files.writeString(folder.resolve("patched"), "0123456789");
        DescriptorExamples.patch(path, 3, bytes("abc"));
        assertThat(path).hasContent("012abc6789");
    }

    @Test
    void onlyTheRightUserIsAdmitted() throws IOException {
        String name = "bobbinet-admit-" + ProcessHandle.current().pid();
        long me = ((Number) Files.getAttribute(folder, "unix:uid")).longValue();
        TaskGroup.run(group -> {
            Task<Optional<UnixCredentials>> admitted = group.fork(() -> NetExamples.admit(name, me));
            Blocked.await(admitted);
            Unix.connector(UnixAddress.ofAbstract(name)).connect().close();
            assertThat(admitted.join()).map(UnixCredentials::pid).contains((int)
                    ProcessHandle.current().pid());
            Task<Optional<UnixCredentials>> refused = group.fork(() -> NetExamples.admit(name, me + 1));
            Blocked.await(refused);
            Unix.connector(UnixAddress.ofAbstract(name)).connect().close();
            assertThat(refused.join()).isEmpty();
        });
    }

    @Test
    void aListenerIsHandedOver() throws IOException {
        Path path = folder.resolve("successor");
        TcpListener listener = Tcp.listen("127.0.0.1", 0);
        try (UnixListener successor = Unix.listen(path)) {
            DescriptorExamples.handOver(listener, path);
            listener.close();
            try (UnixDescriptorStream predecessor = successor.withDescriptors().accept();
                    UnixMessage message = predecessor.receiveMessage(100);
                    TcpListener arrived = message.descriptors().getFirst().asTcpListener();
                    TcpStream client = Tcp.connector(listener.localAddress()).connect();
                    TcpStream server = arrived.accept()) {
                client.send(bytes("hello"));
                assertThat(text(server.receive())).isEqualTo("hello");
            }
        }
    }

    @Test
    void controlMessagesAreDescribed() throws IOException {
        Path path = Files.writeString(folder.resolve("lent"), "content");
        try (StreamPair<UnixDescriptorStream> pair = OpenFiles.pair()) {
            pair.right().setOption(LinuxOptions.SO_PASSCRED, true);
            DescriptorExamples.lend(pair.left(), path);
            try (UnixMessage message = pair.right().receiveMessage(100)) {
                assertThat(DescriptorExamples.describe(message))
                        .containsExactly("1 descriptors", "from " + message.credentials());
            }
        }
    }
}
