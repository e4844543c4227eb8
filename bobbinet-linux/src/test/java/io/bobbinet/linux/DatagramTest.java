package io.bobbinet.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.SystemDatagram;
import io.bobbinet.spi.SystemOptions;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.file.AccessDeniedException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One datagram at a time. */
@Timeout(30)
class DatagramTest extends OpenedDatagrams {
    private static InetSocketAddress loopback6(int port) {
        return new InetSocketAddress("::1", port);
    }

    // -- UDP

    @Test
    void goesFromOneToTheOtherAndBack() throws Exception {
        DatagramHandle first = bound(loopback(0));
        DatagramHandle second = bound(loopback(0));
        ByteBuffer data = bytes("__question__").position(2).limit(10);
        first.send(data, second.localAddress());
        assertThat(data.position()).isEqualTo(2);
        SystemDatagram question = second.receive(100);
        assertThat(text(question)).isEqualTo("question");
        assertThat(question.sender()).isEqualTo(first.localAddress());
        assertThat(question.isTruncated()).isFalse();
        assertThat(question.destination()).isEmpty();
        second.send(ByteBuffer.allocateDirect(0), question.sender());
        SystemDatagram answer = first.receive(100);
        assertThat(answer.data()).isEmpty();
        assertThat(answer.length()).isZero();
        second.send(bytes("x").asReadOnlyBuffer(), question.sender());
        assertThat(text(first.receive(100))).isEqualTo("x");
    }

    @Test
    void aSocketForBothFamiliesShowsIPv4AsThat() throws Exception {
        DatagramHandle both = bound(new InetSocketAddress("::", 0));
        DatagramHandle four = bound(loopback(0));
        DatagramHandle six = bound(loopback6(0));
        four.send(bytes("4"), loopback(port(both)));
        assertThat(both.receive(10).sender()).isEqualTo(four.localAddress());
        six.send(bytes("6"), loopback6(port(both)));
        SystemDatagram fromSix = both.receive(10);
        assertThat(fromSix.sender()).isEqualTo(six.localAddress());
        four.send(bytes("4"), loopback(port(both)));
        assertThat(both.receive(10).sender()).isEqualTo(four.localAddress());
        both.send(bytes("a"), four.localAddress());
        both.send(bytes("b"), six.localAddress());
        assertThat(text(four.receive(10))).isEqualTo("a");
        assertThat(text(six.receive(10))).isEqualTo("b");
    }

    @Test
    void tellsTheLengthOfWhatItCuts() throws Exception {
        DatagramHandle receiver = bound(loopback(0));
        receiver.send(bytes("0123456789"), receiver.localAddress());
        SystemDatagram cut = receiver.receive(4);
        assertThat(text(cut)).isEqualTo("0123");
        assertThat(cut.length()).isEqualTo(10);
        assertThat(cut.isTruncated()).isTrue();
        receiver.send(ByteBuffer.allocateDirect(65_507), receiver.localAddress());
        assertThat(receiver.receive(1_000_000).data()).hasSize(65_507);
    }

    @Test
    void anUnreachablePeerIsToldOnce() throws Exception {
        DatagramHandle gone = bound(loopback(0));
        SocketAddress address = gone.localAddress();
        gone.close();
        DatagramHandle client = open(StandardProtocolFamily.INET);
        client.connect(address);
        client.send(bytes("x"));
        assertThatThrownBy(() -> client.receive(10))
                .isInstanceOf(PortUnreachableException.class)
                .hasCauseInstanceOf(IOException.class);
        client.send(bytes("y"));
        assertThatThrownBy(() -> client.send(bytes("not sent"))).isInstanceOf(PortUnreachableException.class);
        DatagramHandle again = bound(address);
        client.send(bytes("z"));
        assertThat(text(again.receive(10))).isEqualTo("z");
        again.send(bytes("answer"), client.localAddress());
        assertThat(text(client.receive(10))).isEqualTo("answer");
        assertThat(client.remoteAddress()).isEqualTo(address);
    }

