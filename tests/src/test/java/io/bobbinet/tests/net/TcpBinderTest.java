package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static java.net.StandardProtocolFamily.INET;
import static java.net.StandardProtocolFamily.INET6;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Resolver;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpBinder;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.Backends;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** On which addresses a TCP listener listens, and what becomes of those it cannot have. */
@OnEachBackend
@DisplayName("TcpBinderTest")
@Timeout(30)
class TcpBinderTest {
    private static final Resolver BOTH_LOOPBACKS = answering("127.0.0.1", "::1");

    private static Resolver answering(String... addresses) {
        List<InetAddress> found =
                Stream.of(addresses).map(InetAddress::ofLiteral).toList();
        return host -> found;
    }

    /** Connects to an address, accepts, and tells who came. */
    private static InetAddress acceptFrom(TcpListener listener, String address) throws IOException {
        try (Socket client = new Socket(address, listener.localAddress().getPort());
                TcpStream stream = listener.accept()) {
            assertThat(stream.peerAddress()).isEqualTo(client.getLocalSocketAddress());
            return stream.peerAddress().getAddress();
        }
    }

    // -- where

    @Test
    @Tag("smoke")
    void aPortAloneServesBothFamiliesAndShowsIpv4PeersAsIpv4() throws IOException {
        try (TcpListener listener = Tcp.listen(0)) {
            assertThat(listener.localAddresses()).hasSize(1);
            assertThat(listener.localAddress().getAddress().isAnyLocalAddress()).isTrue();
            assertThat(acceptFrom(listener, "127.0.0.1")).isInstanceOf(Inet4Address.class);
            assertThat(acceptFrom(listener, "::1")).isInstanceOf(Inet6Address.class);
        }
        try (TcpListener listener = Tcp.binder(new InetSocketAddress(0)).listen()) {
            acceptFrom(listener, "127.0.0.1");
            acceptFrom(listener, "::1");
        }
    }

    @Test
    void aNameWithSeveralAddressesServesAllOnOnePort() throws IOException {
        try (TcpListener listener =
                Tcp.binder("localhost", 0).withResolver(BOTH_LOOPBACKS).listen()) {
            assertThat(listener.localAddresses()).hasSize(2);
            assertThat(listener.localAddresses())
                    .extracting(InetSocketAddress::getPort)
                    .containsOnly(listener.localAddress().getPort());
            for (int i = 0; i < 3; i++) {
                acceptFrom(listener, "127.0.0.1");
                acceptFrom(listener, "::1");
            }
        }
    }

    @Test
    void aFamilyLimitsTheAddressesOfAName() throws IOException {
        TcpBinder binder = Tcp.binder("localhost", 0).withResolver(BOTH_LOOPBACKS);
        try (TcpListener v4 = binder.withFamily(INET).listen();
                TcpListener v6 = binder.withFamily(INET6).listen()) {
            assertThat(v4.localAddresses())
                    .singleElement()
                    .satisfies(a -> assertThat(a.getAddress()).isInstanceOf(Inet4Address.class));
            assertThat(v6.localAddresses())
                    .singleElement()
                    .satisfies(a -> assertThat(a.getAddress()).isInstanceOf(Inet6Address.class));
        }
        assertFails(IllegalArgumentException.class, () -> binder.withFamily(StandardProtocolFamily.UNIX));
    }

    @Test
    void numericAddressesAreBoundAsTheyAre() throws IOException {
        for (String literal : List.of("127.0.0.1", "::1", "0.0.0.0", "::")) {
            try (TcpListener listener = Tcp.binder(literal, 0)
                    .withResolver(host -> {
                        throw new AssertionError("asked for " + host);
                    })
                    .listen()) {
                assertThat(listener.localAddresses())
                        .singleElement()
                        .satisfies(a -> assertThat(a.getAddress()).isEqualTo(InetAddress.ofLiteral(literal)));
            }
        }
    }

