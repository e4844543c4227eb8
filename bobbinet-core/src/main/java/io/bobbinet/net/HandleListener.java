package io.bobbinet.net;

import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.ResourceGuard;
import io.bobbinet.stream.Serving;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A listener over handles of a backend, one or, for a host with several addresses, more.
 *
 * @param <S> the type of the connections
 */
abstract sealed class HandleListener<S extends SocketStream> implements Listener<S> permits TcpListener, UnixListener {
    private final List<ListenerHandle> handles;
    private final ResourceGuard accepting = new ResourceGuard("accepting from");
    private final Serving serving = new Serving();

    /** Accepted and not yet asked for: with several handles, two may get a connection in the same instant. */
    private final ConcurrentLinkedQueue<StreamHandle> ahead = new ConcurrentLinkedQueue<>();

    /** Set once, before the handles are closed. */
    private volatile boolean closed;

    HandleListener(List<ListenerHandle> handles) {
        this.handles = List.copyOf(handles);
    }

    /** {@return the address listened on, the first of several} */
    abstract SocketAddress local();

    /** Makes a connection of an accepted handle. */
    abstract S connection(StreamHandle handle) throws IOException;

    /** Does what is to be done, once, before the handles are closed. */
    abstract void beforeClose() throws IOException;

    /** What is made of an accepted handle. */
    interface Connection<T> {
        T of(StreamHandle handle) throws IOException;
    }

    @Override
    public final S accept() throws IOException {
        return accept(this::connection);
    }

    /** Accepts a connection and makes of it what is wanted. */
    final <T> T accept(Connection<T> connection) throws IOException {
        checkOpen("accept from");
        accepting.enter();
        try {
            CancelScope.checkpoint();
            StreamHandle handle = handles.size() == 1 ? acceptFrom(handles.getFirst()) : acceptFromAny();
            try {
                return connection.of(handle);
            } catch (Throwable t) {
                SocketErrors.closeAfter(t, handle);
                throw t;
            }
        } finally {
            if (closed) {
                closeAhead(null);
            }
            accepting.exit();
        }
    }

    private StreamHandle acceptFrom(ListenerHandle handle) throws IOException {
        try {
            return handle.accept();
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (IOException e) {
            if (closed || e instanceof ClosedChannelException) {
                throw new ClosedResourceException("The listener was closed while accepting from " + at(), e);
            }
            throw SocketErrors.about(at(), e);
        }
    }

    /** Accepts from all at once until one has a connection; what the others got meanwhile is for the next calls. */
    private StreamHandle acceptFromAny() throws IOException {
        StreamHandle kept = ahead.poll();
        if (kept != null) {
            return kept;
        }
        TaskGroup.run(group -> handles.forEach(handle -> group.fork(() -> {
            ahead.add(acceptFrom(handle));
            group.cancel("another socket has a connection");
        })));
        StreamHandle first = ahead.poll();
        if (first == null) {
            throw new ClosedResourceException("The listener was closed while accepting from " + at());
        }
        return first;
    }

    private void checkOpen(String action) throws ClosedResourceException {
        if (closed) {
            throw new ClosedResourceException("Cannot " + action + " " + at() + ": the listener is closed");
        }
    }

    private String at() {
        return AddressText.of(local());
    }

    @Override
    public final Serving serving() {
        return serving;
    }

    /** Makes a descriptor of each socket. */
    final List<Descriptor> descriptors() throws IOException {
        checkOpen("make a descriptor of");
        List<Descriptor> made = new ArrayList<>();
        try {
            for (ListenerHandle handle : handles) {
                made.add(new Descriptor(handle.duplicate()));
            }
            return List.copyOf(made);
        } catch (Throwable t) {
            Descriptor.closeAfter(t, made);
            if (t instanceof ClosedChannelException) {
                throw new ClosedResourceException("The listener was closed while making a descriptor of " + at(), t);
            }
            throw t;
        }
    }

    /**
     * Asks for the value of a socket option; of the first socket, if there are several.
     *
     * @param <T> the type of the value
     * @param option the option
     * @return its value
     * @throws UnsupportedOperationException if the socket does not have the option
     * @throws ClosedResourceException if the listener is closed
     * @throws IOException if the system refuses
     */
    public final <T> T option(SocketOption<T> option) throws IOException {
        Objects.requireNonNull(option, "option");
        checkOpen("ask for " + option + " of");
        return handles.getFirst().getOption(option);
    }

    /**
     * Sets a socket option; of all sockets, if there are several. Connections accepted later inherit some of them, such as
     * the sizes of buffers.
     *
     * @param <T> the type of the value
     * @param option the option
     * @param value its value
     * @throws UnsupportedOperationException if the socket does not have the option
     * @throws IllegalArgumentException if the option does not take the value
     * @throws ClosedResourceException if the listener is closed
     * @throws IOException if the system refuses
     */
    public final <T> void setOption(SocketOption<T> option, T value) throws IOException {
        T checked = LinuxOptions.checked(option, value);
        checkOpen("set " + option + " of");
        for (ListenerHandle handle : handles) {
            handle.setOption(option, checked);
        }
    }

    /**
     * {@return the options that can be asked for or set}
     */
    public final Set<SocketOption<?>> supportedOptions() {
        return handles.getFirst().supportedOptions();
    }

    @Override
    @SuppressWarnings("unchecked") // the attribute is of a socket address
    public final <T> Optional<T> find(Attribute<T> attribute) {
        Objects.requireNonNull(attribute, "attribute");
        return attribute == SocketAttributes.LOCAL_ADDRESS ? (Optional<T>) Optional.of(local()) : Optional.empty();
    }

    @Override
    public final void close() throws IOException {
        boolean first;
        synchronized (this) {
            first = !closed;
            closed = true;
        }
        IOException failure = null;
        if (first) {
            failure = closing(this::beforeClose, failure);
        }
        for (ListenerHandle handle : handles) {
            failure = closing(handle::close, failure);
        }
        failure = closeAhead(failure);
        serving.closed();
        if (failure != null) {
            throw failure;
        }
    }

    private @Nullable IOException closeAhead(@Nullable IOException earlier) {
        IOException failure = earlier;
        for (StreamHandle late = ahead.poll(); late != null; late = ahead.poll()) {
            failure = closing(late::close, failure);
        }
        return failure;
    }

    private interface Closing {
        void run() throws IOException;
    }

    private static @Nullable IOException closing(Closing step, @Nullable IOException failure) {
        try {
            step.run();
        } catch (IOException e) {
            if (failure == null) {
                return e;
            }
            failure.addSuppressed(e);
        }
        return failure;
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[" + at() + (closed ? ", closed]" : "]");
    }
}
