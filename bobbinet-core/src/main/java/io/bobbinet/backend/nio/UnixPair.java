package io.bobbinet.backend.nio;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Two connected UNIX channels. The JDK has no socketpair(2), so one connects to the other by a file that nobody else can
 * reach and that is gone at once. All of it in non-blocking mode: nothing here has to wait, and no interrupt may close it.
 */
record UnixPair(SocketChannel first, SocketChannel second) {

    static UnixPair open() throws IOException {
        Path folder = Files.createTempDirectory("bobbinet");
        Path path = folder.resolve("pair");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.configureBlocking(false);
            listener.bind(UnixDomainSocketAddress.of(path), 1);
            return connect(listener);
        } finally {
            Files.deleteIfExists(path);
            Files.delete(folder);
        }
    }

    private static UnixPair connect(ServerSocketChannel listener) throws IOException {
        SocketChannel first = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            first.configureBlocking(false);
            first.connect(listener.getLocalAddress());
            SocketChannel second = listener.accept();
            if (second == null) {
                throw new IOException("A UNIX socket pair was not connected at once");
            }
            return new UnixPair(first, second);
        } catch (Throwable t) {
            first.close();
            throw t;
        }
    }
}
