package io.bobbinet.spi;

import java.io.IOException;
import java.net.SocketAddress;

/** A listening socket. One thread at a time may accept; {@link #close()} may come from any. */
public interface ListenerHandle extends SocketHandle {

    /**
     * Binds and starts to listen.
     *
     * @param local the address; port 0 lets the system choose
     * @param backlog how many connections may wait to be accepted, at least 1; the system has a limit of its own
     * @throws IOException if the system refuses; {@link java.net.BindException} where the address is the reason
     */
    void listen(SocketAddress local, int backlog) throws IOException;

    /**
     * Accepts a connection, waiting for it if need be. If interrupted, none was taken.
     *
     * @return the handle of the connection
     * @throws IOException if the system fails, for instance for lack of descriptors, or the handle is closed
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    StreamHandle accept() throws IOException, InterruptedException;
}
