package io.bobbinet.testkit;

import io.bobbinet.spi.Capability;
import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.SystemDatagram;
import io.bobbinet.spi.SystemOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;

/** Options, what only some backends can do, adoption. */
final class DatagramOptionChecks {
    private DatagramOptionChecks() {}

    static void addTo(BackendContract contract) {
        contract.addForDatagrams("optionsOfADatagramSocketAreSetAndAsked", DatagramOptionChecks::options);
        contract.addForUdp("optionsOfUdpAreSetAndAsked", DatagramOptionChecks::udpOptions);
        contract.addForUdp("portIsSharedByThoseWhoWantIt", DatagramOptionChecks::sharedPort);
        contract.addForDatagrams("foreignOptionOfADatagramSocketIsUnsupported", DatagramOptionChecks::foreignOption);
        contract.addForUdp("destinationIsToldWhereTheBackendCan", DatagramOptionChecks::destination);
        contract.addForUdp("unicastHopsAreSetWhereTheBackendCan", DatagramOptionChecks::unicastHops);
        contract.addForUdp("controlMessagesAreOfUnixSockets", DatagramOptionChecks::controlMessages);
        contract.addForDatagrams("foreignFamilyOfADatagramSocketIsUnsupported", DatagramOptionChecks::foreignFamily);
        contract.addForUdp("adoptedChannelWorks", DatagramOptionChecks::adoptedChannelWorks);
        contract.addForUdp("refusedAdoptionOfADatagramChannelLeavesIt", DatagramOptionChecks::refusedAdoption);
    }

    private static void options(DatagramSetting s) throws IOException {
        DatagramHandle handle = s.bound();
        for (SocketOption<Integer> option : List.of(StandardSocketOptions.SO_RCVBUF, StandardSocketOptions.SO_SNDBUF)) {
            Expect.that(handle.supportedOptions().contains(option), option + " must be supported");
            int before = handle.getOption(option);
            handle.setOption(option, before / 4);
            int after = handle.getOption(option);
            Expect.that(after > 0 && after < before, option + " stays at " + after);
        }
    }

    private static <T> void roundTrip(DatagramHandle handle, SocketOption<T> option, List<T> values)
            throws IOException {
        Expect.that(handle.supportedOptions().contains(option), option + " must be supported");
        for (T value : values) {
            handle.setOption(option, value);
            Expect.value(handle.getOption(option), value, option.name());
        }
    }

    private static void udpOptions(DatagramSetting s) throws IOException {
        for (DatagramHandle handle : List.of(s.open(), s.bound(), s.connected().one())) {
            List<Boolean> switched = List.of(true, false);
            roundTrip(handle, StandardSocketOptions.SO_BROADCAST, switched);
            roundTrip(handle, StandardSocketOptions.SO_REUSEADDR, switched);
            roundTrip(handle, StandardSocketOptions.IP_MULTICAST_LOOP, switched);
            roundTrip(handle, StandardSocketOptions.IP_MULTICAST_TTL, List.of(1, 0, 255));
            roundTrip(handle, StandardSocketOptions.IP_TOS, List.of(16, 0));
        }
    }

    private static void sharedPort(DatagramSetting s) throws IOException {
        DatagramHandle first = s.open();
        if (!first.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
            return;
        }
        first.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        first.bind(s.freeAddress());
        DatagramHandle second = s.open();
        second.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        second.bind(first.localAddress());
        Expect.value(second.localAddress(), first.localAddress(), "The second address");
    }

    private static void foreignOption(DatagramSetting s) throws IOException {
        DatagramHandle handle = s.open();
        SocketOption<Boolean> foreign = StandardSocketOptions.TCP_NODELAY;
        Expect.that(!handle.supportedOptions().contains(foreign), "TCP_NODELAY is supported");
        Expect.failure(UnsupportedOperationException.class, () -> handle.setOption(foreign, true));
        Expect.failure(UnsupportedOperationException.class, () -> handle.getOption(foreign));
    }

