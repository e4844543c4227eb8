package io.bobbinet.tests.packet;

import io.bobbinet.stream.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.IntUnaryOperator;

/** Gives in one receive as many bytes as a function says, and notes the most that were asked for. */
class CountedStream implements ByteStream {
    private final ByteStream below;
    private final IntUnaryOperator given;
    int mostAskedFor;
    int sends;

    CountedStream(ByteStream below, IntUnaryOperator given) {
        this.below = below;
        this.given = given;
    }

    @Override
    public int receive(ByteBuffer target) throws IOException {
        mostAskedFor = Math.max(mostAskedFor, target.remaining());
        int limit = target.limit();
        target.limit(target.position() + Math.min(target.remaining(), given.applyAsInt(target.remaining())));
        try {
            return below.receive(target);
        } finally {
            target.limit(limit);
        }
    }

    @Override
    public byte[] receive(int max) throws IOException {
        mostAskedFor = Math.max(mostAskedFor, max);
        return below.receive(Math.min(max, given.applyAsInt(max)));
    }

    @Override
    public void awaitReceivable() throws IOException {
        below.awaitReceivable();
    }

    @Override
    public void send(ByteBuffer source) throws IOException {
        sends++;
        below.send(source);
    }

    @Override
    public void sendEof() throws IOException {
        below.sendEof();
    }

    @Override
    public void close() throws IOException {
        below.close();
    }
}
