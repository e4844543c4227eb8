package io.bobbinet.stream;

import io.bobbinet.spi.WaitPoint;
import io.bobbinet.task.ThrowingConsumer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A stream of bytes that come in, without message boundaries.
 *
 * <p>For every receive: it takes at least one byte, or throws; a short result is normal. A cancelled, timed-out or
 * interrupted receive has taken nothing, and the next gets the bytes. Bad arguments are refused first. Blocking calls
 * throw, beside what is listed with them:
 *
 * <ul>
 *   <li>{@link EndOfStreamException} if the peer has ended the stream in an orderly way; again at each later call;
 *   <li>{@link BrokenResourceException} if the stream is broken: reset, cut short; after all data that still came, and
 *       again at each later call, never an end;
 *   <li>{@link ClosedResourceException} if this side closed the stream, before or during the call; it wins over the two
 *       above;
 *   <li>{@link BusyResourceException} if another thread is receiving;
 *   <li>{@link io.bobbinet.task.CancelledException} if a scope in force is cancelled;
 *   <li>{@link java.io.InterruptedIOException} if the thread was interrupted by the user; the status stays set.
 * </ul>
 *
 * <p>To implement one, {@link #receive(ByteBuffer)} and {@link #close()} are enough; the others have defaults.
 */
public interface ByteReceiveStream extends Attributed, Closeable {

    /** How many bytes {@link #receive()} takes at most: 65,536. */
    int DEFAULT_RECEIVE_SIZE = 65_536;

    /**
     * Receives up to 65,536 bytes, as {@link #receive(int)} does.
     *
     * @return what arrived, at least one byte
     * @throws IOException as listed above
     */
    default byte[] receive() throws IOException {
        return receive(DEFAULT_RECEIVE_SIZE);
    }

    /**
     * Receives bytes into an array of just the right size, which belongs to the caller. While it waits no buffer is held.
     *
     * @param max how many bytes at most
     * @return what arrived, at least one byte
     * @throws IllegalArgumentException if {@code max} is less than 1
     * @throws IOException as listed above
     */
    default byte[] receive(int max) throws IOException {
        ByteStreams.checkMax(max);
        if (!WaitPoint.isWaitingRefused()) {
            awaitReceivable(); // no buffer is held meanwhile
        }
        ByteBuffer buffer = ByteBuffer.allocate(Math.min(max, DEFAULT_RECEIVE_SIZE));
        int count = receive(buffer);
        return count == buffer.capacity() ? buffer.array() : Arrays.copyOf(buffer.array(), count);
    }

    /**
     * Receives bytes into a buffer, from its position on, which moves.
     *
     * @param target the buffer; at least one byte must remain
     * @return how many bytes were received, at least 1
     * @throws IllegalArgumentException if nothing remains in the buffer, or it is read-only
     * @throws IOException as listed above
     */
    int receive(ByteBuffer target) throws IOException;

    /**
     * Waits until a receive has something to say: data, the end or a failure; takes nothing and holds no buffer. A stream
     * that cannot tell returns at once, as this default does; wrappers forward the call.
     *
     * @throws IOException as listed above, but for the end and the failure, which are left to the receive
     */
    default void awaitReceivable() throws IOException {}

    /**
     * Receives until the end of the stream and gives each piece, of up to 65,536 bytes, to a body. Returns when the stream
     * ends. Whatever the body throws leaves this method, an end-of-stream included.
     *
     * @param <X> what the body throws
     * @param body what to do with a piece
     * @throws X if the body throws it
     * @throws IOException as listed above, but for the end of this stream
     */
    default <X extends Throwable> void forEach(ThrowingConsumer<? super byte[], X> body) throws X, IOException {
        while (true) {
            byte[] piece;
            try {
                piece = receive();
            } catch (EndOfStreamException e) {
                return;
            }
            body.accept(piece);
        }
    }

    /**
     * Closes the stream. Idempotent. Every call that is blocked on the stream, and every later one, throws
     * {@link ClosedResourceException}. Does not wait in a cancelled scope or with the interrupt status set, never throws
     * {@link io.bobbinet.task.CancelledException}, and has released what the stream holds when it returns or throws.
     *
     * @throws IOException if releasing reported a failure
     */
    @Override
    void close() throws IOException;
}
