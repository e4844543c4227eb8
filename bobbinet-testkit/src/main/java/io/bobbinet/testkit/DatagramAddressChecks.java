package io.bobbinet.testkit;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.SystemDatagram;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** What the addresses of datagram sockets are, bound, connected or neither. */
final class DatagramAddressChecks {
    private DatagramAddressChecks() {}

    static void addTo(BackendContract contract) {
        contract.addForDatagrams("connectedSocketsTellBothAddresses", DatagramAddressChecks::connectedAddresses);
        contract.addForUdp("unboundSocketIsBoundByItsFirstSend", DatagramAddressChecks::unboundIsBoundByItsFirstSend);
        contract.addFor(
                DatagramKind.UNIX, "unboundSocketSendsWithoutAName", DatagramAddressChecks::unboundSendsWithoutAName);
        contract.addFor(
                DatagramKind.UNIX, "bindToAnEmptyNameChoosesOne", DatagramAddressChecks::bindToAnEmptyNameChoosesOne);
        contract.addFor(DatagramKind.UDP6, "socketForBothFamiliesServesIpv4", DatagramAddressChecks::bothFamilies);
    }

    private static void connectedAddresses(DatagramSetting s) throws IOException {
        DatagramHandle other = s.bound();
        DatagramHandle handle = s.open();
        Expect.failure(IOException.class, handle::remoteAddress);
        if (!s.kind.isUdp()) {
            handle.bind(s.freeAddress());
        }
        handle.connect(other.localAddress());
        Expect.value(handle.remoteAddress(), other.localAddress(), "The remote address");
        if (handle.localAddress() instanceof InetSocketAddress local) {
            Expect.value(local.getAddress(), s.kind.loopback(), "The local address");
            Expect.that(local.getPort() != 0, "A connected socket is bound");
        }
    }

    private static void unboundIsBoundByItsFirstSend(DatagramSetting s) throws IOException, InterruptedException {
        DatagramHandle handle = s.open();
        DatagramHandle other = s.bound();
        Expect.value(((InetSocketAddress) handle.localAddress()).getPort(), 0, "The port before the first send");
        handle.send(DatagramSetting.data(1), other.localAddress());
        InetSocketAddress sender = (InetSocketAddress) other.receive(10).sender();
        Expect.value(((InetSocketAddress) handle.localAddress()).getPort(), sender.getPort(), "The port");
        other.send(DatagramSetting.data(2), sender);
        Expect.value(handle.receive(10).data(), new byte[] {2}, "The answer");
    }

    private static void unboundSendsWithoutAName(DatagramSetting s) throws IOException, InterruptedException {
        DatagramHandle handle = s.open();
        SocketAddress nameless = handle.localAddress();
        DatagramHandle other = s.bound();
        handle.send(DatagramSetting.data(1), other.localAddress());
        Expect.value(other.receive(10).sender(), nameless, "The sender");
    }

    private static void bindToAnEmptyNameChoosesOne(DatagramSetting s) throws IOException, InterruptedException {
        DatagramHandle handle = s.open();
        SocketAddress nameless = handle.localAddress();
        handle.bind(nameless);
        Expect.that(!handle.localAddress().equals(nameless), "It must have a name now");
        DatagramSetting.Pair pair = new DatagramSetting.Pair(handle, s.bound());
        pair.send(1);
        pair.expect(1);
        pair.turned().send(2);
        pair.turned().expect(2);
    }

    private static void bothFamilies(DatagramSetting s) throws IOException, InterruptedException {
        InetAddress loopback4 = DatagramKind.UDP4.loopback();
        DatagramHandle handle = s.open();
        handle.bind(new InetSocketAddress(DatagramKind.address("::"), 0));
        InetSocketAddress local = (InetSocketAddress) handle.localAddress();
        Expect.that(local.getAddress().isAnyLocalAddress(), "The local address is the wildcard, and not " + local);
        DatagramHandle other = s.keepHandle(s.backend.openDatagram(DatagramKind.UDP4.family));
        other.bind(new InetSocketAddress(loopback4, 0));
        other.send(DatagramSetting.data(1), new InetSocketAddress(loopback4, local.getPort()));
        SystemDatagram datagram = handle.receive(10);
        Expect.value(datagram.sender(), other.localAddress(), "The sender, as an address of IPv4");
        handle.send(DatagramSetting.data(2), datagram.sender());
        SystemDatagram answer = other.receive(10);
        Expect.value(answer.sender(), new InetSocketAddress(loopback4, local.getPort()), "The sender of the answer");
        handle.connect(datagram.sender());
        Expect.value(handle.remoteAddress(), other.localAddress(), "The remote address, as one of IPv4");
        Expect.value(handle.localAddress(), answer.sender(), "The local address, as one of IPv4");
    }
}
