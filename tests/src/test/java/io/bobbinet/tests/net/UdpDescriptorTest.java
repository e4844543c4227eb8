package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** UDP sockets that travel as descriptors, and work on arrival. */
@OnEachBackend(having = {Capability.DESCRIPTORS, Capability.UDP})
@DisplayName("UdpDescriptorTest")
@Timeout(30)
class UdpDescriptorTest extends UdpPair {
    @TempDir
    private Path folder;

    /** Sends a descriptor through a UNIX stream, and closes the sender's. */
    private static Descriptor passed(Descriptor descriptor) throws IOException {
        try (StreamPair<UnixDescriptorStream> pair = OpenFiles.pair()) {
            pair.left().sendMessage(bytes("x"), List.of(descriptor));
            descriptor.close();
            UnixMessage message = pair.right().receiveMessage(1);
            return message.descriptors().getFirst();
        }
    }

    @Test
    @Tag("smoke")
    void aSocketTravelsAndItsSenderMayCloseIt() throws Exception {
        peerSends("came before");
        Descriptor descriptor = ours.toDescriptor();
        assertThat(descriptor.toString()).contains("UDP socket");
        try (UdpSocket arrived = passed(descriptor).asUdpSocket()) {
            assertThat(arrived.localAddress()).isEqualTo(ours.localAddress());
            assertThat(text(arrived.receive().data())).isEqualTo("came before");
            assertTalking(arrived, peer);
            assertTalking(); // whoever receives first takes a datagram
            ours.close();
            assertTalking(arrived, peer);
            var scope = CancelScope.create();
            Thread helper = whenWaiting(scope::cancel);
            assertThat(scope.run(() -> arrived.receive())).isFalse();
            helper.join();
            DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(64, 1_500);
            peer.sendBatch(batch(arrived.localAddress(), "a", "b"));
            arrived.receiveBatch(batch);
            arrived.sendBatch(batch);
            assertThat(text(peer.receive().data())).isEqualTo("a");
        }
        Udp.binder(ours.localAddress()).bind().close(); // the last descriptor frees the port
    }

    @Test
    void aConnectedSocketTravels() throws IOException {
        ConnectedUdpSocket connected = Udp.connector(peer.localAddress()).connect();
        try (ConnectedUdpSocket arrived = passed(connected.toDescriptor()).asConnectedUdpSocket()) {
            assertThat(arrived.localAddress()).isEqualTo(connected.localAddress());
            assertThat(arrived.peerAddress()).isEqualTo(peer.localAddress());
            connected.close();
            arrived.send(bytes("hello"));
            peer.send(peer.receive().reply(bytes("olleh")));
            assertThat(text(arrived.receive().data())).isEqualTo("olleh");
        }
    }

    @Test
    void socketsForBothFamiliesAndForOneAreStillThat() throws IOException {
        try (UdpSocket both = Udp.bind(0);
                UdpSocket arrived = passed(both.toDescriptor()).asUdpSocket();
                UdpSocket six = Udp.bind("::1", 0)) {
            arrived.send(bytes("x"), peer.localAddress());
            arrived.send(bytes("x"), six.localAddress());
            assertThat(peer.receive().peer().orElseThrow().getPort())
                    .isEqualTo(both.localAddress().getPort());
            assertThat(six.receive().peer().orElseThrow().getPort())
                    .isEqualTo(both.localAddress().getPort());
        }
        try (UdpSocket only6 =
                        Udp.binder(0).withFamily(StandardProtocolFamily.INET6).bind();
                UdpSocket arrived = passed(only6.toDescriptor()).asUdpSocket()) {
            assertFails(IllegalArgumentException.class, () -> arrived.send(bytes("x"), peer.localAddress()));
        }
    }

    @Test
    void oneReceiverOfTwoOfTheSameSocketGetsEachDatagram() throws Exception {
        try (UdpSocket same = ours.toDescriptor().asUdpSocket()) {
            TaskGroup.run(group -> {
                Task<String> one = group.fork(() -> text(ours.receive().data()));
                Task<String> other = group.fork(() -> text(same.receive().data()));
                Blocked.await(one);
                Blocked.await(other);
                peerSends("1");
                peerSends("2");
                assertThat(List.of(one.join(), other.join())).containsExactlyInAnyOrder("1", "2");
            });
        }
    }

