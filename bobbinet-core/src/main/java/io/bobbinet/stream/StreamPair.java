package io.bobbinet.stream;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/**
 * Two streams that are connected with each other: what one sends, the other receives.
 *
 * @param <S> the type of the streams
 * @param left one end
 * @param right the other end
 */
public record StreamPair<S extends Closeable>(S left, S right) implements Closeable {

    /** Checks the components. */
    public StreamPair {
        Objects.requireNonNull(left, "left");
        Objects.requireNonNull(right, "right");
    }

    /**
     * Closes both ends.
     *
     * @throws IOException if closing one of them reported a failure; that of the other is suppressed under it
     */
    @Override
    public void close() throws IOException {
        Closing.all(List.of(left, right));
    }
}
