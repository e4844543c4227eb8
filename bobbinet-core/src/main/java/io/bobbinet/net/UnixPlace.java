package io.bobbinet.net;

import io.bobbinet.spi.SocketHandle;
import io.bobbinet.spi.UnixName;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/**
 * Where a UNIX socket is to be bound, and how.
 *
 * @param address the address; an unnamed one lets the system choose an abstract name
 * @param options set before the socket is bound
 * @param deletesOnClose whether the socket file goes when the socket is closed
 * @param permissions of the socket file; empty for those the process gives its files
 */
record UnixPlace(
        UnixAddress address,
        OptionValues options,
        boolean deletesOnClose,
        Optional<Set<PosixFilePermission>> permissions) {

    UnixPlace(UnixAddress address) {
        this(address, OptionValues.NONE, false, Optional.empty());
    }

    UnixPlace withOptions(OptionValues value) {
        return new UnixPlace(address, value, deletesOnClose, permissions);
    }

    UnixPlace withDeleteOnClose() {
        return new UnixPlace(address, options, true, permissions);
    }

    UnixPlace withPermissions(Set<PosixFilePermission> value) {
        return new UnixPlace(address, options, deletesOnClose, Optional.of(Set.copyOf(value)));
    }

    /** A socket that is bound. */
    record Bound<H extends SocketHandle>(H handle, UnixAddress address, Optional<SocketFile> file) {

        /** The same, whose file is nobody's to delete. */
        Bound<H> keepingFile() {
            return new Bound<>(handle, address, Optional.empty());
        }

        /** Closes the socket and deletes its file, after a failure under which is suppressed what goes wrong with that. */
        void discard(Throwable failure) {
            SocketErrors.closeAfter(failure, handle);
            try {
                if (file.isPresent()) {
                    file.get().delete();
                }
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
    }

    /** Opens a socket. */
    interface Opening<H> {
        H open() throws IOException;
    }

    /** Binds a socket. */
    interface Binding<H> {
        void bind(H handle, UnixName name) throws IOException;
    }

    /** Binds where a path may be taken by a socket that nobody has any more. */
    <T> T replacingStale(SocketFile.Binding<T> binding) throws IOException {
        if (!address.isPath()) {
            return binding.bind();
        }
        try {
            return binding.bind();
        } catch (BindException e) {
            return SocketFile.replaceStale(address.path(), e, binding);
        }
    }

    /** Opens a socket and binds it to its address, as it is. */
    <H extends SocketHandle> Bound<H> bind(Opening<H> opening, Binding<H> binding) throws IOException {
        H handle = open(address, opening, binding);
        try {
            Optional<SocketFile> file =
                    deletesOnClose && address.isPath() ? Optional.of(SocketFile.at(address.path())) : Optional.empty();
            return new Bound<>(handle, bound(handle), file);
        } catch (Throwable t) {
            SocketErrors.closeAfter(t, handle);
            throw t;
        }
    }

    /** The address, as the system has chosen it if it was to. */
    private UnixAddress bound(SocketHandle handle) throws IOException {
        return address.isUnnamed() ? UnixAddress.of((UnixName) handle.localAddress()) : address;
    }

    /** Opens a socket and binds it, perhaps to another address than it is to have in the end. */
    <H extends SocketHandle> H open(UnixAddress at, Opening<H> opening, Binding<H> binding) throws IOException {
        H handle = opening.open();
        try {
            options.applyTo(handle);
            binding.bind(handle, at.name());
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
    IOException located(IOException e) {
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
