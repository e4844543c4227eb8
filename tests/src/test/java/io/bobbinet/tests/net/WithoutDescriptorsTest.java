package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Descriptor;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Backends;
import io.bobbinet.task.ThrowingRunnable;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the backend nio cannot do fails at once, names who can, and leaves everything as it was. */
@Timeout(30)
class WithoutDescriptorsTest {
    @TempDir
    private Path folder;

    private static void assertNamesLinux(ThrowingRunnable<?> body) {
        assertFails(UnsupportedOperationException.class, body).hasMessageContaining("linux");
    }

    private static void onNio(ThrowingRunnable<Exception> body) throws Exception {
        Backends.using("nio", body);
    }

    @Test
    void descriptorsAreRefusedAtOnce() throws Exception {
        onNio(() -> {
            assertNamesLinux(() -> Descriptor.open(folder.resolve("not opened")));
            assertNamesLinux(() -> Descriptor.adopt(0));
        });
    }

    @Test
    void streamsStayAsTheyWere() throws Exception {
        onNio(() -> {
            try (StreamPair<UnixStream> pair = Unix.pair()) {
                assertNamesLinux(() -> pair.left().withDescriptors());
                assertNamesLinux(() -> pair.left().toDescriptor());
                assertNamesLinux(() -> pair.left().peerCredentials());
                pair.left().send(bytes("still good"));
                assertThat(pair.right().receive()).isEqualTo(bytes("still good"));
            }
        });
    }

    @Test
    void listenersStayAsTheyWere() throws Exception {
        Path path = folder.resolve("socket");
        onNio(() -> {
            try (UnixListener unix = Unix.listen(path);
                    TcpListener tcp = Tcp.listen("127.0.0.1", 0)) {
                assertNamesLinux(unix::withDescriptors);
                assertNamesLinux(unix::toDescriptor);
                assertNamesLinux(tcp::toDescriptors);
                try (UnixStream client = Unix.connect(path);
                        UnixStream server = unix.accept()) {
                    client.send(bytes("x"));
                    assertThat(server.receive()).hasSize(1);
                }
            }
        });
    }

    @Test
    void connectorsOpenNothing() throws Exception {
        onNio(() -> assertNamesLinux(
                () -> Unix.connector(folder.resolve("nobody")).withDescriptors().connect()));
    }

    @Test
    void namesThatTheSystemChoosesAreRefused() throws Exception {
        onNio(() -> assertNamesLinux(() -> Unix.binder(UnixAddress.unnamed()).listen()));
    }

    @Test
    void adoptedChannelsCannotBeSentWhicheverBackendIsInForce() throws IOException {
        Path path = folder.resolve("socket");
        try (UnixListener listener = Unix.adopt(ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)
                        .bind(UnixDomainSocketAddress.of(path)));
                UnixStream client = Unix.adopt(SocketChannel.open(UnixDomainSocketAddress.of(path)));
                UnixStream server = listener.accept()) {
            assertNamesLinux(client::toDescriptor);
            assertNamesLinux(client::withDescriptors);
            assertNamesLinux(listener::toDescriptor);
            client.send(bytes("x"));
            assertThat(server.receive()).hasSize(1);
        }
    }
}
