package io.bobbinet.stream;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A stream of bytes that go out, without message boundaries.
 *
 * <p>A send returns when all its bytes have been handed over, or throws. A send of nothing does no more than check. If a
 * send is cancelled, timed out or interrupted before its first byte went out, the stream is as it was. If it was cut off
 * in its middle, it throws its cancellation, and since the peer would take what follows for the rest, every later send
 * and {@code sendEof} throws {@link BrokenResourceException}, with how many bytes went out; receiving goes on, and
 * {@link #close()} ends the stream as badly as the transport can, so that a cut message is not taken for a whole one.
 * Blocking calls throw, beside what is listed with them:
 *
 * <ul>
 *   <li>{@link BrokenResourceException} if the peer is gone, the stream broken, or a send was cut off;
 *   <li>{@link ClosedResourceException} if this side closed the stream or ended its sending, before or during the call;
 *   <li>{@link BusyResourceException} if another thread is sending;
 *   <li>{@link io.bobbinet.task.CancelledException} if a scope in force is cancelled;
 *   <li>{@link java.io.InterruptedIOException} if the thread was interrupted by the user; the status stays set.
 * </ul>
 *
 * <p>To implement one, {@link #send(ByteBuffer)} and {@link #close()} are enough; the others have defaults.
 */
public interface ByteSendStream extends Attributed, Closeable {

    /**
     * Sends bytes. They must not change until the call has ended.
     *
     * @param bytes the bytes
     * @throws IOException as listed above
     */
    default void send(byte[] bytes) throws IOException {
        send(ByteBuffer.wrap(bytes));
    }

    /**
     * Sends what remains in a buffer, whose position moves to its limit; after a failure it tells how many bytes went out.
     *
     * @param source the buffer, of any kind
     * @throws IOException as listed above
     */
    void send(ByteBuffer source) throws IOException;

    /**
     * Sends what remains in several buffers, in their order, as one send: as a gathering write where the transport can.
     * Their positions move as those of a single one do.
     *
     * @param sources the buffers, of any kind
     * @throws IOException as listed above
     */
    default void send(ByteBuffer... sources) throws IOException {
        ByteBuffer joined = ByteBuffer.allocate(ByteStreams.remaining(sources));
        for (ByteBuffer source : sources) {
            joined.put(source.duplicate());
        }
        joined.flip();
        try {
            send(joined);
        } finally {
            ByteStreams.advance(sources, joined.position());
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
