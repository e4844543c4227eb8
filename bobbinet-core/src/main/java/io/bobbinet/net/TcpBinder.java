package io.bobbinet.net;

import static java.net.StandardProtocolFamily.INET;
import static java.net.StandardProtocolFamily.INET6;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.Capability;
import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.SystemOptions;
import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.util.List;

/**
 * Makes TCP listeners, with options. Immutable; every {@code with} method gives a new binder. Made by {@link Tcp#binder}.
 *
 * <p>{@code SO_REUSEADDR} is on, so that a server can be started again at once.
 */
public final class TcpBinder {
    /** Windows means something else by it, and not a good thing. */
    private static final boolean REUSES_ADDRESS =
            !System.getProperty("os.name", "").startsWith("Windows");

    private final InetSocketAddress address;
    private final BindSettings settings;

    TcpBinder(InetSocketAddress address, BindSettings settings) {
        this.address = address;
        this.settings = settings;
    }

    private TcpBinder with(BindSettings changed) {
        return new TcpBinder(address, changed);
    }

    /**
     * {@return the same binder with a limit for connections that wait to be accepted}
     *
     * @param backlog the limit; what the system does not allow counts as what it does
     * @throws IllegalArgumentException if it is less than 1
     */
    public TcpBinder withBacklog(int backlog) {
        return with(settings.withBacklog(backlog));
    }

    /**
     * {@return the same binder, for listeners that share their address and port with others that ask for it too,
     * {@code SO_REUSEPORT}}
     */
    public TcpBinder withReusePort() {
        return withOption(StandardSocketOptions.SO_REUSEPORT, true);
    }

    /**
     * {@return the same binder with a socket option, set before the socket is bound} Some, such as the sizes of buffers, are
     * inherited by accepted connections.
     *
     * @param <T> the type of the option's value
     * @param option the option
     * @param value its value
     */
    public <T> TcpBinder withOption(SocketOption<T> option, T value) {
        return with(settings.withOptions(settings.options().with(option, value)));
    }

    /**
     * {@return the same binder for one family only} On all addresses, {@link StandardProtocolFamily#INET6} means IPv6 and not
     * IPv4.
     *
     * @param family {@link StandardProtocolFamily#INET} or {@link StandardProtocolFamily#INET6}
     * @throws IllegalArgumentException if it is another
     */
    public TcpBinder withFamily(StandardProtocolFamily family) {
        return with(settings.withFamily(family));
    }

    /**
     * {@return the same binder with another resolver}
     *
     * @param resolver the resolver
     */
    public TcpBinder withResolver(Resolver resolver) {
        return with(settings.withResolver(resolver));
    }

    /**
     * Binds and listens. If this throws, nothing is left open.
     *
     * @return the listener, which belongs to the caller
     * @throws UnknownHostException if the name is malformed or has no address, or none of the family
     * @throws BindException if the port is taken or forbidden, or an address not of this machine; with the address in the
     *     message; or if there is no port that is free on all addresses
     * @throws UnsupportedOperationException if the socket does not have an option, or if IPv6 is asked for without IPv4 and
     *     the backend in force cannot; the message names one that can
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if the system refuses otherwise
     */
    public TcpListener listen() throws IOException {
        CancelScope.checkpoint();
        List<ListenerHandle> handles =
                isEverywhere() ? listenEverywhere() : CommonPort.listen(addresses(), local -> listen(local, false));
        try {
            return TcpListener.over(handles);
        } catch (Throwable t) {
            handles.forEach(handle -> SocketErrors.closeAfter(t, handle));
            throw t;
        }
    }

    /** A port without a host, which the JDK writes as a wildcard. */
    private boolean isEverywhere() {
        return address.isUnresolved()
                ? address.getHostString().equals(Tcp.EVERYWHERE)
                : address.getAddress().isAnyLocalAddress();
    }

    private List<ListenerHandle> listenEverywhere() throws IOException {
        if (settings.family().isPresent()) {
            StandardProtocolFamily family = settings.family().get();
            return List.of(listen(TcpConnector.wildcard(family, address.getPort()), family == INET6));
        }
        try {
            return List.of(listen(TcpConnector.wildcard(INET6, address.getPort()), false));
        } catch (UnavailableFamilyException e) {
            return List.of(listen(TcpConnector.wildcard(INET, address.getPort()), false));
        }
    }

    private List<InetSocketAddress> addresses() throws IOException {
        List<InetSocketAddress> found = HostNames.resolve(address, settings.resolver()).stream()
                .filter(a ->
                        settings.family().isEmpty() || settings.family().get() == TcpConnector.family(a.getAddress()))
                .distinct()
                .toList();
        if (found.isEmpty()) {
            throw new UnknownHostException(address.getHostString() + ": the host has no address of the family "
                    + settings.family().orElse(INET));
        }
        return found;
    }

    private ListenerHandle listen(InetSocketAddress local, boolean ipv6Only) throws IOException {
        ListenerHandle handle = open(local, ipv6Only);
        try {
            if (REUSES_ADDRESS) {
                handle.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            }
            if (ipv6Only) {
                handle.setOption(SystemOptions.IPV6_ONLY, true);
            }
            settings.options().applyTo(handle);
            handle.listen(local, settings.backlog());
            return handle;
        } catch (IOException e) {
            SocketErrors.closeAfter(e, handle);
            throw SocketErrors.about(local, e);
        } catch (Throwable t) {
            SocketErrors.closeAfter(t, handle);
            throw t;
        }
    }

    private static ListenerHandle open(InetSocketAddress local, boolean ipv6Only) throws IOException {
        Backend backend = Backends.current();
        if (ipv6Only && !backend.capabilities().contains(Capability.IPV6_ONLY)) {
            throw LinuxOnly.missing(
                    "The backend " + backend.name() + " cannot listen on IPv6 without IPv4; the backend linux can");
        }
        try {
            return backend.openListener(TcpConnector.family(local.getAddress()));
        } catch (UnsupportedOperationException e) {
            throw new UnavailableFamilyException(
                    "The family of the address is not available: " + AddressText.of(local));
        }
    }

    /** This machine, or this JVM, has one family only. */
    private static final class UnavailableFamilyException extends SocketException {
        private static final long serialVersionUID = 1L;

        UnavailableFamilyException(String message) {
            super(message);
        }
    }
}
