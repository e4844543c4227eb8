package io.bobbinet.backend.nio;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.Capability;
import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.StreamHandle;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.EnumSet;
import java.util.Set;

/** The backend of the JDK's own channels, in non-blocking mode, waited for by polling virtual threads. */
final class NioBackend implements Backend {
    private final NioPollers pollers = new NioPollers();

    @Override
    public String name() {
        return "nio";
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.of(Capability.TCP, Capability.UNIX_STREAM, Capability.CHANNEL_ADOPTION, Capability.PEER_NAMES);
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
        return nonBlocking(channel, () -> new NioStreamHandle(channel, pollers.next()));
    }

    @Override
    public ListenerHandle openListener(ProtocolFamily family) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(family);
        return nonBlocking(channel, () -> new NioListenerHandle(channel, pollers));
    }

    @Override
    public StreamHandle adoptStream(SelectableChannel channel) throws IOException {
        channel.configureBlocking(false);
        return new NioStreamHandle((SocketChannel) channel, pollers.next());
    }

    @Override
    public ListenerHandle adoptListener(SelectableChannel channel) throws IOException {
        channel.configureBlocking(false);
        return new NioListenerHandle((ServerSocketChannel) channel, pollers);
    }

    interface HandleMaker<H> {
        H make() throws IOException;
    }

    static <H> H nonBlocking(SelectableChannel channel, HandleMaker<H> maker) throws IOException {
        try {
            channel.configureBlocking(false);
            return maker.make();
        } catch (Throwable t) {
            channel.close();
            throw t;
        }
    }
}
