package io.bobbinet.cli;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A stream whose bytes are counted. */
final class MeteredStream implements ByteStream {
    private final ByteStream stream;
    private final Meter meter;

    MeteredStream(ByteStream stream, Meter meter) {
        this.stream = stream;
        this.meter = meter;
    }

    @Override
    public int receive(ByteBuffer target) throws IOException {
        int count = stream.receive(target);
        meter.received(count);
        return count;
    }

    @Override
    public byte[] receive(int max) throws IOException {
        byte[] bytes = stream.receive(max);
        meter.received(bytes.length);
        return bytes;
    }

    @Override
    public void awaitReceivable() throws IOException {
        stream.awaitReceivable();
    }

    @Override
    public void send(ByteBuffer source) throws IOException {
        int before = source.remaining();
        try {
            stream.send(source);
        } finally {
            meter.sent(before - source.remaining());
        }
    }

    @Override
    public void sendEof() throws IOException {
        stream.sendEof();
    }

    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        return stream.find(attribute);
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