    @Test
    void theKindIsCheckedAndBothAreNamed() throws IOException {
        try (ConnectedUdpSocket client = Udp.connector(peer.localAddress()).connect();
                Descriptor connected = client.toDescriptor();
                Descriptor bound = ours.toDescriptor();
                TcpListener listener = Tcp.listen("127.0.0.1", 0);
                Descriptor tcp = listener.toDescriptors().getFirst();
                UnixListener unixListener = Unix.listen(folder.resolve("socket"));
                Descriptor unix = unixListener.toDescriptor()) {
            assertFails(IllegalArgumentException.class, connected::asUdpSocket)
                    .hasMessage("A UDP socket that is not connected is wanted, and this is a UDP socket");
            assertFails(NotYetConnectedException.class, bound::asConnectedUdpSocket);
            for (Descriptor other : List.of(tcp, unix)) {
                assertFails(IllegalArgumentException.class, other::asUdpSocket)
                        .hasMessageContaining("UDP")
                        .hasMessageContaining(other == tcp ? "TCP" : "UNIX stream");
                assertFails(IllegalArgumentException.class, other::asConnectedUdpSocket)
                        .hasMessageContaining("UDP");
            }
            assertFails(IllegalArgumentException.class, bound::asTcpStream)
                    .hasMessageContaining("TCP")
                    .hasMessageContaining("a UDP socket");
            assertFails(IllegalArgumentException.class, bound::asTcpListener);
            assertFails(IllegalArgumentException.class, connected::asUnixStream);
            assertFails(IllegalArgumentException.class, bound::asUnixDatagramSocket);
            assertFails(IllegalArgumentException.class, bound::asInputStream).hasMessageContaining("asUdpSocket()");
            assertFails(IllegalArgumentException.class, connected::asOutputStream)
                    .hasMessageContaining("asConnectedUdpSocket()");
            for (Descriptor still : List.of(connected, bound, tcp, unix)) {
                assertThat(still.number()).isPositive();
            }
        }
        ours.close();
        assertFails(ClosedResourceException.class, () -> ours.toDescriptor());
    }

    @Test
    void aSocketThatIsNotBoundIsToldApart() throws IOException {
        var handle = Backends.current().openDatagram(StandardProtocolFamily.INET);
        try (Descriptor unbound = Descriptor.adopt(handle.duplicate().release())) {
            assertFails(NotYetBoundException.class, unbound::asUdpSocket);
            assertFails(NotYetConnectedException.class, unbound::asConnectedUdpSocket);
        } finally {
            handle.close();
        }
    }

    @Test
    void socketsTravelToAnotherProcessAndBack() throws Exception {
        String program = """
            import os, socket, sys
            stream = socket.socket(socket.AF_UNIX)
            stream.connect(sys.argv[1])
            data, fds, _, _ = socket.recv_fds(stream, 100, 10)
            bound, connected = [socket.socket(fileno=fd) for fd in fds]
            data, sender = bound.recvfrom(100)
            bound.sendto(b'from python: ' + data, sender)
            connected.send(b'connected in python')
            own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            own.bind(('127.0.0.1', 0))
            other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            other.connect(own.getsockname())
            socket.send_fds(stream, [b'x'], [own.fileno(), other.fileno()])
            own.close()
            other.close()
            stream.recv(1)
            """;
        Path path = folder.resolve("python");
        try (UnixListener listener = Unix.listen(path);
                PeerProcess python = PeerProcess.start(Peers.program("python3"), "-u", "-c", program, path.toString());
                UnixDescriptorStream stream = listener.withDescriptors().accept();
                ConnectedUdpSocket client = Udp.connector(peer.localAddress()).connect()) {
            List<Descriptor> descriptors = List.of(ours.toDescriptor(), client.toDescriptor());
            peerSends("hello");
            stream.sendMessage(bytes("x"), descriptors);
            OpenFiles.close(descriptors);
            assertThat(text(peer.receive().data())).isEqualTo("from python: hello");
            assertThat(text(peer.receive().data())).isEqualTo("connected in python");
            try (UnixMessage message = stream.receiveMessage(1);
                    UdpSocket own = message.descriptors().get(0).asUdpSocket();
                    ConnectedUdpSocket other = message.descriptors().get(1).asConnectedUdpSocket()) {
                stream.send(bytes("x")); // the other process may end
                assertThat(python.awaitExit()).as(python.toString()).isZero();
                other.send(bytes("hello"));
                own.send(own.receive().reply(bytes("olleh")));
                assertThat(text(other.receive().data())).isEqualTo("olleh");
            }
        }
    }
}
