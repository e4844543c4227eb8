package io.bobbinet.backend.nio;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.Capability;
import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.HandlePair;
import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.spi.UnixName;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The backend of the JDK's own channels, in non-blocking mode, waited for by polling virtual threads. */
final class NioBackend implements Backend {
    private final NioPollers pollers = new NioPollers();

    @Override
    public String name() {
        return "nio";
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.of(
                Capability.TCP,
                Capability.UNIX_STREAM,
                Capability.UDP,
                Capability.CHANNEL_ADOPTION,
                Capability.PEER_NAMES);
    }

    @Override
    public String threading() {
        return "virtual threads on the JDK's scheduler";
    }

    @Override
    public Thread newTaskThread(String name, Runnable body) {
        Thread.Builder.OfVirtual builder = Thread.ofVirtual().inheritInheritableThreadLocals(false);
        return (name.isEmpty() ? builder : builder.name(name)).unstarted(body);
    }

    @Override
    public StreamHandle openStream(ProtocolFamily family) throws IOException {
        SocketChannel channel = SocketChannel.open(family);
        return nonBlocking(channel, () -> new NioStreamHandle(channel, pollers.next(), unbound(family)));
    }

    @Override
    public ListenerHandle openListener(ProtocolFamily family) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(family);
        return nonBlocking(channel, () -> new NioListenerHandle(channel, pollers, unbound(family)));
    }

    @Override
    public HandlePair openPair() throws IOException {
        UnixPair pair = UnixPair.open();
        SocketAddress unnamed = unbound(StandardProtocolFamily.UNIX);
        try {
            pair.second().configureBlocking(false);
            return new HandlePair(
                    new NioStreamHandle(pair.first(), pollers.next(), unnamed),
                    new NioStreamHandle(pair.second(), pollers.next(), unnamed));
        } catch (Throwable t) {
            pair.first().close();
            pair.second().close();
            throw t;
        }
    }

    @Override
    public DatagramHandle openDatagram(ProtocolFamily family) throws IOException {
        if (family == StandardProtocolFamily.UNIX) {
            throw new UnsupportedOperationException("The JDK has no UNIX datagram sockets; the backend linux has");
        }
        DatagramChannel channel = DatagramChannel.open(family);
        return nonBlocking(channel, () -> new NioDatagramHandle(channel, pollers.next(), unbound(family)));
    }

    @Override
    public StreamHandle adoptStream(SelectableChannel channel) throws IOException {
        if (!(channel instanceof SocketChannel stream)) {
            throw new IllegalArgumentException("Only a SocketChannel can be adopted as a stream, not " + channel);
        }
        SocketAddress unbound = unboundLike(stream.getLocalAddress());
        NioStreamHandle handle = new NioStreamHandle(stream, pollers.next(), unbound);
        stream.configureBlocking(false);
        return handle;
    }

    @Override
    public ListenerHandle adoptListener(SelectableChannel channel) throws IOException {
        if (!(channel instanceof ServerSocketChannel listener)) {
            throw new IllegalArgumentException(
                    "Only a ServerSocketChannel can be adopted as a listener, not " + channel);
        }
        SocketAddress unbound = unboundLike(listener.getLocalAddress());
        NioListenerHandle handle = new NioListenerHandle(listener, pollers, unbound);
        listener.configureBlocking(false);
        return handle;
    }

    @Override
    public DatagramHandle adoptDatagram(SelectableChannel channel) throws IOException {
        if (!(channel instanceof DatagramChannel datagrams)) {
            throw new IllegalArgumentException(
                    "Only a DatagramChannel can be adopted as a datagram socket, not " + channel);
        }
        SocketAddress unbound = unboundLike(datagrams.getLocalAddress());
        NioDatagramHandle handle = new NioDatagramHandle(datagrams, pollers.next(), unbound);
        datagrams.configureBlocking(false);
        return handle;
    }

    private static SocketAddress unbound(ProtocolFamily family) {
        return family == StandardProtocolFamily.UNIX ? new UnixName(new byte[0]) : new InetSocketAddress(0);
    }

    private static SocketAddress unboundLike(@Nullable SocketAddress local) {
        return unbound(
                local instanceof UnixDomainSocketAddress ? StandardProtocolFamily.UNIX : StandardProtocolFamily.INET);
    }

    interface Maker<H> {
        H make() throws IOException;
    }

    static <H> H nonBlocking(SelectableChannel channel, Maker<H> maker) throws IOException {
        try {
            channel.configureBlocking(false);
            return maker.make();
        } catch (Throwable t) {
            channel.close();
            throw t;
        }
    }
}
