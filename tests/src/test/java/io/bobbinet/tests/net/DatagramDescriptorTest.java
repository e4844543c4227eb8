package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.ConnectedUnixDatagramSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixListener;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.CancelScope;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Datagram sockets that travel, as descriptors, and work on arrival. */
@OnEachBackend(having = {Capability.UNIX_DATAGRAM, Capability.DESCRIPTORS})
@DisplayName("DatagramDescriptorTest")
@Timeout(30)
class DatagramDescriptorTest {
    @TempDir
    private Path folder;

    private Path path;
    private UnixDatagramSocket carrier;

    @BeforeEach
    void open() throws IOException {
        path = folder.resolve("carrier");
        carrier = UnixDatagram.bind(path);
    }

    @AfterEach
    void close() throws IOException {
        carrier.close();
    }

    /** Sends a descriptor beside a datagram, and closes the sender's. */
    private Descriptor passed(Descriptor descriptor) throws IOException {
        carrier.sendMessage(bytes("x"), List.of(descriptor), UnixAddress.of(path));
        descriptor.close();
        return carrier.receiveMessage(1).descriptors().getFirst();
    }

    // -- both directions

    @Test
    @Tag("smoke")
    void aUdpSocketTravelsAndWorksOnArrival() throws IOException {
        UdpSocket sent = Udp.bind("127.0.0.1", 0);
        try (UdpSocket arrived = passed(sent.toDescriptor()).asUdpSocket();
                ConnectedUdpSocket peer = Udp.connector(sent.localAddress()).connect()) {
            assertThat(arrived.localAddress()).isEqualTo(sent.localAddress());
            peer.send(bytes("one"));
            Datagram<InetSocketAddress> one = arrived.receive();
            assertThat(text(one.data())).isEqualTo("one");
            assertThat(one.peer()).contains(peer.localAddress());
            peer.send(bytes("two"));
            assertThat(text(sent.receive().data()))
                    .as("the sender keeps its own")
                    .isEqualTo("two");
            sent.close();
            peer.send(bytes("three"));
            arrived.send(arrived.receive().reply(bytes("answer")));
            assertThat(text(peer.receive().data())).isEqualTo("answer");
            assertFails(ClosedResourceException.class, sent::toDescriptor);
        }
    }

    @Test
    void aConnectedUdpSocketTravelsAndWorksOnArrival() throws IOException {
        try (UdpSocket server = Udp.bind("::1", 0)) {
            ConnectedUdpSocket sent = Udp.connector(server.localAddress()).connect();
            try (ConnectedUdpSocket arrived = passed(sent.toDescriptor()).asConnectedUdpSocket()) {
                sent.close();
                assertThat(arrived.peerAddress()).isEqualTo(server.localAddress());
                assertThat(arrived.localAddress()).isEqualTo(sent.localAddress());
                arrived.send(bytes("hello"));
                server.send(server.receive().reply(bytes("olleh")));
                assertThat(text(arrived.receive().data())).isEqualTo("olleh");
            }
        }
    }

    @Test
    void aUnixDatagramSocketTravelsAndWorksOnArrival() throws IOException {
        UnixDatagramSocket sent =
                UnixDatagram.binder(folder.resolve("sent")).withDeleteOnClose().bind();
        try (UnixDatagramSocket arrived = passed(sent.toDescriptor()).asUnixDatagramSocket()) {
            assertThat(arrived.localAddress()).isEqualTo(sent.localAddress());
            carrier.send(bytes("hello"), sent.localAddress());
            Datagram<UnixAddress> hello = arrived.receive();
            arrived.send(hello.reply(bytes("olleh")));
            Datagram<UnixAddress> olleh = carrier.receive();
            assertThat(olleh.peer()).contains(sent.localAddress());
            sent.close(); // and deletes the file: the name is gone, the socket is not
            arrived.send(bytes("last"), path);
            assertThat(text(carrier.receive().data())).isEqualTo("last");
        }
    }

    @Test
    void socketsWithoutANameAndConnectedOnesTravelToo() throws IOException {
        UnixDatagramSocket unnamed = UnixDatagram.open();
        ConnectedUnixDatagramSocket connected = UnixDatagram.connect(path);
        try (UnixDatagramSocket one = passed(unnamed.toDescriptor()).asUnixDatagramSocket();
                ConnectedUnixDatagramSocket two =
                        passed(connected.toDescriptor()).asConnectedUnixDatagramSocket()) {
            unnamed.close();
            connected.close();
            assertThat(one.localAddress().isUnnamed()).isTrue();
            one.send(bytes("from one"), path);
            assertThat(carrier.receive().peer()).isEmpty();
            assertThat(two.peerAddress()).isEqualTo(UnixAddress.of(path));
            two.send(bytes("from two"));
            carrier.send(carrier.receive().reply(bytes("olleh")));
            assertThat(text(two.receive().data())).isEqualTo("olleh");
        }
    }

    @Test
    void datagramSocketsTravelOverStreamsToo() throws IOException {
        try (StreamPair<UnixDescriptorStream> pair = OpenFiles.pair();
                UdpSocket udp = Udp.bind("127.0.0.1", 0)) {
            List<Descriptor> descriptors = List.of(udp.toDescriptor(), carrier.toDescriptor());
            pair.left().sendMessage(bytes("x"), descriptors);
            OpenFiles.close(descriptors);
            try (UnixMessage message = pair.right().receiveMessage(1);
                    UdpSocket one = message.descriptors().get(0).asUdpSocket();
                    UnixDatagramSocket two = message.descriptors().get(1).asUnixDatagramSocket()) {
                one.send(bytes("to itself"), udp.localAddress());
                assertThat(text(udp.receive().data())).isEqualTo("to itself");
                two.send(bytes("to itself"), path);
                assertThat(text(two.receive().data())).isEqualTo("to itself");
            }
        }
    }

