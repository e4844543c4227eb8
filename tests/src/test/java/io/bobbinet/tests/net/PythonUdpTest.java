package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.spi.Capability;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** UDP between us and Python: its own sockets, and AnyIO's. */
@OnEachBackend(having = Capability.UDP)
@DisplayName("PythonUdpTest")
@Timeout(60)
class PythonUdpTest {

    /** A socket {@code s} of Python on a free port. */
    private static int bind(PythonShell python, String family, String host) throws IOException {
        python.run("s = socket(" + family + ", SOCK_DGRAM); s.bind(('" + host + "', 0))");
        return python.number("s.getsockname()[1]");
    }

    private static void assertReceives(UdpSocket socket, String data, String host, int port) throws IOException {
        Datagram<InetSocketAddress> datagram = socket.receive();
        assertThat(text(datagram.data())).isEqualTo(data);
        assertThat(datagram.peer()).contains(new InetSocketAddress(InetAddress.ofLiteral(host), port));
    }

    // -- one at a time

    private static void assertTalks(String family, String host) throws IOException {
        try (PythonShell python = PythonShell.start();
                UdpSocket socket = Udp.bind(host, 0)) {
            int theirs = bind(python, family, host);
            int ours = socket.localAddress().getPort();
            socket.send(bytes("hello"), host, theirs);
            assertThat(python.ask("[(d, a[:2]) for d, a in [s.recvfrom(100)]]"))
                    .isEqualTo("[(b'hello', ('" + host + "', " + ours + "))]");
            python.run("s.sendto(b'olleh', ('" + host + "', " + ours + "))");
            Datagram<InetSocketAddress> received = socket.receive();
            assertThat(text(received.data())).isEqualTo("olleh");
            assertThat(received.peer()).contains(new InetSocketAddress(InetAddress.ofLiteral(host), theirs));
            socket.send(received.reply(bytes("answer")));
            assertThat(python.ask("s.recv(100)")).isEqualTo("b'answer'");
        }
    }

    @Test
    @Tag("smoke")
    void pythonAndWeTalkOverIpv4() throws IOException {
        assertTalks("AF_INET", "127.0.0.1");
    }

    @Test
    void pythonAndWeTalkOverIpv6() throws IOException {
        assertTalks("AF_INET6", "::1");
    }

    @Test
    void aSocketForBothFamiliesShowsIpv4PeersAsSuch() throws IOException {
        try (PythonShell python = PythonShell.start();
                UdpSocket socket = Udp.open()) {
            int ours = socket.localAddress().getPort();
            int four = bind(python, "AF_INET", "127.0.0.1");
            python.run("s.sendto(b'four', ('127.0.0.1', " + ours + "))");
            assertReceives(socket, "four", "127.0.0.1", four);
            socket.send(bytes("to four"), "127.0.0.1", four);
            assertThat(python.ask("s.recvfrom(100)")).isEqualTo("(b'to four', ('127.0.0.1', " + ours + "))");
            int six = bind(python, "AF_INET6", "::1");
            python.run("s.sendto(b'six', ('::1', " + ours + "))");
            assertReceives(socket, "six", "::1", six);
            socket.send(bytes("to six"), "::1", six);
            assertThat(python.ask("s.recvfrom(100)")).isEqualTo("(b'to six', ('::1', " + ours + ", 0, 0))");
        }
    }

    private static void assertConnectedTalks(String family, String host) throws IOException {
        try (PythonShell python = PythonShell.start()) {
            int theirs = bind(python, family, host);
            try (ConnectedUdpSocket socket = Udp.connect(host, theirs)) {
                int ours = socket.localAddress().getPort();
                socket.send(bytes("hello"));
                assertThat(python.ask("s.recvfrom(100)[0]")).isEqualTo("b'hello'");
                python.run("t = socket(" + family + ", SOCK_DGRAM)");
                python.run("t.sendto(b'from a stranger', ('" + host + "', " + ours + "))");
                python.run("s.connect(('" + host + "', " + ours + ")); s.send(b'olleh')");
                assertThat(text(socket.receive().data())).isEqualTo("olleh");
            }
        }
    }

    @Test
    void aConnectedSocketHearsPythonAndNoStranger() throws IOException {
        assertConnectedTalks("AF_INET", "127.0.0.1");
        assertConnectedTalks("AF_INET6", "::1");
    }