    @Test
    void theIpv6WildcardTakesIpv4AsWell() throws IOException {
        try (TcpListener listener = Tcp.listen("::", 0)) {
            acceptFrom(listener, "127.0.0.1");
            acceptFrom(listener, "::1");
        }
    }

    @Test
    void ipv4EverywhereTakesIpv4Alone() throws IOException {
        try (TcpListener listener = Tcp.binder(0).withFamily(INET).listen()) {
            assertThat(listener.localAddress().getAddress()).isEqualTo(InetAddress.ofLiteral("0.0.0.0"));
            acceptFrom(listener, "127.0.0.1");
            assertFails(
                    ConnectException.class,
                    () -> new Socket("::1", listener.localAddress().getPort()).close());
        }
    }

    @Test
    void ipv6EverywhereTakesIpv6AloneOrSaysWhichBackendCan() throws IOException {
        TcpBinder binder = Tcp.binder(0).withFamily(INET6);
        if (!Backends.current().capabilities().contains(Capability.IPV6_ONLY)) {
            assertFails(UnsupportedOperationException.class, () -> binder.listen())
                    .hasMessageContaining("linux");
            return;
        }
        try (TcpListener listener = binder.listen()) {
            acceptFrom(listener, "::1");
            assertFails(
                    ConnectException.class,
                    () -> new Socket("127.0.0.1", listener.localAddress().getPort()).close());
        }
    }

    @Test
    void anAddressWithAnInterfaceCanBeBound() throws IOException {
        Inet6Address linkLocal = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(a -> a instanceof Inet6Address && a.isLinkLocalAddress())
                .map(a -> (Inet6Address) a)
                .findFirst()
                .orElse(null);
        Assumptions.assumeTrue(linkLocal != null, "no interface has a link-local address");
        try (TcpListener listener = Tcp.listen(linkLocal.getHostAddress(), 0);
                Socket client = new Socket(linkLocal, listener.localAddress().getPort());
                TcpStream stream = listener.accept()) {
            assertThat(stream.peerAddress()).isEqualTo(client.getLocalSocketAddress());
        }
    }

    @Test
    void closingWakesAnAcceptOnSeveralAddresses() throws Exception {
        TcpListener listener =
                Tcp.binder("localhost", 0).withResolver(BOTH_LOOPBACKS).listen();
        TaskGroup.run(group -> {
            Task<?> accept = group.fork(() -> {
                assertFails(ClosedResourceException.class, () -> listener.accept());
            });
            Blocked.await(accept);
            listener.close();
        });
    }

    // -- how

