package io.bobbinet.stream;

import io.bobbinet.task.ThrowingConsumer;
import java.io.Closeable;
import java.io.IOException;

/**
 * A stream of whole items that come in, in the order in which they were sent, none lost and none twice. Throws what
 * {@link ByteReceiveStream} throws, in the same situations.
 *
 * @param <T> the type of the items
 */
public interface ObjectReceiveStream<T> extends Attributed, Closeable {

    /**
     * Receives an item, waiting for it if need be. A cancelled, timed-out or interrupted receive has taken none.
     *
     * @return the item
     * @throws IOException as listed in {@link ByteReceiveStream}
     */
    T receive() throws IOException;

    /**
     * Receives until the end of the stream and gives each item to a body. Returns when the stream ends. Whatever the body
     * throws leaves this method, an end-of-stream included.
     *
     * @param <X> what the body throws
     * @param body what to do with an item
     * @throws X if the body throws it
     * @throws IOException as from {@link #receive()}, but for the end of this stream
     */
    default <X extends Throwable> void forEach(ThrowingConsumer<? super T, X> body) throws X, IOException {
        while (true) {
            T item;
            try {
                item = receive();
            } catch (EndOfStreamException e) {
                return;
            }
            body.accept(item);
        }
    }

    /**
     * Closes the stream, as {@link ByteReceiveStream#close()} does.
     *
     * @throws IOException if releasing reported a failure
     */
    @Override
    void close() throws IOException;
}
