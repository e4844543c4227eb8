package io.bobbinet.net;

import io.bobbinet.spi.StreamHandle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** A connected handle whose reads and writes do what a test says. */
final class ScriptedHandle implements StreamHandle {

    /** What a write does; the number of bytes taken. */
    interface Write {
        int run(ByteBuffer source) throws IOException, InterruptedException;
    }

    /** What a read does. */
    interface Read {
        byte[] run() throws IOException, InterruptedException;
    }

    private final Read read;
    private final Write write;
    private final AtomicInteger resets = new AtomicInteger();
    private volatile boolean open = true;

    ScriptedHandle(Read read, Write write) {
        this.read = read;
        this.write = write;
    }

    @Override
    public byte[] read(int max) throws IOException, InterruptedException {
        return read.run();
    }

    @Override
    public int read(ByteBuffer target) throws IOException, InterruptedException {
        byte[] bytes = read.run();
        target.put(bytes);
        return bytes.length == 0 ? -1 : bytes.length;
    }

    @Override
    public int write(ByteBuffer source) throws IOException, InterruptedException {
        return write.run(source);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException, InterruptedException {
        return write.run(sources[offset]);
    }

    @Override
    public void connect(SocketAddress remote) {}

    @Override
    public void awaitReadable() {}

    @Override
    public void shutdownWrite() {}

    @Override
    public void bind(SocketAddress local) {}

    @Override
    public SocketAddress localAddress() {
        return new InetSocketAddress("127.0.0.1", 1);
    }

    @Override
    public SocketAddress remoteAddress() throws IOException {
        throw new IOException("the system does not tell");
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public <T> void setOption(SocketOption<T> option, T value) {
        if (option == StandardSocketOptions.SO_LINGER) {
            resets.incrementAndGet();
        }
    }

    /** Whether the close was made a reset. */
    boolean willReset() {
        return resets.get() > 0;
    }

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
