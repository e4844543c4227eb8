package io.bobbinet.net;

import io.bobbinet.spi.DescriptorHandle;
import io.bobbinet.stream.ClosedResourceException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;

/** A descriptor to write to. */
final class DescriptorOutput extends OutputStream {
    private final DescriptorCalls calls;

    DescriptorOutput(DescriptorHandle handle) {
        this.calls = new DescriptorCalls(handle);
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        try {
            calls.write(ByteBuffer.wrap(source, offset, length));
        } catch (ClosedChannelException e) {
            throw new ClosedResourceException("The descriptor written to is closed", e);
        }
    }

    @Override
    public void close() throws IOException {
        calls.handle.close();
    }
}
