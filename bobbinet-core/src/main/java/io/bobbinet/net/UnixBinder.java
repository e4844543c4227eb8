package io.bobbinet.net;

import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.UnixName;
import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * Makes UNIX listeners, with options. Immutable; every {@code with} method gives a new binder. Made by {@link Unix#binder}.
 *
 * <p>A socket file that is in the way is asked whether somebody listens there, by a connection that is closed at once. If
 * not, it is replaced, after a pause of 20 ms, in which a server that is just starting would have come to listen; if so, and for every other kind of file, links included, there is a {@link BindException} and the file
 * is untouched.
 */
public final class UnixBinder {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private final UnixPlace place;
    private final int backlog;

    UnixBinder(UnixAddress address) {
        this(new UnixPlace(address), BindSettings.LARGEST_BACKLOG);
    }

    private UnixBinder(UnixPlace place, int backlog) {
        this.place = place;
        this.backlog = backlog;
    }

    /**
     * {@return the same binder with a limit for connections that wait to be accepted}
     *
     * @param limit the limit; what the system does not allow counts as what it does
     * @throws IllegalArgumentException if it is less than 1
     */
    public UnixBinder withBacklog(int limit) {
        return new UnixBinder(place, BindSettings.checkBacklog(limit));
    }

    /**
     * {@return the same binder with a socket option, set before the socket is bound}
     *
     * @param <T> the type of the option's value
     * @param option the option
     * @param value its value
     */
    public <T> UnixBinder withOption(SocketOption<T> option, T value) {
        return new UnixBinder(place.withOptions(place.options().with(option, value)), backlog);
    }

    /**
     * {@return the same binder, for listeners that delete their socket file when they are closed} Only the file that they
     * made: not one that somebody else has put in its place. Without effect on abstract names, which have no file.
     */
    public UnixBinder withDeleteOnClose() {
        return new UnixBinder(place.withDeleteOnClose(), backlog);
    }

    /**
     * {@return the same binder, for socket files with these permissions} At no time can somebody connect whom they do not
     * allow. To that end the backend {@code nio} makes the socket in a private folder beside its place and moves it there, so
     * that tools which ask the system for the name of the socket show another path. Without effect on abstract names.
     *
     * @param allowed the permissions; writing is what connecting takes
     */
    public UnixBinder withPermissions(Set<PosixFilePermission> allowed) {
        return new UnixBinder(place.withPermissions(allowed), backlog);
    }

    /**
     * Binds and listens. If this throws, nothing is left open.
     *
     * @return the listener, which belongs to the caller
     * @throws BindException if the path is in use, by a socket that is or by any other file, or forbidden; with the path in
     *     the message
     * @throws NoSuchFileException if the directory does not exist
     * @throws UnsupportedOperationException if the socket does not have an option, the file system no permissions, or the
     *     backend in force not this kind of address; then the message names one that has
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if the system refuses otherwise
     */
    public UnixListener listen() throws IOException {
        CancelScope.checkpoint();
        UnixConnector.checkSupported(place.address(), Backends.current());
        return place.replacingStale(this::listenAtPlace);
    }

    private UnixListener listenAtPlace() throws IOException {
        if (place.address().isPath() && place.permissions().isPresent()) {
            return listenPrivately(place.permissions().get());
        }
        UnixPlace.Bound<ListenerHandle> bound = place.bind(UnixBinder::open, this::listen);
        return new UnixListener(bound.handle(), bound.address(), bound.file());
    }

    private static ListenerHandle open() throws IOException {
        return Backends.current().openListener(StandardProtocolFamily.UNIX);
    }

    private void listen(ListenerHandle handle, UnixName name) throws IOException {
        handle.listen(name, backlog);
    }

    /**
     * Binding makes the file with the permissions of the process, and connecting works from that moment on. So the file is
     * made where nobody else comes to, and gets its place when it is ready.
     */
    private UnixListener listenPrivately(Set<PosixFilePermission> permissions) throws IOException {
        UnixAddress address = place.address();
        Path folder = SocketFile.sibling(address.path());
        Path hidden = folder.resolve("s");
        try {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            ListenerHandle handle = place.open(hiddenAddress(hidden), UnixBinder::open, this::listen);
            try {
                Files.setPosixFilePermissions(hidden, permissions);
                SocketFile file =
                        new SocketFile(address.path(), SocketFile.at(hidden).key());
                SocketFile.place(hidden, address.path());
                return new UnixListener(handle, address, place.deletesOnClose() ? Optional.of(file) : Optional.empty());
            } catch (Throwable t) {
                SocketErrors.closeAfter(t, handle);
                throw t;
            }
        } catch (FileAlreadyExistsException e) {
            throw place.located(e);
        } finally {
            SocketFile.discard(hidden);
            SocketFile.discard(folder);
        }
    }

    private UnixAddress hiddenAddress(Path hidden) throws SocketException {
        try {
            return UnixAddress.of(hidden);
        } catch (IllegalArgumentException e) {
            SocketException tooLong = new SocketException(
                    "The path is too long to set permissions in a private folder: " + place.address());
            tooLong.initCause(e);
            throw tooLong;
        }
    }
}
