package io.bobbinet.testkit;

import io.bobbinet.stream.ByteStream;
import java.io.IOException;
import java.util.Objects;
import java.util.Random;

/**
 * Wrappers that do what networks do, to find code that counts on more: bytes come one by one or in pieces of any size, and
 * a stream fails in its middle. Each keeps the contract of streams, passes on all else, and owns what it wraps.
 */
public final class HostileStreams {
    private HostileStreams() {}

    /**
     * {@return a stream of which each receive gives one byte}
     *
     * @param stream what is wrapped
     */
    public static ByteStream oneByteAtATime(ByteStream stream) {
        return new ChunkingStream(stream, max -> 1);
    }

    /**
     * {@return a stream of which each receive gives a random part of what was asked for} Small parts are as likely as large
     * ones.
     *
     * @param stream what is wrapped
     * @param seed where the random sizes come from; the same seed gives the same sizes
     */
    public static ByteStream randomChunks(ByteStream stream, long seed) {
        Random random = new Random(seed);
        return new ChunkingStream(stream, max -> {
            int bits = 1 + random.nextInt(32 - Integer.numberOfLeadingZeros(max)); // from 1 to as many as max has
            return Math.min(max, 1 + random.nextInt(1 << Math.min(bits, 30)));
        });
    }

    /**
     * {@return a stream whose receives fail after a number of bytes, for ever}
     *
     * @param stream what is wrapped
     * @param count how many bytes can be received before
     * @param failure what is thrown then
     */
    public static ByteStream failingReceive(ByteStream stream, long count, IOException failure) {
        return new FailingStream(stream, count, Long.MAX_VALUE, Objects.requireNonNull(failure, "failure"));
    }

    /**
     * {@return a stream whose sends fail after a number of bytes, for ever} Those bytes do go out, and the buffer of the
     * send that fails tells how many of its own were among them.
     *
     * @param stream what is wrapped
     * @param count how many bytes can be sent before
     * @param failure what is thrown then
     */
    public static ByteStream failingSend(ByteStream stream, long count, IOException failure) {
        return new FailingStream(stream, Long.MAX_VALUE, count, Objects.requireNonNull(failure, "failure"));
    }
}
