package io.bobbinet.stream;

import java.io.Closeable;
import java.io.IOException;

/**
 * A stream of whole items that go out. Throws what {@link ByteSendStream} throws, in the same situations.
 *
 * @param <T> the type of the items
 */
public interface ObjectSendStream<T> extends Attributed, Closeable {

    /**
     * Sends an item, waiting until it has been handed over. A cancelled, timed-out or interrupted send has sent nothing.
     *
     * @param item the item
     * @throws IOException as listed in {@link ByteSendStream}
     */
    void send(T item) throws IOException;

    /**
     * Closes the stream, as {@link ByteSendStream#close()} does.
     *
     * @throws IOException if releasing reported a failure
     */
    @Override
    void close() throws IOException;
}
