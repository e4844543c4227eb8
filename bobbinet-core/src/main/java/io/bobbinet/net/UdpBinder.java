package io.bobbinet.net;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.Capability;
import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.SystemOptions;
import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.util.Objects;

/**
 * Makes UDP sockets, with options. Immutable; every {@code with} method gives a new binder. Made by {@link Udp#binder}.
 */
public final class UdpBinder {
    private final InetSocketAddress address;
    private final BindSettings settings;
    private final boolean destination;

    UdpBinder(InetSocketAddress address) {
        this(Objects.requireNonNull(address, "address"), BindSettings.DEFAULT, false);
    }

    private UdpBinder(InetSocketAddress address, BindSettings settings, boolean destination) {
        this.address = address;
        this.settings = settings;
        this.destination = destination;
    }

    private UdpBinder with(BindSettings changed) {
        return new UdpBinder(address, changed, destination);
    }

    /**
     * {@return the same binder for one family only} On all addresses, {@link StandardProtocolFamily#INET6} means IPv6 and not
     * IPv4.
     *
     * @param family {@link StandardProtocolFamily#INET} or {@link StandardProtocolFamily#INET6}
     * @throws IllegalArgumentException if it is another
     */
    public UdpBinder withFamily(StandardProtocolFamily family) {
        return with(settings.withFamily(family));
    }

    /**
     * {@return the same binder, for sockets that share their address and port with others that ask for it too,
     * {@code SO_REUSEPORT}} The system spreads what comes over them, by sender.
     */
    public UdpBinder withReusePort() {
        return withOption(StandardSocketOptions.SO_REUSEPORT, true);
    }

    /**
     * {@return the same binder with a socket option, set before the socket is bound}
     *
     * @param <T> the type of the option's value
     * @param option the option, such as {@link StandardSocketOptions#SO_BROADCAST}
     * @param value its value
     */
    public <T> UdpBinder withOption(SocketOption<T> option, T value) {
        return with(settings.withOptions(settings.options().with(option, value)));
    }

    /**
     * {@return the same binder with another resolver, for its own address and for those that datagrams are sent to}
     *
     * @param resolver the resolver
     */
    public UdpBinder withResolver(Resolver resolver) {
        return with(settings.withResolver(resolver));
    }

    /**
     * {@return the same binder, for sockets that tell to which address of this machine a datagram was sent}
     * {@link Datagram#destination()} has it then, and a {@link Datagram#reply} goes out from there: what a server needs whose
     * machine has several addresses. Batches do not carry it. Linux only.
     */
    public UdpBinder withDestination() {
        return new UdpBinder(address, settings, true);
    }

    /**
     * Makes a socket and binds it. If this throws, nothing is left open.
     *
     * @return the socket, which belongs to the caller
     * @throws UnknownHostException if the name is malformed or has no address, or none of the family
     * @throws BindException if the port is taken or forbidden, or the address not of this machine; with the address in the
     *     message
     * @throws UnsupportedOperationException if the socket does not have an option, or if the backend in force cannot tell
     *     destinations or has no IPv6 without IPv4; the message names one that has
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if the system refuses otherwise
     */
    public UdpSocket bind() throws IOException {
        CancelScope.checkpoint();
        Backend backend = Backends.current();
        if (destination && !backend.capabilities().contains(Capability.DESTINATION_ADDRESS)) {
            throw LinuxOnly.missing("The backend " + backend.name()
                    + " cannot tell to which address a datagram was sent; the backend linux can");
        }
        return BindSettings.isEverywhere(address)
                ? settings.everywhere(address.getPort(), this::bind)
                : bind(settings.addresses(address).getFirst(), false);
    }

    private UdpSocket bind(InetSocketAddress local, boolean ipv6Only) throws IOException {
        DatagramHandle handle = BindSettings.open(local, ipv6Only, Backend::openDatagram);
        try {
            if (ipv6Only) {
                handle.setOption(SystemOptions.IPV6_ONLY, true);
            }
            if (destination) {
                handle.setOption(SystemOptions.DESTINATION_ADDRESS, true);
            }
            settings.options().applyTo(handle);
            handle.bind(local);
            UdpPeers peers = UdpPeers.of(local.getAddress(), ipv6Only, settings.resolver());
            return new UdpSocket(handle, (InetSocketAddress) handle.localAddress(), peers);
        } catch (IOException e) {
            SocketErrors.closeAfter(e, handle);
            throw SocketErrors.about(local, e);
        } catch (Throwable t) {
            SocketErrors.closeAfter(t, handle);
            throw t;
        }
    }
}
