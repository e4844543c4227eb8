package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.ControlMessage.Credentials;
import io.bobbinet.net.ControlMessage.Rights;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.LinuxOptions;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixCredentials;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.net.UnixStream;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is at the other end of a UNIX stream. */
@OnEachBackend(having = Capability.PEER_CREDENTIALS)
@DisplayName("UnixCredentialsTest")
@Timeout(30)
class UnixCredentialsTest {
    @TempDir
    private Path folder;

    /** This process, as /proc shows it. */
    private static UnixCredentials own() throws IOException {
        Path self = Path.of("/proc/self");
        return new UnixCredentials(
                (int) ProcessHandle.current().pid(), (int) Files.getAttribute(self, "unix:uid"), (int)
                        Files.getAttribute(self, "unix:gid"));
    }

    // -- the peer

    @Test
    @Tag("smoke")
    void everyStreamKnowsItsPeer() throws IOException {
        Path path = folder.resolve("socket");
        try (UnixListener listener = Unix.listen(path);
                UnixStream client = Unix.connect(path);
                UnixDescriptorStream server = listener.withDescriptors().accept();
                StreamPair<UnixStream> pair = Unix.pair()) {
            assertThat(client.peerCredentials()).isEqualTo(own());
            assertThat(server.peerCredentials()).isEqualTo(own());
            assertThat(pair.left().peerCredentials()).isEqualTo(own());
        }
    }

    @Test
    void anotherProcessIsToldByItsNumberEvenWhenItHasEnded() throws Exception {
        Path path = folder.resolve("socket");
        String program = """
            import socket, sys
            socket.socket(socket.AF_UNIX).connect(sys.argv[1])
            """;
        try (UnixListener listener = Unix.listen(path);
                PeerProcess python = PeerProcess.start(Peers.program("python3"), "-c", program, path.toString());
                UnixStream server = listener.accept()) {
            assertThat(python.awaitExit()).isZero();
            UnixCredentials expected =
                    new UnixCredentials((int) python.process().pid(), own().uid(), own().gid());
            assertThat(server.peerCredentials()).isEqualTo(expected);
        }
    }

    @Test
    void aClosedStreamDoesNotTell() throws IOException {
        StreamPair<UnixStream> pair = Unix.pair();
        pair.close();
        assertFails(ClosedResourceException.class, () -> pair.left().peerCredentials());
    }

    @Test
    void numbersAreChecked() {
        assertThat(new UnixCredentials(0, 0xffff_ffffL, 0).uid()).isEqualTo(4_294_967_295L);
        assertFails(IllegalArgumentException.class, () -> new UnixCredentials(-1, 0, 0));
        assertFails(IllegalArgumentException.class, () -> new UnixCredentials(1, 1L << 32, 0));
        assertFails(IllegalArgumentException.class, () -> new UnixCredentials(1, 0, -1));
    }

    // -- messages

    @Test
    void credentialsComeOnlyWhereTheyAreAskedFor() throws IOException {
        try (StreamPair<UnixDescriptorStream> pair = OpenFiles.pair()) {
            pair.left().sendMessage(ByteBuffer.wrap(bytes("x")), new Credentials(List.of(own())));
            try (UnixMessage message = pair.right().receiveMessage(10)) {
                assertThat(message.credentials()).isEmpty();
            }
            pair.right().setOption(LinuxOptions.SO_PASSCRED, true);
            pair.left().send(bytes("y")); // the system adds them
            try (UnixMessage message = pair.right().receiveMessage(10)) {
                assertThat(text(message.data())).isEqualTo("y");
                assertThat(message.credentials()).containsExactly(own());
                assertThat(message.controls()).containsExactly(new Credentials(List.of(own())));
            }
        }
    }

    @Test
    void credentialsAndDescriptorsTravelTogether() throws IOException {
        try (StreamPair<UnixDescriptorStream> pair = OpenFiles.pair()) {
            pair.right().setOption(LinuxOptions.SO_PASSCRED, true);
            try (Descriptor file = OpenFiles.file(folder, "content")) {
                pair.left()
                        .sendMessage(
                                ByteBuffer.wrap(bytes("x")),
                                new Credentials(List.of(own())),
                                new Rights(List.of(file)));
            }
            try (UnixMessage message = pair.right().receiveMessage(10)) {
                assertThat(message.controls()).hasSize(2).hasOnlyElementsOfTypes(Rights.class, Credentials.class);
                assertThat(message.credentials()).containsExactly(own());
                assertThat(OpenFiles.read(message.descriptors())).containsExactly("content");
                assertThat(message).hasToString("UnixMessage[1 bytes, 1 descriptors, [" + own() + "]]");
            }
        }
    }

    @Test
    void processNumberZeroStandsForThisProcess() throws IOException {
        try (StreamPair<UnixDescriptorStream> pair = OpenFiles.pair()) {
            pair.right().setOption(LinuxOptions.SO_PASSCRED, true);
            pair.left()
                    .sendMessage(
                            ByteBuffer.wrap(bytes("x")),
                            new Credentials(List.of(new UnixCredentials(0, own().uid(), own().gid()))));
            try (UnixMessage message = pair.right().receiveMessage(10)) {
                assertThat(message.credentials()).containsExactly(own());
            }
        }
    }

    @Test
    void whatTheSystemRefusesLeavesTheStreamAsItWas() throws IOException {
        // More than the system ever numbers processes, 2^22: refused to everybody, if for different reasons.
        UnixCredentials nobody = new UnixCredentials(1 << 23, own().uid(), own().gid());
        try (StreamPair<UnixDescriptorStream> pair = OpenFiles.pair()) {
            ByteBuffer data = ByteBuffer.wrap(bytes("refused"));
            assertFails(SocketException.class, () -> pair.left().sendMessage(data, new Credentials(List.of(nobody))))
                    .hasMessageContaining("Nothing was sent");
            assertThat(data.remaining()).isEqualTo(7);
            pair.left().send(bytes("good"));
            assertThat(text(pair.right().receive())).isEqualTo("good");
        }
    }

    @Test
    void aMessageHasOneSender() throws IOException {
        try (StreamPair<UnixDescriptorStream> pair = OpenFiles.pair()) {
            ControlMessage own = new Credentials(List.of(own()));
            assertFails(
                    IllegalArgumentException.class,
                    () -> pair.left().sendMessage(ByteBuffer.wrap(bytes("x")), own, own));
            assertFails(IllegalArgumentException.class, () -> pair.left().sendMessage(ByteBuffer.allocate(0), own));
        }
    }
}
