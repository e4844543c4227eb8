package io.bobbinet.net;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.Capability;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.Connector;
import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Optional;

/**
 * Makes UNIX stream connections to one address, any number of times, with options. Immutable; every {@code with} method
 * gives a new connector. Made by {@link Unix#connector}.
 */
public final class UnixConnector implements Connector<UnixStream> {
    private final UnixAddress remote;
    private final ConnectSettings settings;

    UnixConnector(UnixAddress remote, ConnectSettings settings) {
        this.remote = remote;
        this.settings = settings;
    }

    /**
     * {@return the same connector with a socket option, set before the socket connects}
     *
     * @param <T> the type of the option's value
     * @param option the option
     * @param value its value
     */
    public <T> UnixConnector withOption(SocketOption<T> option, T value) {
        return new UnixConnector(remote, settings.withOptions(settings.options().with(option, value)));
    }

    /**
     * {@return the same connector with a time limit for a connect}
     *
     * @param limit the limit
     * @throws IllegalArgumentException if it is zero or negative
     */
    public UnixConnector withConnectTimeout(Duration limit) {
        return new UnixConnector(remote, settings.withTimeout(limit));
    }

    /**
     * Connects, as {@link Unix#connect} does.
     *
     * @return the connection, which belongs to the caller
     * @throws NoSuchFileException if there is no such file
     * @throws java.net.ConnectException if nobody listens there
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
        checkSupported(remote, Backends.current());
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
                SocketErrors.closeAfter(t, plain.handle);
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
        StreamHandle handle = Backends.current().openStream(StandardProtocolFamily.UNIX);
        try {
            settings.options().applyTo(handle);
            connect(handle);
            return UnixStream.connected(handle, remote);
        } catch (Throwable t) {
            SocketErrors.closeAfter(t, handle);
            throw t;
        }
    }

    private void connect(StreamHandle handle) throws IOException {
        try {
            handle.connect(remote.name());
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
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
