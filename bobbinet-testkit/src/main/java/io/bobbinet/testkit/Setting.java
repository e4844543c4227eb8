package io.bobbinet.testkit;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.SocketHandle;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.task.ThrowingCallable;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;

/**
 * The surroundings of one check of a backend: what to check, and everything it opens, closed afterwards. The peer is a
 * blocking channel of the JDK unless a check says otherwise.
 */
final class Setting implements Closeable {
    final Backend backend;
    final Transport transport;

    /** Whether calls that block run on virtual threads. */
    final boolean virtual;

    final Random random;

    private final Path folder;

    /** Guarded by itself; last in, first out. */
    private final Deque<Closeable> opened = new ArrayDeque<>();

    /** Guarded by opened. */
    private int addresses;

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
        this.backend = backend;
        this.transport = transport;
        this.virtual = virtual;
        this.random = new Random(seed);
        this.folder = Files.createTempDirectory("bn");
    }

    <C extends Closeable> C keep(C resource) {
        synchronized (opened) {
            opened.push(resource);
        }
        return resource;
    }

    private <H extends SocketHandle> H keepHandle(H handle) {
        keep(handle::close);
        return handle;
    }

    /** Starts what uses the backend, on a thread of the kind that is checked. */
    <T> Background<T> start(ThrowingCallable<T, ?> body) {
        return new Background<>(virtual, body);
    }

    /**
     * Starts what the check needs besides, on a platform thread: virtual threads that keep one another busy may starve
     * those that wait for the system.
     */
    <T> Background<T> startAside(ThrowingCallable<T, ?> body) {
        return new Background<>(false, body);
    }

    SocketAddress freeAddress() {
        synchronized (opened) {
            return transport.freeAddress(folder, addresses++);
        }
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

    @Override
    public void close() throws IOException {
        while (true) {
            Closeable last;
            synchronized (opened) {
                last = opened.poll();
            }
            if (last == null) {
                break;
            }
            last.close();
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
