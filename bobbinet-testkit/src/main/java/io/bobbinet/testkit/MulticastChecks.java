package io.bobbinet.testkit;

import io.bobbinet.spi.DatagramHandle;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Groups are joined and left, for all senders or for one; broadcast. Nothing leaves the machine: the hop limit is 0. */
final class MulticastChecks {
    /** What a probe waits for a datagram to come back to it, in milliseconds. */
    private static final int PROBE_PATIENCE = 1_000;

    /** Guarded by itself; found out once. */
    private static final Map<DatagramKind, Optional<Route>> ROUTES = new EnumMap<>(DatagramKind.class);

    /** Where groups work on this machine. */
    private record Route(NetworkInterface on, InetAddress self) {}

    private MulticastChecks() {}

    static void addTo(BackendContract contract) {
        contract.addForUdp("joinedGroupIsHeardUntilItIsLeft", MulticastChecks::heardUntilLeft);
        contract.addForUdp("groupOfAnotherSocketIsNotHeard", MulticastChecks::groupOfAnother);
        contract.addForUdp("groupIsJoinedForOneSource", MulticastChecks::oneSource);
        contract.addForUdp("groupIsJoinedAndLeftOnce", MulticastChecks::joinedAndLeftOnce);
        contract.addForUdp("groupsEndWithTheSocket", MulticastChecks::endWithTheSocket);
        contract.addForUdp("multicastInterfaceIsSetAndAsked", MulticastChecks::chosenInterface);
        contract.addFor(DatagramKind.UDP6, "socketForBothFamiliesJoinsAGroupOfIpv4", MulticastChecks::bothFamilies);
        contract.addFor(DatagramKind.UDP4, "broadcastNeedsItsOption", MulticastChecks::broadcastNeedsItsOption);
        contract.addFor(DatagramKind.UNIX, "unixSocketHasNoGroups", MulticastChecks::unixHasNone);
    }

    private static InetAddress group(DatagramKind kind) {
        return DatagramKind.address(kind == DatagramKind.UDP6 ? "ff11::b0bb:1" : "239.255.176.187");
    }

    private static InetAddress wildcard(DatagramKind kind) {
        return DatagramKind.address(kind == DatagramKind.UDP6 ? "::" : "0.0.0.0");
    }

    /** An interface on which a channel of the JDK hears itself in a group, the loopback interface if it is one. */
    private static Optional<Route> route(DatagramKind kind) throws IOException {
        synchronized (ROUTES) {
            Optional<Route> known = ROUTES.get(kind);
            if (known == null) {
                known = find(kind);
                ROUTES.put(kind, known);
            }
            return known;
        }
    }

    private static Optional<Route> find(DatagramKind kind) throws IOException {
        List<NetworkInterface> interfaces = NetworkInterface.networkInterfaces()
                .sorted((a, b) -> Boolean.compare(isLoopback(b), isLoopback(a)))
                .toList();
        for (NetworkInterface each : interfaces) {
            Optional<InetAddress> self = probe(kind, each);
            if (self.isPresent()) {
                return Optional.of(new Route(each, self.get()));
            }
        }
        return Optional.empty();
    }

    private static boolean isLoopback(NetworkInterface each) {
        try {
            return each.isLoopback();
        } catch (IOException e) {
            return false;
        }
    }

