package io.bobbinet.backend.nio;

import io.bobbinet.spi.StreamHandle;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** A stream socket as a non-blocking {@link SocketChannel}. */
final class NioStreamHandle extends NioHandle implements StreamHandle {
    private final SocketChannel channel;

    NioStreamHandle(SocketChannel channel, NioPoller poller) {
        super(channel, poller, "read", "write");
        this.channel = channel;
    }

    @Override
    public void connect(SocketAddress remote) throws IOException, InterruptedException {
        if (!channel.connect(toJdk(remote))) {
            while (!channel.finishConnect()) {
                await(out, SelectionKey.OP_CONNECT);
            }
        }
    }

    @Override
    public SocketAddress remoteAddress() throws IOException {
        SocketAddress remote = channel.getRemoteAddress();
        if (remote == null) {
            throw new IOException("The socket is not connected");
        }
        return fromJdk(remote);
    }

    @Override
    public int read(ByteBuffer target) throws IOException, InterruptedException {
        while (true) {
            in.reset();
            int count = channel.read(target);
            if (count != 0) {
                return count;
            }
            await(in, SelectionKey.OP_READ);
        }
    }

    @Override
    public byte[] read(int max) throws IOException, InterruptedException {
        while (true) {
            in.reset();
            ByteBuffer scratch = ScratchBuffers.take(max);
            try {
                int count = channel.read(scratch);
                if (count != 0) {
                    byte[] bytes = new byte[Math.max(count, 0)];
                    scratch.flip().get(bytes);
                    return bytes;
                }
            } finally {
                ScratchBuffers.give(scratch);
            }
            await(in, SelectionKey.OP_READ);
        }
    }

    @Override
    public void awaitReadable() throws IOException, InterruptedException {
        awaitIncoming(SelectionKey.OP_READ);
    }

    @Override
    public int write(ByteBuffer source) throws IOException, InterruptedException {
        while (true) {
            out.reset();
            int count = channel.write(source);
            if (count != 0) {
                return count;
            }
            await(out, SelectionKey.OP_WRITE);
        }
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException, InterruptedException {
        while (true) {
            out.reset();
            long count = channel.write(sources, offset, length);
            if (count != 0) {
                return count;
            }
            await(out, SelectionKey.OP_WRITE);
        }
    }

    @Override
    public void shutdownWrite() throws IOException {
        channel.shutdownOutput();
    }
}
