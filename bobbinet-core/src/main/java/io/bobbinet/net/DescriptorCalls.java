package io.bobbinet.net;

import io.bobbinet.spi.DescriptorHandle;
import io.bobbinet.stream.ResourceGuard;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/**
 * The blocking calls of a descriptor that was opened as a stream or channel of the JDK: one at a time in each direction, and
 * ended by cancellation. It throws {@link ClosedChannelException} where the descriptor is closed.
 */
final class DescriptorCalls {
    final DescriptorHandle handle;

    private final ResourceGuard reading = new ResourceGuard("reading from");
    private final ResourceGuard writing = new ResourceGuard("writing to");

    DescriptorCalls(DescriptorHandle handle) {
        this.handle = handle;
    }

    private interface Call {
        int run() throws IOException, InterruptedException;
    }

    int read(ByteBuffer target) throws IOException {
        return call(reading, () -> handle.read(target));
    }

    /** Writes all that remains. */
    int write(ByteBuffer source) throws IOException {
        return call(writing, () -> {
            int count = 0;
            while (source.hasRemaining()) {
                count += handle.write(source);
            }
            return count;
        });
    }

    private int call(ResourceGuard guard, Call call) throws IOException {
        if (!handle.isOpen()) {
            throw new ClosedChannelException();
        }
        guard.enter();
        try {
            CancelScope.checkpoint();
            return call.run();
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } finally {
            guard.exit();
        }
    }
}
