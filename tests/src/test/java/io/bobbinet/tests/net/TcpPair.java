package io.bobbinet.tests.net;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * A stream of ours and, at its other end, a socket of the JDK.
 *
 * @param ours the stream
 * @param peer the socket
 */
record TcpPair(TcpStream ours, Socket peer) implements AutoCloseable {

    static TcpPair open() throws IOException {
        try (var server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            TcpStream ours = Tcp.connect("127.0.0.1", server.getLocalPort());
            return new TcpPair(ours, server.accept());
        }
    }

    /** The peer sends bytes. */
    void peerSends(String text) throws IOException {
        peer.getOutputStream().write(Sockets.bytes(text));
    }

    /** The peer goes away without an end. */
    void peerResets() throws IOException {
        peer.setSoLinger(true, 0);
        peer.close();
    }

    @Override
    public void close() throws IOException {
        try (ours;
                peer) {
            // Both, whatever happens to one.
        }
    }
}
