package io.bobbinet.testkit;

import io.bobbinet.stream.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.IntUnaryOperator;

/** Gives fewer bytes than it could. */
final class ChunkingStream extends WrappedStream {
    /** How many bytes to ask for, from 1 to what was asked for; used by the receiving thread. */
    private final IntUnaryOperator size;

    ChunkingStream(ByteStream below, IntUnaryOperator size) {
        super(below);
        this.size = size;
    }

    @Override
    public int receive(ByteBuffer target) throws IOException {
        int limit = target.limit();
        if (target.hasRemaining()) {
            target.limit(target.position() + size.applyAsInt(target.remaining()));
        }
        try {
            return super.receive(target);
        } finally {
            target.limit(limit);
        }
    }
}
