package io.bobbinet.backend.nio;

import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.StreamHandle;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A listening socket as a non-blocking {@link ServerSocketChannel}. */
final class NioListenerHandle extends NioHandle implements ListenerHandle {
    private final ServerSocketChannel channel;
    private final NioPollers pollers;

    NioListenerHandle(ServerSocketChannel channel, NioPollers pollers, SocketAddress unbound) throws IOException {
        super(channel, pollers.next(), unbound, "accept");
        this.channel = channel;
        this.pollers = pollers;
    }

    @Override
    void signalOutgoing() {
        // A listener sends nothing.
    }

    @Override
    public void listen(SocketAddress local, int backlog) throws IOException {
        channel.bind(toJdk(local), backlog);
    }

    @Override
    public StreamHandle accept() throws IOException, InterruptedException {
        while (true) {
            in.reset();
            SocketChannel accepted = channel.accept();
            if (accepted != null) {
                return NioBackend.nonBlocking(accepted, () -> new NioStreamHandle(accepted, pollers.next(), unbound));
            }
            await(in, SelectionKey.OP_ACCEPT);
        }
    }
}
