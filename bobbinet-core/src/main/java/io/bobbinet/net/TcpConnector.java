package io.bobbinet.net;

import io.bobbinet.spi.SocketHandle;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.Connector;
import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Makes TCP connections to one place, any number of times, with options. Immutable; every {@code with} method gives a new
 * connector. Made by {@link Tcp#connector}.
 *
 * <p>It knows the {@linkplain Attribute#REMOTE_HOST host} it goes to, as it was written.
 */
public final class TcpConnector implements Connector<TcpStream> {
    private final String host;
    private final InetSocketAddress remote;
    private final ConnectSettings settings;

    TcpConnector(String host, InetSocketAddress remote, ConnectSettings settings) {
        this.host = host;
        this.remote = remote;
        this.settings = settings;
    }

    private TcpConnector with(ConnectSettings changed) {
        return new TcpConnector(host, remote, changed);
    }

    /**
     * {@return the same connector with a local address, to which sockets are bound before they connect}
     *
     * @param local the address; port 0 lets the system choose; the wildcard stands for that of whichever family is tried;
     *     if unresolved, it is looked up at each connect
     */
    public TcpConnector withLocalAddress(InetSocketAddress local) {
        return with(settings.withLocal(Objects.requireNonNull(local, "local")));
    }

    /**
     * {@return the same connector with a socket option, set before the socket connects}
     *
     * @param <T> the type of the option's value
     * @param option the option
     * @param value its value
     */
    public <T> TcpConnector withOption(SocketOption<T> option, T value) {
        return with(settings.withOptions(settings.options().with(option, value)));
    }

    /**
     * {@return the same connector with a time limit for a connect, looking up included}
     *
     * @param limit the limit
     * @throws IllegalArgumentException if it is zero or negative
     */
    public TcpConnector withConnectTimeout(Duration limit) {
        return with(settings.withTimeout(limit));
    }

    /**
     * {@return the same connector with another time for which an attempt runs before the next address is tried beside it}
     *
     * @param delay the time; 250 ms unless told otherwise; zero for all at once, a very long one for one after the other
     * @throws IllegalArgumentException if it is negative
     */
    public TcpConnector withAttemptDelay(Duration delay) {
        return with(settings.withAttemptDelay(delay));
    }

    /**
     * {@return the same connector with another resolver}
     *
     * @param resolver the resolver
     */
    public TcpConnector withResolver(Resolver resolver) {
        return with(settings.withResolver(Objects.requireNonNull(resolver, "resolver")));
    }

    /**
     * Connects, as {@link Tcp#connect} does.
     *
     * @return the connection, which belongs to the caller
     * @throws java.net.UnknownHostException if the name, or that of the local address, is malformed or has no address
     * @throws ConnectionFailedException if no attempt succeeds; each is a suppressed exception with its address
     * @throws io.bobbinet.task.TimedOutException if the connect timeout has passed; all attempts have been closed
     * @throws UnsupportedOperationException if a socket does not have an option
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; all attempts have been closed
     * @throws IOException as {@link java.io.InterruptedIOException} if the thread was interrupted by the user
     */
    @Override
    public TcpStream connect() throws IOException {
        CancelScope.checkpoint();
        return CancelScope.failAfter(settings.timeout(), "connecting to " + this)
                .call(this::resolveAndConnect);
    }

    private TcpStream resolveAndConnect() throws IOException {
        List<InetSocketAddress> local = settings.local().isEmpty()
                ? List.of()
                : HostNames.resolve(settings.local().get(), settings.resolver());
        List<InetSocketAddress> candidates = HostNames.resolve(remote, settings.resolver());
        return new HappyEyeballs<>(toString(), candidates, settings.attemptDelay(), to -> attempt(to, local)).run();
    }

    private TcpStream attempt(InetSocketAddress to, List<InetSocketAddress> local) throws IOException {
        StreamHandle handle = open(to);
        try {
            handle.setOption(StandardSocketOptions.TCP_NODELAY, true);
            settings.options().applyTo(handle);
            if (!local.isEmpty()) {
                if (local.getFirst().getPort() != 0) {
                    // Several attempts may use the port at once, to different addresses.
                    handle.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                }
                bind(handle, local, family(to.getAddress()));
            }
            connect(handle, to);
            return TcpStream.over(handle);
        } catch (Throwable t) {
            SocketErrors.closeAfter(t, handle);
            throw t;
        }
    }

    private static void connect(StreamHandle handle, InetSocketAddress to) throws IOException {
        try {
            handle.connect(to);
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        }
    }

    private static StreamHandle open(InetSocketAddress to) throws IOException {
        try {
            return Backends.current().openStream(family(to.getAddress()));
        } catch (UnsupportedOperationException e) {
            // A JVM told to use IPv4 only: one failed attempt, not the end of the race.
            SocketException failure = new SocketException("The family of the address is not available");
            failure.initCause(e);
            throw failure;
        }
    }

    /** Binds to the first local address of a family. */
    static void bind(SocketHandle handle, List<InetSocketAddress> local, StandardProtocolFamily family)
            throws IOException {
        for (InetSocketAddress from : local) {
            boolean wildcard = from.getAddress().isAnyLocalAddress();
            if (wildcard || family(from.getAddress()) == family) {
                InetSocketAddress source = wildcard ? wildcard(family, from.getPort()) : from;
                try {
                    handle.bind(source);
                } catch (IOException e) {
                    throw SocketErrors.about("local address " + AddressText.of(source), e);
                }
                return;
            }
        }
        throw new BindException("The local address " + AddressText.of(local.getFirst()) + " is of the other family");
    }

    static StandardProtocolFamily family(InetAddress address) {
        return address instanceof Inet6Address ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    }

    static InetSocketAddress wildcard(StandardProtocolFamily family, int port) {
        return new InetSocketAddress(
                InetAddress.ofLiteral(family == StandardProtocolFamily.INET6 ? "::" : "0.0.0.0"), port);
    }

    @Override
    @SuppressWarnings("unchecked") // the attribute is of text
    public <T> Optional<T> find(Attribute<T> attribute) {
        Objects.requireNonNull(attribute, "attribute");
        return attribute == Attribute.REMOTE_HOST ? (Optional<T>) Optional.of(host) : Optional.empty();
    }

    /** {@return where this goes to, as it was written} */
    @Override
    public String toString() {
        return AddressText.of(host, remote.getPort());
    }
}
