package io.bobbinet.testing;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A port, of TCP and of UDP, for a server that cannot choose a free one by itself.
 *
 * <p>It is bound, so that the system gives it to nobody else, but not listened on: Linux lets another socket bind it too as long
 * as both have {@code SO_REUSEADDR}, socket(7), which all servers have. The UDP socket is connected to itself, and so gets no
 * datagram that is meant for the server.
 */
public final class ReservedPort implements Closeable {
    private final Socket tcp;
    private final DatagramSocket udp;

    /**
     * Reserves a port of the loopback address.
     *
     * @throws IOException if there is none
     */
    public ReservedPort() throws IOException {
        while (true) {
            Socket socket = bindTcp();
            DatagramSocket same = bindUdp(socket);
            if (same != null) {
                this.tcp = socket;
                this.udp = same;
                return;
            }
        }
    }

    private static Socket bindTcp() throws IOException {
        Socket socket = new Socket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress("127.0.0.1", 0));
        return socket;
    }

    /** Null, and the other is closed, if somebody has the number of the other for UDP. */
    private static @Nullable DatagramSocket bindUdp(Socket other) throws IOException {
        SocketAddress address = other.getLocalSocketAddress();
        DatagramSocket socket = new DatagramSocket(null);
        try {
            socket.setReuseAddress(true);
            socket.bind(address);
            socket.connect(address);
            return socket;
        } catch (BindException e) {
            socket.close();
            other.close();
            return null;
        }
    }

    /** {@return its number} */
    public int number() {
        return tcp.getLocalPort();
    }

    /** Lets go of it. */
    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
