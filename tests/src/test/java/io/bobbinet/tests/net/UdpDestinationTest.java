package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static java.net.StandardProtocolFamily.INET;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpBinder;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.spi.Capability;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** To which address of this machine a datagram was sent, and that an answer goes out from there. */
@OnEachBackend(having = Capability.DESTINATION_ADDRESS)
@DisplayName("UdpDestinationTest")
@Timeout(30)
class UdpDestinationTest {
    /** Of the block for documentation, RFC 6676. */
    private static final InetAddress GROUP = InetAddress.ofLiteral("233.252.0.78");

    private static final InetAddress EVERYBODY_HERE = InetAddress.ofLiteral("127.255.255.255");

    private static InetSocketAddress at(InetAddress address, UdpSocket socket) {
        return new InetSocketAddress(address, socket.localAddress().getPort());
    }

    private final InetAddress second = InetAddress.ofLiteral("127.0.0.2");

    @Test
    @Tag("smoke")
    void itIsToldAndAnAnswerGoesOutFromThere() throws IOException {
        for (UdpBinder binder : List.of(Udp.binder(0), Udp.binder(0).withFamily(INET))) {
            try (UdpSocket socket = binder.withDestination().bind()) {
                for (InetAddress address : List.of(UdpPair.LOOPBACK, second, UdpPair.LOOPBACK)) {
                    assertAnswered(socket, address);
                }
            }
        }
        try (UdpSocket socket = Udp.binder(0).withDestination().bind()) {
            assertAnswered(socket, InetAddress.ofLiteral("::1"));
            assertAnswered(socket, second);
        }
    }

    /** The kernel gives a connected socket nothing that comes from another address than it is connected to. */
    private static void assertAnswered(UdpSocket socket, InetAddress address) throws IOException {
        try (ConnectedUdpSocket client = Udp.connector(at(address, socket)).connect()) {
            client.send(bytes("question"));
            Datagram<InetSocketAddress> question = socket.receive();
            assertThat(question.destination()).contains(address);
            assertThat(question.peer()).contains(client.localAddress());
            socket.send(question.reply(bytes("answer")));
            assertThat(text(client.receive().data())).isEqualTo("answer");
        }
    }

    @Test
    void itIsTheGroupOrTheBroadcastAddressAndAnAnswerGoesOutFromAnAddressOfOurs() throws IOException {
        NetworkInterface loopback = NetworkInterface.getByInetAddress(UdpPair.LOOPBACK);
        try (UdpSocket socket = Udp.binder(0).withFamily(INET).withDestination().bind();
                UdpSocket sender = Udp.binder("127.0.0.1", 0)
                        .withOption(StandardSocketOptions.IP_MULTICAST_IF, loopback)
                        .withOption(StandardSocketOptions.SO_BROADCAST, true)
                        .bind()) {
            socket.join(GROUP, loopback);
            for (InetAddress address : List.of(GROUP, EVERYBODY_HERE)) {
                sender.send(bytes("question"), at(address, socket));
                Datagram<InetSocketAddress> question = socket.receive();
                assertThat(question.destination()).contains(address);
                socket.send(question.reply(bytes("answer")));
                assertThat(text(sender.receive().data())).isEqualTo("answer");
            }
        }
    }

    @Test
    void itIsUnknownWithoutAskingForItAndInBatches() throws IOException {
        try (UdpSocket plain = Udp.bind(0);
                UdpSocket socket = Udp.binder(0).withDestination().bind();
                UdpSocket sender = Udp.bind("127.0.0.1", 0)) {
            sender.send(bytes("x"), at(second, plain));
            assertThat(plain.receive().destination()).isEmpty();
            DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(64, 1_500);
            sender.send(bytes("a"), at(second, socket));
            sender.send(bytes("b"), at(second, socket));
            socket.receiveBatch(batch);
            assertThat(UdpPair.texts(batch)).containsExactly("a", "b");
            socket.sendBatch(batch);
            assertThat(text(sender.receive().data())).isEqualTo("a");
            sender.send(bytes("c"), at(second, socket));
            assertThat(socket.receive().destination()).contains(second);
        }
    }
}
