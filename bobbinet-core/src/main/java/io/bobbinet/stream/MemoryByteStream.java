package io.bobbinet.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One of two byte streams in memory that are connected with each other, for tests and for the parts of one program.
 *
 * {@snippet file="MemoryExamples.java" region="bytes"}
 *
 * <p>Each direction holds a limited number of bytes; a sender waits for room, so a slow receiver slows the sender down.
 * Closing one end lets the peer receive what is on its way and then the end; the peer's sends are broken at once. If a
 * send was cut off in its middle, by a cancel or by the closing itself, the peer receives
 * {@link BrokenResourceException} in place of the end. A broken pipe is remembered: once a send here found the peer gone,
 * receives that come to the end are broken too.
 *
 * <p>One thread may send and one receive at the same time; any thread may close. Nothing is held outside the heap.
 */
public final class MemoryByteStream implements ByteStream {
    /** How many bytes a direction holds, if not said otherwise: 65,536. */
    public static final int DEFAULT_CAPACITY = 65_536;

    private static final AtomicLong NUMBERS = new AtomicLong();

    private final String name;
    private final BytePipe incoming;
    private final BytePipe outgoing;

    /** Whether a send found the peer gone; written by the sending thread, read by the receiving one. */
    private volatile boolean broken;

    /** Whether a receive has come to an orderly end, which is never taken back; used by receiving threads. */
    private volatile boolean endSeen;

    private MemoryByteStream(String name, BytePipe incoming, BytePipe outgoing) {
        this.name = name;
        this.incoming = incoming;
        this.outgoing = outgoing;
    }

    /**
     * Makes two connected streams that hold 65,536 bytes in each direction.
     *
     * @return the two
     */
    public static StreamPair<MemoryByteStream> pair() {
        return pair(DEFAULT_CAPACITY);
    }

    /**
     * Makes two connected streams.
     *
     * @param capacity how many bytes each direction holds
     * @return the two
     * @throws IllegalArgumentException if the capacity is less than 1
     */
    public static StreamPair<MemoryByteStream> pair(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("The capacity must be at least 1 byte, not " + capacity);
        }
        long number = NUMBERS.incrementAndGet();
        String left = "memory stream " + number + " left";
        String right = "memory stream " + number + " right";
        BytePipe toRight = new BytePipe(left, right, capacity);
        BytePipe toLeft = new BytePipe(right, left, capacity);
        return new StreamPair<>(
                new MemoryByteStream(left, toLeft, toRight), new MemoryByteStream(right, toRight, toLeft));
    }

    @Override
    public byte[] receive(int max) throws IOException {
        ByteStreams.checkMax(max);
        try {
            return incoming.receive(max);
        } catch (EndOfStreamException e) {
            throw end(e);
        }
    }

    @Override
    public int receive(ByteBuffer target) throws IOException {
        ByteStreams.checkTarget(target);
        try {
            return incoming.receive(target);
        } catch (EndOfStreamException e) {
            throw end(e);
        }
    }

    private IOException end(EndOfStreamException e) {
        if (broken && !endSeen) {
            return new BrokenResourceException(name + ": a send found that the peer had closed the stream", e);
        }
        endSeen = true;
        return e;
    }

    @Override
    public void awaitReceivable() throws IOException {
        incoming.awaitReceivable();
    }

    @Override
    public void send(ByteBuffer source) throws IOException {
        send(new ByteBuffer[] {source});
    }

    @Override
    public void send(ByteBuffer... sources) throws IOException {
        try {
            outgoing.send(sources);
        } catch (BrokenResourceException e) {
            if (outgoing.isDeserted()) {
                broken = true;
            }
            throw e;
        }
    }

    @Override
    public void sendEof() throws IOException {
        outgoing.sendEof();
    }

    @Override
    public void close() {
        outgoing.closeSender();
        incoming.closeReceiver();
    }

    @Override
    public String toString() {
        return name;
    }
}
