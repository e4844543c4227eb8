package io.bobbinet.net;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.Connector;
import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Makes UDP sockets that are connected to one place, with options. Immutable; every {@code with} method gives a new connector.
 * Made by {@link Udp#connector}.
 *
 * <p>It knows the {@linkplain Attribute#REMOTE_HOST host} it goes to, as it was written.
 */
public final class UdpConnector implements Connector<ConnectedUdpSocket> {
    private final String host;
    private final InetSocketAddress remote;
    private final BindSettings settings;
    private final Optional<InetSocketAddress> local;

    UdpConnector(String host, InetSocketAddress remote) {
        this(host, remote, BindSettings.DEFAULT, Optional.empty());
    }

    private UdpConnector(
            String host, InetSocketAddress remote, BindSettings settings, Optional<InetSocketAddress> local) {
        this.host = host;
        this.remote = remote;
        this.settings = settings;
        this.local = local;
    }

    private UdpConnector with(BindSettings changed) {
        return new UdpConnector(host, remote, changed, local);
    }

    /**
     * {@return the same connector with a local address, to which sockets are bound}
     *
     * @param address the address; port 0 lets the system choose; the wildcard stands for that of whichever family is used; if
     *     unresolved, it is looked up at each connect
     */
    public UdpConnector withLocalAddress(InetSocketAddress address) {
        return new UdpConnector(host, remote, settings, Optional.of(address));
    }

    /**
     * {@return the same connector for one family only}
     *
     * @param family {@link StandardProtocolFamily#INET} or {@link StandardProtocolFamily#INET6}
     * @throws IllegalArgumentException if it is another
     */
    public UdpConnector withFamily(StandardProtocolFamily family) {
        return with(settings.withFamily(family));
    }

    /**
     * {@return the same connector, for sockets that share their local address and port with others that ask for it too,
     * {@code SO_REUSEPORT}; each may have another peer} By such a socket the backend {@code nio} cannot send empty datagrams.
     */
    public UdpConnector withReusePort() {
        return withOption(StandardSocketOptions.SO_REUSEPORT, true);
    }

    /**
     * {@return the same connector with a socket option, set before the socket is bound}
     *
     * @param <T> the type of the option's value
     * @param option the option
     * @param value its value
     */
    public <T> UdpConnector withOption(SocketOption<T> option, T value) {
        return with(settings.withOptions(settings.options().with(option, value)));
    }

    /**
     * {@return the same connector with another resolver}
     *
     * @param resolver the resolver
     */
    public UdpConnector withResolver(Resolver resolver) {
        return with(settings.withResolver(resolver));
    }

    /**
     * Makes a socket and connects it, as {@link Udp#connect} does: to the first address of the host that the system has a way
     * to.
     *
     * @return the socket, which belongs to the caller
     * @throws java.net.UnknownHostException if the name, or that of the local address, is malformed or has no address, or none
     *     of the family
     * @throws ConnectionFailedException if the system has no way to any address, or the local address is taken or none of this
     *     machine; each attempt is a suppressed exception with its address
     * @throws UnsupportedOperationException if the socket does not have an option
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; nothing is left open
     * @throws IOException as {@link java.io.InterruptedIOException} if the thread was interrupted by the user
     */
    @Override
    public ConnectedUdpSocket connect() throws IOException {
        CancelScope.checkpoint();
        List<InetSocketAddress> from =
                local.isEmpty() ? List.of() : HostNames.resolve(local.get(), settings.resolver());
        ConnectionFailedException failure = new ConnectionFailedException("No way to " + this);
        for (InetSocketAddress to : settings.addresses(remote)) {
            CancelScope.checkpoint();
            try {
                return attempt(to, from);
            } catch (IOException e) {
                failure.addSuppressed(SocketErrors.about(to, e));
            }
        }
        throw failure;
    }

    private ConnectedUdpSocket attempt(InetSocketAddress to, List<InetSocketAddress> from) throws IOException {
        DatagramHandle handle = open(to);
        try {
            settings.options().applyTo(handle);
            if (!from.isEmpty()) {
                TcpConnector.bind(handle, from, TcpConnector.family(to.getAddress()));
            }
            handle.connect(to);
            return ConnectedUdpSocket.over(handle);
        } catch (Throwable t) {
            SocketErrors.closeAfter(t, handle);
            throw t;
        }
    }

    private static DatagramHandle open(InetSocketAddress to) throws IOException {
        try {
            return Backends.current().openDatagram(TcpConnector.family(to.getAddress()));
        } catch (UnsupportedOperationException e) {
            SocketException failure = new SocketException("The family of the address is not available");
            failure.initCause(e);
            throw failure;
        }
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
