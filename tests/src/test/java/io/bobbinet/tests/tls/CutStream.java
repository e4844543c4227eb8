package io.bobbinet.tests.tls;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A transport that gives some bytes only, and then the end, or nothing any more. */
final class CutStream implements ByteStream {
    private final ByteStream below;
    private final long limit;

    /** What is received behind the limit; never sent to. */
    private final StreamPair<MemoryByteStream> beyond = MemoryByteStream.pair();

    private final CountDownLatch cut = new CountDownLatch(1);

    /** Owned by the receiver. */
    private long received;

    private CutStream(ByteStream below, long limit) {
        this.below = below;
        this.limit = limit;
    }

    /** Ends after a number of bytes. */
    static CutStream ending(ByteStream below, long limit) {
        CutStream stream = new CutStream(below, limit);
        stream.beyond.right().close();
        return stream;
    }

    /** Falls silent after a number of bytes. */
    static CutStream stalling(ByteStream below, long limit) {
        return new CutStream(below, limit);
    }

    /** Whether anybody wanted more than there was. */
    boolean isCut() {
        return cut.getCount() == 0;
    }

    /** Waits until somebody wants more than there is. */
    void awaitCut() throws InterruptedException {
        cut.await();
    }

    /** How many bytes were received; for the receiver. */
    long received() {
        return received;
    }

    @Override
    public int receive(ByteBuffer target) throws IOException {
        if (received == limit) {
            cut.countDown();
            return beyond.left().receive(target);
        }
        int end = target.limit();
        target.limit(target.position() + (int) Math.min(target.remaining(), limit - received));
        try {
            int count = below.receive(target);
            received += count;
            return count;
        } finally {
            target.limit(end);
        }
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
        beyond.close();
        below.close();
    }

    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        return below.find(attribute);
    }
}
