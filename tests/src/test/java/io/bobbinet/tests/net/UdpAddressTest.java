package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static java.net.StandardProtocolFamily.INET;
import static java.net.StandardProtocolFamily.INET6;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.ConnectionFailedException;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.Resolver;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpConnector;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.spi.WaitPoint;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Where UDP sockets are connected, whom they send to, and how names become addresses. */
@OnEachBackend
@DisplayName("UdpAddressTest")
@Timeout(30)
class UdpAddressTest {
    private static Resolver answering(String... addresses) {
        List<InetAddress> found =
                Stream.of(addresses).map(InetAddress::ofLiteral).toList();
        return host -> found;
    }

    @AfterEach
    void noInterruptStatusLeaks() {
        assertThat(Thread.interrupted()).isFalse();
    }

    // -- connecting

    @Test
    void ofANameTheFirstAddressThatThereIsAWayToIsConnectedTo() throws IOException {
        try (UdpSocket peer = Udp.bind(0)) {
            UdpConnector connector = Udp.connector(
                            "some.host", peer.localAddress().getPort())
                    .withResolver(answering("::1", "127.0.0.1"));
            assertThat(connector.find(Attribute.REMOTE_HOST)).contains("some.host");
            for (boolean four : new boolean[] {true, false}) {
                try (ConnectedUdpSocket socket = (four ? connector.withFamily(INET) : connector).connect()) {
                    assertThat(socket.peerAddress().getAddress())
                            .isEqualTo(InetAddress.ofLiteral(four ? "127.0.0.1" : "::1"));
                    socket.send(bytes("x"));
                    assertThat(peer.receive().peer()).contains(socket.localAddress());
                }
            }
            try (ConnectedUdpSocket socket = connector
                    .withLocalAddress(new InetSocketAddress("127.0.0.2", 0))
                    .connect()) {
                assertThat(socket.localAddress().getAddress()).isEqualTo(InetAddress.ofLiteral("127.0.0.2"));
                assertThat(socket.peerAddress().getAddress()).isEqualTo(UdpPair.LOOPBACK); // of the same family
            }
            try (ConnectedUdpSocket socket =
                    connector.withLocalAddress(new InetSocketAddress(0)).connect()) {
                assertThat(socket.peerAddress().getAddress()).isEqualTo(InetAddress.ofLiteral("::1"));
            }
        }
    }

