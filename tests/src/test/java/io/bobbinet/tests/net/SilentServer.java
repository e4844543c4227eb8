package io.bobbinet.tests.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * An address that neither accepts nor refuses: a listener of the JDK whose queue is full. Linux then answers nothing, and a
 * connect goes on and on.
 */
final class SilentServer implements AutoCloseable {
    /** Linux takes one more than it is told. */
    private static final int FILL = 2;

    private final ServerSocket server;
    private final List<Socket> waiting = new ArrayList<>();

    private SilentServer(ServerSocket server) {
        this.server = server;
    }

    static SilentServer at(String address, int port) throws IOException {
        var silent = new SilentServer(new ServerSocket(port, FILL - 1, InetAddress.ofLiteral(address)));
        for (int i = 0; i < FILL; i++) {
            silent.waiting.add(new Socket(silent.server.getInetAddress(), silent.port()));
        }
        return silent;
    }

    int port() {
        return server.getLocalPort();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    /** Makes room in the queue. */
    Socket accept() throws IOException {
        return server.accept();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : waiting) {
            socket.close();
        }
    }
}
