package io.bobbinet.net;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.stream.Connector;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.SocketOption;

/**
 * Makes UNIX datagram sockets that are connected to one place, with options. Immutable; every {@code with} method gives a new
 * connector. Made by {@link UnixDatagram#connector}.
 */
public final class UnixDatagramConnector implements Connector<ConnectedUnixDatagramSocket> {
    private final UnixAddress remote;
    private final UnixPlace local;

    UnixDatagramConnector(UnixAddress remote, UnixPlace local) {
        this.remote = remote;
        this.local = local;
    }

    /**
     * {@return the same connector with a local address, to which sockets are bound} A socket file that is made for it stays when
     * the socket is closed, unless {@link #withDeleteOnClose()}; one that is stale is replaced.
     *
     * @param address the address; {@link UnixAddress#unnamed()}, as it is unless told otherwise, lets the system choose an
     *     abstract name
     */
    public UnixDatagramConnector withLocalAddress(UnixAddress address) {
        return new UnixDatagramConnector(
                remote, new UnixPlace(address, local.options(), local.deletesOnClose(), local.permissions()));
    }

    /**
     * {@return the same connector, for sockets that delete the socket file of their local address when they are closed}
     */
    public UnixDatagramConnector withDeleteOnClose() {
        return new UnixDatagramConnector(remote, local.withDeleteOnClose());
    }

    /**
     * {@return the same connector with a socket option, set before the socket is bound}
     *
     * @param <T> the type of the option's value
     * @param option the option
     * @param value its value
     */
    public <T> UnixDatagramConnector withOption(SocketOption<T> option, T value) {
        return new UnixDatagramConnector(
                remote, local.withOptions(local.options().with(option, value)));
    }

    /**
     * Makes a socket and connects it. If this throws, nothing is left open, and no file behind.
     *
     * @return the socket, which belongs to the caller
     * @throws java.nio.file.NoSuchFileException if there is no socket at the path, or no directory for the local address
     * @throws java.net.ConnectException if nobody has the socket open any more, or it is no datagram socket
     * @throws java.nio.file.AccessDeniedException if this process may not write to it
     * @throws java.net.BindException if the local address is in use
     * @throws UnsupportedOperationException if the backend in force has no UNIX datagrams, as {@code linux} has, or the socket
     *     does not have an option
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if the system refuses otherwise, since the peer is connected to another socket for instance
     */
    @Override
    public ConnectedUnixDatagramSocket connect() throws IOException {
        CancelScope.checkpoint();
        UnixDatagram.checkSupported();
        UnixPlace.Bound<DatagramHandle> bound = UnixDatagram.bind(local.withDeleteOnClose());
        try {
            bound.handle().connect(remote.name());
            return new ConnectedUnixDatagramSocket(local.deletesOnClose() ? bound : bound.keepingFile(), remote);
        } catch (IOException e) {
            bound.discard(e);
            throw SocketErrors.about(remote, e);
        } catch (Throwable t) {
            bound.discard(t);
            throw t;
        }
    }

    /** {@return where this goes to} */
    @Override
    public String toString() {
        return remote.toString();
    }
}
