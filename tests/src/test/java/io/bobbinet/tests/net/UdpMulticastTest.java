package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static java.net.StandardProtocolFamily.INET;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.LinuxOptions;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpBinder;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.Backends;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** One to many: multicast and broadcast on this machine, and the options of what is sent. */
@OnEachBackend
@DisplayName("UdpMulticastTest")
@EnabledOnOs(OS.LINUX)
@Timeout(30)
class UdpMulticastTest {
    /** Of the blocks for documentation, RFC 6676; the source-specific one of RFC 4607. */
    private static final InetAddress GROUP = InetAddress.ofLiteral("233.252.0.77");

    private static final InetAddress SOURCED = InetAddress.ofLiteral("232.77.0.1");
    private static final InetAddress GROUP6 = InetAddress.ofLiteral("ff01::db8:77");

    private NetworkInterface loopback;

    @BeforeEach
    void findLoopback() throws IOException {
        loopback = NetworkInterface.getByInetAddress(UdpPair.LOOPBACK);
    }

    /** A socket whose datagrams to groups stay on this machine. */
    private UdpBinder sender(String host) {
        return Udp.binder(host, 0)
                .withOption(StandardSocketOptions.IP_MULTICAST_IF, loopback)
                .withOption(StandardSocketOptions.IP_MULTICAST_LOOP, true)
                .withOption(StandardSocketOptions.IP_MULTICAST_TTL, 0);
    }

    private static InetSocketAddress at(InetAddress group, UdpSocket socket) {
        return new InetSocketAddress(group, socket.localAddress().getPort());
    }

    /** Asserts that nothing came before a datagram which is sent to the socket itself now. */
    private static void assertNothingCame(UdpSocket socket, String host) throws IOException {
        socket.send(bytes("nothing came"), host, socket.localAddress().getPort());
        assertThat(text(socket.receive().data())).isEqualTo("nothing came");
    }

    // -- multicast

    @Test
    @Tag("smoke")
    void whoHasJoinedAGroupGetsWhatIsSentToItUntilItLeaves() throws IOException {
        try (UdpSocket socket = Udp.binder(0).withFamily(INET).bind();
                UdpSocket sender = sender("127.0.0.1").bind()) {
            for (int i = 0; i < 2; i++) {
                sender.send(bytes("too early or too late"), at(GROUP, socket));
                assertNothingCame(socket, "127.0.0.1");
                socket.join(GROUP, loopback);
                sender.send(bytes("to all"), at(GROUP, socket));
                Datagram<InetSocketAddress> datagram = socket.receive();
                assertThat(text(datagram.data())).isEqualTo("to all");
                assertThat(datagram.peer()).contains(sender.localAddress());
                socket.send(datagram.reply(bytes("answer")));
                assertThat(text(sender.receive().data())).isEqualTo("answer");
                socket.leave(GROUP, loopback);
            }
        }
    }

    /** One that has IPv6: the loopback interface has no routes to groups of it. What goes to this group stays here. */
    private static NetworkInterface forIpv6() throws IOException {
        NetworkInterface found = NetworkInterface.networkInterfaces()
                .filter(n -> n.inetAddresses().anyMatch(a -> a instanceof Inet6Address && a.isLinkLocalAddress()))
                .findFirst()
                .orElse(null);
        Assumptions.assumeTrue(found != null, "no interface has a link-local address");
        return found;
    }

    @Test
    void aSocketForBothFamiliesJoinsGroupsOfBoth() throws IOException {
        NetworkInterface on = forIpv6();
        try (UdpSocket socket = Udp.bind(0);
                UdpSocket four = sender("127.0.0.1").bind();
                UdpSocket six = Udp.binder(0)
                        .withOption(StandardSocketOptions.IP_MULTICAST_IF, on)
                        .bind()) {
            socket.join(GROUP, loopback);
            four.send(bytes("IPv4"), at(GROUP, socket));
            assertThat(socket.receive().peer()).contains(four.localAddress());
            socket.join(GROUP6, on);
            six.send(bytes("IPv6"), at(GROUP6, socket));
            Datagram<InetSocketAddress> datagram = socket.receive();
            assertThat(text(datagram.data())).isEqualTo("IPv6");
            assertThat(datagram.peer().orElseThrow().getPort())
                    .isEqualTo(six.localAddress().getPort());
            socket.leave(GROUP, loopback);
            socket.leave(GROUP6, on);
            four.send(bytes("IPv4"), at(GROUP, socket));
            six.send(bytes("IPv6"), at(GROUP6, socket));
            assertNothingCame(socket, "127.0.0.1");
        }
    }

