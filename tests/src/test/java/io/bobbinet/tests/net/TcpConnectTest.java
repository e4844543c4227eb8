package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.ConnectionFailedException;
import io.bobbinet.net.Resolver;
import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpConnector;
import io.bobbinet.net.TcpStream;
import io.bobbinet.spi.WaitPoint;
import io.bobbinet.stream.Attribute;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@OnEachBackend
@DisplayName("TcpConnectTest")
@Timeout(30)
class TcpConnectTest {
    private static final String V4 = "127.0.0.1";

    private ServerSocket server;

    @BeforeEach
    void open() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.ofLiteral(V4));
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        assertThat(Thread.interrupted()).isFalse();
    }

    /** Keeps the server's port of IPv6 from others, with nobody listening there; gives the server another if it is taken. */
    private Socket reserveSamePortOfIpv6() throws IOException {
        while (true) {
            Socket reserved = new Socket();
            try {
                reserved.bind(new InetSocketAddress(InetAddress.ofLiteral("::1"), server.getLocalPort()));
                return reserved;
            } catch (BindException e) {
                reserved.close();
                server.close();
                server = new ServerSocket(0, 50, InetAddress.ofLiteral(V4));
            }
        }
    }

    private static Resolver answering(String... addresses) {
        List<InetAddress> found =
                Stream.of(addresses).map(InetAddress::ofLiteral).toList();
        return host -> found;
    }

    private static final Resolver NEVER_ASKED = host -> {
        throw new AssertionError("asked for " + host);
    };

    /** A port that nobody listens on: that of a listener closed a moment ago. */
    private static int freePort() throws IOException {
        try (var probe = new ServerSocket(0)) {
            return probe.getLocalPort();
        }
    }

    // -- connected

    @Test
    @Tag("smoke")
    void aConnectedStreamKnowsItsAddresses() throws IOException {
        try (TcpStream stream = Tcp.connect(V4, server.getLocalPort());
                Socket peer = server.accept()) {
            assertThat(stream.peerAddress()).isEqualTo(server.getLocalSocketAddress());
            assertThat(stream.localAddress()).isEqualTo(peer.getRemoteSocketAddress());
            assertThat(stream.find(SocketAttributes.LOCAL_ADDRESS)).contains(stream.localAddress());
            assertThat(stream.find(Attribute.of("unheard of"))).isEmpty();
        }
    }

    @Test
    void noDelayIsOnUnlessToldOtherwise() throws IOException {
        TcpConnector connector = Tcp.connector(V4, server.getLocalPort());
        try (TcpStream stream = connector.connect()) {
            assertThat(stream.option(StandardSocketOptions.TCP_NODELAY)).isTrue();
        }
        try (TcpStream stream = connector
                .withOption(StandardSocketOptions.TCP_NODELAY, false)
                .withOption(StandardSocketOptions.SO_KEEPALIVE, true)
                .connect()) {
            assertThat(stream.option(StandardSocketOptions.TCP_NODELAY)).isFalse();
            assertThat(stream.option(StandardSocketOptions.SO_KEEPALIVE)).isTrue();
        }
    }

    @Test
    void aConnectorConnectsAnyNumberOfTimesAndKnowsItsHost() throws IOException {
        TcpConnector connector =
                Tcp.connector("some.host", server.getLocalPort()).withResolver(answering(V4));
        try (TcpStream first = connector.connect();
                TcpStream second = connector.connect()) {
            assertThat(first.localAddress()).isNotEqualTo(second.localAddress());
        }
        assertThat(connector.find(Attribute.REMOTE_HOST)).contains("some.host");
        assertThat(connector).hasToString("some.host:" + server.getLocalPort());
    }

    @Test
    void anUnresolvedAddressIsLookedUpAndAResolvedOneIsNot() throws IOException {
        var unresolved = InetSocketAddress.createUnresolved("some.host", server.getLocalPort());
        Tcp.connector(unresolved).withResolver(answering(V4)).connect().close();
        var resolved = (InetSocketAddress) server.getLocalSocketAddress();
        Tcp.connector(resolved).withResolver(NEVER_ASKED).connect().close();
    }

    @Test
    void numericAddressesAreNotLookedUp() throws IOException {
        int port = server.getLocalPort();
        for (String literal : List.of(V4, "::ffff:127.0.0.1", "[::ffff:127.0.0.1]")) {
            try (TcpStream stream =
                    Tcp.connector(literal, port).withResolver(NEVER_ASKED).connect()) {
                assertThat(stream.peerAddress()).as(literal).isEqualTo(server.getLocalSocketAddress());
            }
        }
    }

    @Test
    void anAddressWithAnInterfaceIsOneToo() throws IOException {
        Inet6Address linkLocal = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(a -> a instanceof Inet6Address && a.isLinkLocalAddress())
                .map(a -> (Inet6Address) a)
                .findFirst()
                .orElse(null);
        Assumptions.assumeTrue(linkLocal != null, "no interface has a link-local address");
        String bare = linkLocal.getHostAddress().split("%", 2)[0];
        for (String scope : List.of(linkLocal.getScopedInterface().getName(), String.valueOf(linkLocal.getScopeId()))) {
            try (var there = new ServerSocket(0, 5, linkLocal);
                    TcpStream stream = Tcp.connector(bare + "%" + scope, there.getLocalPort())
                            .withResolver(NEVER_ASKED)
                            .connect()) {
                assertThat(stream.peerAddress().getAddress()).isEqualTo(linkLocal);
            }
        }
    }

    @Test
    void ipv6IsConnectedToAsIpv4Is() throws IOException {
        for (String literal : List.of("::1", V4)) {
            try (var there = new ServerSocket(0, 5, InetAddress.ofLiteral(literal));
                    TcpStream stream = Tcp.connect(literal, there.getLocalPort());
                    Socket peer = there.accept()) {
                assertThat(stream.peerAddress()).isEqualTo(there.getLocalSocketAddress());
                stream.send(bytes("x"));
                assertThat(peer.getInputStream().read()).isEqualTo('x');
            }
        }
    }

    @Test
    void everyConnectAsksTheResolverOnceAndRemembersNothing() throws IOException {
        Socket reserved = reserveSamePortOfIpv6();
        int port = server.getLocalPort();
        List<String> asked = new ArrayList<>();
        TcpConnector connector = Tcp.connector("some.host", port).withResolver(host -> {
            asked.add(host);
            return answering(V4, "::1").resolve(host);
        });
        try (TcpStream stream = connector.connect()) {
            assertThat(stream.peerAddress().getAddress()).isEqualTo(InetAddress.ofLiteral(V4));
        }
        reserved.close();
        // That IPv4 has won before is no reason not to begin with IPv6.
        try (var there = new ServerSocket(port, 5, InetAddress.ofLiteral("::1"));
                TcpStream stream = connector.connect()) {
            assertThat(stream.peerAddress()).isEqualTo(there.getLocalSocketAddress());
        }
        assertThat(asked).containsExactly("some.host", "some.host");
    }

    // -- local addresses

    @Test
    void theLocalAddressIsUsed() throws IOException {
        int port = freePort();
        try (TcpStream stream = Tcp.connector(V4, server.getLocalPort())
                .withLocalAddress(new InetSocketAddress(V4, port))
                .connect()) {
            assertThat(stream.localAddress()).isEqualTo(new InetSocketAddress(V4, port));
        }
    }

    @Test
    void aLocalPortWithoutAHostIsUsed() throws IOException {
        int port = freePort();
        try (TcpStream stream = Tcp.connector(V4, server.getLocalPort())
                .withLocalAddress(new InetSocketAddress(port))
                .connect()) {
            assertThat(stream.localAddress()).isEqualTo(new InetSocketAddress(V4, port));
        }
    }

    @Test
    void attemptsOfTheOtherFamilyThanTheLocalAddressFail() throws IOException {
        reserveSamePortOfIpv6().close();
        try (var there = new ServerSocket(server.getLocalPort(), 5, InetAddress.ofLiteral("::1"))) {
            TcpConnector connector =
                    Tcp.connector("::1", there.getLocalPort()).withLocalAddress(new InetSocketAddress(V4, 0));
            assertFails(ConnectionFailedException.class, () -> connector.connect())
                    .cause()
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining("other family");
            try (TcpStream stream = Tcp.connector("some.host", there.getLocalPort())
                    .withResolver(answering("::1", V4))
                    .withLocalAddress(new InetSocketAddress(V4, 0))
                    .connect()) {
                assertThat(stream.peerAddress()).isEqualTo(server.getLocalSocketAddress());
            }
        }
    }

    @Test
    void aLocalAddressOfAnotherMachineFails() {
        assertFails(
                        ConnectionFailedException.class,
                        () -> Tcp.connector(V4, server.getLocalPort())
                                .withLocalAddress(new InetSocketAddress("198.51.100.1", 0))
                                .connect())
                .cause()
                .isInstanceOf(BindException.class)
                .hasMessageContaining("198.51.100.1");
        assertFails(
                        UnknownHostException.class,
                        () -> Tcp.connector(V4, server.getLocalPort())
                                .withLocalAddress(InetSocketAddress.createUnresolved("nowhere", 0))
                                .withResolver(host -> {
                                    throw new UnknownHostException(host);
                                })
                                .connect())
                .hasMessageContaining("nowhere");
    }

    // -- failures

    @Test
    @Tag("smoke")
    void aRefusedAttemptIsListedWithItsAddress() throws IOException {
        int port = freePort();
        assertFails(ConnectionFailedException.class, () -> Tcp.connect(V4, port))
                .hasMessage("Cannot connect to 127.0.0.1:" + port + ": Connection refused")
                .satisfies(e -> assertThat(e.getSuppressed())
                        .singleElement()
                        .isSameAs(e.getCause())
                        .isInstanceOf(ConnectException.class));
    }

    @Test
    void allRefusedAttemptsAreListedWithTheirAddresses() throws IOException {
        int port = freePort();
        assertFails(
                        ConnectionFailedException.class,
                        () -> Tcp.connector("some.host", port)
                                .withResolver(answering(V4, "::1"))
                                .connect())
                .hasMessageContaining("some.host:" + port)
                .hasMessageContaining("2 attempts failed")
                .satisfies(e -> assertThat(e.getSuppressed())
                        .extracting(Throwable::getMessage)
                        .satisfiesExactly(
                                m -> assertThat(m).endsWith("[::1]:" + port),
                                m -> assertThat(m).endsWith("127.0.0.1:" + port)));
    }

    @Test
    void whatTheResolverThrowsComesAsItIs() {
        var unknown = new UnknownHostException("some.host: not today");
        assertThatThrownBy(() -> Tcp.connector("some.host", 80)
                        .withResolver(host -> {
                            throw unknown;
                        })
                        .connect())
                .isSameAs(unknown)
                .hasNoSuppressedExceptions()
                .hasNoCause();
    }

    @Test
    void portsOutOfRangeAreRefusedBeforeAnythingElse() {
        for (int port : new int[] {-1, 0, 65_536}) {
            assertFails(IllegalArgumentException.class, () -> Tcp.connect("no such name", port))
                    .hasMessageContaining("not " + port);
            assertFails(IllegalArgumentException.class, () -> Tcp.connector("no such name", port));
        }
        assertFails(IllegalArgumentException.class, () -> Tcp.connector(new InetSocketAddress(V4, 0)));
        assertFails(IllegalArgumentException.class, () -> Tcp.connector(V4, 1).withConnectTimeout(ofSeconds(0)));
        assertFails(IllegalArgumentException.class, () -> Tcp.connector(V4, 1).withAttemptDelay(ofSeconds(-1)));
    }

    @Test
    void anEmptyHostIsUnknown() {
        assertFails(UnknownHostException.class, () -> Tcp.connect("", 80)).hasMessageContaining("empty");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void failedAttemptsLeaveNoSocketBehind() throws IOException {
        long before = Sockets.openSockets();
        int port = freePort();
        TcpConnector connector = Tcp.connector("some.host", port).withResolver(answering(V4, "::1"));
        assertFails(ConnectionFailedException.class, () -> connector.connect());
        assertFails(
                ConnectionFailedException.class,
                () -> connector
                        .withLocalAddress(new InetSocketAddress("198.51.100.1", 0))
                        .connect());
        assertFails(
                UnsupportedOperationException.class,
                () -> connector
                        .withOption(StandardSocketOptions.IP_MULTICAST_TTL, 1)
                        .connect());
        assertThat(Sockets.openSockets()).isEqualTo(before);
    }

    // -- time and cancellation

    @Test
    @EnabledOnOs(OS.LINUX)
    void aSlowAddressLosesToTheNextAndIsClosed() throws Exception {
        try (var silent = SilentServer.at("::1", 0);
                var there = new ServerSocket(silent.port(), 5, InetAddress.ofLiteral(V4))) {
            long before = Sockets.openSockets();
            VirtualTime.run(time -> TaskGroup.run(group -> {
                Task<TcpStream> connect = group.fork(() -> Tcp.connector("some.host", silent.port())
                        .withResolver(answering(V4, "::1"))
                        .connect());
                Blocked.await(connect);
                time.advance(ofMillis(250));
                try (TcpStream stream = connect.join()) {
                    assertThat(stream.peerAddress()).isEqualTo(there.getLocalSocketAddress());
                    assertThat(Sockets.openSockets()).isEqualTo(before + 1);
                }
            }));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void theConnectTimeoutEndsAllAttempts() throws Exception {
        try (var silent = SilentServer.at(V4, 0)) {
            long before = Sockets.openSockets();
            VirtualTime.run(time -> TaskGroup.run(group -> {
                Task<?> connect = group.fork(() -> {
                    assertFails(
                                    TimedOutException.class,
                                    () -> Tcp.connector(V4, silent.port())
                                            .withConnectTimeout(ofSeconds(5))
                                            .connect())
                            .hasMessageContaining("127.0.0.1:" + silent.port());
                });
                Blocked.await(connect);
                time.advance(ofMillis(4999));
                Blocked.await(connect);
                time.advance(ofMillis(1));
                connect.join();
            }));
            assertThat(Sockets.openSockets()).isEqualTo(before);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aConnectHasNoTimeLimitOfItsOwnAndIsCancelled() throws Exception {
        try (var silent = SilentServer.at(V4, 0)) {
            long before = Sockets.openSockets();
            VirtualTime.run(time -> TaskGroup.run(group -> {
                Task<TcpStream> connect = group.fork(() -> Tcp.connect(V4, silent.port()));
                Blocked.await(connect);
                time.advance(ofDays(1));
                Blocked.await(connect);
                connect.cancel();
                connect.await();
                assertThat(connect.status()).isEqualTo(Task.Status.CANCELLED);
            }));
            assertThat(Sockets.openSockets()).isEqualTo(before);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aUsersInterruptEndsTheConnectAndStaysSet() throws Exception {
        try (var silent = SilentServer.at(V4, 0)) {
            TaskGroup.run(group -> {
                Thread[] thread = new Thread[1];
                Task<?> connect = group.fork(() -> {
                    thread[0] = Thread.currentThread();
                    assertThatThrownBy(() -> Tcp.connect(V4, silent.port()))
                            .isExactlyInstanceOf(InterruptedIOException.class);
                    assertThat(Thread.interrupted()).isTrue();
                });
                Blocked.await(connect);
                thread[0].interrupt();
                connect.join();
            });
        }
    }

    @Test
    void cancellingDuringTheLookUpEndsIt() throws Exception {
        var never = new WaitPoint("resolve");
        Resolver stuck = host -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                throw CancelScope.interrupted(e);
            }
            return List.of();
        };
        TaskGroup.run(group -> {
            Task<TcpStream> connect = group.fork(
                    () -> Tcp.connector("some.host", 80).withResolver(stuck).connect());
            Blocked.await(connect);
            connect.cancel();
            connect.await();
            assertThat(connect.status()).isEqualTo(Task.Status.CANCELLED);
        });
    }

    @Test
    void inACancelledScopeNothingBegins() throws IOException {
        var scope = CancelScope.create();
        scope.cancel();
        scope.run(() -> assertFails(
                CancelledException.class,
                () -> Tcp.connector("some.host", 80).withResolver(NEVER_ASKED).connect()));
    }

    @Test
    void theStreamOutlivesTheConnectTimeout() throws Exception {
        VirtualTime.run(time -> {
            try (TcpStream stream = Tcp.connector(V4, server.getLocalPort())
                            .withConnectTimeout(ofSeconds(1))
                            .connect();
                    Socket peer = server.accept()) {
                time.advance(ofDays(1));
                stream.send(bytes("x"));
                assertThat(peer.getInputStream().read()).isEqualTo('x');
            }
        });
    }
}
