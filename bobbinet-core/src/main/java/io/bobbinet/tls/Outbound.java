package io.bobbinet.tls;

import io.bobbinet.spi.WaitPoint;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * What goes out: data, and what the engine has to say of itself. Ordered by a lock, which is held while the transport sends, so
 * that records leave in the order in which they were encrypted. Usable by any threads.
 */
final class Outbound {
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);
    private static final ByteBuffer[] NO_DATA = {NONE};

    /** More key updates than that without a chance to answer them are no traffic but an attack. */
    static final int MOST_UNANSWERED = 16;

    /** How long a peer that sends more may take to read answers. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final ByteStream transport;
    private final SSLEngine engine;
    private final ReentrantLock lock = new ReentrantLock();

    /** What the engine had to say of itself and the transport has not taken yet; guarded by lock. */
    private ByteBuffer unsent = NONE;

    /** What the engine wants to have room for at least; guarded by lock. */
    private int packetSize;

    /** Answers that the engine holds ready. */
    private final AtomicInteger unanswered = new AtomicInteger();

    /** Signalled when there are none any more. */
    private final WaitPoint answersSent = new WaitPoint("receive");

    /** Whether a thread is on its way to send answers. */
    private final AtomicBoolean answering = new AtomicBoolean();

    Outbound(ByteStream transport, SSLEngine engine) {
        this.transport = transport;
        this.engine = engine;
        packetSize = engine.getSession().getPacketBufferSize();
    }

    // -- data

    /** Encrypts and sends. The positions tell what has been encrypted, which counts as sent. */
    void write(ByteBuffer[] sources) throws IOException {
        lock();
        try {
            while (hasRemaining(sources)) {
                writeSome(sources);
                answered(); // they go before data
            }
        } finally {
            lock.unlock();
        }
    }

    private void writeSome(ByteBuffer[] sources) throws IOException {
        ByteBuffer room = TlsBuffers.take(unsent.remaining() + packetSize);
        try {
            room.put(unsent);
            unsent = NONE;
            try {
                encrypt(sources, room);
            } finally {
                room.flip();
            }
            transport.send(room);
        } finally {
            if (room.hasRemaining()) {
                unsent = copy(room); // a record that was left out would break the receiving of the peer
            }
            TlsBuffers.give(room);
        }
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    }

    private static boolean hasRemaining(ByteBuffer[] sources) {
        for (ByteBuffer source : sources) {
            if (source.hasRemaining()) {
                return true;
            }
        }
        return false;
    }

    /** Encrypts as much as there is room for, a record at least. */
    private void encrypt(ByteBuffer[] sources, ByteBuffer room) throws IOException {
        if (areOnHeap(sources)) {
            wrap(sources, room);
            return;
        }
        ByteBuffer copy = TlsBuffers.take(0); // the JDK's ciphers are slow elsewhere
        try {
            fill(copy, sources);
            int size = copy.flip().remaining();
            wrap(new ByteBuffer[] {copy}, room);
            advance(sources, size - copy.remaining());
        } finally {
            TlsBuffers.give(copy);
        }
    }

    private static boolean areOnHeap(ByteBuffer[] sources) {
        for (ByteBuffer source : sources) {
            if (!source.hasArray() && source.hasRemaining()) {
                return false;
            }
        }
        return true;
    }

    private static void fill(ByteBuffer copy, ByteBuffer[] sources) {
        for (ByteBuffer source : sources) {
            int count = Math.min(copy.remaining(), source.remaining());
            copy.put(source.slice(source.position(), count));
        }
    }

    private static void advance(ByteBuffer[] sources, int count) {
        int left = count;
        for (ByteBuffer source : sources) {
            int step = Math.min(left, source.remaining());
            source.position(source.position() + step);
            left -= step;
        }
    }

    private void wrap(ByteBuffer[] sources, ByteBuffer room) throws IOException {
        do {
            SSLEngineResult result = engine.wrap(sources, room);
            switch (result.getStatus()) {
                case OK -> {
                    if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                        RecordLayer.runTasks(engine);
                    } else if (result.bytesProduced() == 0) {
                        throw new SSLException("The engine does not encrypt: " + result);
                    }
                }
                case CLOSED ->
                    throw new BrokenResourceException(
                            "The connection has ended, and with this engine or version of TLS that ends both"
                                    + " directions");
                case BUFFER_OVERFLOW -> {
                    packetSize = engine.getSession().getPacketBufferSize();
                    if (packetSize <= room.remaining()) {
                        throw new SSLException("The engine wants more room than it says: " + result);
                    }
                    return;
                }
                case BUFFER_UNDERFLOW -> throw new SSLException("Not a status of encryption: " + result);
            }
        } while (hasRemaining(sources) && room.remaining() >= packetSize);
    }

    // -- what the engine has to say of itself

    /** Takes what the engine has to say, to be sent by the next flush or with the next data. */
    void hold() throws IOException {
        ByteBuffer more = wrapUp();
        if (!more.hasRemaining() && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            throw new SSLException("The engine says nothing although it wants to");
        }
        ByteBuffer joined = ByteBuffer.allocate(unsent.remaining() + more.remaining());
        unsent = joined.put(unsent).put(more).flip();
    }

    /** Sends what the engine has to say: handshake messages, alerts, answers. What cannot be sent now is sent by the next call. */
    void flush() throws IOException {
        lock();
        try {
            while (true) {
                if (!unsent.hasRemaining()) {
                    unsent = wrapUp();
                }
                if (!unsent.hasRemaining()) {
                    unsent = NONE;
                    answered();
                    return;
                }
                transport.send(unsent);
            }
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #flush}, but left to a thread of its own if somebody is sending. */
    void flushOrHandOver() throws IOException {
        if (!lock.tryLock()) {
            handOver();
            return;
        }
        try {
            flush();
        } finally {
            lock.unlock();
        }
    }

    /** Says that this side is done. */
    void end() throws IOException {
        lock();
        try {
            engine.closeOutbound();
            flush();
        } finally {
            lock.unlock();
        }
    }

    private ByteBuffer wrapUp() throws IOException {
        ByteBuffer room = TlsBuffers.take(packetSize);
        try {
            while (room.remaining() >= packetSize) {
                if (engine.wrap(NO_DATA, room).bytesProduced() == 0) {
                    break;
                }
            }
            return room.position() == 0 ? NONE : copy(room.flip());
        } finally {
            TlsBuffers.give(room);
        }
    }

    // -- answers

    /**
     * Sees to it that an answer of the engine's goes out: with the next data or, since there may never be any, by a thread of its
     * own, which ends when it is sent or the transport closed. So a receiver need not wait for a sender.
     *
     * @param asked whether it is to something that the peer asked for
     * @return whether a peer that reads them gets them in time
     */
    boolean answer(boolean asked) throws IOException {
        boolean tooMany = asked && unanswered.incrementAndGet() > MOST_UNANSWERED;
        handOver();
        // They may only not have had their turn yet: much may have arrived while nobody received.
        return !tooMany || CancelScope.moveOnAfter(PATIENCE).run(this::awaitAnswers);
    }

    private void handOver() {
        if (answering.compareAndSet(false, true)) {
            Backends.current().newTaskThread("", this::sendAnswers).start();
        }
    }

    /** Whether the next answer may have to be waited for. */
    boolean isBehind() {
        return unanswered.get() >= MOST_UNANSWERED;
    }

    private void awaitAnswers() throws IOException {
        answersSent.reset();
        while (unanswered.get() > MOST_UNANSWERED) {
            try {
                answersSent.await();
            } catch (InterruptedException e) {
                throw CancelScope.interrupted(e);
            }
        }
    }

    private void sendAnswers() {
        lock.lock();
        try {
            answering.set(false);
            flush();
        } catch (IOException | RuntimeException e) {
            // Whoever uses the connection next meets the same.
        } finally {
            lock.unlock();
        }
    }

    private void answered() {
        unanswered.set(0);
        answersSent.signal();
    }

    private void lock() throws IOException {
        lock(lock);
    }

    /** Waits for a lock as every call waits: it is cancelled, and refused where nobody is to wait. */
    static void lock(ReentrantLock lock) throws IOException {
        if (!lock.tryLock()) {
            WaitPoint.aboutToWait();
            try {
                lock.lockInterruptibly();
            } catch (InterruptedException e) {
                throw CancelScope.interrupted(e);
            }
        }
    }
}