    private static void destination(DatagramSetting s) throws IOException, InterruptedException {
        DatagramHandle handle = s.open();
        DatagramHandle peer = s.bound();
        if (!s.backend.capabilities().contains(Capability.DESTINATION_ADDRESS)) {
            Expect.failure(
                    UnsupportedOperationException.class,
                    () -> handle.setOption(SystemOptions.DESTINATION_ADDRESS, true));
            Expect.failure(
                    UnsupportedOperationException.class,
                    () -> handle.send(DatagramSetting.data(1), peer.localAddress(), s.kind.loopback()));
            return;
        }
        handle.setOption(SystemOptions.DESTINATION_ADDRESS, true);
        InetAddress wildcard = DatagramKind.address(s.kind == DatagramKind.UDP6 ? "::" : "0.0.0.0");
        handle.bind(new InetSocketAddress(wildcard, 0));
        SocketAddress target =
                new InetSocketAddress(s.kind.loopback(), ((InetSocketAddress) handle.localAddress()).getPort());
        peer.send(DatagramSetting.data(1), target);
        SystemDatagram datagram = handle.receive(10);
        Expect.value(datagram.destination(), Optional.of(s.kind.loopback()), "The destination");
        handle.send(DatagramSetting.data(2), peer.localAddress(), s.kind.loopback());
        Expect.value(peer.receive(10).sender(), target, "The sender of the answer");
        handle.setOption(SystemOptions.DESTINATION_ADDRESS, false);
        peer.send(DatagramSetting.data(3), target);
        Expect.value(handle.receive(10).destination(), Optional.empty(), "The destination nobody asks for any more");
    }

    private static void unicastHops(DatagramSetting s) throws IOException {
        DatagramHandle handle = s.open();
        if (handle.supportedOptions().contains(SystemOptions.UNICAST_HOPS)) {
            roundTrip(handle, SystemOptions.UNICAST_HOPS, List.of(1, 64, 255));
        } else {
            Expect.failure(UnsupportedOperationException.class, () -> handle.setOption(SystemOptions.UNICAST_HOPS, 1));
            Expect.failure(UnsupportedOperationException.class, () -> handle.getOption(SystemOptions.UNICAST_HOPS));
        }
    }

    private static void controlMessages(DatagramSetting s) throws IOException {
        DatagramHandle handle = s.bound();
        Expect.failure(UnsupportedOperationException.class, () -> handle.receiveMessage(10));
        Expect.failure(
                UnsupportedOperationException.class,
                () -> handle.sendMessage(DatagramSetting.data(1), Optional.empty(), ControlData.NONE));
    }

    private static void foreignFamily(DatagramSetting s) {
        ProtocolFamily foreign = () -> "FOREIGN";
        Expect.failure(UnsupportedOperationException.class, () -> s.backend.openDatagram(foreign));
        if (!s.backend.capabilities().contains(Capability.UNIX_DATAGRAM)) {
            UnsupportedOperationException refusal = Expect.failure(
                    UnsupportedOperationException.class, () -> s.backend.openDatagram(StandardProtocolFamily.UNIX));
            Expect.that(String.valueOf(refusal.getMessage()).contains("linux"), "It must name a backend that can");
        }
    }

    private static void adoptedChannelWorks(DatagramSetting s) throws IOException, InterruptedException {
        DatagramChannel channel = s.peer();
        if (!s.backend.capabilities().contains(Capability.CHANNEL_ADOPTION)) {
            Expect.failure(UnsupportedOperationException.class, () -> s.backend.adoptDatagram(channel));
            return;
        }
        DatagramHandle handle = s.keepHandle(s.backend.adoptDatagram(channel));
        DatagramSetting.Pair pair = new DatagramSetting.Pair(s.bound(), handle);
        Background<SystemDatagram> receive = s.start(() -> handle.receive(10));
        receive.awaitBlocked();
        pair.send(1, 2);
        Expect.value(receive.value().data(), new byte[] {1, 2}, "What was received");
        pair.turned().send(3);
        pair.turned().expect(3);
        handle.close();
        Expect.that(!channel.isOpen(), "The handle owns the channel and must close it");
    }

    private static void refusedAdoption(DatagramSetting s) throws IOException {
        try (SocketChannel wrong = SocketChannel.open()) {
            Expect.failure(RuntimeException.class, () -> s.backend.adoptDatagram(wrong));
            Expect.that(wrong.isOpen() && wrong.isBlocking(), "The channel is still the caller's, as it was");
        }
        if (s.backend.capabilities().contains(Capability.CHANNEL_ADOPTION)) {
            DatagramChannel closed = s.peer();
            closed.close();
            Expect.failure(ClosedChannelException.class, () -> s.backend.adoptDatagram(closed));
        }
    }
}