    @Test
    void tooLongOnesAreRefusedAndTheSocketStaysGood() throws Exception {
        DatagramHandle handle = bound(loopback(0));
        assertThatExceptionOfType(SocketException.class)
                .isThrownBy(() -> handle.send(ByteBuffer.allocate(65_508), handle.localAddress()))
                .withMessage("Message too long: the most is 65507");
        InetAddress from = InetAddress.getByName("127.0.0.1");
        assertThatExceptionOfType(SocketException.class)
                .isThrownBy(() -> handle.send(ByteBuffer.allocate(65_508), handle.localAddress(), from))
                .withMessage("Message too long: the most is 65507");
        DatagramHandle six = bound(loopback6(0));
        assertThatThrownBy(() -> six.send(ByteBuffer.allocate(65_528), six.localAddress()))
                .hasMessage("Message too long: the most is 65527");
        handle.send(bytes("x"), handle.localAddress());
        assertThat(text(handle.receive(10))).isEqualTo("x");
    }

    @Test
    void aReceiveWaitsAndAnInterruptTakesNothing() throws Exception {
        DatagramHandle handle = bound(loopback(0));
        Running<SystemDatagram> interrupted =
                Running.start(() -> handle.receive(10)).awaitBlocked();
        interrupted.interrupt();
        assertThat(interrupted.failure()).isInstanceOf(InterruptedException.class);
        Running<SystemDatagram> waiting =
                Running.start(() -> handle.receive(10)).awaitBlocked();
        handle.send(bytes("x"), handle.localAddress());
        assertThat(text(waiting.value())).isEqualTo("x");
        Running<Boolean> readable = Running.start(() -> {
                    handle.awaitReadable();
                    return true;
                })
                .awaitBlocked();
        handle.send(bytes("y"), handle.localAddress());
        assertThat(readable.value()).isTrue();
        assertThat(text(handle.receive(10))).isEqualTo("y");
    }

