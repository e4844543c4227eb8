package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.spi.Capability;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** UDP between us and the tools socat and ncat. */
@OnEachBackend(having = Capability.UDP)
@DisplayName("SocatUdpTest")
@Timeout(60)
class SocatUdpTest {

    /** A port that is kept until the peer has it: both have SO_REUSEADDR, and the later one gets the datagrams. */
    private static DatagramSocket reserve(String host) throws IOException {
        DatagramSocket reserved = new DatagramSocket(null);
        reserved.setReuseAddress(true);
        reserved.bind(new InetSocketAddress(InetAddress.ofLiteral(host), 0));
        return reserved;
    }

    /** A conversation with a peer on a port of its own. */
    private interface Conversation {
        void with(PeerProcess socat, int port) throws Exception;
    }

    /** Starts a socat that receives on a port, and talks to it. */
    private static void talk(String host, String address, String other, Conversation conversation) throws Exception {
        DatagramSocket reserved = reserve(host);
        int port = reserved.getLocalPort();
        try (PeerProcess socat =
                PeerProcess.start(Peers.socat(), "-dd", address.formatted(port) + ",reuseaddr", other)) {
            socat.awaitErrorLine(line -> line.contains("receiving on AF="));
            reserved.close();
            conversation.with(socat, port);
        }
    }

    private static void assertEchoes(ConnectedUdpSocket socket, String text) throws IOException {
        socket.send(bytes(text));
        assertThat(text(socket.receive().data())).isEqualTo(text);
    }

    @Test
    void socatEchoesOverIpv4() throws Exception {
        talk("127.0.0.1", "UDP4-RECVFROM:%d,bind=127.0.0.1,fork", "PIPE", (socat, port) -> {
            try (ConnectedUdpSocket socket = Udp.connect("127.0.0.1", port)) {
                assertEchoes(socket, "one");
                assertEchoes(socket, "another");
            }
        });
    }

    @Test
    void socatEchoesOverIpv6() throws Exception {
        talk("::1", "UDP6-RECVFROM:%d,bind=[::1],fork", "PIPE", (socat, port) -> {
            try (UdpSocket socket = Udp.open()) {
                for (String text : new String[] {"one", "another"}) {
                    socket.send(bytes(text), "::1", port);
                    Datagram<InetSocketAddress> echo = socket.receive();
                    assertThat(text(echo.data())).isEqualTo(text);
                    assertThat(echo.peer()).contains(new InetSocketAddress(InetAddress.ofLiteral("::1"), port));
                }
            }
        });
    }

    private static void assertAnswers(String socatAddress, String host) throws Exception {
        try (UdpSocket socket = Udp.bind(host, 0);
                PeerProcess socat = PeerProcess.start(
                        Peers.socat(),
                        "-",
                        socatAddress + ":" + (host.contains(":") ? "[" + host + "]" : host) + ":"
                                + socket.localAddress().getPort())) {
            for (String text : new String[] {"one\n", "another\n"}) {
                socat.write(bytes(text));
                Datagram<InetSocketAddress> datagram = socket.receive();
                assertThat(text(datagram.data())).isEqualTo(text);
                socket.send(datagram.reply(bytes("Hello, " + text)));
                assertThat(socat.readLine()).isEqualTo("Hello, " + text.strip());
            }
        }
    }

    @Test
    void weAnswerSocat() throws Exception {
        assertAnswers("UDP4-SENDTO", "127.0.0.1");
        assertAnswers("UDP6-SENDTO", "::1");
    }

    @Test
    void socatInAGroupHearsOurMulticasts() throws Exception {
        String address = "UDP4-RECVFROM:%d,ip-add-membership=239.255.71.3:127.0.0.1";
        talk("0.0.0.0", address, "-", (socat, port) -> {
            NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.ofLiteral("127.0.0.1"));
            try (UdpSocket socket = Udp.binder("127.0.0.1", 0)
                    .withOption(StandardSocketOptions.IP_MULTICAST_IF, loopback)
                    .bind()) {
                socket.send(bytes("to all\n"), "239.255.71.3", port);
                assertThat(socat.readLine()).isEqualTo("to all");
                socat.writeLine("to one");
                assertThat(text(socket.receive().data())).isEqualTo("to one\n");
            }
        });
    }

    @Test
    void weHearTheMulticastsOfSocat() throws Exception {
        InetAddress group = InetAddress.ofLiteral("239.255.71.4");
        try (UdpSocket socket = Udp.bind("0.0.0.0", 0)) {
            socket.join(group, NetworkInterface.getByInetAddress(InetAddress.ofLiteral("127.0.0.1")));
            String address = "UDP4-SENDTO:239.255.71.4:" + socket.localAddress().getPort();
            try (PeerProcess socat =
                    PeerProcess.start(Peers.socat(), "-", address + ",bind=127.0.0.1,ip-multicast-if=127.0.0.1")) {
                socat.writeLine("to all");
                assertThat(text(socket.receive().data())).isEqualTo("to all\n");
            }
        }
    }

    @Test
    void ncatSendsAndHearsTheAnswer() throws Exception {
        try (UdpSocket socket = Udp.bind("127.0.0.1", 0);
                PeerProcess ncat = PeerProcess.start(
                        Peers.ncat(),
                        "-u",
                        "127.0.0.1",
                        Integer.toString(socket.localAddress().getPort()))) {
            ncat.writeLine("hello");
            Datagram<InetSocketAddress> datagram = socket.receive();
            assertThat(text(datagram.data())).isEqualTo("hello\n");
            socket.send(datagram.reply(bytes("olleh\n")));
            assertThat(ncat.readLine()).isEqualTo("olleh");
        }
    }

    @Test
    void ncatListensToOurConnectedSocket() throws Exception {
        // It has SO_REUSEADDR by itself.
        DatagramSocket reserved = reserve("127.0.0.1");
        int port = reserved.getLocalPort();
        try (PeerProcess ncat =
                PeerProcess.start(Peers.ncat(), "-v", "-u", "-l", "127.0.0.1", Integer.toString(port))) {
            ncat.awaitErrorLine(line -> line.contains("Listening on 127.0.0.1"));
            reserved.close();
            try (ConnectedUdpSocket socket = Udp.connect("127.0.0.1", port)) {
                socket.send(bytes("hello\n"));
                assertThat(ncat.readLine()).isEqualTo("hello");
                ncat.writeLine("olleh");
                assertThat(text(socket.receive().data())).isEqualTo("olleh\n");
            }
        }
    }
}
