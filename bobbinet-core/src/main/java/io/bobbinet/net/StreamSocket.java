package io.bobbinet.net;

import io.bobbinet.spi.StreamHandle;
import io.bobbinet.stream.BrokenResourceException;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A connected handle of a backend, its addresses and options, and what has befallen it. */
abstract sealed class StreamSocket extends HandleSocket<StreamHandle> permits HandleStream {
    /** What the system said when a call first met a reset or a broken pipe. */
    private volatile @Nullable IOException broken;

    StreamSocket(StreamHandle handle) {
        super(handle);
    }

    /** {@return the address of the other end} */
    abstract SocketAddress peer();

    /** What the system said when a call first met a reset or a broken pipe; null if none has. */
    final @Nullable IOException broken() {
        return broken;
    }

    /** Remembers a reset or a broken pipe. */
    final BrokenResourceException nowBroken(String message, IOException cause) {
        if (broken == null) {
            broken = cause;
        }
        return new BrokenResourceException(message, cause);
    }

    /** Takes over what has befallen the connection so far. */
    final void inherit(StreamSocket other) {
        broken = other.broken;
    }

    final String ends() {
        return AddressText.of(peer()) + " (from " + AddressText.of(localAddress()) + ")";
    }

    /**
     * Makes a descriptor of this socket, to be sent to another process or kept: another number for the same connection. It
     * belongs to the caller and is independent of this stream, which stays as it is; the connection ends when all of its
     * descriptors are closed. Linux only.
     *
     * @return the descriptor
     * @throws UnsupportedOperationException if this is a channel of the JDK, as all are of the backend {@code nio} and all
     *     that were adopted
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the stream
     * @throws IOException if the system gives none
     */
    public final Descriptor toDescriptor() throws IOException {
        return duplicate();
    }

    @Override
    final Optional<SocketAddress> peerIfAny() {
        return Optional.of(peer());
    }

    @Override
    final String describe() {
        return "the stream to " + ends();
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[" + AddressText.of(localAddress()) + " to " + AddressText.of(peer())
                + (isClosed() ? ", closed]" : "]");
    }
}