    @Test
    void ofASourceSpecificGroupOnlyThatSendersDatagramsCome() throws IOException {
        InetAddress second = InetAddress.ofLiteral("127.0.0.2");
        try (UdpSocket socket = Udp.binder(0).withFamily(INET).bind();
                UdpSocket wanted = sender("127.0.0.1").bind();
                UdpSocket other = sender("127.0.0.2").bind()) {
            socket.join(SOURCED, loopback, UdpPair.LOOPBACK);
            other.send(bytes("not wanted"), at(SOURCED, socket));
            wanted.send(bytes("wanted"), at(SOURCED, socket));
            assertThat(text(socket.receive().data())).isEqualTo("wanted");
            socket.join(SOURCED, loopback, second);
            other.send(bytes("wanted now"), at(SOURCED, socket));
            assertThat(text(socket.receive().data())).isEqualTo("wanted now");
            socket.leave(SOURCED, loopback, UdpPair.LOOPBACK);
            wanted.send(bytes("no more"), at(SOURCED, socket));
            assertNothingCame(socket, "127.0.0.1");
            socket.leave(SOURCED, loopback, second);
            assertFails(SocketException.class, () -> socket.leave(SOURCED, loopback, second));
        }
    }

    @Test
    void socketsThatAllAskForItShareAPortAndAllGetWhatIsSentToTheGroup() throws IOException {
        UdpBinder binder = Udp.binder(0).withFamily(INET).withOption(StandardSocketOptions.SO_REUSEADDR, true);
        try (UdpSocket first = binder.bind();
                UdpSocket second = Udp.binder(first.localAddress())
                        .withFamily(INET)
                        .withOption(StandardSocketOptions.SO_REUSEADDR, true)
                        .bind();
                UdpSocket sender = sender("127.0.0.1").bind()) {
            first.join(GROUP, loopback);
            second.join(GROUP, loopback);
            DatagramBatch<InetSocketAddress> batch = UdpPair.batch(at(GROUP, first), "one", "two");
            sender.sendBatch(batch);
            for (UdpSocket socket : List.of(first, second)) {
                assertThat(text(socket.receive().data())).isEqualTo("one");
                assertThat(text(socket.receive().data())).isEqualTo("two");
            }
        }
    }

    @Test
    void membershipsThatMakeNoSenseAreRefused() throws IOException {
        try (UdpSocket socket = Udp.bind("127.0.0.1", 0)) {
            assertFails(IllegalArgumentException.class, () -> socket.join(UdpPair.LOOPBACK, loopback))
                    .hasMessageContaining("127.0.0.1");
            assertFails(IllegalArgumentException.class, () -> socket.join(GROUP6, loopback));
            assertFails(
                    IllegalArgumentException.class, () -> socket.join(SOURCED, loopback, InetAddress.ofLiteral("::1")));
            assertFails(SocketException.class, () -> socket.leave(GROUP, loopback))
                    .hasMessageContaining("233.252.0.77");
            socket.join(GROUP, loopback);
            assertFails(SocketException.class, () -> socket.join(GROUP, loopback))
                    .hasMessageContaining("233.252.0.77");
            assertFails(SocketException.class, () -> socket.leave(GROUP, loopback, UdpPair.LOOPBACK));
        }
        UdpSocket closed = Udp.open();
        closed.close();
        assertFails(ClosedResourceException.class, () -> closed.join(GROUP, loopback));
        assertFails(ClosedResourceException.class, () -> closed.leave(GROUP, loopback));
    }

    // -- broadcast

    private static final InetAddress EVERYBODY_HERE = InetAddress.ofLiteral("127.255.255.255");