    @Test
    void optionsOfTheListenerAreHonouredAndInherited() throws IOException {
        try (TcpListener plain = Tcp.listen("127.0.0.1", 0);
                TcpListener listener = Tcp.binder("127.0.0.1", 0)
                        .withOption(StandardSocketOptions.SO_RCVBUF, 20_000)
                        .listen();
                Socket client = new Socket("127.0.0.1", listener.localAddress().getPort());
                TcpStream stream = listener.accept()) {
            int size = listener.option(StandardSocketOptions.SO_RCVBUF);
            assertThat(size).isLessThan(plain.option(StandardSocketOptions.SO_RCVBUF));
            assertThat(stream.option(StandardSocketOptions.SO_RCVBUF)).isEqualTo(size);
            listener.setOption(StandardSocketOptions.SO_RCVBUF, 40_000);
            assertThat(listener.option(StandardSocketOptions.SO_RCVBUF)).isGreaterThan(size);
            assertThat(listener.supportedOptions()).contains(StandardSocketOptions.SO_RCVBUF);
            assertThat(client.isConnected()).isTrue();
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aServerCanBeStartedAgainAtOnce() throws IOException {
        int port;
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0);
                Socket client = new Socket("127.0.0.1", listener.localAddress().getPort())) {
            port = listener.localAddress().getPort();
            assertThat(listener.option(StandardSocketOptions.SO_REUSEADDR)).isTrue();
            listener.accept().close(); // we close first: this end stays in TIME_WAIT
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        Tcp.listen("127.0.0.1", port).close();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void listenersThatBothAskForItShareAPort() throws IOException {
        try (TcpListener first = Tcp.binder("127.0.0.1", 0).withReusePort().listen()) {
            TcpBinder again = Tcp.binder(first.localAddress());
            try (TcpListener second = again.withReusePort().listen()) {
                assertThat(second.localAddress()).isEqualTo(first.localAddress());
            }
            assertFails(BindException.class, () -> again.listen());
        }
        try (TcpListener first = Tcp.listen("127.0.0.1", 0)) {
            assertFails(
                    BindException.class,
                    () -> Tcp.binder(first.localAddress()).withReusePort().listen());
        }
    }

    @Test
    void anyPositiveBacklogWillDo() throws IOException {
        TcpBinder binder = Tcp.binder("127.0.0.1", 0);
        for (int backlog : new int[] {1, 65_536, Integer.MAX_VALUE}) {
            try (TcpListener listener = binder.withBacklog(backlog).listen()) {
                acceptFrom(listener, "127.0.0.1");
            }
        }
        assertFails(IllegalArgumentException.class, () -> binder.withBacklog(0));
        assertFails(IllegalArgumentException.class, () -> binder.withBacklog(-1));
    }

    // -- failures

    @Test
    @Tag("smoke")
    void aPortInUseIsABindExceptionWithTheAddress() throws IOException {
        try (var taken = new ServerSocket(0, 5, InetAddress.ofLiteral("127.0.0.1"))) {
            int port = taken.getLocalPort();
            assertFails(BindException.class, () -> Tcp.listen("127.0.0.1", port))
                    .hasMessage("Address already in use: 127.0.0.1:" + port);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatWasOpenedBeforeAFailureIsClosed() throws IOException {
        try (var taken = new ServerSocket(0, 5, InetAddress.ofLiteral("::1"))) {
            long before = Sockets.openSockets();
            assertFails(
                            BindException.class,
                            () -> Tcp.binder("localhost", taken.getLocalPort())
                                    .withResolver(BOTH_LOOPBACKS)
                                    .listen())
                    .hasMessage("Address already in use: [::1]:" + taken.getLocalPort());
            assertFails(
                    UnsupportedOperationException.class,
                    () -> Tcp.binder(0)
                            .withOption(StandardSocketOptions.IP_MULTICAST_TTL, 1)
                            .listen());
            assertThat(Sockets.openSockets()).isEqualTo(before);
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void addressesThatCanNeverShareAPortAreToldAfterABoundedSearch() throws IOException {
        long before = Sockets.openSockets();
        assertFails(
                        BindException.class,
                        () -> Tcp.binder("some.host", 0)
                                .withResolver(answering("127.0.0.1", "0.0.0.0"))
                                .listen())
                .hasMessage("No port is free on all of [127.0.0.1:0, 0.0.0.0:0]");
        assertThat(Sockets.openSockets()).isEqualTo(before);
    }

    @Test
    void badInputIsToldPrecisely() {
        assertFails(UnknownHostException.class, () -> Tcp.listen("", 0));
        assertFails(
                UnknownHostException.class,
                () -> Tcp.binder("some.host", 0)
                        .withResolver(host -> {
                            throw new UnknownHostException(host);
                        })
                        .listen());
        assertFails(
                        UnknownHostException.class,
                        () -> Tcp.binder("127.0.0.1", 0).withFamily(INET6).listen())
                .hasMessageContaining("127.0.0.1")
                .hasMessageContaining("INET6");
        assertFails(BindException.class, () -> Tcp.listen("198.51.100.1", 0)).hasMessageContaining("198.51.100.1:0");
        assertFails(IllegalArgumentException.class, () -> Tcp.listen(65_536)).hasMessageContaining("65536");
        assertFails(IllegalArgumentException.class, () -> Tcp.listen("no such name", -1));
    }
}
