package io.bobbinet.testkit;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;

/** Passes everything on. */
abstract sealed class WrappedStream implements ByteStream permits ChunkingStream, FailingStream {
    private final ByteStream below;

    WrappedStream(ByteStream below) {
        this.below = Objects.requireNonNull(below, "stream");
    }

    @Override
    public int receive(ByteBuffer target) throws IOException {
        return below.receive(target);
    }

    @Override
    public void awaitReceivable() throws IOException {
        below.awaitReceivable();
    }

    @Override
    public void send(ByteBuffer source) throws IOException {
        below.send(source);
    }

    @Override
    public void send(ByteBuffer... sources) throws IOException {
        below.send(sources);
    }

    @Override
    public void sendEof() throws IOException {
        below.sendEof();
    }

    @Override
    public void close() throws IOException {
        below.close();
    }

    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        return below.find(attribute);
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + below + "]";
    }
}
