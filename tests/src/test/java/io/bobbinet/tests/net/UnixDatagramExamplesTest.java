package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.examples.UnixDatagramExamples;
import io.bobbinet.net.ConnectedUnixDatagramSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.spi.Capability;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples of UNIX datagrams do what they say. */
@OnEachBackend(having = Capability.UNIX_DATAGRAM)
@DisplayName("UnixDatagramExamplesTest")
@Timeout(30)
class UnixDatagramExamplesTest {
    @TempDir
    private Path folder;

    @Test
    void theGreeterGreetsWhomItCan() throws IOException {
        Path path = folder.resolve("greeter");
        try (UnixDatagramSocket socket = UnixDatagram.bind(path)) {
            TaskGroup.run(group -> {
                Task<?> serving = group.fork(() -> UnixDatagramExamples.greet(socket));
                UnixDatagramExamples.log(path, "nobody"); // disturbs nobody
                assertThat(UnixDatagramExamples.ask(path)).isEqualTo("Hello, Client");
                serving.cancel();
            });
        }
    }

    @Test
    void whoHasNoNameSendsAllTheSame() throws IOException {
        Path path = folder.resolve("log");
        try (UnixDatagramSocket socket = UnixDatagram.bind(path)) {
            UnixDatagramExamples.log(path, "a line");
            Datagram<UnixAddress> packet = socket.receive();
            assertThat(text(packet.data())).isEqualTo("a line");
            assertThat(packet.peer()).isEmpty();
        }
    }

    @Test
    void theBoundSocketIsTheUsersAlone() throws IOException {
        Path path = folder.resolve("private");
        try (UnixDatagramSocket socket = UnixDatagramExamples.bind(path)) {
            assertThat(socket.localAddress()).isEqualTo(UnixAddress.of(path));
            assertThat(Files.getPosixFilePermissions(path)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void aClientIsKnownByItsPath() throws IOException {
        Path own = folder.resolve("client");
        try (UnixDatagramSocket server = UnixDatagram.bind(folder.resolve("server"))) {
            try (ConnectedUnixDatagramSocket client = UnixDatagramExamples.connect(folder.resolve("server"), own)) {
                client.send(bytes("here I am"));
                assertThat(server.receive().peer()).hasValue(UnixAddress.of(own));
            }
        }
        assertThat(own).doesNotExist();
    }

    @Test
    void aFileIsLentToUsersThatAreTrusted() throws IOException {
        Path file = Files.writeString(folder.resolve("lent"), "content");
        Path path = folder.resolve("borrower");
        int user = (int) Files.getAttribute(file, "unix:uid");
        try (UnixDatagramSocket borrower = UnixDatagramExamples.bind(path);
                UnixDatagramSocket lender = UnixDatagram.open()) {
            UnixDatagramExamples.lend(lender, file, path);
            assertThat(UnixDatagramExamples.read(borrower, user)).hasValue("content");
            UnixDatagramExamples.lend(lender, file, path);
            assertThat(UnixDatagramExamples.read(borrower, user + 1)).isEmpty();
        }
    }

    @Test
    void questionsAreExchangedWithAnyPeer() throws IOException {
        Path path = folder.resolve("server");
        try (UnixDatagramSocket server = UnixDatagram.bind(path);
                ConnectedUnixDatagramSocket client = UnixDatagram.connect(path)) {
            server.send(bytes("answer"), client.localAddress()); // it is there when the question comes
            assertThat(text(UnixDatagramExamples.exchange(client, bytes("question"))))
                    .isEqualTo("answer");
            assertThat(text(server.receive().data())).isEqualTo("question");
        }
    }
}
