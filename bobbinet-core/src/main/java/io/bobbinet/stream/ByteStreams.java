package io.bobbinet.stream;

import java.nio.ByteBuffer;

/** Checks that all byte streams make alike. */
final class ByteStreams {
    private ByteStreams() {}

    static void checkMax(int max) {
        if (max < 1) {
            throw new IllegalArgumentException("At least 1 byte must be asked for, not " + max);
        }
    }

    static void checkTarget(ByteBuffer target) {
        if (!target.hasRemaining()) {
            throw new IllegalArgumentException("The buffer has no room: " + target);
        }
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("The buffer is read-only: " + target);
        }
    }

    static int remaining(ByteBuffer[] sources) {
        long total = 0;
        for (ByteBuffer source : sources) {
            total += source.remaining();
        }
        if (total > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("More than 2 GiB in one send: " + total + " bytes");
        }
        return (int) total;
    }

    /** Moves the positions of buffers of which some bytes went out, from the first buffer on. */
    static void advance(ByteBuffer[] sources, int count) {
        int left = count;
        for (ByteBuffer source : sources) {
            int step = Math.min(left, source.remaining());
            source.position(source.position() + step);
            left -= step;
        }
    }
}
