package io.bobbinet.testkit;

import io.bobbinet.stream.ByteReceiveStream;
import io.bobbinet.stream.ByteSendStream;
import java.io.Closeable;
import java.io.IOException;
import java.util.Objects;

/**
 * One direction between two streams.
 *
 * @param sender what is sent here
 * @param receiver comes out here
 */
public record ByteLink(ByteSendStream sender, ByteReceiveStream receiver) implements Closeable {

    /** Checks the components. */
    public ByteLink {
        Objects.requireNonNull(sender, "sender");
        Objects.requireNonNull(receiver, "receiver");
    }

    /**
     * Closes both ends.
     *
     * @throws IOException if closing one of them reported a failure
     */
    @Override
    public void close() throws IOException {
        try (sender) {
            receiver.close();
        }
    }

    /** Makes links for a contract to check. */
    @FunctionalInterface
    public interface Factory {

        /**
         * Makes a new link.
         *
         * @return the link, which the check closes
         * @throws Exception if that fails
         */
        ByteLink open() throws Exception;
    }
}