    @Test
    void closingEndsAReceive() throws Exception {
        DatagramHandle handle = bound(loopback(0));
        Running<SystemDatagram> waiting =
                Running.start(() -> handle.receive(10)).awaitBlocked();
        handle.close();
        assertThat(waiting.failure()).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> handle.receive(10)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> handle.send(bytes("x"), loopback(1))).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> handle.send(bytes("x"))).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(handle::awaitReadable).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void aChannelOfTheJdkUnderstandsIt() throws Exception {
        DatagramHandle handle = bound(loopback(0));
        try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
            channel.bind(loopback(0));
            handle.send(bytes("there"), channel.getLocalAddress());
            ByteBuffer target = ByteBuffer.allocate(100);
            channel.send(bytes("back"), channel.receive(target));
            assertThat(target.flip()).isEqualTo(bytes("there"));
            assertThat(text(handle.receive(100))).isEqualTo("back");
        }
    }

    @Test
    void aSocketIsClosedUnderManySenders() throws Exception {
        DatagramHandle receiver = bound(loopback(0));
        SocketAddress to = receiver.localAddress();
        for (int round = 0; round < 50; round++) {
            DatagramHandle sender = bound(loopback(0));
            AtomicInteger sent = new AtomicInteger();
            List<Running<Void>> senders = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                senders.add(Running.start(() -> {
                    while (true) {
                        sender.send(bytes("x"), to);
                        sent.incrementAndGet();
                        Thread.yield();
                    }
                }));
            }
            while (sent.get() < 20) {
                Thread.yield();
            }
            sender.close();
            for (Running<Void> each : senders) {
                assertThat(each.failure()).isInstanceOf(ClosedChannelException.class);
            }
        }
    }

    // -- local addresses

    @Test
    void tellsWhereADatagramWentToAndAnswersFromThere() throws Exception {
        for (String wildcard : List.of("0.0.0.0", "::")) {
            DatagramHandle server = bound(new InetSocketAddress(wildcard, 0));
            server.setOption(SystemOptions.DESTINATION_ADDRESS, true);
            assertThat(server.getOption(SystemOptions.DESTINATION_ADDRESS)).isTrue();
            DatagramHandle client = bound(loopback(0));
            for (String address : List.of("127.0.0.1", "127.0.0.2", "127.0.0.2", "127.0.0.3")) {
                InetAddress asked = InetAddress.getByName(address);
                client.send(bytes("question"), new InetSocketAddress(asked, port(server)));
                SystemDatagram question = server.receive(4);
                assertThat(text(question)).isEqualTo("ques");
                assertThat(question.length()).isEqualTo(8);
                assertThat(question.destination()).contains(asked);
                server.send(bytes("answer"), question.sender(), asked);
                SystemDatagram answer = client.receive(100);
                assertThat(text(answer)).isEqualTo("answer");
                assertThat(answer.sender()).isEqualTo(new InetSocketAddress(asked, port(server)));
            }
            server.setOption(SystemOptions.DESTINATION_ADDRESS, false);
            client.send(bytes("question"), loopback(port(server)));
            assertThat(server.receive(100).destination()).isEmpty();
        }
    }

    @Test
    void tellsAndChoosesIPv6AddressesToo() throws Exception {
        DatagramHandle server = bound(new InetSocketAddress("::", 0));
        server.setOption(SystemOptions.DESTINATION_ADDRESS, true);
        DatagramHandle client = bound(loopback6(0));
        client.send(bytes("question"), loopback6(port(server)));
        SystemDatagram question = server.receive(100);
        assertThat(question.destination()).contains(InetAddress.getByName("::1"));
        server.send(bytes("answer"), question.sender(), InetAddress.getByName("::1"));
        assertThat(client.receive(100).sender()).isEqualTo(loopback6(port(server)));
    }

    @Test
    void aLinkLocalAddressIsToldWithItsInterface() throws Exception {
        Inet6Address local = linkLocal();
        DatagramHandle server = bound(new InetSocketAddress("::", 0));
        server.setOption(SystemOptions.DESTINATION_ADDRESS, true);
        DatagramHandle client = bound(new InetSocketAddress("::", 0));
        client.send(bytes("question"), new InetSocketAddress(local, port(server)));
        SystemDatagram question = server.receive(100);
        assertThat(question.destination()).contains(local);
        Inet6Address told = (Inet6Address) question.destination().orElseThrow();
        assertThat(told.getScopeId()).isEqualTo(local.getScopeId());
        server.send(bytes("answer"), question.sender(), told);
        InetSocketAddress from = (InetSocketAddress) client.receive(100).sender();
        assertThat(from.getAddress()).isEqualTo(told);
    }

    // -- connecting

    @ParameterizedTest
    @EnumSource(
            value = StandardProtocolFamily.class,
            names = {"INET", "UNIX"})
    void whatOthersSentBeforeAConnectIsNotReceived(StandardProtocolFamily family) throws Exception {
        boolean unix = family == StandardProtocolFamily.UNIX;
        DatagramHandle peer = bound(unix ? path("peer") : loopback(0));
        DatagramHandle stranger = bound(unix ? path("stranger") : loopback(0));
        DatagramHandle client = bound(unix ? path("client") : loopback(0));
        for (int i = 0; i < 5; i++) {
            stranger.send(bytes(i == 0 ? "" : "evil"), client.localAddress());
        }
        client.connect(peer.localAddress());
        peer.send(bytes("good"), client.localAddress());
        assertThat(text(client.receive(10))).isEqualTo("good");
    }

    // -- failures

    @Test
    void errorNumbersBecomeTheExceptionsOfTheContract() {
        SocketAddress file = path("file");
        assertThat(DatagramFailures.sending(Constants.AF_UNIX, Errno.EACCES.result(), file, 0))
                .isInstanceOf(AccessDeniedException.class)
                .hasMessage(folder.resolve("file").toString());
        assertThat(DatagramFailures.sending(Constants.AF_INET, Errno.EACCES.result(), loopback(9), 0))
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("SO_BROADCAST");
        assertThat(DatagramFailures.sending(Constants.AF_INET, Errno.ECONNREFUSED.result(), null, 0))
                .isInstanceOf(PortUnreachableException.class);
        assertThat(DatagramFailures.sending(Constants.AF_UNIX, Errno.EMSGSIZE.result(), null, 0))
                .hasMessage("Message too long");
    }

    // -- taking over

    @Test
    void takesOverASocketThatIsOpen() throws Exception {
        LinuxDescriptors descriptors = (LinuxDescriptors) backend.descriptors();
        DatagramHandle first = bound(loopback(0));
        first.setOption(SystemOptions.DESTINATION_ADDRESS, true);
        DatagramHandle adopted = descriptors.adoptDatagram(first.duplicate());
        opened.add(adopted);
        first.close();
        adopted.send(bytes("x"), adopted.localAddress());
        assertThat(adopted.receive(10).destination()).contains(InetAddress.getByName("127.0.0.1"));
    }
}
