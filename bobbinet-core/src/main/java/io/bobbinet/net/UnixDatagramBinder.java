package io.bobbinet.net;

import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.SocketOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/**
 * Makes UNIX datagram sockets with a name, with options. Immutable; every {@code with} method gives a new binder. Made by
 * {@link UnixDatagram#binder}.
 */
public final class UnixDatagramBinder {
    private final UnixPlace place;

    UnixDatagramBinder(UnixPlace place) {
        this.place = place;
    }

    /**
     * {@return the same binder with a socket option, set before the socket is bound}
     *
     * @param <T> the type of the option's value
     * @param option the option
     * @param value its value
     */
    public <T> UnixDatagramBinder withOption(SocketOption<T> option, T value) {
        return new UnixDatagramBinder(place.withOptions(place.options().with(option, value)));
    }

    /**
     * {@return the same binder, for sockets that delete their socket file when they are closed} Only the file that they made:
     * not one that somebody else has put in its place. Without effect on abstract names, which have no file.
     */
    public UnixDatagramBinder withDeleteOnClose() {
        return new UnixDatagramBinder(place.withDeleteOnClose());
    }

    /**
     * {@return the same binder, for socket files with these permissions} At no time can somebody send whom they do not allow.
     * Without effect on abstract names.
     *
     * @param allowed the permissions; writing is what sending takes
     */
    public UnixDatagramBinder withPermissions(Set<PosixFilePermission> allowed) {
        return new UnixDatagramBinder(place.withPermissions(allowed));
    }

    /**
     * Makes a socket and binds it. If this throws, nothing is left open, and no file behind.
     *
     * @return the socket, which belongs to the caller
     * @throws java.net.BindException if the path or name is in use, by a socket that is or by any other file, or forbidden;
     *     with the path in the message
     * @throws java.nio.file.NoSuchFileException if the directory does not exist
     * @throws UnsupportedOperationException if the backend in force has no UNIX datagrams, as {@code linux} has, or the socket
     *     does not have an option
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if the system refuses otherwise
     */
    public UnixDatagramSocket bind() throws IOException {
        CancelScope.checkpoint();
        UnixDatagram.checkSupported();
        return new UnixDatagramSocket(UnixDatagram.bind(place));
    }
}
