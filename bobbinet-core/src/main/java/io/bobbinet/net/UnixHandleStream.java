package io.bobbinet.net;

import io.bobbinet.spi.ProcessCredentials;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.spi.UnixName;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A UNIX stream over a handle of a backend: its two addresses and who its peer is. */
abstract sealed class UnixHandleStream extends HandleStream permits UnixStream, UnixDescriptorStream {
    private final UnixAddress local;
    private final UnixAddress peer;

    /** The socket file of this end, until it is deleted or another stream's. */
    private final AtomicReference<@Nullable SocketFile> file;

    UnixHandleStream(StreamHandle handle, UnixAddress local, UnixAddress peer) {
        this(new UnixPlace.Bound<>(handle, local, Optional.empty()), peer);
    }

    UnixHandleStream(UnixPlace.Bound<StreamHandle> bound, UnixAddress peer) {
        super(bound.handle());
        this.local = bound.address();
        this.peer = peer;
        this.file = new AtomicReference<>(bound.file().orElse(null));
    }

    /** Takes the connection over from another stream. */
    UnixHandleStream(UnixHandleStream other) throws IOException {
        super(other);
        this.local = other.local;
        this.peer = other.peer;
        this.file = new AtomicReference<>(other.file.getAndSet(null));
    }

    interface AddressSource {
        SocketAddress ask() throws IOException;
    }

    static UnixAddress address(AddressSource source) {
        try {
            if (source.ask() instanceof UnixName name) {
                return UnixAddress.of(name);
            }
        } catch (IOException e) {
            // As good as unnamed.
        }
        return UnixAddress.unnamed();
    }

    /** {@return the address of this end} Unnamed on the side that connected, most often. */
    @Override
    public final UnixAddress localAddress() {
        return local;
    }

    /** {@return the address of the other end} Unnamed on the side that accepted, most often. */
    public final UnixAddress peerAddress() {
        return peer;
    }

    /**
     * Tells who the peer is: the process, user and group that connected, or that began to listen, or that made the pair, as
     * they were then, {@code SO_PEERCRED} of unix(7). The process may have ended since, or may have given the connection away.
     *
     * @return who it is
     * @throws UnsupportedOperationException if this is a channel of the JDK, as all are of the backend {@code nio} and all
     *     that were adopted; those of the backend {@code linux} know
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the stream
     * @throws IOException if the system does not tell
     */
    public final UnixCredentials peerCredentials() throws IOException {
        checkOpen("ask who is the peer of");
        try {
            ProcessCredentials peerIs = handle.peerCredentials();
            return new UnixCredentials(peerIs.pid(), peerIs.uid(), peerIs.gid());
        } catch (UnsupportedOperationException e) {
            throw LinuxOnly.missing(String.valueOf(e.getMessage()));
        } catch (ClosedChannelException e) {
            throw closedDuring("asking who is the peer of", e);
        }
    }

    @Override
    final SocketAddress peer() {
        return peer;
    }

    @Override
    void released() throws IOException {
        SocketFile mine = file.getAndSet(null);
        if (mine != null) {
            mine.delete();
        }
    }

    @Override
    final void closeWillReset() {
        // There is no such thing.
    }
}
