package io.bobbinet.net;

import static java.net.StandardProtocolFamily.INET;
import static java.net.StandardProtocolFamily.INET6;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.Capability;
import io.bobbinet.task.Backends;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What is set about sockets of TCP and UDP that are bound; a UDP socket has no use for the backlog. */
record BindSettings(int backlog, OptionValues options, Optional<StandardProtocolFamily> family, Resolver resolver) {

    /** More than systems allow, and what fits in 16 bits: older ones take no more. */
    static final int LARGEST_BACKLOG = 65_535;

    static final BindSettings DEFAULT =
            new BindSettings(LARGEST_BACKLOG, OptionValues.NONE, Optional.empty(), Resolver.system());

    static int checkBacklog(int value) {
        if (value < 1) {
            throw new IllegalArgumentException("A backlog is at least 1, not " + value);
        }
        return Math.min(value, LARGEST_BACKLOG);
    }

    BindSettings withBacklog(int value) {
        return new BindSettings(checkBacklog(value), options, family, resolver);
    }

    BindSettings withOptions(OptionValues value) {
        return new BindSettings(backlog, value, family, resolver);
    }

    BindSettings withFamily(StandardProtocolFamily value) {
        if (value != StandardProtocolFamily.INET && value != StandardProtocolFamily.INET6) {
            throw new IllegalArgumentException("TCP and UDP are of the families INET and INET6, not " + value);
        }
        return new BindSettings(backlog, options, Optional.of(value), resolver);
    }

    BindSettings withResolver(Resolver value) {
        return new BindSettings(backlog, options, family, Objects.requireNonNull(value, "resolver"));
    }

    /** Binds to the wildcard of a family. */
    interface WildcardBinding<T> {
        T bind(InetSocketAddress local, boolean ipv6Only) throws IOException;
    }

    /** Whether an address is a port without a host, which the JDK writes as a wildcard. */
    static boolean isEverywhere(InetSocketAddress address) {
        return address.isUnresolved()
                ? address.getHostString().equals(Tcp.EVERYWHERE)
                : address.getAddress().isAnyLocalAddress();
    }

    /** Binds to all addresses of the family asked for, or of both, or of the one there is. */
    <T> T everywhere(int port, WildcardBinding<T> binding) throws IOException {
        if (family.isPresent()) {
            return binding.bind(TcpConnector.wildcard(family.get(), port), family.get() == INET6);
        }
        try {
            return binding.bind(TcpConnector.wildcard(INET6, port), false);
        } catch (UnavailableFamilyException e) {
            return binding.bind(TcpConnector.wildcard(INET, port), false);
        }
    }

    /** The addresses of the family asked for, at least one. */
    List<InetSocketAddress> addresses(InetSocketAddress address) throws IOException {
        List<InetSocketAddress> found = HostNames.resolve(address, resolver).stream()
                .filter(a -> family.isEmpty() || family.get() == TcpConnector.family(a.getAddress()))
                .distinct()
                .toList();
        if (found.isEmpty()) {
            throw new UnknownHostException(
                    address.getHostString() + ": the host has no address of the family " + family.orElse(INET));
        }
        return found;
    }

    /** Opens a socket of a family. */
    interface Opening<H> {
        H open(Backend backend, StandardProtocolFamily family) throws IOException;
    }

    /** Opens a socket for a local address, if the backend in force can do what is asked. */
    static <H> H open(InetSocketAddress local, boolean ipv6Only, Opening<H> opening) throws IOException {
        Backend backend = Backends.current();
        if (ipv6Only && !backend.capabilities().contains(Capability.IPV6_ONLY)) {
            throw LinuxOnly.missing(
                    "The backend " + backend.name() + " has no sockets for IPv6 without IPv4; the backend linux has");
        }
        try {
            return opening.open(backend, TcpConnector.family(local.getAddress()));
        } catch (UnsupportedOperationException e) {
            throw new UnavailableFamilyException(
                    "The family of the address is not available: " + AddressText.of(local), e);
        }
    }

    /** This machine, or this JVM, has one family only. */
    private static final class UnavailableFamilyException extends SocketException {
        private static final long serialVersionUID = 1L;

        UnavailableFamilyException(String message, Throwable cause) {
            super(message);
            initCause(cause);
        }
    }
}