    @Test
    void emptyDatagramsAreDataBothWays() throws IOException {
        try (PythonShell python = PythonShell.start();
                UdpSocket socket = Udp.bind("127.0.0.1", 0)) {
            int theirs = bind(python, "AF_INET", "127.0.0.1");
            int ours = socket.localAddress().getPort();
            socket.send(new byte[0], "127.0.0.1", theirs);
            assertThat(python.ask("s.recvfrom(100)")).isEqualTo("(b'', ('127.0.0.1', " + ours + "))");
            python.run("s.sendto(b'', ('127.0.0.1', " + ours + "))");
            assertReceives(socket, "", "127.0.0.1", theirs);
            try (ConnectedUdpSocket connected = Udp.connect("127.0.0.1", theirs)) {
                connected.send(new byte[0]);
                assertThat(python.ask("s.recvfrom(100)[0]")).isEqualTo("b''");
                python.run("s.sendto(b'', ('127.0.0.1', "
                        + connected.localAddress().getPort() + "))");
                assertThat(connected.receive().data()).isEmpty();
            }
        }
    }

    @Test
    void aPeerThatIsGoneIsToldOnceAndAnotherInItsPlaceIsHeard() throws IOException {
        try (PythonShell python = PythonShell.start()) {
            int theirs = bind(python, "AF_INET", "127.0.0.1");
            try (ConnectedUdpSocket socket = Udp.connect("127.0.0.1", theirs)) {
                int ours = socket.localAddress().getPort();
                socket.send(bytes("one"));
                assertThat(python.ask("s.recv(100)")).isEqualTo("b'one'");
                python.run("s.close()");
                socket.send(bytes("two"));
                assertFails(PortUnreachableException.class, socket::receive);
                python.run("s = socket(AF_INET, SOCK_DGRAM); s.bind(('127.0.0.1', " + theirs + "))");
                python.run("s.sendto(b'back', ('127.0.0.1', " + ours + "))");
                assertThat(text(socket.receive().data())).isEqualTo("back");
                socket.send(bytes("three"));
                assertThat(python.ask("s.recv(100)")).isEqualTo("b'three'");
            }
        }
    }

    @Test
    void serveAnswersPython() throws Exception {
        try (PythonShell python = PythonShell.start();
                UdpSocket socket = Udp.bind("127.0.0.1", 0)) {
            TaskGroup.run(group -> {
                group.fork(() -> socket.serve(
                        datagram -> socket.send(datagram.reply(bytes("Hello, " + text(datagram.data()))))));
                bind(python, "AF_INET", "127.0.0.1");
                python.run("s.connect(('127.0.0.1', " + socket.localAddress().getPort() + "))");
                for (String name : new String[] {"a", "b", ""}) {
                    python.run("s.send(b'" + name + "')");
                    assertThat(python.ask("s.recv(100)")).isEqualTo("b'Hello, " + name + "'");
                }
                socket.drain(Duration.ofSeconds(10));
            });
        }
    }

    // -- multicast and broadcast

