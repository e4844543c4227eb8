package io.bobbinet.net;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.Capability;
import io.bobbinet.spi.FullBacklogException;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.spi.TimeSource;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.Connector;
import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.TimeSources;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Makes UNIX stream connections to one address, any number of times, with options. Immutable; every {@code with} method
 * gives a new connector. Made by {@link Unix#connector}.
 */
public final class UnixConnector implements Connector<UnixStream> {
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final UnixAddress remote;
    private final ConnectSettings settings;

    /** Where sockets are bound before they connect; empty if nowhere. */
    private final Optional<UnixAddress> local;

    private final boolean deletesOnClose;

    UnixConnector(UnixAddress remote, ConnectSettings settings) {
        this(remote, settings, Optional.empty(), false);
    }

    private UnixConnector(
            UnixAddress remote, ConnectSettings settings, Optional<UnixAddress> local, boolean deletesOnClose) {
        this.remote = remote;
        this.settings = settings;
        this.local = local;
        this.deletesOnClose = deletesOnClose;
    }

    /**
     * {@return the same connector with a local address, to which sockets are bound before they connect} The peer sees it. A
     * socket file that is made for it stays when the stream is closed, unless {@link #withDeleteOnClose()}; one that is stale is
     * replaced. A connect that fails leaves none.
     *
     * @param address the address; {@link UnixAddress#unnamed()} lets the system choose an abstract name, on Linux
     */
    public UnixConnector withLocalAddress(UnixAddress address) {
        Objects.requireNonNull(address, "address");
        return new UnixConnector(remote, settings, Optional.of(address), deletesOnClose);
    }

    /**
     * {@return the same connector, for streams that delete the socket file of their local address when they are closed}
     */
    public UnixConnector withDeleteOnClose() {
        return new UnixConnector(remote, settings, local, true);
    }

    /**
     * {@return the same connector with a socket option, set before the socket is bound or connects}
     *
     * @param <T> the type of the option's value
     * @param option the option
     * @param value its value
     */
    public <T> UnixConnector withOption(SocketOption<T> option, T value) {
        return with(settings.withOptions(settings.options().with(option, value)));
    }

    /**
     * {@return the same connector with a time limit for a connect}
     *
     * @param limit the limit
     * @throws IllegalArgumentException if it is zero or negative
     */
    public UnixConnector withConnectTimeout(Duration limit) {
        return with(settings.withTimeout(limit));
    }

    private UnixConnector with(ConnectSettings changed) {
        return new UnixConnector(remote, changed, local, deletesOnClose);
    }

    /**
     * Connects, as {@link Unix#connect} does.
     *
     * @return the connection, which belongs to the caller
     * @throws NoSuchFileException if there is no such file
     * @throws java.net.ConnectException if nobody listens there
     * @throws java.net.BindException if the local address is in use; the message names it
     * @throws io.bobbinet.task.TimedOutException if the connect timeout has passed
     * @throws UnsupportedOperationException if the socket does not have an option, or the backend in force not this kind of
     *     address; the message names one that has
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; nothing is left open
     * @throws IOException if the system refuses otherwise, or as {@link java.io.InterruptedIOException} if the thread was
     *     interrupted by the user
     */
    @Override
    public UnixStream connect() throws IOException {
        CancelScope.checkpoint();
        Backend backend = Backends.current();
        checkSupported(remote, backend);
        local.ifPresent(address -> checkSupported(address, backend));
        return CancelScope.failAfter(settings.timeout(), "connecting to " + this)
                .call(this::attempt);
    }

    static void checkSupported(UnixAddress address, Backend backend) {
        if (!address.isPath() && !backend.capabilities().contains(Capability.UNIX_ABSTRACT)) {
            throw LinuxOnly.missing(
                    "The backend " + backend.name() + " has no abstract UNIX names; the backend linux has"
                            + (address.isUnnamed() ? "" : ": " + address));
        }
    }

    /**
     * {@return a connector of the same kind whose connections can pass descriptors} It throws
     * {@link UnsupportedOperationException} before anything else where the backend in force cannot; {@code linux} can.
     */
    public Connector<UnixDescriptorStream> withDescriptors() {
        return new DescriptorConnector(this);
    }

    private record DescriptorConnector(UnixConnector connector) implements Connector<UnixDescriptorStream> {
        @Override
        public UnixDescriptorStream connect() throws IOException {
            LinuxOnly.descriptors();
            UnixStream plain = connector.connect();
            try {
                return plain.withDescriptors();
            } catch (Throwable t) {
                try {
                    plain.close();
                } catch (IOException e) {
                    t.addSuppressed(e);
                }
                throw t;
            }
        }

        @Override
        public <T> Optional<T> find(Attribute<T> attribute) {
            return connector.find(attribute);
        }

        @Override
        public String toString() {
            return connector.toString();
        }
    }

    private UnixStream attempt() throws IOException {
        if (local.isPresent()) {
            return attemptFrom(new UnixPlace(local.get(), settings.options(), true, Optional.empty()));
        }
        StreamHandle handle = open();
        try {
            settings.options().applyTo(handle);
            connect(handle);
            return UnixStream.connected(handle, remote);
        } catch (Throwable t) {
            SocketErrors.closeAfter(t, handle);
            throw t;
        }
    }

    private static StreamHandle open() throws IOException {
        return Backends.current().openStream(StandardProtocolFamily.UNIX);
    }

    /** Binds and connects. Who cannot wait for room in a backlog with a name tries again with a new socket of that name. */
    private UnixStream attemptFrom(UnixPlace place) throws IOException {
        while (true) {
            UnixPlace.Bound<StreamHandle> bound =
                    place.replacingStale(() -> place.bind(UnixConnector::open, StreamHandle::bind));
            try {
                connect(bound.handle());
                return UnixStream.connected(deletesOnClose ? bound : bound.keepingFile(), remote);
            } catch (FullBacklogException e) {
                bound.discard(e);
            } catch (Throwable t) {
                bound.discard(t);
                throw t;
            }
            pause();
        }
    }

    /** One of the real world, whatever time is in force. */
    private static void pause() throws IOException {
        TimeSources.<Boolean, IOException>using(TimeSource.system(), () -> {
            CancelScope.sleep(PAUSE);
            return true;
        });
    }

    private void connect(StreamHandle handle) throws IOException {
        try {
            handle.connect(remote.name());
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (FullBacklogException e) {
            throw e;
        } catch (IOException e) {
            if (e instanceof SocketException && remote.isPath() && Files.notExists(remote.path())) {
                NoSuchFileException missing =
                        new NoSuchFileException(remote.toString(), null, "there is no socket to connect to");
                missing.initCause(e);
                throw missing;
            }
            throw SocketErrors.about(remote, e);
        }
    }

    /** {@return where this goes to} */
    @Override
    public String toString() {
        return remote.toString();
    }
}
