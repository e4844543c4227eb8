package io.bobbinet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.Endpoint;
import io.bobbinet.net.Udp;
import io.bobbinet.stream.Connector;
import io.bobbinet.task.TaskGroup;
import java.io.InterruptedIOException;
import java.lang.reflect.Proxy;
import java.net.NoRouteToHostException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code relay} with datagrams. */
@Timeout(60)
class DatagramRelayTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"linux", "nio"})
    void eachSenderGetsItsOwnAnswers(String backend) throws Exception {
        try (UdpPeer server = new UdpPeer();
                var relay = CommandProcess.start(
                        "--backend", backend, "relay", "udp://127.0.0.1:0", "udp://127.0.0.1:" + server.port());
                UdpPeer first = new UdpPeer();
                UdpPeer second = new UdpPeer()) {
            int port = relay.awaitPort();
            first.send("first", port);
            var fromFirst = server.receive();
            second.send("", port);
            var fromSecond = server.receive();
            assertThat(fromFirst.text()).isEqualTo("first");
            assertThat(fromSecond.text()).isEmpty();
            assertThat(fromFirst.sender()).isNotEqualTo(fromSecond.sender());
            server.send("to the second", fromSecond.sender());
            server.send("to the first", fromFirst.sender());
            server.send("", fromFirst.sender());
            assertThat(first.receive().text()).isEqualTo("to the first");
            assertThat(first.receive().text()).isEmpty();
            assertThat(second.receive().text()).isEqualTo("to the second");
            first.send("again", port);
            assertThat(server.receive()).isEqualTo(new UdpPeer.Received("again", fromFirst.sender()));
            relay.signal("TERM").assertEnds();
        }
    }

    @Test
    void udpAndUnixDatagramsAreJoined() throws Exception {
        Path inner = folder.resolve("inner");
        Path outer = folder.resolve("outer");
        try (var echo = CommandProcess.start("echo", "udp://127.0.0.1:0");
                var first =
                        CommandProcess.start("relay", "unixgram://" + inner, "udp://127.0.0.1:" + echo.awaitPort());
                var second = CommandProcess.start("relay", "unixgram://" + outer, "unixgram://" + inner);
                var third = CommandProcess.start("relay", "udp://127.0.0.1:0", "unixgram://" + outer);
                UdpPeer peer = new UdpPeer()) {
            assertThat(first.awaitListening()).isEqualTo("unixgram://" + inner);
            assertThat(second.awaitListening()).isEqualTo("unixgram://" + outer);
            int port = third.awaitPort();
            String most = "x".repeat(60_000);
            assertThat(peer.ask("there and back", port)).isEqualTo("there and back");
            assertThat(peer.ask(most, port)).isEqualTo(most);
            try (var connect = CommandProcess.start("connect", "--wait", "200ms", "unixgram://" + outer)) {
                assertThat(connect.input("by UNIX\n").readAll()).isEqualTo("by UNIX\n");
                connect.assertEnds();
            }
            for (CommandProcess relay : new CommandProcess[] {third, second, first}) {
                relay.signal("TERM").assertEnds();
            }
            assertThat(folder).isEmptyDirectory();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux", "nio"})
    void aServerThatIsNotThereIsToldOnceAndMayCome(String backend) throws Exception {
        int port;
        try (UdpPeer closed = new UdpPeer()) {
            port = closed.port();
        }
        try (var relay = CommandProcess.startWithOpenError(
                        "--backend", backend, "relay", "udp://127.0.0.1:0", "udp://127.0.0.1:" + port);
                var err = relay.errReader();
                UdpPeer client = new UdpPeer()) {
            int from = relay.awaitPort();
            client.send("lost", from);
            assertThat(err.readLine())
                    .isEqualTo("bobbinet: Cannot reach udp://127.0.0.1:" + port + ": nobody has the port");
            client.send("lost too", from);
            try (UdpPeer server = new UdpPeer(port)) {
                client.send("heard", from);
                var heard = server.receive();
                while (!heard.text().equals("heard")) {
                    heard = server.receive(); // one that was on its way is not lost
                }
                server.send("answered", heard.sender());
                assertThat(client.receive().text()).isEqualTo("answered");
            }
            relay.signal("TERM");
            assertThat(err.readLine()).isNull();
            assertThat(relay.awaitExit()).isZero();
        }
    }

    @Test
    void aUnixServerThatIsNotThereIsTold() throws Exception {
        Path path = folder.resolve("nobody");
        try (var relay = CommandProcess.startWithOpenError("relay", "udp://127.0.0.1:0", "unixgram://" + path);
                var err = relay.errReader();
                UdpPeer client = new UdpPeer()) {
            int from = relay.awaitPort();
            client.send("lost", from);
            assertThat(err.readLine()).isEqualTo("bobbinet: Cannot connect to unixgram://" + path + ": no such file");
            try (var echo = CommandProcess.start("echo", "unixgram://" + path)) {
                echo.awaitListening();
                assertThat(client.ask("heard", from)).isEqualTo("heard");
                echo.signal("KILL").awaitExit(); // and its file stays
            }
            client.send("lost", from);
            client.send("lost too", from);
            assertThat(err.readLine())
                    .isEqualTo("bobbinet: Cannot connect to unixgram://" + path + ": nobody receives");
            try (var echo = CommandProcess.start("echo", "unixgram://" + path)) {
                echo.awaitListening();
                assertThat(client.ask("heard", from)).isEqualTo("heard");
                relay.signal("TERM");
                assertThat(err.readLine()).isNull();
                assertThat(relay.awaitExit()).isZero();
            }
        }
    }

    @Test
    void whatTheBackendHasNotIsToldBeforeAnybodyComes() throws Exception {
        try (var relay = CommandProcess.start("--backend", "nio", "relay", "udp://127.0.0.1:0", "unixgram:@nobody")) {
            relay.assertFails(1, "bobbinet: The backend nio has no UNIX datagram sockets; the backend linux has\n");
        }
    }

    @Test
    void whoWaitsForALookUpHoldsUpNobodyAndLosesNothing() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch found = new CountDownLatch(1);
        try (UdpPeer server = new UdpPeer();
                var bound = Udp.bind("127.0.0.1", 0);
                UdpPeer slow = new UdpPeer();
                UdpPeer quick = new UdpPeer()) {
            Connector<ConnectedDatagramTransport<?>> connector = () -> {
                if (asked.getCount() > 0) { // the first
                    asked.countDown();
                    try {
                        found.await();
                    } catch (InterruptedException e) {
                        throw new InterruptedIOException();
                    }
                }
                return Udp.connect("127.0.0.1", server.port());
            };
            Endpoint to = new Endpoint.Udp("localhost", server.port());
            var relay = new DatagramRelay<>(
                    bound, new Target<>(to, connector), defaultOptions(), new PacketOptions(), 10, Meter.ofAll());
            int port = bound.localAddress().getPort();
            TaskGroup.run(group -> {
                group.fork(relay::run);
                slow.send("1", port);
                slow.send("2", port);
                asked.await();
                quick.send("quick", port);
                assertThat(server.receive().text()).isEqualTo("quick");
                slow.send("3", port);
                found.countDown();
                assertThat(server.receive().text()).isEqualTo("1");
                assertThat(server.receive().text()).isEqualTo("2");
                assertThat(server.receive().text()).isEqualTo("3");
                relay.stop();
            });
        }
    }

    private static ConnectionOptions defaultOptions() {
        ConnectionOptions options = new ConnectionOptions();
        options.main = new Main();
        return options;
    }

    /** {@return a socket that cannot receive, as when a router tells that there is no way to the host} */
    private static ConnectedDatagramTransport<?> withoutWay(ConnectedUdpSocket socket, CountDownLatch closed) {
        return (ConnectedDatagramTransport<?>) Proxy.newProxyInstance(
                DatagramRelayTest.class.getClassLoader(),
                new Class<?>[] {ConnectedDatagramTransport.class},
                (proxy, method, args) -> {
                    if (method.getName().equals("receive")) {
                        throw new NoRouteToHostException("No route to host");
                    }
                    Object result = method.invoke(socket, args);
                    if (method.getName().equals("close")) {
                        closed.countDown();
                    }
                    return result;
                });
    }

    @Test
    void aWayThatIsLostForOneSenderIsANewAttemptForTheNextDatagram() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        AtomicInteger attempts = new AtomicInteger();
        try (UdpPeer server = new UdpPeer();
                var bound = Udp.bind("127.0.0.1", 0);
                UdpPeer client = new UdpPeer()) {
            Connector<ConnectedDatagramTransport<?>> connector = () -> {
                var socket = Udp.connect("127.0.0.1", server.port());
                return attempts.getAndIncrement() == 0 ? withoutWay(socket, closed) : socket;
            };
            var target = new Target<>(new Endpoint.Udp("localhost", server.port()), connector);
            var relay = new DatagramRelay<>(bound, target, defaultOptions(), new PacketOptions(), 10, Meter.ofAll());
            int port = bound.localAddress().getPort();
            TaskGroup.run(group -> {
                group.fork(relay::run);
                client.send("first", port);
                assertThat(server.receive().text()).isEqualTo("first");
                closed.await();
                client.send("second", port);
                var second = server.receive();
                assertThat(second.text()).isEqualTo("second");
                server.send("answer", second.sender());
                assertThat(client.receive().text()).isEqualTo("answer");
                relay.stop();
            });
        }
    }

    @Test
    void theQuietestSenderMakesRoomForANewOne() throws Exception {
        try (UdpPeer server = new UdpPeer();
                var relay = CommandProcess.startWithOpenError(
                        "relay",
                        "--verbose",
                        "--max-connections",
                        "2",
                        "udp://127.0.0.1:0",
                        "udp://127.0.0.1:" + server.port());
                var err = relay.errReader();
                UdpPeer first = new UdpPeer();
                UdpPeer second = new UdpPeer();
                UdpPeer third = new UdpPeer()) {
            int port = relay.awaitPort();
            first.send("1", port);
            var fromFirst = server.receive();
            assertThat(err.readLine()).isEqualTo(told(first, "begins"));
            second.send("2", port);
            server.receive();
            assertThat(err.readLine()).isEqualTo(told(second, "begins"));
            first.send("1", port);
            assertThat(server.receive()).isEqualTo(fromFirst);
            third.send("3", port);
            server.receive();
            assertThat(new String[] {err.readLine(), err.readLine()})
                    .anySatisfy(line -> assertThat(line).startsWith(told(second, "ends")))
                    .contains(told(third, "begins"));
            server.send("still there", fromFirst.sender());
            assertThat(first.receive().text()).isEqualTo("still there");
        }
    }

    private static String told(UdpPeer peer, String what) {
        return "bobbinet: exchange with udp://127.0.0.1:" + peer.port() + " " + what;
    }

    @Test
    void aQuietSenderIsForgottenAndComesAgain() throws Exception {
        try (UdpPeer server = new UdpPeer();
                var relay = CommandProcess.startWithOpenError(
                        "relay",
                        "--verbose",
                        "--timeout",
                        "100ms",
                        "udp://127.0.0.1:0",
                        "udp://127.0.0.1:" + server.port());
                var err = relay.errReader();
                UdpPeer client = new UdpPeer()) {
            int port = relay.awaitPort();
            for (int i = 0; i < 2; i++) {
                client.send("here I am", port);
                server.send("welcome", server.receive().sender());
                assertThat(client.receive().text()).isEqualTo("welcome");
                assertThat(err.readLine()).isEqualTo(told(client, "begins"));
                assertThat(err.readLine()).startsWith(told(client, "ends")).endsWith(" ms: 9 B received, 7 B sent");
            }
        }
    }
}
