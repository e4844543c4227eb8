package io.bobbinet.stream;

import java.io.IOException;

/**
 * Knows how to make a connection, any number of times. May carry attributes, such as
 * {@linkplain Attribute#REMOTE_HOST the host it goes to}. Immutable and usable by many threads.
 *
 * @param <S> the type of the connections
 */
public interface Connector<S> extends Attributed {

    /**
     * Makes a new connection. If this throws, nothing is left open.
     *
     * @return the connection, which belongs to the caller
     * @throws IOException if it cannot be made
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     */
    S connect() throws IOException;
}
