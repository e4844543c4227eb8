package io.bobbinet.net;

import io.bobbinet.spi.SocketHandle;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.Attributed;
import io.bobbinet.stream.ClosedResourceException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A socket over a handle of a backend: its options and attributes, and whether this side has closed it. */
abstract sealed class HandleSocket<H extends SocketHandle> implements Attributed, SocketView
        permits StreamSocket, HandleDatagrams {
    final H handle;

    /** Set once, before the handle is closed. */
    private volatile boolean closed;

    HandleSocket(H handle) {
        this.handle = handle;
    }

    /** {@return the address of the other end, if there is one} */
    abstract Optional<? extends SocketAddress> peerIfAny();

    /** {@return what this is, for messages: between "cannot receive from" and "it is closed"} */
    abstract String describe();

    final boolean isClosed() {
        return closed;
    }

    /** Notes that this side closes the socket. */
    final void markClosed() {
        closed = true;
    }

    final void checkOpen(String action) throws ClosedResourceException {
        if (closed) {
            throw new ClosedResourceException("Cannot " + action + " " + describe() + ": it is closed");
        }
    }

    final ClosedResourceException closedDuring(String action, @Nullable IOException cause) {
        ClosedResourceException e = new ClosedResourceException("It was closed while " + action + " " + describe());
        if (cause != null) {
            e.initCause(cause);
        }
        return e;
    }

    /**
     * Asks for the value of a socket option.
     *
     * @param <T> the type of the value
     * @param option the option
     * @return its value
     * @throws UnsupportedOperationException if this socket does not have the option
     * @throws ClosedResourceException if this side closed the socket
     * @throws SocketException if it has no value: {@link java.net.StandardSocketOptions#IP_MULTICAST_IF} where none was set
     * @throws IOException if the system refuses
     */
    @Override
    public final <T> T option(SocketOption<T> option) throws IOException {
        Objects.requireNonNull(option, "option");
        checkOpen("ask for " + option + " of");
        try {
            return handle.getOption(option);
        } catch (ClosedChannelException e) {
            throw closedDuring("asking for " + option + " of", e);
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
     * @throws ClosedResourceException if this side closed the socket
     * @throws IOException if the system refuses
     */
    @Override
    public final <T> void setOption(SocketOption<T> option, T value) throws IOException {
        T checked = LinuxOptions.checked(option, value);
        checkOpen("set " + option + " of");
        try {
            handle.setOption(option, checked);
        } catch (ClosedChannelException e) {
            throw closedDuring("setting " + option + " of", e);
        }
    }

    /**
     * {@return the options that can be asked for or set}
     */
    @Override
    public final Set<SocketOption<?>> supportedOptions() {
        return handle.supportedOptions();
    }

    final Descriptor duplicate() throws IOException {
        checkOpen("make a descriptor of");
        try {
            return new Descriptor(handle.duplicate());
        } catch (ClosedChannelException e) {
            throw closedDuring("making a descriptor of", e);
        }
    }

    @Override
    @SuppressWarnings("unchecked") // each value is of its attribute's type
    public final <T> Optional<T> find(Attribute<T> attribute) {
        Objects.requireNonNull(attribute, "attribute");
        if (attribute == SocketAttributes.LOCAL_ADDRESS) {
            return (Optional<T>) Optional.of(localAddress());
        }
        if (attribute == SocketAttributes.PEER_ADDRESS) {
            return (Optional<T>) peerIfAny();
        }
        return attribute == SocketAttributes.SOCKET ? (Optional<T>) Optional.of(this) : Optional.empty();
    }
}
