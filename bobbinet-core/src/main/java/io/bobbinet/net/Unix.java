package io.bobbinet.net;

import io.bobbinet.spi.HandlePair;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Backends;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Objects;

/**
 * UNIX stream sockets, unix(7): connections and listeners between processes of one machine, and the ways to make them.
 *
 * <p>{@link #connect} and {@link #listen} are for nine users in ten; {@link #connector} and {@link #binder} give the same
 * with options, and take any {@link UnixAddress}.
 */
public final class Unix {
    private Unix() {}

    /**
     * Connects to a path. If the listener's queue is full this waits until there is room.
     *
     * @param path the path
     * @return the connection, which belongs to the caller
     * @throws IllegalArgumentException if the path is empty or longer than 107 bytes
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws java.net.ConnectException if nobody listens there
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; nothing is left open
     * @throws IOException if the system refuses otherwise, or as {@link java.io.InterruptedIOException} if the thread was
     *     interrupted by the user
     */
    public static UnixStream connect(Path path) throws IOException {
        return connector(path).connect();
    }

    /**
     * Makes a connector with the default options.
     *
     * @param path the path
     * @return the connector
     * @throws IllegalArgumentException if the path is empty or longer than 107 bytes
     */
    public static UnixConnector connector(Path path) {
        return connector(UnixAddress.of(path));
    }

    /**
     * Makes a connector with the default options.
     *
     * @param remote where to
     * @return the connector
     * @throws IllegalArgumentException if the address is unnamed
     */
    public static UnixConnector connector(UnixAddress remote) {
        return new UnixConnector(named(remote), ConnectSettings.DEFAULT);
    }

    /**
     * Listens at a path. A socket file that is in the way is replaced if nobody listens there any more; everything else is
     * left alone. The file stays after the close; {@link UnixBinder#withDeleteOnClose()} changes that.
     *
     * @param path the path
     * @return the listener, which belongs to the caller
     * @throws IllegalArgumentException if the path is empty or longer than 107 bytes
     * @throws java.net.BindException if the path is in use, by a socket that is or by any other file, or forbidden; with the
     *     path in the message
     * @throws java.nio.file.NoSuchFileException if the directory does not exist
     * @throws IOException if the system refuses otherwise
     */
    public static UnixListener listen(Path path) throws IOException {
        return binder(path).listen();
    }

    /**
     * Makes a binder with the default options.
     *
     * @param path the path
     * @return the binder
     * @throws IllegalArgumentException if the path is empty or longer than 107 bytes
     */
    public static UnixBinder binder(Path path) {
        return binder(UnixAddress.of(path));
    }

    /**
     * Makes a binder with the default options.
     *
     * @param local the address; if it is {@linkplain UnixAddress#unnamed() unnamed} the system chooses an abstract name, unix(7)
     *     "autobind", which {@link UnixListener#localAddress()} tells; Linux only
     * @return the binder
     */
    public static UnixBinder binder(UnixAddress local) {
        return new UnixBinder(Objects.requireNonNull(local, "local"));
    }

    /**
     * Makes two streams that are connected to each other, socketpair(2). Both are unnamed.
     *
     * @return the two, which belong to the caller
     * @throws UnsupportedOperationException if the system has no UNIX sockets
     * @throws IOException if the system gives none
     */
    public static StreamPair<UnixStream> pair() throws IOException {
        HandlePair pair = Backends.current().openPair();
        return new StreamPair<>(UnixStream.unnamed(pair.first()), UnixStream.unnamed(pair.second()));
    }

    private static UnixAddress named(UnixAddress address) {
        if (address.isUnnamed()) {
            throw new IllegalArgumentException("An unnamed UNIX address leads nowhere");
        }
        return address;
    }

    /**
     * Takes over a connected channel of the JDK. It must not be used by others any more. It lives on the backend
     * {@code nio}, whichever is in force. If this throws, the channel still belongs to the caller.
     *
     * @param channel the channel
     * @return the stream, which owns the channel
     * @throws java.nio.channels.NotYetConnectedException if it is not connected
     * @throws IllegalArgumentException if it is not one of UNIX, or is registered with a selector
     * @throws IOException if it is closed
     */
    public static UnixStream adopt(SocketChannel channel) throws IOException {
        Adoption.checkConnected(channel, UnixDomainSocketAddress.class);
        return UnixStream.over(Backends.named("nio").adoptStream(channel));
    }

    /**
     * Takes over a listening channel of the JDK. It must not be used by others any more. It lives on the backend
     * {@code nio}, whichever is in force. If this throws, the channel still belongs to the caller.
     *
     * @param channel the channel
     * @return the listener, which owns the channel
     * @throws java.nio.channels.NotYetBoundException if it is not bound
     * @throws IllegalArgumentException if it is not one of UNIX, or is registered with a selector
     * @throws IOException if it is closed
     */
    public static UnixListener adopt(ServerSocketChannel channel) throws IOException {
        Adoption.checkBound(channel, UnixDomainSocketAddress.class);
        return UnixListener.over(Backends.named("nio").adoptListener(channel));
    }
}
