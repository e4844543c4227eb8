package io.bobbinet.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.SystemOptions;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The options of sockets for datagrams, and the groups that they join. */
@Timeout(30)
class DatagramOptionsTest extends OpenedDatagrams {
    // -- options

    @ParameterizedTest
    @EnumSource(
            value = StandardProtocolFamily.class,
            names = {"INET", "INET6"})
    void optionsAreAsThoseOfTheJdk(StandardProtocolFamily family) throws Exception {
        DatagramHandle handle = open(family);
        NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.getByName("127.0.0.1"));
        try (DatagramChannel channel = DatagramChannel.open(family)) {
            assertThat(handle.supportedOptions()).containsAll(channel.supportedOptions());
            for (var option : channel.supportedOptions()) {
                if (channel.getOption(option) == null) { // the interface for multicast: there are no nulls here
                    assertThatThrownBy(() -> handle.getOption(option)).isInstanceOf(SocketException.class);
                    continue;
                }
                assertThat(handle.getOption(option)).as(option.name()).isEqualTo(channel.getOption(option));
            }
        }
        handle.setOption(StandardSocketOptions.IP_MULTICAST_IF, loopback);
        assertThat(handle.getOption(StandardSocketOptions.IP_MULTICAST_IF)).isEqualTo(loopback);
        handle.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 7);
        assertThat(handle.getOption(StandardSocketOptions.IP_MULTICAST_TTL)).isEqualTo(7);
        handle.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, false);
        assertThat(handle.getOption(StandardSocketOptions.IP_MULTICAST_LOOP)).isFalse();
        handle.setOption(StandardSocketOptions.SO_BROADCAST, true);
        assertThat(handle.getOption(StandardSocketOptions.SO_BROADCAST)).isTrue();
        handle.setOption(StandardSocketOptions.IP_TOS, 0x10);
        assertThat(handle.getOption(StandardSocketOptions.IP_TOS)).isEqualTo(0x10);
        handle.setOption(SystemOptions.UNICAST_HOPS, 9);
        assertThat(handle.getOption(SystemOptions.UNICAST_HOPS)).isEqualTo(9);
        assertThatThrownBy(() -> handle.setOption(SystemOptions.UNICAST_HOPS, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> handle.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 256))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> handle.setOption(StandardSocketOptions.TCP_NODELAY, true))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("The option TCP_NODELAY is not one of UDP");
    }

    @Test
    void unixOptions() throws Exception {
        DatagramHandle handle = open(StandardProtocolFamily.UNIX);
        assertThat(handle.supportedOptions())
                .containsExactlyInAnyOrder(
                        StandardSocketOptions.SO_SNDBUF,
                        StandardSocketOptions.SO_RCVBUF,
                        SystemOptions.PASS_CREDENTIALS);
        handle.setOption(StandardSocketOptions.SO_SNDBUF, 10_000);
        assertThat(handle.getOption(StandardSocketOptions.SO_SNDBUF)).isEqualTo(10_000);
    }

    // -- multicast

    @Test
    void whatWentToAGroupComesToThoseWhoJoined() throws Exception {
        NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.getByName("127.0.0.1"));
        for (String wildcard : List.of("0.0.0.0", "::")) {
            InetAddress group = InetAddress.getByName("239.195.77.3");
            DatagramHandle member = bound(new InetSocketAddress(wildcard, 0));
            DatagramHandle sender = bound(loopback(0));
            sender.setOption(StandardSocketOptions.IP_MULTICAST_IF, loopback);
            InetSocketAddress to = new InetSocketAddress(group, port(member));
            for (Optional<InetAddress> source :
                    List.of(Optional.<InetAddress>empty(), Optional.of(InetAddress.getByName("127.0.0.1")))) {
                member.join(group, loopback, source);
                assertThatThrownBy(() -> member.join(group, loopback, source))
                        .hasMessage("The group is joined already");
                sender.send(bytes("all"), to);
                assertThat(text(member.receive(100))).isEqualTo("all");
                member.leave(group, loopback, source);
                assertThatThrownBy(() -> member.leave(group, loopback, source))
                        .hasMessage("The group was not joined in this way");
                sender.send(bytes("nobody"), to);
                sender.send(bytes("one"), loopback(port(member)));
                assertThat(text(member.receive(100))).isEqualTo("one");
            }
        }
    }

    @Test
    void groupsOfIPv6() throws Exception {
        Inet6Address local = linkLocal();
        NetworkInterface on = NetworkInterface.getByIndex(local.getScopeId());
        InetAddress group = InetAddress.getByName("ff02::77");
        InetAddress scoped = Inet6Address.getByAddress(null, group.getAddress(), on.getIndex());
        DatagramHandle member = bound(new InetSocketAddress("::", 0));
        for (Optional<InetAddress> source : List.of(Optional.<InetAddress>empty(), Optional.<InetAddress>of(local))) {
            member.join(group, on, source);
            member.send(bytes("all"), new InetSocketAddress(scoped, port(member)), local);
            assertThat(text(member.receive(100))).isEqualTo("all");
            member.leave(group, on, source);
            assertThatThrownBy(() -> member.leave(group, on, source))
                    .hasMessage("The group was not joined in this way");
        }
    }

    @Test
    void aGroupIsNotJoinedBySocketsThatCannot() throws Exception {
        NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.getByName("127.0.0.1"));
        InetAddress group = InetAddress.getByName("ff02::77");
        DatagramHandle four = open(StandardProtocolFamily.INET);
        assertThatThrownBy(() -> four.join(group, loopback, Optional.empty())).isInstanceOf(SocketException.class);
        DatagramHandle unix = open(StandardProtocolFamily.UNIX);
        assertThatThrownBy(() -> unix.join(group, loopback, Optional.empty()))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> unix.send(bytes("x"), path("a"), group))
                .isInstanceOf(UnsupportedOperationException.class);
    }
}
