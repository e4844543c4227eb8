package io.bobbinet.testkit;

import io.bobbinet.spi.StreamHandle;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** What a connect promises. */
final class ConnectChecks {
    private ConnectChecks() {}

    static void addTo(BackendContract contract) {
        contract.add("refusedConnectFails", ConnectChecks::refusedConnectFails);
        contract.addFor(Transport.UNIX, "connectToAMissingPathFails", ConnectChecks::connectToAMissingPathFails);
        contract.addFor(Transport.UNIX, "connectWaitsForAFullBacklog", ConnectChecks::connectWaitsForAFullBacklog);
        contract.add("manyConnectsAtOnce", ConnectChecks::manyConnectsAtOnce);
    }

    private static void refusedConnectFails(Setting s) throws IOException {
        ServerSocketChannel server = s.listenPeer(1);
        SocketAddress address = server.getLocalAddress();
        server.close();
        StreamHandle handle = s.open();
        Expect.failure(ConnectException.class, () -> handle.connect(Transport.toSpi(address)));
        handle.close();
    }

    private static void connectToAMissingPathFails(Setting s) throws IOException {
        StreamHandle handle = s.open();
        SocketAddress nowhere = Transport.toSpi(s.freeAddress());
        Expect.failure(IOException.class, () -> handle.connect(nowhere));
    }

    private static void connectWaitsForAFullBacklog(Setting s) throws IOException {
        ServerSocketChannel server = s.fullListener();
        StreamHandle handle = s.open();
        int smaller = handle.getOption(StandardSocketOptions.SO_SNDBUF) / 4;
        handle.setOption(StandardSocketOptions.SO_SNDBUF, smaller);
        int set = handle.getOption(StandardSocketOptions.SO_SNDBUF);
        SocketAddress address = Transport.toSpi(server.getLocalAddress());
        Background<byte[]> connect = s.start(() -> {
            handle.connect(address);
            return handle.read(1);
        });
        connect.awaitBlocked();
        Background<Boolean> acceptor = s.startAside(() -> {
            while (true) {
                s.keep(server.accept()).write(ByteBuffer.wrap(new byte[] {42}));
            }
        });
        Expect.value(connect.value(), new byte[] {42}, "What came over the connection in the end");
        Expect.value(handle.getOption(StandardSocketOptions.SO_SNDBUF), set, "An option set before the connect");
        server.close();
        acceptor.failure(IOException.class);
    }

    private static void manyConnectsAtOnce(Setting s) throws IOException {
        int count = 50;
        ServerSocketChannel server = s.listenPeer(count);
        SocketAddress address = Transport.toSpi(server.getLocalAddress());
        Background<?>[] connects = new Background<?>[count];
        for (int i = 0; i < count; i++) {
            StreamHandle handle = s.open();
            byte number = (byte) i;
            connects[i] = s.start(() -> {
                handle.connect(address);
                handle.write(ByteBuffer.wrap(new byte[] {number}));
                return handle.read(1)[0] == number;
            });
        }
        for (int i = 0; i < count; i++) {
            SocketChannel peer = s.keep(server.accept());
            ByteBuffer buffer = ByteBuffer.allocate(1);
            peer.read(buffer);
            peer.write(buffer.flip());
        }
        for (Background<?> connect : connects) {
            Expect.value(connect.value(), true, "The echo of a connection's own byte");
        }
    }
}
