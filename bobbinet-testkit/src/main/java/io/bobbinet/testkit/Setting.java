package io.bobbinet.testkit;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.StreamHandle;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * The surroundings of one check of stream sockets. The peer is a blocking channel of the JDK unless a check says otherwise.
 */
final class Setting extends Surroundings {
    final Transport transport;

    /** A connection: the handle under test and its peer. */
    record Link(StreamHandle handle, SocketChannel peer) {

        void send(byte[] bytes) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                peer.write(buffer);
            }
        }

        /** What the peer gets: exactly so many bytes. */
        byte[] receive(int count) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(count);
            while (buffer.hasRemaining()) {
                if (peer.read(buffer) < 0) {
                    throw new EOFException("The stream ended after " + buffer.position() + " of " + count + " bytes");
                }
            }
            return buffer.array();
        }

        void reset() throws IOException {
            peer.setOption(StandardSocketOptions.SO_LINGER, 0);
            peer.close();
        }
    }

    Setting(Backend backend, Transport transport, boolean virtual, long seed) throws IOException {
        super(backend, virtual, seed);
        this.transport = transport;
    }

    SocketAddress freeAddress() {
        return transport.freeAddress(folder, nextNumber());
    }

    StreamHandle open() throws IOException {
        return keepHandle(backend.openStream(transport.family));
    }

    ListenerHandle openListener() throws IOException {
        return keepHandle(backend.openListener(transport.family));
    }

    ListenerHandle listen(int backlog) throws IOException {
        ListenerHandle listener = openListener();
        listener.listen(Transport.toSpi(freeAddress()), backlog);
        return listener;
    }

    StreamHandle accept(ListenerHandle listener) throws IOException, InterruptedException {
        return keepHandle(listener.accept());
    }

    ServerSocketChannel listenPeer(int backlog) throws IOException {
        ServerSocketChannel server = keep(ServerSocketChannel.open(transport.family));
        server.bind(freeAddress(), backlog);
        return server;
    }

    SocketChannel openPeer() throws IOException {
        return keep(SocketChannel.open(transport.family));
    }

    SocketChannel connectPeer(ListenerHandle listener) throws IOException {
        SocketChannel peer = openPeer();
        peer.connect(Transport.toJdk(listener.localAddress()));
        return peer;
    }

    /** A connection that the backend made. */
    Link link() throws IOException, InterruptedException {
        ServerSocketChannel server = listenPeer(1);
        StreamHandle handle = open();
        handle.connect(Transport.toSpi(server.getLocalAddress()));
        SocketChannel peer = keep(server.accept());
        server.close();
        if (transport.isTcp()) {
            // Small writes go out at once, on both sides.
            peer.setOption(StandardSocketOptions.TCP_NODELAY, true);
            handle.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        return new Link(handle, peer);
    }

    /** The address of a listener on which a connect waits: its backlog is full and nobody accepts. */
    ServerSocketChannel fullListener() throws IOException {
        ServerSocketChannel server = listenPeer(1);
        for (int i = 0; i < 100; i++) {
            SocketChannel filler = openPeer();
            filler.configureBlocking(false);
            try {
                filler.connect(server.getLocalAddress());
                if (!filler.finishConnect()) {
                    return server;
                }
            } catch (java.net.SocketException e) {
                return server; // UNIX: EAGAIN
            }
        }
        throw new IllegalStateException("The backlog is never full");
    }
}
