package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static java.net.StandardProtocolFamily.INET;
import static java.net.StandardProtocolFamily.INET6;
import static java.net.StandardProtocolFamily.UNIX;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.Resolver;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpBinder;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.spi.Capability;
import io.bobbinet.task.Backends;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Where UDP sockets are bound, and whom that lets them reach. */
@OnEachBackend
@DisplayName("UdpBinderTest")
@Timeout(30)
class UdpBinderTest {
    private static final Resolver NEVER_ASKED = host -> {
        throw new AssertionError("asked for " + host);
    };

    private static Resolver answering(String... addresses) {
        List<InetAddress> found =
                Stream.of(addresses).map(InetAddress::ofLiteral).toList();
        return host -> found;
    }

    /** Sends to a socket by way of an address of this machine, and tells whom it saw; gets an answer. */
    private static InetAddress reach(UdpSocket socket, String address) throws IOException {
        try (ConnectedUdpSocket client =
                Udp.connect(address, socket.localAddress().getPort())) {
            client.send(bytes("hello"));
            Datagram<InetSocketAddress> question = socket.receive();
            assertThat(question.peer()).contains(client.localAddress());
            socket.send(question.reply(question.data()));
            assertThat(text(client.receive().data())).isEqualTo("hello");
            return question.peer().orElseThrow().getAddress();
        }
    }

    @Test
    @Tag("smoke")
    void aPortAloneTakesBothFamiliesAndShowsIpv4PeersAsIpv4() throws IOException {
        int port;
        try (UdpSocket socket = Udp.bind(0)) {
            port = socket.localAddress().getPort();
            assertThat(port).isPositive();
            assertThat(socket.localAddress().getAddress().isAnyLocalAddress()).isTrue();
            assertThat(reach(socket, "127.0.0.1")).isInstanceOf(Inet4Address.class);
            assertThat(reach(socket, "::1")).isInstanceOf(Inet6Address.class);
        }
        for (UdpBinder binder :
                List.of(Udp.binder(port), Udp.binder(new InetSocketAddress(port)), Udp.binder("::", port))) {
            try (UdpSocket socket = binder.bind()) {
                assertThat(socket.localAddress().getPort()).isEqualTo(port);
                reach(socket, "127.0.0.1");
                reach(socket, "::1");
            }
        }
    }

    @Test
    void aSocketWhichNobodyBoundHasAPortFromTheBeginning() throws IOException {
        try (UdpSocket socket = Udp.open()) {
            assertThat(socket.localAddress().getPort()).isPositive();
            reach(socket, "127.0.0.1");
            reach(socket, "::1");
        }
    }

    @Test
    void ipv4EverywhereTakesIpv4Alone() throws IOException {
        for (UdpBinder binder :
                List.of(Udp.binder(0).withFamily(INET), Udp.binder("0.0.0.0", 0).withFamily(INET))) {
            try (UdpSocket socket = binder.bind()) {
                assertThat(socket.localAddress().getAddress()).isEqualTo(InetAddress.ofLiteral("0.0.0.0"));
                reach(socket, "127.0.0.1");
                // Nobody has the port in IPv6.
                Udp.bind("::1", socket.localAddress().getPort()).close();
                assertFails(IllegalArgumentException.class, () -> socket.send(bytes("x"), "::1", 9))
                        .hasMessageContaining("IPv4")
                        .hasMessageContaining("::1");
            }
        }
    }

    @Test
    void ipv6EverywhereTakesIpv6AloneOrSaysWhichBackendCan() throws IOException {
        UdpBinder binder = Udp.binder(0).withFamily(INET6);
        if (!Backends.current().capabilities().contains(Capability.IPV6_ONLY)) {
            assertFails(UnsupportedOperationException.class, binder::bind).hasMessageContaining("linux");
            return;
        }
        try (UdpSocket socket = binder.bind()) {
            reach(socket, "::1");
            int port = socket.localAddress().getPort();
            assertFails(IllegalArgumentException.class, () -> socket.send(bytes("x"), "127.0.0.1", 9))
                    .hasMessageContaining("IPv6")
                    .hasMessageContaining("127.0.0.1");
            try (UdpSocket other = Udp.binder(port).withFamily(INET).bind()) {
                reach(other, "127.0.0.1");
                reach(socket, "::1");
            }
        }
    }

    @Test
    void numericAddressesAreBoundAsTheyAre() throws IOException {
        for (String literal : List.of("127.0.0.1", "127.0.0.2", "::1")) {
            try (UdpSocket socket =
                    Udp.binder(literal, 0).withResolver(NEVER_ASKED).bind()) {
                assertThat(socket.localAddress().getAddress()).isEqualTo(InetAddress.ofLiteral(literal));
                reach(socket, literal);
            }
        }
    }

    @Test
    void ofANameTheFirstAddressIsBound() throws IOException {
        for (List<String> addresses : List.of(List.of("127.0.0.2", "::1"), List.of("::1", "127.0.0.2"))) {
            Resolver resolver = answering(addresses.toArray(String[]::new));
            for (UdpBinder binder : List.of(
                    Udp.binder("some.host", 0), Udp.binder(InetSocketAddress.createUnresolved("some.host", 0)))) {
                try (UdpSocket socket = binder.withResolver(resolver).bind()) {
                    assertThat(socket.localAddress().getAddress())
                            .isEqualTo(InetAddress.ofLiteral(addresses.getFirst()));
                }
                try (UdpSocket socket =
                        binder.withResolver(resolver).withFamily(INET6).bind()) {
                    assertThat(socket.localAddress().getAddress()).isEqualTo(InetAddress.ofLiteral("::1"));
                }
            }
        }
        try (UdpSocket socket = Udp.bind("localhost", 0)) {
            assertThat(socket.localAddress().getAddress().isLoopbackAddress()).isTrue();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aBindThatFailsIsToldPreciselyAndLeavesNothingOpen() throws IOException {
        try (UdpSocket taken = Udp.bind("127.0.0.1", 0)) {
            long before = Sockets.openSockets();
            int port = taken.localAddress().getPort();
            assertFails(BindException.class, () -> Udp.bind("127.0.0.1", port))
                    .hasMessage("Address already in use: 127.0.0.1:" + port);
            assertFails(BindException.class, () -> Udp.bind("198.51.100.1", 0)).hasMessageContaining("198.51.100.1:0");
            UdpBinder binder = Udp.binder("127.0.0.1", 0);
            assertFails(
                    UnsupportedOperationException.class,
                    () -> binder.withOption(StandardSocketOptions.TCP_NODELAY, true)
                            .bind());
            assertFails(UnknownHostException.class, () -> Udp.bind("", 0));
            assertFails(
                            UnknownHostException.class,
                            () -> binder.withFamily(INET6).bind())
                    .hasMessageContaining("127.0.0.1")
                    .hasMessageContaining("INET6");
            assertThat(Sockets.openSockets()).isEqualTo(before);
        }
        for (int port : new int[] {-1, 65_536}) {
            assertFails(IllegalArgumentException.class, () -> Udp.bind(port)).hasMessageContaining("" + port);
            assertFails(IllegalArgumentException.class, () -> Udp.bind("no such name", port));
        }
        assertFails(IllegalArgumentException.class, () -> Udp.binder(0).withFamily(UNIX));
    }
}
