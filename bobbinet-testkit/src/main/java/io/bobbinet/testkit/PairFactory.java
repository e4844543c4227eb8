package io.bobbinet.testkit;

import io.bobbinet.stream.StreamPair;
import java.io.Closeable;

/**
 * Makes connected streams for a contract to check.
 *
 * @param <S> the type of the streams
 */
@FunctionalInterface
public interface PairFactory<S extends Closeable> {

    /**
     * Makes two streams that are connected with each other, new ones each time.
     *
     * @return the streams, which the check closes
     * @throws Exception if that fails
     */
    StreamPair<? extends S> open() throws Exception;
}
