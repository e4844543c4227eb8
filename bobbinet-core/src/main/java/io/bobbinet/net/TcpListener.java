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
