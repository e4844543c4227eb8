package io.bobbinet.backend.nio;

import io.bobbinet.spi.FullBacklogException;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.spi.TimeSource;
import io.bobbinet.spi.UnixName;
import io.bobbinet.spi.WaitPoint;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A stream socket as a non-blocking {@link SocketChannel}. */
final class NioStreamHandle extends NioHandle implements StreamHandle {
    private static final long FIRST_PAUSE = 1_000_000;
    private static final long LONGEST_PAUSE = 50_000_000;

    /** Where a write or connect waits. */
    private final WaitPoint out = new WaitPoint("write");

    /** Written by the thread that connects. */
    private SocketChannel channel;

    /** The options that a UNIX socket was given before its connect; owned by the thread that connects. */
    private @Nullable Map<SocketOption<?>, Object> options;

    /**
     * Whether the last read took all there was, so that the next one would most likely find nothing; owned by the reader.
     * It then waits at once, which saves a system call a message. It cannot miss anything: the selector reports what is
     * there for as long as it is there.
     */
    private boolean drained;

    NioStreamHandle(SocketChannel channel, NioPoller poller, SocketAddress unbound) {
        super(channel, poller, unbound, "read");
        this.channel = channel;
    }

    @Override
    void signalOutgoing() {
        out.signal();
    }

    @Override
    public void connect(SocketAddress remote) throws IOException, InterruptedException {
        boolean connected =
                remote instanceof UnixName name ? connectUnix(UnixPaths.toJdk(name)) : channel.connect(remote);
        while (!connected) {
            await(out, SelectionKey.OP_CONNECT);
            connected = channel.finishConnect();
        }
        options = null;
    }

    /**
     * Connects a UNIX socket. If the listener's backlog is full, a non-blocking connect fails, with nothing to poll for, and
     * the JDK closes the channel; so another one tries again, until there is room. (A blocking connect would wait, on a
     * platform thread; but the JDK cannot end it when the close comes just before the thread is in the kernel.)
     */
    private boolean connectUnix(SocketAddress remote) throws IOException, InterruptedException {
        // A name that is bound cannot be bound again before somebody removes it.
        boolean bound = channel.getLocalAddress() != null;
        for (long pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
            out.reset();
            try {
                return channel.connect(remote);
            } catch (SocketException e) {
                if (!FullBacklog.isReason(e)) {
                    throw e;
                }
                if (bound) {
                    throw new FullBacklogException(e);
                }
            }
            pause(pause);
            channel = replace(this::openLikeThis);
        }
    }

    private void pause(long nanos) throws InterruptedException {
        TimeSource time = TimeSource.system();
        TimeSource.Timer timer = time.schedule(time.nanoTime() + nanos, out::signal);
        try {
            out.await();
        } finally {
            timer.cancel();
        }
    }

    @SuppressWarnings("unchecked") // each value was given together with its option
    private SocketChannel openLikeThis() throws IOException {
        SocketChannel fresh = SocketChannel.open(StandardProtocolFamily.UNIX);
        return NioBackend.nonBlocking(fresh, () -> {
            if (options != null) {
                for (var option : options.entrySet()) {
                    fresh.setOption((SocketOption<Object>) option.getKey(), option.getValue());
                }
            }
            return fresh;
        });
    }

    @Override
    public <T> void setOption(SocketOption<T> option, T value) throws IOException {
        super.setOption(option, value);
        if (unbound instanceof UnixName && !channel.isConnected()) {
            if (options == null) {
                options = new LinkedHashMap<>();
            }
            options.put(option, value);
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
        awaitIfDrained();
        while (true) {
            in.reset();
            int wanted = target.remaining();
            int count = channel.read(target);
            if (count != 0) {
                drained = count > 0 && count < wanted;
                return count;
            }
            await(in, SelectionKey.OP_READ);
        }
    }

    @Override
    public byte[] read(int max) throws IOException, InterruptedException {
        awaitIfDrained();
        while (true) {
            in.reset();
            ByteBuffer scratch = ScratchBuffers.take(max);
            try {
                int wanted = scratch.remaining();
                int count = channel.read(scratch);
                if (count != 0) {
                    drained = count > 0 && count < wanted;
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

    private void awaitIfDrained() throws IOException, InterruptedException {
        if (drained && isOpen() && !WaitPoint.isWaitingRefused()) {
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
        out.signal(); // the system wakes no writer of a UNIX socket
    }
}