    @Test
    @Tag("smoke")
    void aBroadcastMustBeAllowedAndArrivesThen() throws IOException {
        try (UdpSocket socket = Udp.binder(0).withFamily(INET).bind();
                UdpSocket sender = Udp.bind("127.0.0.1", 0)) {
            InetSocketAddress everybody = at(EVERYBODY_HERE, socket);
            assertFails(SocketException.class, () -> sender.send(bytes("x"), everybody))
                    .hasMessageContaining("127.255.255.255:" + everybody.getPort());
            DatagramBatch<InetSocketAddress> batch = UdpPair.batch(everybody, "x");
            assertFails(SocketException.class, () -> sender.sendBatch(batch));
            assertThat(batch.position()).isZero();
            sender.setOption(StandardSocketOptions.SO_BROADCAST, true);
            sender.send(bytes("to everybody"), everybody);
            Datagram<InetSocketAddress> datagram = socket.receive();
            assertThat(text(datagram.data())).isEqualTo("to everybody");
            assertThat(datagram.peer()).contains(sender.localAddress());
            sender.sendBatch(batch);
            assertThat(text(socket.receive().data())).isEqualTo("x");
            try (ConnectedUdpSocket connected = Udp.connector(everybody)
                    .withOption(StandardSocketOptions.SO_BROADCAST, true)
                    .connect()) {
                connected.send(bytes("connected"));
                assertThat(text(socket.receive().data())).isEqualTo("connected");
            }
        }
    }

    // -- options of what is sent

    @Test
    void theUnicastTtlCanBeSetOrItIsSaidWhichBackendCan() throws IOException {
        try (UdpSocket socket = Udp.bind("127.0.0.1", 0)) {
            if (Backends.current().name().equals("linux")) {
                int before = socket.option(LinuxOptions.IP_TTL);
                assertThat(before).isPositive();
                socket.setOption(LinuxOptions.IP_TTL, 7);
                assertThat(socket.option(LinuxOptions.IP_TTL)).isEqualTo(7);
                assertThat(socket.supportedOptions()).contains(LinuxOptions.IP_TTL);
                try (ConnectedUdpSocket six = Udp.connector("::1", 9)
                        .withOption(LinuxOptions.IP_TTL, 3)
                        .connect()) {
                    assertThat(six.option(LinuxOptions.IP_TTL)).isEqualTo(3);
                }
            } else {
                assertFails(UnsupportedOperationException.class, () -> socket.setOption(LinuxOptions.IP_TTL, 7))
                        .hasMessageContaining("linux");
                assertFails(UnsupportedOperationException.class, () -> socket.option(LinuxOptions.IP_TTL))
                        .hasMessageContaining("linux");
            }
            UdpPair.assertTalking(socket, socket);
        }
    }

    @Test
    void theTrafficClassAndTheMulticastOptionsCanBeSet() throws IOException {
        for (String host : List.of("127.0.0.1", "::1", "::")) {
            try (UdpSocket socket =
                    sender(host).withOption(StandardSocketOptions.IP_TOS, 0x20).bind()) {
                assertThat(socket.option(StandardSocketOptions.IP_TOS)).isEqualTo(0x20);
                assertThat(socket.option(StandardSocketOptions.IP_MULTICAST_TTL))
                        .isZero();
                assertThat(socket.option(StandardSocketOptions.IP_MULTICAST_LOOP))
                        .isTrue();
                assertThat(socket.option(StandardSocketOptions.IP_MULTICAST_IF)).isEqualTo(loopback);
            }
        }
    }

    @Test
    void whereTheDestinationIsNotToldItIsSaidWhichBackendDoes() throws IOException {
        UdpBinder binder = Udp.binder(0).withDestination();
        if (Backends.current().capabilities().contains(Capability.DESTINATION_ADDRESS)) {
            binder.bind().close();
        } else {
            assertFails(UnsupportedOperationException.class, binder::bind).hasMessageContaining("linux");
        }
    }

    @Test
    void aDatagramWithoutBytesReachesAGroupToo() throws IOException {
        try (UdpSocket socket = Udp.binder(0).withFamily(INET).bind();
                UdpSocket sender = sender("127.0.0.1").bind()) {
            socket.join(GROUP, loopback);
            DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(2, 10);
            batch.add(ByteBuffer.allocate(0), at(GROUP, socket));
            sender.send(new byte[0], at(GROUP, socket));
            sender.sendBatch(batch);
            assertThat(socket.receive().data()).isEmpty();
            assertThat(socket.receive().data()).isEmpty();
        }
    }
}
