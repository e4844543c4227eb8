package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static java.net.StandardProtocolFamily.INET;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NotYetBoundException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Datagram channels of the JDK that are taken over. */
@OnEachBackend
@DisplayName("UdpAdoptionTest")
@Timeout(30)
class UdpAdoptionTest extends UdpPair {

    private static DatagramChannel bound() throws IOException {
        return DatagramChannel.open(INET).bind(new InetSocketAddress(LOOPBACK, 0));
    }

    @Test
    @Tag("smoke")
    void aBoundChannelBecomesASocket() throws IOException {
        DatagramChannel channel = bound();
        peer.send(bytes("came before"), (InetSocketAddress) channel.getLocalAddress());
        try (UdpSocket adopted = Udp.adopt(channel)) {
            assertThat(adopted.localAddress()).isEqualTo(channel.getLocalAddress());
            assertThat(text(adopted.receive().data())).isEqualTo("came before");
            assertTalking(adopted, peer);
            var scope = CancelScope.create();
            scope.cancel();
            assertThat(scope.run(() -> adopted.receive())).isFalse();
            assertTalking(adopted, peer);
            assertFails(UnsupportedOperationException.class, adopted::toDescriptor)
                    .hasMessageContaining("JDK");
            assertFails(IllegalArgumentException.class, () -> adopted.send(bytes("x"), "::1", 9));
        }
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aChannelForBothFamiliesBecomesASocketForBoth() throws IOException {
        try (UdpSocket adopted = Udp.adopt(DatagramChannel.open().bind(null));
                UdpSocket six = Udp.bind("::1", 0)) {
            for (UdpSocket other : new UdpSocket[] {peer, six}) {
                adopted.send(bytes("x"), other.localAddress());
                other.send(other.receive().reply(bytes("y")));
                assertThat(adopted.receive().peer()).contains(other.localAddress());
            }
        }
    }

    @Test
    @Tag("smoke")
    void aConnectedChannelBecomesAConnectedSocket() throws IOException {
        DatagramChannel channel = DatagramChannel.open().connect(peer.localAddress());
        try (ConnectedUdpSocket adopted = Udp.adoptConnected(channel)) {
            assertThat(adopted.peerAddress()).isEqualTo(peer.localAddress());
            assertThat(adopted.localAddress()).isEqualTo(channel.getLocalAddress());
            adopted.send(bytes("hello"));
            peer.send(peer.receive().reply(bytes("olleh")));
            assertThat(text(adopted.receive().data())).isEqualTo("olleh");
        }
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aChannelThatIsRefusedRemainsTheCallers() throws IOException {
        try (DatagramChannel unbound = DatagramChannel.open();
                DatagramChannel bound = bound();
                DatagramChannel connected = DatagramChannel.open().connect(peer.localAddress());
                DatagramChannel registered = bound();
                Selector selector = Selector.open()) {
            assertFails(NotYetBoundException.class, () -> Udp.adopt(unbound));
            assertFails(NotYetConnectedException.class, () -> Udp.adoptConnected(unbound));
            assertFails(NotYetConnectedException.class, () -> Udp.adoptConnected(bound));
            assertFails(IllegalArgumentException.class, () -> Udp.adopt(connected))
                    .hasMessageContaining("adoptConnected");
            registered.configureBlocking(false);
            registered.register(selector, SelectionKey.OP_READ);
            assertFails(IllegalArgumentException.class, () -> Udp.adopt(registered))
                    .hasMessageContaining("selector");
            for (DatagramChannel channel : new DatagramChannel[] {unbound, bound, connected}) {
                assertThat(channel.isOpen()).isTrue();
                assertThat(channel.isBlocking()).isTrue();
            }
            assertThat(registered.isOpen()).isTrue();
            Udp.adopt(bound).close();
            assertFails(ClosedChannelException.class, () -> Udp.adopt(bound));
            assertFails(ClosedChannelException.class, () -> Udp.adoptConnected(bound));
        }
    }

    @Test
    void aChannelThatItsFormerOwnerClosesIsClosed() throws IOException {
        DatagramChannel channel = bound();
        try (UdpSocket adopted = Udp.adopt(channel)) {
            channel.close();
            assertFails(ClosedResourceException.class, adopted::receive);
            assertFails(ClosedResourceException.class, () -> adopted.send(bytes("x"), peer.localAddress()));
        }
    }
}
