package io.bobbinet.net;

import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.stream.Listener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;

/**
 * Waits for TCP connections, on one address or on several with one port.
 *
 * <p>Made by {@link Tcp#listen}, a {@link TcpBinder} or {@link Tcp#adopt}. Accepted connections have {@code TCP_NODELAY} on.
 * A connection that was reset before it was accepted is accepted all the same, and its first receive says so. What waits
 * in the system's queue when the listener is closed is reset by the system.
 */
public final class TcpListener extends HandleListener<TcpStream> implements Listener<TcpStream> {
    private final List<InetSocketAddress> addresses;

    private TcpListener(List<ListenerHandle> handles, List<InetSocketAddress> addresses) {
        super(handles);
        this.addresses = List.copyOf(addresses);
    }

    /** Makes a listener of listening handles. If it throws, they are still the caller's. */
    static TcpListener over(List<ListenerHandle> handles) throws IOException {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (ListenerHandle handle : handles) {
            addresses.add((InetSocketAddress) handle.localAddress());
        }
        return new TcpListener(handles, addresses);
    }

    /**
     * {@return the address listened on, with the real port; the first, if there are several} Known after the close.
     */
    public InetSocketAddress localAddress() {
        return addresses.getFirst();
    }

    /**
     * {@return all addresses listened on, with the real port, which is the same for all} Known after the close.
     */
    public List<InetSocketAddress> localAddresses() {
        return addresses;
    }

    /**
     * Makes descriptors of this listener's sockets, one for each address, to be sent to another process or kept. They belong
     * to the caller and are independent of this listener, which stays as it is: whoever accepts first gets a connection, and
     * no connection is lost as long as one of the descriptors of its socket is open. Linux only.
     *
     * @return the descriptors, in the order of {@link #localAddresses()}
     * @throws UnsupportedOperationException if these are channels of the JDK, as all are of the backend {@code nio} and all
     *     that were adopted
     * @throws io.bobbinet.stream.ClosedResourceException if the listener is closed
     * @throws IOException if the system gives none; then none is left open
     */
    public List<Descriptor> toDescriptors() throws IOException {
        return descriptors();
    }

    @Override
    SocketAddress local() {
        return localAddress();
    }

    @Override
    TcpStream connection(StreamHandle handle) {
        try {
            handle.setOption(StandardSocketOptions.TCP_NODELAY, true);
        } catch (IOException e) {
            // Reset meanwhile, on some systems; the receive will tell.
        }
        return TcpStream.over(handle);
    }

    @Override
    void beforeClose() {}
}
