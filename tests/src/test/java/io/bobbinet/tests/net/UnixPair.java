package io.bobbinet.tests.net;

import static java.net.StandardProtocolFamily.UNIX;

import io.bobbinet.net.Unix;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * A UNIX stream of ours and, at its other end, a channel of the JDK.
 *
 * @param ours the stream
 * @param peer the channel, in blocking mode
 */
record UnixPair(UnixStream ours, SocketChannel peer) implements AutoCloseable {

    static UnixPair open(Path path) throws IOException {
        try (var server = ServerSocketChannel.open(UNIX).bind(UnixDomainSocketAddress.of(path))) {
            UnixStream ours = Unix.connector(UnixAddress.of(path)).connect();
            return new UnixPair(ours, server.accept());
        }
    }

    /** The peer sends bytes. */
    void peerSends(String text) throws IOException {
        peer.write(ByteBuffer.wrap(Sockets.bytes(text)));
    }

    /** The peer receives up to the end. */
    byte[] peerReceivesAll() throws IOException {
        return Channels.newInputStream(peer).readAllBytes();
    }

    @Override
    public void close() throws IOException {
        try (ours;
                peer) {
            // Both, whatever happens to one.
        }
    }
}
