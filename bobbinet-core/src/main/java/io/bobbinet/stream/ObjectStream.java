package io.bobbinet.stream;

import java.io.IOException;

/**
 * A stream of whole items in both directions, which do not disturb each other.
 *
 * {@snippet file="OwnStreams.java" region="object-stream"}
 *
 * @param <T> the type of the items
 */
public interface ObjectStream<T> extends ObjectReceiveStream<T>, ObjectSendStream<T> {

    /**
     * Ends the sending, as {@link ByteStream#sendEof()} does.
     *
     * @throws IOException as listed there
     */
    void sendEof() throws IOException;

    @Override
    void close() throws IOException;
}
