package io.bobbinet.testkit;

import io.bobbinet.stream.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Fails after a number of bytes. */
final class FailingStream extends WrappedStream {
    private final IOException failure;

    /** How many bytes can still be received; used by the receiving thread. */
    private long receivable;

    /** How many bytes can still be sent; used by the sending thread. */
    private long sendable;

    /** Set before what is wrapped is closed, whose exceptions then win over the failure. */
    private volatile boolean closed;

    FailingStream(ByteStream below, long receivable, long sendable, IOException failure) {
        super(below);
        this.receivable = receivable;
        this.sendable = sendable;
        this.failure = failure;
    }

    @Override
    public int receive(ByteBuffer target) throws IOException {
        if (receivable == 0 && target.hasRemaining() && !closed) {
            throw failure;
        }
        int limit = target.limit();
        target.limit(target.position() + (int) Math.min(target.remaining(), Math.max(receivable, 1)));
        try {
            int count = super.receive(target);
            receivable -= count;
            return count;
        } finally {
            target.limit(limit);
        }
    }

    @Override
    public void awaitReceivable() throws IOException {
        if (receivable > 0 || closed) {
            super.awaitReceivable();
        }
    }

    @Override
    public void send(ByteBuffer source) throws IOException {
        int limit = source.limit();
        int before = source.position();
        source.limit(before + (int) Math.min(source.remaining(), sendable));
        try {
            super.send(source);
        } finally {
            sendable -= source.position() - before;
            source.limit(limit);
        }
        if (source.hasRemaining()) {
            throw failure;
        }
    }

    @Override
    public void send(ByteBuffer... sources) throws IOException {
        long total = remaining(sources);
        if (total > sendable) {
            for (ByteBuffer source : sources) {
                send(source);
            }
        } else {
            try {
                super.send(sources);
            } finally {
                sendable -= total - remaining(sources);
            }
        }
    }

    private static long remaining(ByteBuffer[] buffers) {
        long total = 0;
        for (ByteBuffer buffer : buffers) {
            total += buffer.remaining();
        }
        return total;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        super.close();
    }
}
