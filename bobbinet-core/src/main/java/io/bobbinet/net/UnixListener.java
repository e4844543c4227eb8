package io.bobbinet.net;

import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.spi.UnixName;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.Serving;
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

    /**
     * Makes a descriptor of this listener's socket, to be sent to another process or kept. It belongs to the caller and is
     * independent of this listener, which stays as it is: whoever accepts first gets a connection, and no connection is lost
     * as long as one of the descriptors is open. Linux only.
     *
     * @return the descriptor
     * @throws UnsupportedOperationException if this is a channel of the JDK, as all are of the backend {@code nio} and all
     *     that were adopted
     * @throws io.bobbinet.stream.ClosedResourceException if the listener is closed
     * @throws IOException if the system gives none
     */
    public Descriptor toDescriptor() throws IOException {
        return descriptors().getFirst();
    }

    /**
     * Gives a view of this listener whose connections can pass descriptors. Both accept from the same socket, one thread at a
     * time; closing or draining one closes or drains the other. Linux only.
     *
     * @return the view
     * @throws UnsupportedOperationException if this is a channel of the JDK, as all are of the backend {@code nio} and all
     *     that were adopted
     */
    public Listener<UnixDescriptorStream> withDescriptors() {
        UnixDescriptorStream.checkSupported(supportedOptions());
        return new DescriptorListener(this);
    }

    private record DescriptorListener(UnixListener listener) implements Listener<UnixDescriptorStream> {
        @Override
        public UnixDescriptorStream accept() throws IOException {
            return listener.accept(handle -> UnixDescriptorStream.accepted(handle, listener.address));
        }

        @Override
        public Serving serving() {
            return listener.serving();
        }

        @Override
        public <T> Optional<T> find(Attribute<T> attribute) {
            return listener.find(attribute);
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }

        @Override
        public String toString() {
            return listener + " with descriptors";
        }
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
