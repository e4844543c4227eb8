package io.bobbinet.backend.nio;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Direct buffers for the time of one system call. The JDK would copy through one of its own anyway; with these the bytes
 * are copied once, into an array of just their size.
 */
final class ScratchBuffers {
    private static final int SIZE = 65_536;
    private static final int SLOTS = 8;

    /** A buffer in a slot belongs to nobody. */
    private static final AtomicReferenceArray<@Nullable ByteBuffer> FREE = new AtomicReferenceArray<>(SLOTS);

    private ScratchBuffers() {}

    /** A buffer with room for {@code max} bytes, or for as many as are read at once. */
    static ByteBuffer take(int max) {
        ByteBuffer buffer = null;
        for (int i = 0; buffer == null && i < SLOTS; i++) {
            buffer = FREE.getAndSet(i, null);
        }
        if (buffer == null) {
            buffer = ByteBuffer.allocateDirect(SIZE);
        }
        return buffer.clear().limit(Math.min(max, SIZE));
    }

    static void give(ByteBuffer buffer) {
        for (int i = 0; i < SLOTS; i++) {
            if (FREE.get(i) == null && FREE.compareAndSet(i, null, buffer)) {
                return;
            }
        }
        // More threads are in the kernel at once than there are slots; the collector frees this one.
    }
}
