package io.bobbinet.testkit;

import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.StreamHandle;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.BitSet;

/** What listening and accepting promise. */
final class ListenerChecks {
    private ListenerChecks() {}

    static void addTo(BackendContract contract) {
        contract.add("acceptWaitsForAConnection", ListenerChecks::acceptWaitsForAConnection);
        contract.add("acceptTakesConnectionsThatWaited", ListenerChecks::acceptTakesConnectionsThatWaited);
        contract.add("acceptedConnectionOutlivesItsListener", ListenerChecks::acceptedConnectionOutlivesItsListener);
        contract.add("closedListenerRefuses", ListenerChecks::closedListenerRefuses);
        contract.add("addressInUseIsABindException", ListenerChecks::addressInUseIsABindException);
        contract.addFor(Transport.TCP4, "foreignAddressIsABindException", ListenerChecks::foreignAddress);
        contract.addFor(Transport.TCP6, "wildcardServesBothFamilies", ListenerChecks::wildcardServesBothFamilies);
        contract.add("stormOfConnectionsIsAccepted", ListenerChecks::stormOfConnectionsIsAccepted);
    }

    private static void acceptWaitsForAConnection(Setting s) throws IOException {
        ListenerHandle listener = s.listen(1);
        for (int i = 0; i < 3; i++) {
            Background<StreamHandle> accept = s.start(() -> s.accept(listener));
            accept.awaitBlocked();
            SocketChannel peer = s.connectPeer(listener);
            StreamHandle handle = accept.value();
            Expect.value(handle.remoteAddress(), Transport.toSpi(peer.getLocalAddress()), "The remote address");
        }
    }

    private static void acceptTakesConnectionsThatWaited(Setting s) throws IOException, InterruptedException {
        ListenerHandle listener = s.listen(10);
        BitSet arrived = new BitSet();
        for (int i = 0; i < 5; i++) {
            s.connectPeer(listener).write(ByteBuffer.wrap(new byte[] {(byte) i}));
        }
        for (int i = 0; i < 5; i++) {
            arrived.set(s.accept(listener).read(1)[0]);
        }
        Expect.value(arrived.cardinality(), 5, "How many connections were accepted");
    }

    private static void acceptedConnectionOutlivesItsListener(Setting s) throws IOException, InterruptedException {
        ListenerHandle listener = s.listen(1);
        SocketChannel peer = s.connectPeer(listener);
        StreamHandle handle = s.accept(listener);
        listener.close();
        peer.write(ByteBuffer.wrap(new byte[] {1}));
        Expect.value(handle.read(10), new byte[] {1}, "What came after the listener was closed");
    }

    private static void closedListenerRefuses(Setting s) throws IOException {
        ListenerHandle listener = s.listen(1);
        SocketAddress address = listener.localAddress();
        listener.close();
        StreamHandle handle = s.open();
        Expect.failure(IOException.class, () -> handle.connect(address));
    }

    private static void addressInUseIsABindException(Setting s) throws IOException {
        SocketAddress taken = s.listen(1).localAddress();
        ListenerHandle second = s.openListener();
        Expect.failure(BindException.class, () -> second.listen(taken, 1));
        second.listen(Transport.toSpi(s.freeAddress()), 1);
    }

    private static void foreignAddress(Setting s) throws IOException {
        ListenerHandle listener = s.openListener();
        // RFC 5737: an address of no machine.
        InetSocketAddress foreign = new InetSocketAddress("192.0.2.1", 0);
        Expect.failure(BindException.class, () -> listener.listen(foreign, 1));
        StreamHandle stream = s.open();
        Expect.failure(BindException.class, () -> stream.bind(foreign));
    }

    private static void wildcardServesBothFamilies(Setting s) throws IOException, InterruptedException {
        ListenerHandle listener = s.openListener();
        listener.listen(new InetSocketAddress("::", 0), 5);
        int port = ((InetSocketAddress) listener.localAddress()).getPort();
        for (String address : new String[] {"127.0.0.1", "::1"}) {
            SocketChannel peer = s.keep(SocketChannel.open(new InetSocketAddress(address, port)));
            StreamHandle handle = s.accept(listener);
            peer.write(ByteBuffer.wrap(new byte[] {6}));
            Expect.value(handle.read(1), new byte[] {6}, "What came from " + address);
            InetSocketAddress remote = (InetSocketAddress) handle.remoteAddress();
            Expect.value(
                    remote.getAddress(),
                    ((InetSocketAddress) peer.getLocalAddress()).getAddress(),
                    "The peer's address, unmapped");
        }
    }

    private static void stormOfConnectionsIsAccepted(Setting s) throws IOException {
        int count = 1_000;
        // The JDK fails a UNIX connect to a full backlog on a virtual thread.
        ListenerHandle listener = s.listen(count);
        Background<Long> acceptor = s.start(() -> {
            long sum = 0;
            for (int i = 0; i < count; i++) {
                StreamHandle handle = listener.accept();
                ByteBuffer number = ByteBuffer.allocate(4);
                while (number.hasRemaining() && handle.read(number) > 0) {
                    // until it is there
                }
                sum += number.flip().getInt();
                handle.close();
            }
            return sum;
        });
        Background<?>[] clients = new Background<?>[4];
        for (int c = 0; c < clients.length; c++) {
            int first = c * count / clients.length;
            clients[c] = s.startAside(() -> {
                for (int i = 0; i < count / clients.length; i++) {
                    try (SocketChannel peer = s.connectPeer(listener)) {
                        peer.write(ByteBuffer.allocate(4).putInt(first + i).flip());
                    }
                }
                return true;
            });
        }
        for (Background<?> client : clients) {
            client.value();
        }
        Expect.value(acceptor.value(), count * (count - 1) / 2L, "The sum of all connections' numbers");
    }
}
