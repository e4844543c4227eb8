package io.bobbinet.net;

import io.bobbinet.spi.Capability;
import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.file.Path;
import java.util.Optional;

/**
 * UNIX datagram sockets: datagrams between processes of one machine, unix(7). Linux only; where the backend in force has none,
 * every method that makes a socket throws {@link UnsupportedOperationException} that names the one that has.
 *
 * {@snippet file="UnixDatagramExamples.java" region="serve"}
 *
 * {@snippet file="UnixDatagramExamples.java" region="connect"}
 */
public final class UnixDatagram {
    private UnixDatagram() {}

    /**
     * Makes a socket without a name: one that only sends. Nobody can answer it; for that, bind one to a path, an abstract name
     * or, with {@link UnixAddress#unnamed()}, a name that the system chooses.
     *
     * @return the socket, which belongs to the caller
     * @throws UnsupportedOperationException if the backend in force has no UNIX datagrams, as {@code linux} has
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if the system refuses
     */
    public static UnixDatagramSocket open() throws IOException {
        CancelScope.checkpoint();
        checkSupported();
        return new UnixDatagramSocket(new UnixPlace.Bound<>(openHandle(), UnixAddress.unnamed(), Optional.empty()));
    }

    /**
     * Makes a socket that is bound to a path. A socket file there that nobody has open any more is replaced. The file stays when
     * the socket is closed, unless {@link UnixDatagramBinder#withDeleteOnClose()}.
     *
     * @param path the path
     * @return the socket, which belongs to the caller
     * @throws IllegalArgumentException if the path is empty or longer than 107 bytes
     * @throws java.net.BindException if the path is in use, by a socket that is or by any other file, or forbidden
     * @throws java.nio.file.NoSuchFileException if the directory does not exist
     * @throws UnsupportedOperationException if the backend in force has no UNIX datagrams, as {@code linux} has
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if the system refuses otherwise
     */
    public static UnixDatagramSocket bind(Path path) throws IOException {
        return binder(path).bind();
    }

    /**
     * Makes a socket that is connected to the one at a path, and has a name that the system chooses, so that it can be
     * answered.
     *
     * @param path the path
     * @return the socket, which belongs to the caller
     * @throws IllegalArgumentException if the path is empty or longer than 107 bytes
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws java.net.ConnectException if nobody has the socket open any more, or it is no datagram socket
     * @throws java.nio.file.AccessDeniedException if this process may not write to it
     * @throws UnsupportedOperationException if the backend in force has no UNIX datagrams, as {@code linux} has
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if the system refuses otherwise
     */
    public static ConnectedUnixDatagramSocket connect(Path path) throws IOException {
        return connector(path).connect();
    }

    /**
     * Makes a binder for a path.
     *
     * @param path the path
     * @return the binder
     * @throws IllegalArgumentException if the path is empty or longer than 107 bytes
     */
    public static UnixDatagramBinder binder(Path path) {
        return binder(UnixAddress.of(path));
    }

    /**
     * Makes a binder for an address.
     *
     * @param local the address; {@link UnixAddress#unnamed()} lets the system choose an abstract name
     * @return the binder
     */
    public static UnixDatagramBinder binder(UnixAddress local) {
        return new UnixDatagramBinder(new UnixPlace(local));
    }

    /**
     * Makes a connector for a path.
     *
     * @param path the path
     * @return the connector
     * @throws IllegalArgumentException if the path is empty or longer than 107 bytes
     */
    public static UnixDatagramConnector connector(Path path) {
        return connector(UnixAddress.of(path));
    }

    /**
     * Makes a connector for an address.
     *
     * @param remote the address
     * @return the connector
     * @throws IllegalArgumentException if it is unnamed
     */
    public static UnixDatagramConnector connector(UnixAddress remote) {
        return new UnixDatagramConnector(UnixHandleDatagrams.checkNamed(remote), new UnixPlace(UnixAddress.unnamed()));
    }

    static void checkSupported() {
        if (!Backends.current().capabilities().contains(Capability.UNIX_DATAGRAM)) {
            throw LinuxOnly.missing("The backend " + Backends.current().name()
                    + " has no UNIX datagram sockets; the backend linux has");
        }
    }

    static DatagramHandle openHandle() throws IOException {
        return Backends.current().openDatagram(StandardProtocolFamily.UNIX);
    }

    /** Binds a socket to a place as it is, replacing what is stale. */
    static UnixPlace.Bound<DatagramHandle> bind(UnixPlace place) throws IOException {
        return place.replacingStale(() -> place.bind(UnixDatagram::openHandle, (handle, name) -> {
            if (place.address().isPath() && place.permissions().isPresent()) {
                SocketFile.bind(
                        handle,
                        name,
                        place.address().path(),
                        place.permissions().get());
            } else {
                handle.bind(name);
            }
        }));
    }
}