    // -- the kind

    /** A way to open a descriptor. */
    private interface Opening {
        AutoCloseable open(Descriptor descriptor) throws IOException;
    }

    private static void assertRefused(Descriptor descriptor, Opening opening, String... words) {
        assertFails(IllegalArgumentException.class, () -> opening.open(descriptor))
                .hasMessageContainingAll(words);
    }

    @Test
    void theKindIsCheckedAndARefusedDescriptorIsGoodForItsOwn() throws Exception {
        List<Opening> openings = List.of(
                Descriptor::asUdpSocket,
                Descriptor::asConnectedUdpSocket,
                Descriptor::asUnixDatagramSocket,
                Descriptor::asConnectedUnixDatagramSocket,
                Descriptor::asTcpListener,
                Descriptor::asUnixListener,
                Descriptor::asTcpStream,
                Descriptor::asUnixStream,
                Descriptor::asInputStream,
                Descriptor::asChannel);
        try (UdpSocket udp = Udp.bind("127.0.0.1", 0);
                ConnectedUdpSocket connectedUdp =
                        Udp.connector(udp.localAddress()).connect();
                ConnectedUnixDatagramSocket connected = UnixDatagram.connect(path);
                TcpListener tcp = Tcp.listen("127.0.0.1", 0);
                UnixListener unix = Unix.listen(folder.resolve("unix"))) {
            List<Descriptor> descriptors = List.of(
                    udp.toDescriptor(),
                    connectedUdp.toDescriptor(),
                    carrier.toDescriptor(),
                    connected.toDescriptor(),
                    tcp.toDescriptors().getFirst(),
                    unix.toDescriptor());
            for (int i = 0; i < descriptors.size(); i++) {
                Descriptor descriptor = descriptors.get(i);
                for (int j = 0; j < openings.size(); j++) {
                    Opening opening = openings.get(j);
                    boolean notYet = (i == 0 && j == 1) || (i == 2 && j == 3);
                    if (notYet) {
                        assertFails(NotYetConnectedException.class, () -> opening.open(descriptor));
                    } else if (j != i) {
                        assertFails(IllegalArgumentException.class, () -> opening.open(descriptor))
                                .hasMessageContaining("wanted")
                                .hasMessageContaining("this ");
                    }
                }
                openings.get(i).open(descriptor).close();
                assertFails(ClosedResourceException.class, () -> openings.get(0).open(descriptor));
            }
        }
    }

    @Test
    void theRefusalNamesBothKinds() throws IOException {
        try (UdpSocket udp = Udp.bind("127.0.0.1", 0);
                Descriptor descriptor = udp.toDescriptor();
                Descriptor unix = carrier.toDescriptor();
                Descriptor file = OpenFiles.file(folder, "x")) {
            assertRefused(descriptor, Descriptor::asUnixDatagramSocket, "A UNIX datagram socket", "a UDP");
            assertRefused(unix, Descriptor::asUdpSocket, "A UDP socket", "a UNIX datagram");
            assertRefused(unix, Descriptor::asInputStream, "asUnixDatagramSocket()");
            assertRefused(descriptor, Descriptor::asInputStream, "asUdpSocket()");
            assertRefused(file, Descriptor::asUnixDatagramSocket, "A UNIX datagram socket");
        }
    }

    @Test
    void socketsOfOthersWithoutAPortOrPeerAreNotYetThatFar() throws IOException {
        try (ForeignSockets foreign = ForeignSockets.start(folder)) {
            List<Descriptor> descriptors = new ArrayList<>();
            descriptors.add(Descriptor.adopt(foreign.take("s = socket(AF_INET, SOCK_DGRAM)")));
            descriptors.add(Descriptor.adopt(foreign.take("s = socket(AF_UNIX, SOCK_DGRAM)")));
            assertFails(NotYetBoundException.class, descriptors.get(0)::asUdpSocket);
            assertFails(NotYetConnectedException.class, descriptors.get(0)::asConnectedUdpSocket);
            assertFails(NotYetConnectedException.class, descriptors.get(1)::asConnectedUnixDatagramSocket);
            try (UnixDatagramSocket socket = descriptors.get(1).asUnixDatagramSocket()) {
                socket.send(bytes("it can send"), path);
                assertThat(text(carrier.receive().data())).isEqualTo("it can send");
            }
            OpenFiles.close(descriptors);
        }
    }

    @Test
    void theFlagsOfASocketThatOthersShareAreLeftAlone() throws IOException {
        try (ForeignSockets foreign = ForeignSockets.start(folder)) {
            int number = foreign.take("s = socket(AF_UNIX, SOCK_DGRAM); s.bind('" + folder.resolve("python") + "')");
            String flags = ForeignSockets.flags(number);
            assertThat(ForeignSockets.isNonBlocking(number)).isFalse();
            try (UnixDatagramSocket socket = Descriptor.adopt(number).asUnixDatagramSocket()) {
                CancelScope.moveOnAfter(Duration.ofMillis(1)).run(socket::receive);
                socket.send(bytes("to itself"), folder.resolve("python"));
                assertThat(text(socket.receive().data())).isEqualTo("to itself");
                assertThat(ForeignSockets.flags(number)).isEqualTo(flags);
            }
        }
    }
}
