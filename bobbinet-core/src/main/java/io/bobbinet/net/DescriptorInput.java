package io.bobbinet.net;

import io.bobbinet.spi.DescriptorHandle;
import io.bobbinet.stream.ClosedResourceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;

/** A descriptor to read from. */
final class DescriptorInput extends InputStream {
    private final DescriptorCalls calls;

    DescriptorInput(DescriptorHandle handle) {
        this.calls = new DescriptorCalls(handle);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        try {
            return calls.read(ByteBuffer.wrap(target, offset, length));
        } catch (ClosedChannelException e) {
            throw new ClosedResourceException("The descriptor read from is closed", e);
        }
    }

    @Override
    public void close() throws IOException {
        calls.handle.close();
    }
}
