package io.bobbinet.net;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.SystemOptions;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
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
        List<ListenerHandle> handles = BindSettings.isEverywhere(address)
                ? List.of(settings.<ListenerHandle>everywhere(address.getPort(), this::listen))
                : CommonPort.listen(settings.addresses(address), local -> listen(local, false));
        try {
            return TcpListener.over(handles);
        } catch (Throwable t) {
            handles.forEach(handle -> SocketErrors.closeAfter(t, handle));
            throw t;
        }
    }

    private ListenerHandle listen(InetSocketAddress local, boolean ipv6Only) throws IOException {
        ListenerHandle handle = BindSettings.open(local, ipv6Only, Backend::openListener);
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
}
