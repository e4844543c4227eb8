package io.bobbinet.tests.async;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/** A stream that tells who receives and who sends, and whether it was closed. */
final class WatchedStream implements ByteStream {
    private final ByteStream below;
    private final LinkedBlockingQueue<Thread> receivers = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<Thread> senders = new LinkedBlockingQueue<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    WatchedStream(ByteStream below) {
        this.below = below;
    }

    /** Waits until the next call of a receive waits for bytes. */
    Thread awaitReceiving() throws InterruptedException {
        return awaitWaiting(receivers);
    }

    /** Waits until the next call of a send waits for room. */
    Thread awaitSending() throws InterruptedException {
        return awaitWaiting(senders);
    }

    private static Thread awaitWaiting(LinkedBlockingQueue<Thread> callers) throws InterruptedException {
        while (true) {
            Thread thread = callers.take();
            try {
                Blocked.await(thread);
                return thread;
            } catch (IllegalStateException e) {
                // It has ended: its call did not wait.
            }
        }
    }

    /** The thread of the next call of a send. */
    Thread sender() throws InterruptedException {
        return senders.take();
    }

    boolean isClosed() {
        return closed.getCount() == 0;
    }

    void awaitClosed() throws InterruptedException {
        closed.await();
    }

    @Override
    public byte[] receive(int max) throws IOException {
        receivers.add(Thread.currentThread());
        return below.receive(max);
    }

    @Override
    public int receive(ByteBuffer target) throws IOException {
        receivers.add(Thread.currentThread());
        return below.receive(target);
    }

    @Override
    public void send(ByteBuffer source) throws IOException {
        senders.add(Thread.currentThread());
        below.send(source);
    }

    @Override
    public void sendEof() throws IOException {
        below.sendEof();
    }

    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        return below.find(attribute);
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        below.close();
    }
}
