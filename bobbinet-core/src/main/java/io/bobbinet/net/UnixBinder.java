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

    private final UnixAddress address;
    private final int backlog;
    private final OptionValues options;
    private final boolean deleteOnClose;
    private final Optional<Set<PosixFilePermission>> permissions;

    UnixBinder(UnixAddress address) {
        this(address, BindSettings.LARGEST_BACKLOG, OptionValues.NONE, false, Optional.empty());
    }

    private UnixBinder(
            UnixAddress address,
            int backlog,
            OptionValues options,
            boolean deleteOnClose,
            Optional<Set<PosixFilePermission>> permissions) {
        this.address = address;
        this.backlog = backlog;
        this.options = options;
        this.deleteOnClose = deleteOnClose;
        this.permissions = permissions;
    }

    /**
     * {@return the same binder with a limit for connections that wait to be accepted}
     *
     * @param limit the limit; what the system does not allow counts as what it does
     * @throws IllegalArgumentException if it is less than 1
     */
    public UnixBinder withBacklog(int limit) {
        return new UnixBinder(address, BindSettings.checkBacklog(limit), options, deleteOnClose, permissions);
    }

    /**
     * {@return the same binder with a socket option, set before the socket is bound}
     *
     * @param <T> the type of the option's value
     * @param option the option
     * @param value its value
     */
    public <T> UnixBinder withOption(SocketOption<T> option, T value) {
        return new UnixBinder(address, backlog, options.with(option, value), deleteOnClose, permissions);
    }

    /**
     * {@return the same binder, for listeners that delete their socket file when they are closed} Only the file that they
     * made: not one that somebody else has put in its place. Without effect on abstract names, which have no file.
     */
    public UnixBinder withDeleteOnClose() {
        return new UnixBinder(address, backlog, options, true, permissions);
    }

    /**
     * {@return the same binder, for socket files with these permissions} At no time can somebody connect whom they do not
     * allow. To that end the backend {@code nio} makes the socket in a private folder beside its place and moves it there, so
     * that tools which ask the system for the name of the socket show another path. Without effect on abstract names.
     *
     * @param allowed the permissions; writing is what connecting takes
     */
    public UnixBinder withPermissions(Set<PosixFilePermission> allowed) {
        return new UnixBinder(address, backlog, options, deleteOnClose, Optional.of(Set.copyOf(allowed)));
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
        UnixConnector.checkSupported(address, Backends.current());
        if (!address.isPath()) {
            return listenAtAddress();
        }
        try {
            return listenAtPath();
        } catch (BindException e) {
            return SocketFile.replaceStale(address.path(), e, this::listenAtPath);
        }
    }

    private UnixListener listenAtPath() throws IOException {
        return permissions.isPresent() ? listenPrivately() : listenAtAddress();
    }

    private UnixListener listenAtAddress() throws IOException {
        ListenerHandle handle = open(address);
        try {
            Optional<SocketFile> file =
                    deleteOnClose && address.isPath() ? Optional.of(SocketFile.at(address.path())) : Optional.empty();
            return new UnixListener(handle, bound(handle), file);
        } catch (Throwable t) {
            SocketErrors.closeAfter(t, handle);
            throw t;
        }
    }

    /** The address, as the system has chosen it if it was to. */
    private UnixAddress bound(ListenerHandle handle) throws IOException {
        return address.isUnnamed() ? UnixAddress.of((UnixName) handle.localAddress()) : address;
    }

    /**
     * Binding makes the file with the permissions of the process, and connecting works from that moment on. So the file is
     * made where nobody else comes to, and gets its place when it is ready.
     */
    private UnixListener listenPrivately() throws IOException {
        Path folder = SocketFile.sibling(address.path());
        Path hidden = folder.resolve("s");
        try {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            ListenerHandle handle = open(hiddenAddress(hidden));
            try {
                Files.setPosixFilePermissions(hidden, permissions.orElseThrow());
                SocketFile file =
                        new SocketFile(address.path(), SocketFile.at(hidden).key());
                SocketFile.place(hidden, address.path());
                return new UnixListener(handle, address, deleteOnClose ? Optional.of(file) : Optional.empty());
            } catch (Throwable t) {
                SocketErrors.closeAfter(t, handle);
                throw t;
            }
        } catch (FileAlreadyExistsException e) {
            throw located(e);
        } finally {
            SocketFile.discard(hidden);
            SocketFile.discard(folder);
        }
    }

    private UnixAddress hiddenAddress(Path hidden) throws SocketException {
        try {
            return UnixAddress.of(hidden);
        } catch (IllegalArgumentException e) {
            SocketException tooLong =
                    new SocketException("The path is too long to set permissions in a private folder: " + address);
            tooLong.initCause(e);
            throw tooLong;
        }
    }

    private ListenerHandle open(UnixAddress place) throws IOException {
        ListenerHandle handle = Backends.current().openListener(StandardProtocolFamily.UNIX);
        try {
            options.applyTo(handle);
            handle.listen(place.name(), backlog);
            return handle;
        } catch (IOException e) {
            SocketErrors.closeAfter(e, handle);
            throw located(e);
        } catch (Throwable t) {
            SocketErrors.closeAfter(t, handle);
            throw t;
        }
    }

    /** What went wrong, found out by looking: the JDK gives the system's words, in the language of the system. */
    private IOException located(IOException e) {
        IOException located;
        Path directory = address.isPath() ? address.path().toAbsolutePath().getParent() : null;
        if (e instanceof FileAlreadyExistsException) {
            located = new BindException("Address already in use: " + address);
        } else if (!(e instanceof BindException) && directory != null && Files.notExists(directory)) {
            located = new NoSuchFileException(address.toString(), null, "its directory does not exist");
        } else {
            return SocketErrors.about(address, e);
        }
        located.initCause(e);
        return located;
    }
}
