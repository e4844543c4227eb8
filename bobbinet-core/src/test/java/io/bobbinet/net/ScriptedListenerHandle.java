package io.bobbinet.net;

import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.StreamHandle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.util.Set;

/** A listening handle that accepts what a test says. */
final class ScriptedListenerHandle implements ListenerHandle {

    /** What an accept does. */
    interface Accept {
        StreamHandle run() throws IOException, InterruptedException;
    }

    private final InetSocketAddress local;
    private final Accept accept;
    private volatile boolean open = true;

    ScriptedListenerHandle(InetSocketAddress local, Accept accept) {
        this.local = local;
        this.accept = accept;
    }

    @Override
    public StreamHandle accept() throws IOException, InterruptedException {
        return accept.run();
    }

    @Override
    public void listen(SocketAddress address, int backlog) {}

    @Override
    public void bind(SocketAddress address) {}

    @Override
    public SocketAddress localAddress() {
        return local;
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public <T> void setOption(SocketOption<T> option, T value) {}

    @Override
    public <T> T getOption(SocketOption<T> option) {
        throw new UnsupportedOperationException(option.name());
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }
}
