package io.bobbinet.net;

import io.bobbinet.spi.StreamHandle;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.Attributed;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ClosedResourceException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A connected handle of a backend, its addresses and options, and what has befallen it. */
abstract sealed class StreamSocket implements Attributed permits HandleStream {
    final StreamHandle handle;

    /** Set once, before the handle is closed. */
    private volatile boolean closed;

    /** What the system said when a call first met a reset or a broken pipe. */
    private volatile @Nullable IOException broken;

    StreamSocket(StreamHandle handle) {
        this.handle = handle;
    }

    /** {@return the address of this end} */
    abstract SocketAddress local();

    /** {@return the address of the other end} */
    abstract SocketAddress peer();

    final boolean isClosed() {
        return closed;
    }

    /** Notes that this side closes the socket. */
    final void markClosed() {
        closed = true;
    }

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

    final void checkOpen(String action) throws ClosedResourceException {
        if (closed) {
            throw new ClosedResourceException("Cannot " + action + " " + ends() + ": the stream is closed");
        }
    }

    final ClosedResourceException closedDuring(String action, @Nullable IOException cause) {
        ClosedResourceException e = new ClosedResourceException("The stream was closed while " + action + " " + ends());
        if (cause != null) {
            e.initCause(cause);
        }
        return e;
    }

    final String ends() {
        return AddressText.of(peer()) + " (from " + AddressText.of(local()) + ")";
    }

    /**
     * Asks for the value of a socket option.
     *
     * @param <T> the type of the value
     * @param option the option
     * @return its value
     * @throws UnsupportedOperationException if this socket does not have the option
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the stream
     * @throws IOException if the system refuses
     */
    public final <T> T option(SocketOption<T> option) throws IOException {
        Objects.requireNonNull(option, "option");
        checkOpen("ask for " + option + " of the stream to");
        try {
            return handle.getOption(option);
        } catch (ClosedChannelException e) {
            throw closedDuring("asking for " + option + " of the stream to", e);
        }
    }

    /**
     * Sets a socket option.
     *
     * @param <T> the type of the value
     * @param option the option
     * @param value its value
     * @throws UnsupportedOperationException if this socket does not have the option
     * @throws IllegalArgumentException if the option does not take the value
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the stream
     * @throws IOException if the system refuses
     */
    public final <T> void setOption(SocketOption<T> option, T value) throws IOException {
        T checked = LinuxOptions.checked(option, value);
        checkOpen("set " + option + " of the stream to");
        try {
            handle.setOption(option, checked);
        } catch (ClosedChannelException e) {
            throw closedDuring("setting " + option + " of the stream to", e);
        }
    }

    /**
     * {@return the options that can be asked for or set}
     */
    public final Set<SocketOption<?>> supportedOptions() {
        return handle.supportedOptions();
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
        checkOpen("make a descriptor of the stream to");
        try {
            return new Descriptor(handle.duplicate());
        } catch (ClosedChannelException e) {
            throw closedDuring("making a descriptor of the stream to", e);
        }
    }

    @Override
    @SuppressWarnings("unchecked") // the two attributes are of socket addresses
    public final <T> Optional<T> find(Attribute<T> attribute) {
        Objects.requireNonNull(attribute, "attribute");
        if (attribute == SocketAttributes.LOCAL_ADDRESS) {
            return (Optional<T>) Optional.of(local());
        }
        if (attribute == SocketAttributes.PEER_ADDRESS) {
            return (Optional<T>) Optional.of(peer());
        }
        return Optional.empty();
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[" + AddressText.of(local()) + " to " + AddressText.of(peer())
                + (closed ? ", closed]" : "]");
    }
}
