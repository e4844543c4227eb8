package io.bobbinet.tests.tls;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A transport whose sends wait while its gate is shut, before their first byte. */
final class GateStream implements ByteStream {
    private final ByteStream below;

    /** A byte in it is the open gate. */
    private final StreamPair<MemoryByteStream> gate = MemoryByteStream.pair();

    /** Those who came to the gate since it was shut last. */
    private final BlockingQueue<Thread> senders = new LinkedBlockingQueue<>();

    GateStream(ByteStream below) throws IOException {
        this.below = below;
        open();
    }

    void open() throws IOException {
        gate.left().send(new byte[1]);
    }

    void shut() throws IOException {
        gate.right().receive(1);
        senders.clear();
    }

    /** Waits until a send stands before the gate that was shut before. */
    void awaitSender() throws InterruptedException {
        Blocked.await(senders.take());
    }

    private void pass() throws IOException {
        senders.add(Thread.currentThread());
        gate.right().awaitReceivable();
    }

    @Override
    public int receive(ByteBuffer target) throws IOException {
        return below.receive(target);
    }

    @Override
    public void send(ByteBuffer source) throws IOException {
        pass();
        below.send(source);
    }

    @Override
    public void send(ByteBuffer... sources) throws IOException {
        pass();
        below.send(sources);
    }

    @Override
    public void sendEof() throws IOException {
        below.sendEof();
    }

    @Override
    public void close() throws IOException {
        gate.close();
        below.close();
    }

    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        return below.find(attribute);
    }
}