    @Test
    void aLocalPortWithoutAHostIsHonoured() throws IOException {
        int port;
        try (UdpSocket free = Udp.open()) {
            port = free.localAddress().getPort();
        }
        try (UdpSocket peer = Udp.bind("127.0.0.1", 0);
                ConnectedUdpSocket socket = Udp.connector(peer.localAddress())
                        .withLocalAddress(new InetSocketAddress(port))
                        .connect()) {
            assertThat(socket.localAddress()).isEqualTo(new InetSocketAddress("127.0.0.1", port));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aConnectThatFailsIsToldPreciselyAndLeavesNothingOpen() throws IOException {
        try (UdpSocket taken = Udp.bind("127.0.0.1", 0)) {
            long before = Sockets.openSockets();
            UdpConnector connector = Udp.connector("127.0.0.1", 9);
            assertFails(
                            ConnectionFailedException.class,
                            () -> connector
                                    .withLocalAddress(taken.localAddress())
                                    .connect())
                    .satisfies(e -> assertThat(e.getSuppressed())
                            .singleElement()
                            .satisfies(s -> assertThat(s).hasMessageContaining("Address already in use")));
            assertFails(
                            ConnectionFailedException.class,
                            () -> connector
                                    .withLocalAddress(InetSocketAddress.createUnresolved("some.host", 0))
                                    .withResolver(answering("::1"))
                                    .connect())
                    .satisfies(e -> assertThat(e.getSuppressed())
                            .singleElement()
                            .satisfies(s -> assertThat(s).hasMessageContaining("other family")));
            // No way: to send to a broadcast address must be allowed before.
            assertFails(ConnectionFailedException.class, () -> Udp.connect("255.255.255.255", 9))
                    .satisfies(e -> assertThat(e.getSuppressed())
                            .singleElement()
                            .satisfies(s -> assertThat(s).hasMessageContaining("255.255.255.255:9")));
            assertFails(
                    UnsupportedOperationException.class,
                    () -> connector
                            .withOption(StandardSocketOptions.TCP_NODELAY, true)
                            .connect());
            assertFails(
                    UnknownHostException.class,
                    () -> connector.withFamily(INET6).connect());
            assertFails(UnknownHostException.class, () -> Udp.connect("not a name", 9));
            var scope = CancelScope.create();
            scope.cancel();
            assertThat(scope.run(() -> connector.connect())).isFalse();
            assertThat(Sockets.openSockets()).isEqualTo(before);
        }
        for (int port : new int[] {-1, 0, 65_536}) {
            assertFails(IllegalArgumentException.class, () -> Udp.connect("127.0.0.1", port));
        }
        assertFails(
                IllegalArgumentException.class,
                () -> Udp.connector(InetSocketAddress.createUnresolved("localhost", 0)));
    }

    // -- destinations

    @Test
    @Tag("smoke")
    void portZeroAndTheWrongFamilyAreRefusedBeforeAnythingIsSent() throws IOException {
        try (UdpSocket socket = Udp.bind("127.0.0.1", 0);
                UdpSocket peer = Udp.bind("127.0.0.1", 0)) {
            InetSocketAddress six =
                    new InetSocketAddress("::1", peer.localAddress().getPort());
            InetSocketAddress zero = new InetSocketAddress("127.0.0.1", 0);
            for (InetSocketAddress wrong : List.of(
                    six,
                    zero,
                    InetSocketAddress.createUnresolved("::1", 9),
                    InetSocketAddress.createUnresolved("some.host", 0))) {
                assertFails(IllegalArgumentException.class, () -> socket.send(bytes("x"), wrong));
                assertFails(IllegalArgumentException.class, () -> socket.send(Datagram.of(bytes("x"), wrong)));
            }
            for (int port : new int[] {-1, 0, 65_536}) {
                assertFails(IllegalArgumentException.class, () -> socket.send(bytes("x"), "localhost", port));
            }
            DatagramBatch<InetSocketAddress> batch = UdpPair.batch(peer.localAddress(), "not sent");
            ByteBuffer data = ByteBuffer.allocate(1);
            assertFails(IllegalArgumentException.class, () -> batch.add(data, zero));
            assertFails(
                    IllegalArgumentException.class,
                    () -> batch.add(data, InetSocketAddress.createUnresolved("some.host", 9)));
            assertFails(IllegalArgumentException.class, () -> batch.add(-1, peer.localAddress()));
            batch.clear();
            batch.add(ByteBuffer.wrap(bytes("not sent")), peer.localAddress());
            batch.add(data, six);
            assertFails(IllegalArgumentException.class, () -> socket.sendBatch(batch));
            assertThat(batch.position()).isZero();
            batch.clear();
            batch.add(ByteBuffer.wrap(bytes("without an address")));
            assertFails(IllegalArgumentException.class, () -> socket.sendBatch(batch));
            UdpPair.assertTalking(socket, peer);
        }
        try (UdpSocket socket = Udp.bind("::1", 0)) {
            assertFails(IllegalArgumentException.class, () -> socket.send(bytes("x"), "127.0.0.1", 9));
        }
    }

    @Test
    void ofANameTheFirstAddressOfTheSocketsFamilyIsSentTo() throws IOException {
        try (UdpSocket four = Udp.binder("127.0.0.1", 0)
                        .withResolver(answering("::1", "127.0.0.1"))
                        .bind();
                UdpSocket six = Udp.binder("::1", 0)
                        .withResolver(answering("127.0.0.1", "::1"))
                        .bind();
                UdpSocket peer = Udp.bind(0)) {
            int port = peer.localAddress().getPort();
            for (UdpSocket socket : List.of(four, six)) {
                socket.send(bytes("1"), "some.host", port);
                socket.send(bytes("2"), InetSocketAddress.createUnresolved("some.host", port));
                socket.send(Datagram.of(bytes("3"), InetSocketAddress.createUnresolved("some.host", port)));
                for (String text : List.of("1", "2", "3")) {
                    Datagram<InetSocketAddress> datagram = peer.receive();
                    assertThat(text(datagram.data())).isEqualTo(text);
                    assertThat(datagram.peer()).contains(socket.localAddress());
                }
            }
        }
        try (UdpSocket socket =
                Udp.binder("127.0.0.1", 0).withResolver(answering("::1")).bind()) {
            assertFails(UnknownHostException.class, () -> socket.send(bytes("x"), "some.host", 9))
                    .hasMessageContaining("some.host")
                    .hasMessageContaining("IPv4");
            assertFails(UnknownHostException.class, () -> socket.send(bytes("x"), "not a name", 9));
        }
    }

    // -- looking up

    /** Keeps those who ask waiting, and tells what they asked for. */
    private static final class SlowResolver implements Resolver {
        final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
        final WaitPoint answer = new WaitPoint("resolve");

        @Override
        public List<InetAddress> resolve(String host) throws IOException {
            asked.add(host);
            try {
                answer.await();
            } catch (InterruptedException e) {
                throw CancelScope.interrupted(e);
            }
            return List.of(UdpPair.LOOPBACK);
        }
    }

    @Test
    @Tag("smoke")
    void aSendThatLooksUpANameBlocksNobodyAndCanBeCutShort() throws Exception {
        SlowResolver resolver = new SlowResolver();
        try (UdpSocket socket =
                        Udp.binder("127.0.0.1", 0).withResolver(resolver).bind();
                UdpSocket peer = Udp.bind("127.0.0.1", 0)) {
            int port = peer.localAddress().getPort();
            TaskGroup.run(group -> {
                Task<Void> slow = group.fork(() -> socket.send(bytes("slow"), "some.host", port));
                Blocked.await(slow, "resolve");
                UdpPair.assertTalking(socket, peer);
                slow.cancel();
                slow.await();
                assertThat(slow.status()).isEqualTo(Task.Status.CANCELLED);

                Task<Void> done = group.fork(() -> socket.send(bytes("in the end"), "some.host", port));
                Blocked.await(done, "resolve");
                resolver.answer.signal();
                assertThat(text(peer.receive().data())).isEqualTo("in the end");
            });
            VirtualTime.run(time -> {
                Thread helper = UdpPair.whenWaiting(() -> time.advance(ofSeconds(5)));
                assertFails(
                        TimedOutException.class,
                        () -> CancelScope.failAfter(ofSeconds(5))
                                .run(() -> socket.send(bytes("x"), "some.host", port)));
                helper.join();
            });
            Thread sender = Thread.currentThread();
            Thread helper = UdpPair.whenWaiting(sender::interrupt);
            assertFails(InterruptedIOException.class, () -> socket.send(bytes("x"), "some.host", port));
            assertThat(Thread.interrupted()).isTrue();
            helper.join();
            UdpPair.assertTalking(socket, peer);
        }
        assertThat(resolver.asked).hasSize(4).containsOnly("some.host");
    }

    @Test
    void closedWhileItLooksUpANameASendIsRefused() throws Exception {
        SlowResolver resolver = new SlowResolver();
        UdpSocket socket = Udp.binder("127.0.0.1", 0).withResolver(resolver).bind();
        Thread helper = UdpPair.whenWaiting(() -> {
            socket.close();
            resolver.answer.signal();
        });
        assertFails(ClosedResourceException.class, () -> socket.send(bytes("x"), "some.host", 9));
        helper.join();
    }

    @Test
    void bindsAndConnectsThatLookUpANameCanBeCutShort() throws Exception {
        SlowResolver resolver = new SlowResolver();
        long before = Sockets.openSockets();
        for (boolean bind : new boolean[] {true, false}) {
            var scope = CancelScope.create();
            Thread helper = UdpPair.whenWaiting(scope::cancel);
            boolean done = scope.run(() -> {
                if (bind) {
                    Udp.binder("some.host", 0).withResolver(resolver).bind();
                } else {
                    Udp.connector("some.host", 9).withResolver(resolver).connect();
                }
            });
            helper.join();
            assertThat(done).isFalse();
        }
        assertThat(Sockets.openSockets()).isEqualTo(before);
    }

    // -- scopes

    @Test
    void addressesWithAnInterfaceAreBoundSentToAndSeen() throws IOException {
        Inet6Address linkLocal = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(a -> a instanceof Inet6Address && a.isLinkLocalAddress())
                .map(a -> (Inet6Address) a)
                .findFirst()
                .orElse(null);
        Assumptions.assumeTrue(linkLocal != null, "no interface has a link-local address");
        String host = linkLocal.getHostAddress();
        try (UdpSocket socket = Udp.bind(host, 0);
                UdpSocket peer = Udp.bind(host, 0)) {
            assertThat(scope(socket.localAddress())).isEqualTo(linkLocal.getScopeId());
            assertThat(socket.localAddress().getAddress()).isEqualTo(linkLocal);
            UdpPair.assertTalking(socket, peer);
            socket.send(bytes("x"), host, peer.localAddress().getPort());
            assertThat(scope(peer.receive().peer().orElseThrow())).isEqualTo(linkLocal.getScopeId());
            DatagramBatch<InetSocketAddress> batch = UdpPair.batch(peer.localAddress(), "y");
            socket.sendBatch(batch);
            peer.receiveBatch(batch);
            assertThat(batch.peer(0)).isEqualTo(socket.localAddress());
            assertThat(scope(batch.peer(0))).isEqualTo(linkLocal.getScopeId());
            try (ConnectedUdpSocket client =
                    Udp.connect(host, peer.localAddress().getPort())) {
                assertThat(scope(client.peerAddress())).isEqualTo(linkLocal.getScopeId());
                client.send(bytes("z"));
                assertThat(peer.receive().peer()).contains(client.localAddress());
            }
            // The loopback address has no scope.
            try (UdpSocket loopback = Udp.bind("::1", 0)) {
                loopback.send(bytes("x"), loopback.localAddress());
                assertThat(scope(loopback.receive().peer().orElseThrow())).isZero();
            }
        }
    }

    private static int scope(InetSocketAddress address) {
        return ((Inet6Address) address.getAddress()).getScopeId();
    }
}
