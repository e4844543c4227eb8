package io.bobbinet.stream;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Buffers for copying between streams, kept by nobody while there is nothing to copy. */
final class TransferBuffers {
    /** Direct: sockets on both sides then need no copy of their own. */
    private static final int SIZE = 65_536;

    private static final int SLOTS = 16;

    /** A buffer in a slot belongs to nobody. */
    private static final AtomicReferenceArray<@Nullable ByteBuffer> FREE = new AtomicReferenceArray<>(SLOTS);

    private TransferBuffers() {}

    static ByteBuffer take() {
        ByteBuffer buffer = null;
        for (int i = 0; buffer == null && i < SLOTS; i++) {
            buffer = FREE.getAndSet(i, null);
        }
        return buffer == null ? ByteBuffer.allocateDirect(SIZE) : buffer.clear();
    }

    static void give(ByteBuffer buffer) {
        for (int i = 0; i < SLOTS; i++) {
            if (FREE.get(i) == null && FREE.compareAndSet(i, null, buffer)) {
                return;
            }
        }
        // More copies are at work at once than there are slots; the collector frees this one.
    }
}
