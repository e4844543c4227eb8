package io.bobbinet.net;

import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.spi.UnixName;
import io.bobbinet.stream.Listener;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * Waits for UNIX stream connections.
 *
 * <p>Made by {@link Unix#listen}, a {@link UnixBinder} or {@link Unix#adopt}. The socket file stays when the listener is
 * closed, unless told otherwise by {@link UnixBinder#withDeleteOnClose()}.
 */
public final class UnixListener extends HandleListener<UnixStream> implements Listener<UnixStream> {
    private final UnixAddress address;

    /** What to delete at the close. */
    private final Optional<SocketFile> file;

    UnixListener(ListenerHandle handle, UnixAddress address, Optional<SocketFile> file) {
        super(List.of(handle));
        this.address = address;
        this.file = file;
    }

    /** Makes a listener of a listening handle. If it throws, the handle is still the caller's. */
    static UnixListener over(ListenerHandle handle) throws IOException {
        return new UnixListener(handle, UnixAddress.of((UnixName) handle.localAddress()), Optional.empty());
    }

    /**
     * {@return the address listened on} Known after the close.
     */
    public UnixAddress localAddress() {
        return address;
    }

    @Override
    SocketAddress local() {
        return address;
    }

    @Override
    UnixStream connection(StreamHandle handle) {
        return UnixStream.accepted(handle, address);
    }

    @Override
    void beforeClose() throws IOException {
        // While the socket still answers: nobody else takes the file for a stale one.
        if (file.isPresent()) {
            file.get().delete();
        }
    }
}
