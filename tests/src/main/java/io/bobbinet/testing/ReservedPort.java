package io.bobbinet.testing;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A port for a server that cannot choose a free one by itself.
 *
 * <p>It is bound, so that the system gives it to nobody else, but not listened on: Linux lets another socket bind it too as long
 * as both have {@code SO_REUSEADDR}, socket(7), which all servers have.
 */
public final class ReservedPort implements Closeable {
    private final Socket socket = new Socket();

    /**
     * Reserves a port of the loopback address.
     *
     * @throws IOException if there is none
     */
    public ReservedPort() throws IOException {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress("127.0.0.1", 0));
    }

    /** {@return its number} */
    public int number() {
        return socket.getLocalPort();
    }

    /** Lets go of it. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
