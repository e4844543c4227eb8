package io.bobbinet.net;

import io.bobbinet.spi.DescriptorHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/** A descriptor of a regular file. Its position is that of the open file, as for channels of the JDK. */
final class DescriptorChannel implements SeekableByteChannel {
    private final DescriptorCalls calls;

    DescriptorChannel(DescriptorHandle handle) {
        this.calls = new DescriptorCalls(handle);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("The buffer is read-only: " + target);
        }
        return target.hasRemaining() ? calls.read(target) : 0;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return calls.write(source);
    }

    @Override
    public long position() throws IOException {
        return calls.handle.position();
    }

    @Override
    public SeekableByteChannel position(long position) throws IOException {
        if (position < 0) {
            throw new IllegalArgumentException("A position is not negative: " + position);
        }
        calls.handle.position(position);
        return this;
    }

    @Override
    public long size() throws IOException {
        return calls.handle.size();
    }

    @Override
    public SeekableByteChannel truncate(long size) throws IOException {
        if (size < 0) {
            throw new IllegalArgumentException("A size is not negative: " + size);
        }
        if (size < size()) {
            calls.handle.truncate(size);
        }
        if (position() > size) {
            position(size);
        }
        return this;
    }

    @Override
    public boolean isOpen() {
        return calls.handle.isOpen();
    }

    @Override
    public void close() throws IOException {
        calls.handle.close();
    }
}