    @Test
    void multicastsOfPythonArriveUntilTheGroupIsLeft() throws IOException {
        InetAddress group = InetAddress.ofLiteral("239.255.71.1");
        NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.ofLiteral("127.0.0.1"));
        try (PythonShell python = PythonShell.start();
                UdpSocket socket =
                        Udp.binder(0).withFamily(StandardProtocolFamily.INET).bind()) {
            int ours = socket.localAddress().getPort();
            int theirs = bind(python, "AF_INET", "127.0.0.1");
            python.run("s.setsockopt(IPPROTO_IP, IP_MULTICAST_IF, inet_aton('127.0.0.1'))");
            socket.join(group, loopback);
            python.run("s.sendto(b'to all', ('239.255.71.1', " + ours + "))");
            assertReceives(socket, "to all", "127.0.0.1", theirs);
            socket.leave(group, loopback);
            python.run("s.sendto(b'to nobody', ('239.255.71.1', " + ours + "))");
            python.run("s.sendto(b'to one', ('127.0.0.1', " + ours + "))");
            assertReceives(socket, "to one", "127.0.0.1", theirs);
            socket.join(group, loopback, InetAddress.ofLiteral("127.0.0.1"));
            python.run("s.sendto(b'from the source', ('239.255.71.1', " + ours + "))");
            assertReceives(socket, "from the source", "127.0.0.1", theirs);
        }
    }

    @Test
    void pythonHearsOurMulticasts() throws IOException {
        NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.ofLiteral("127.0.0.1"));
        try (PythonShell python = PythonShell.start();
                UdpSocket socket = Udp.binder("127.0.0.1", 0)
                        .withOption(StandardSocketOptions.IP_MULTICAST_IF, loopback)
                        .bind()) {
            int theirs = bind(python, "AF_INET", "");
            python.run(
                    "s.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, inet_aton('239.255.71.2') + inet_aton('127.0.0.1'))");
            socket.send(bytes("to all"), "239.255.71.2", theirs);
            assertThat(python.ask("s.recvfrom(100)"))
                    .isEqualTo(
                            "(b'to all', ('127.0.0.1', " + socket.localAddress().getPort() + "))");
        }
    }

    @Test
    void broadcastsArriveBothWays() throws IOException {
        try (PythonShell python = PythonShell.start();
                UdpSocket socket = Udp.binder(0)
                        .withFamily(StandardProtocolFamily.INET)
                        .withOption(StandardSocketOptions.SO_BROADCAST, true)
                        .bind()) {
            int theirs = bind(python, "AF_INET", "");
            int ours = socket.localAddress().getPort();
            socket.send(bytes("to all"), "127.255.255.255", theirs);
            assertThat(python.ask("s.recvfrom(100)")).isEqualTo("(b'to all', ('127.0.0.1', " + ours + "))");
            python.run("s.setsockopt(SOL_SOCKET, SO_BROADCAST, 1)");
            python.run("s.sendto(b'llat ot', ('127.255.255.255', " + ours + "))");
            assertReceives(socket, "llat ot", "127.0.0.1", theirs);
            socket.setOption(StandardSocketOptions.SO_BROADCAST, false);
            assertThatThrownBy(() -> socket.send(bytes("x"), "127.255.255.255", theirs))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("127.255.255.255");
            socket.send(bytes("still good"), "127.0.0.1", theirs);
            assertThat(python.ask("s.recv(100)")).isEqualTo("b'still good'");
        }
    }

    // -- AnyIO

    private static void assertTalksToAnyio(String host) throws IOException {
        try (PythonShell python = PythonShell.startAnyio();
                UdpSocket socket = Udp.bind(host, 0)) {
            int ours = socket.localAddress().getPort();
            python.run("s = call(anyio.create_udp_socket, local_host='" + host + "')");
            int theirs = python.number("s.extra(anyio.abc.SocketAttribute.local_port)");
            socket.send(bytes("hello"), host, theirs);
            assertThat(python.ask("call(s.receive)")).isEqualTo("(b'hello', ('" + host + "', " + ours + "))");
            python.run("call(s.sendto, b'olleh', '" + host + "', " + ours + ")");
            assertReceives(socket, "olleh", host, theirs);
            python.run("call(s.aclose)");
        }
    }

    @Test
    void anyiosSocketAndOursTalk() throws IOException {
        assertTalksToAnyio("127.0.0.1");
        assertTalksToAnyio("::1");
    }

    @Test
    void anyiosConnectedSocketAndOursTalk() throws IOException {
        try (PythonShell python = PythonShell.startAnyio();
                UdpSocket socket = Udp.bind("127.0.0.1", 0)) {
            int ours = socket.localAddress().getPort();
            python.run("s = call(anyio.create_connected_udp_socket, '127.0.0.1', " + ours + ")");
            int theirs = python.number("s.extra(anyio.abc.SocketAttribute.local_port)");
            python.run("call(s.send, b'hello')");
            assertReceives(socket, "hello", "127.0.0.1", theirs);
            try (ConnectedUdpSocket stranger = Udp.connect("127.0.0.1", theirs)) {
                stranger.send(bytes("from a stranger"));
            }
            socket.send(bytes("olleh"), "127.0.0.1", theirs);
            assertThat(python.ask("call(s.receive)")).isEqualTo("b'olleh'");
            python.run("call(s.aclose)");
        }
    }

    @Test
    void ourConnectedSocketAndAnyiosTalk() throws IOException {
        try (PythonShell python = PythonShell.startAnyio()) {
            python.run("s = call(anyio.create_udp_socket, local_host='127.0.0.1')");
            int theirs = python.number("s.extra(anyio.abc.SocketAttribute.local_port)");
            try (ConnectedUdpSocket socket = Udp.connect("127.0.0.1", theirs)) {
                int ours = socket.localAddress().getPort();
                socket.send(bytes("hello"));
                assertThat(python.ask("call(s.receive)")).isEqualTo("(b'hello', ('127.0.0.1', " + ours + "))");
                python.run("call(s.sendto, b'olleh', '127.0.0.1', " + ours + ")");
                assertThat(text(socket.receive().data())).isEqualTo("olleh");
            }
            python.run("call(s.aclose)");
        }
    }
}
