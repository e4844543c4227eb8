package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Descriptor;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.net.UnixStream;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Backends;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sockets that travel, and work on arrival. */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("SocketDescriptorTest")
@Timeout(30)
class SocketDescriptorTest {
    @TempDir
    private Path folder;

    private StreamPair<UnixDescriptorStream> pair;

    @BeforeEach
    void open() throws IOException {
        pair = OpenFiles.pair();
    }

    @AfterEach
    void close() throws IOException {
        pair.close();
    }

    /** Sends descriptors through a stream, and closes the sender's. */
    private List<Descriptor> passed(List<Descriptor> descriptors) throws IOException {
        pair.left().sendMessage(bytes("x"), descriptors);
        OpenFiles.close(descriptors);
        UnixMessage message = pair.right().receiveMessage(1);
        assertThat(message.descriptors()).hasSameSizeAs(descriptors);
        return message.descriptors();
    }

    private Descriptor passed(Descriptor descriptor) throws IOException {
        return passed(List.of(descriptor)).getFirst();
    }

    private static void assertTalking(ByteStream one, ByteStream other) throws IOException {
        one.send(bytes("hello"));
        assertThat(text(other.receive())).isEqualTo("hello");
        other.send(bytes("olleh"));
        assertThat(text(one.receive())).isEqualTo("olleh");
    }

    @Test
    @Tag("smoke")
    void aTcpStreamTravelsAndItsSenderMayCloseIt() throws IOException {
        try (TcpPair streams = TcpPair.open()) {
            Descriptor descriptor = streams.ours().toDescriptor();
            assertThat(descriptor.toString()).endsWith("a TCP socket]");
            try (TcpStream arrived = passed(descriptor).asTcpStream()) {
                assertThat(arrived.localAddress()).isEqualTo(streams.ours().localAddress());
                assertThat(arrived.peerAddress()).isEqualTo(streams.ours().peerAddress());
                streams.ours().close();
                arrived.send(bytes("hello"));
                assertThat(text(streams.peer().getInputStream().readNBytes(5))).isEqualTo("hello");
                streams.peer().shutdownOutput();
                assertFails(EndOfStreamException.class, arrived::receive);
            }
        }
    }

    @Test
    void aUnixStreamTravelsAndBothEndsOfADuplicateWork() throws IOException {
        try (StreamPair<UnixStream> streams = Unix.pair();
                UnixStream arrived = passed(streams.left().toDescriptor()).asUnixStream()) {
            assertTalking(arrived, streams.right());
            assertTalking(streams.left(), streams.right());
            streams.left().close();
            assertTalking(arrived, streams.right());
        }
    }

    @Test
    void theStreamThatPassesCanPassItself() throws IOException {
        try (UnixDescriptorStream arrived =
                passed(pair.left().toDescriptor()).asUnixStream().withDescriptors()) {
            Descriptor file = OpenFiles.file(folder, "again");
            arrived.sendMessage(bytes("y"), List.of(file));
            file.close();
            try (UnixMessage message = pair.right().receiveMessage(1)) {
                assertThat(OpenFiles.read(message.descriptors())).containsExactly("again");
            }
        }
    }

    @Test
    void aTcpListenerTravelsWithAllItsSockets() throws IOException {
        TcpListener listener = Tcp.listen("localhost", 0);
        List<Descriptor> descriptors = listener.toDescriptors();
        assertThat(descriptors).hasSameSizeAs(listener.localAddresses());
        List<Descriptor> sockets = passed(descriptors);
        listener.close();
        for (int i = 0; i < sockets.size(); i++) {
            try (TcpListener arrived = sockets.get(i).asTcpListener()) {
                assertThat(arrived.localAddress())
                        .isEqualTo(listener.localAddresses().get(i));
                try (TcpStream client = Tcp.connector(arrived.localAddress()).connect();
                        TcpStream server = arrived.accept()) {
                    assertTalking(client, server);
                }
            }
        }
    }

    @Test
    void aUnixListenerTravelsAndNoConnectionIsLost() throws IOException {
        Path path = folder.resolve("socket");
        List<UnixStream> clients = new ArrayList<>();
        UnixListener listener = Unix.listen(path);
        clients.add(Unix.connect(path)); // waits in the queue while the listener changes hands
        try (UnixListener arrived = passed(listener.toDescriptor()).asUnixListener()) {
            assertThat(arrived.localAddress()).isEqualTo(listener.localAddress());
            listener.close();
            clients.add(Unix.connect(path));
            for (UnixStream client : clients) {
                try (client;
                        UnixStream server = arrived.accept()) {
                    assertTalking(client, server);
                }
            }
        }
        assertThat(path).exists();
    }

    @Test
    void theKindIsCheckedAndBothAreNamed() throws IOException {
        try (TcpListener tcp = Tcp.listen("127.0.0.1", 0);
                Descriptor listening = tcp.toDescriptors().getFirst();
                Descriptor connected = pair.left().toDescriptor()) {
            assertFails(IllegalArgumentException.class, connected::asTcpStream)
                    .hasMessage("A TCP connection is wanted, and this is a UNIX stream socket");
            assertFails(IllegalArgumentException.class, connected::asUnixListener)
                    .hasMessage("A UNIX stream listener is wanted, and this is connected: a UNIX stream socket");
            assertFails(IllegalArgumentException.class, connected::asInputStream)
                    .hasMessage("A file, pipe or device is wanted, and this is a UNIX stream socket;"
                            + " asUnixStream() opens it");
            assertFails(IllegalArgumentException.class, listening::asTcpStream)
                    .hasMessage("A TCP connection is wanted, and this listens: a TCP socket");
            assertFails(IllegalArgumentException.class, listening::asOutputStream)
                    .hasMessageEndingWith("asTcpListener() opens it");
            assertThat(connected.number()).isPositive();
            assertThat(listening.number()).isPositive();
        }
    }

    @Test
    void socketsThatAreNeitherConnectedNorListeningAreToldApart() throws IOException {
        var handle = Backends.current().openStream(StandardProtocolFamily.INET);
        try (Descriptor unbound = Descriptor.adopt(handle.duplicate().release())) {
            assertFails(NotYetConnectedException.class, unbound::asTcpStream);
            assertFails(NotYetBoundException.class, unbound::asTcpListener);
            handle.bind(new java.net.InetSocketAddress(java.net.InetAddress.ofLiteral("127.0.0.1"), 0));
            assertFails(NotYetConnectedException.class, unbound::asTcpStream);
            assertFails(IllegalArgumentException.class, unbound::asTcpListener)
                    .hasMessageContaining("bound but does not listen");
        } finally {
            handle.close();
        }
    }

    @Test
    void closedSocketsHaveNoDescriptor() throws IOException {
        UnixListener unix = Unix.listen(folder.resolve("socket"));
        unix.close();
        assertFails(ClosedResourceException.class, unix::toDescriptor);
        TcpListener tcp = Tcp.listen("127.0.0.1", 0);
        tcp.close();
        assertFails(ClosedResourceException.class, tcp::toDescriptors);
        pair.left().close();
        assertFails(ClosedResourceException.class, () -> pair.left().toDescriptor());
    }
}