    /** The address that a datagram to the group comes from, if it comes. */
    private static Optional<InetAddress> probe(DatagramKind kind, NetworkInterface on) throws IOException {
        try (DatagramChannel channel = DatagramChannel.open(kind.family)) {
            channel.bind(new InetSocketAddress(wildcard(kind), 0));
            channel.join(group(kind), on);
            channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, on);
            channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 0);
            int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
            channel.send(ByteBuffer.allocate(1), new InetSocketAddress(group(kind), port));
            channel.socket().setSoTimeout(PROBE_PATIENCE);
            DatagramPacket packet = new DatagramPacket(new byte[1], 1);
            channel.socket().receive(packet);
            return Optional.of(packet.getAddress());
        } catch (IOException e) {
            return Optional.empty(); // none here
        }
    }

    private static DatagramHandle boundToAll(DatagramSetting s) throws IOException {
        DatagramHandle handle = s.open();
        handle.bind(new InetSocketAddress(wildcard(s.kind), 0));
        return handle;
    }

    /** A socket that sends to groups by a route. */
    private static DatagramHandle sender(DatagramSetting s, Route route) throws IOException {
        DatagramHandle sender = boundToAll(s);
        sender.setOption(StandardSocketOptions.IP_MULTICAST_IF, route.on());
        sender.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 0);
        return sender;
    }

    private static SocketAddress groupOf(DatagramSetting s, DatagramHandle receiver) throws IOException {
        return new InetSocketAddress(group(s.kind), port(receiver));
    }

    private static int port(DatagramHandle handle) throws IOException {
        return ((InetSocketAddress) handle.localAddress()).getPort();
    }

    private static void expect(DatagramHandle receiver, int value) throws IOException, InterruptedException {
        Expect.value(receiver.receive(10).data(), new byte[] {(byte) value}, "What is received");
    }

    /** Sends to the group what the receiver must not hear, and then to the receiver itself what it must. */
    private static void mustNotHear(DatagramSetting s, DatagramHandle sender, DatagramHandle receiver)
            throws IOException, InterruptedException {
        sender.send(DatagramSetting.data(66), groupOf(s, receiver));
        sender.send(DatagramSetting.data(1), new InetSocketAddress(s.kind.loopback(), port(receiver)));
        expect(receiver, 1);
    }

    private static void heardUntilLeft(DatagramSetting s) throws IOException, InterruptedException {
        Route route = route(s.kind).orElse(null);
        if (route == null) {
            return;
        }
        DatagramHandle receiver = boundToAll(s);
        DatagramHandle sender = sender(s, route);
        mustNotHear(s, sender, receiver);
        for (int i = 0; i < 2; i++) {
            receiver.join(group(s.kind), route.on(), Optional.empty());
            sender.send(DatagramSetting.data(2), groupOf(s, receiver));
            expect(receiver, 2);
            receiver.leave(group(s.kind), route.on(), Optional.empty());
            mustNotHear(s, sender, receiver);
        }
    }

    private static void groupOfAnother(DatagramSetting s) throws IOException, InterruptedException {
        Route route = route(s.kind).orElse(null);
        if (route == null) {
            return;
        }
        DatagramHandle member = boundToAll(s);
        member.join(group(s.kind), route.on(), Optional.empty());
        DatagramHandle receiver = boundToAll(s);
        mustNotHear(s, sender(s, route), receiver);
    }

    private static void oneSource(DatagramSetting s) throws IOException, InterruptedException {
        Route route = route(s.kind).orElse(null);
        if (route == null) {
            return;
        }
        InetAddress stranger = DatagramKind.address(s.kind == DatagramKind.UDP6 ? "2001:db8::1" : "192.0.2.1");
        DatagramHandle receiver = boundToAll(s);
        DatagramHandle sender = sender(s, route);
        receiver.join(group(s.kind), route.on(), Optional.of(stranger));
        mustNotHear(s, sender, receiver);
        receiver.join(group(s.kind), route.on(), Optional.of(route.self()));
        sender.send(DatagramSetting.data(2), groupOf(s, receiver));
        expect(receiver, 2);
        receiver.leave(group(s.kind), route.on(), Optional.of(route.self()));
        mustNotHear(s, sender, receiver);
        receiver.leave(group(s.kind), route.on(), Optional.of(stranger));
    }

    private static void joinedAndLeftOnce(DatagramSetting s) throws IOException {
        Route route = route(s.kind).orElse(null);
        if (route == null) {
            return;
        }
        DatagramHandle handle = boundToAll(s);
        InetAddress group = group(s.kind);
        Expect.failure(IOException.class, () -> handle.leave(group, route.on(), Optional.empty()));
        handle.join(group, route.on(), Optional.empty());
        Expect.failure(IOException.class, () -> handle.join(group, route.on(), Optional.empty()));
        Expect.failure(IOException.class, () -> handle.leave(group, route.on(), Optional.of(route.self())));
        handle.leave(group, route.on(), Optional.empty());
        Expect.failure(IOException.class, () -> handle.leave(group, route.on(), Optional.empty()));
    }

    private static void endWithTheSocket(DatagramSetting s) throws IOException {
        Route route = route(s.kind).orElse(null);
        if (route == null) {
            return;
        }
        DatagramHandle handle = boundToAll(s);
        handle.join(group(s.kind), route.on(), Optional.empty());
        handle.close();
        Expect.failure(IOException.class, () -> handle.join(group(s.kind), route.on(), Optional.empty()));
        Expect.failure(IOException.class, () -> handle.leave(group(s.kind), route.on(), Optional.empty()));
    }

    private static void chosenInterface(DatagramSetting s) throws IOException {
        Route route = route(s.kind).orElse(null);
        if (route == null) {
            return;
        }
        DatagramHandle handle = boundToAll(s);
        Expect.failure(SocketException.class, () -> handle.getOption(StandardSocketOptions.IP_MULTICAST_IF));
        handle.setOption(StandardSocketOptions.IP_MULTICAST_IF, route.on());
        Expect.value(handle.getOption(StandardSocketOptions.IP_MULTICAST_IF), route.on(), "The interface");
    }

    private static void bothFamilies(DatagramSetting s) throws IOException, InterruptedException {
        Route route = route(DatagramKind.UDP4).orElse(null);
        if (route == null) {
            return;
        }
        InetAddress group = group(DatagramKind.UDP4);
        DatagramHandle receiver = boundToAll(s);
        DatagramHandle sender = s.keepHandle(s.backend.openDatagram(DatagramKind.UDP4.family));
        sender.setOption(StandardSocketOptions.IP_MULTICAST_IF, route.on());
        sender.setOption(StandardSocketOptions.IP_MULTICAST_TTL, 0);
        receiver.join(group, route.on(), Optional.empty());
        sender.send(DatagramSetting.data(1), new InetSocketAddress(group, port(receiver)));
        expect(receiver, 1);
        receiver.leave(group, route.on(), Optional.empty());
    }

    /** Without the option the system refuses it, socket(7). */
    private static void broadcastNeedsItsOption(DatagramSetting s) throws IOException, InterruptedException {
        DatagramHandle receiver = boundToAll(s);
        DatagramHandle sender = s.bound();
        SocketAddress all = new InetSocketAddress(DatagramKind.address("127.255.255.255"), port(receiver));
        Expect.failure(IOException.class, () -> sender.send(DatagramSetting.data(1), all));
        sender.setOption(StandardSocketOptions.SO_BROADCAST, true);
        sender.send(DatagramSetting.data(2), all);
        expect(receiver, 2);
    }

    private static void unixHasNone(DatagramSetting s) throws IOException {
        DatagramHandle handle = s.bound();
        InetAddress group = group(DatagramKind.UDP4);
        for (NetworkInterface on : NetworkInterface.networkInterfaces().toList()) {
            Expect.failure(UnsupportedOperationException.class, () -> handle.join(group, on, Optional.empty()));
            Expect.failure(UnsupportedOperationException.class, () -> handle.leave(group, on, Optional.empty()));
        }
    }
}
