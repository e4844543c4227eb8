package io.bobbinet.tls;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Buffers for records, kept by nobody while a connection is idle. On the heap: the JDK's ciphers are faster there. */
final class TlsBuffers {
    /** Two full records, with the room that the JDK's engine wants to see for the second. */
    static final int SIZE = 33_536;

    private static final int SLOTS = 32;

    /** A buffer in a slot belongs to nobody. */
    private static final AtomicReferenceArray<@Nullable ByteBuffer> FREE = new AtomicReferenceArray<>(SLOTS);

    private TlsBuffers() {}

    /** Gives an empty buffer of at least a size. */
    static ByteBuffer take(int least) {
        if (least > SIZE) {
            return ByteBuffer.allocate(least);
        }
        for (int i = 0; i < SLOTS; i++) {
            ByteBuffer buffer = FREE.get(i) == null ? null : FREE.getAndSet(i, null);
            if (buffer != null) {
                return buffer.clear().order(ByteOrder.BIG_ENDIAN); // whoever had it may have changed that
            }
        }
        return ByteBuffer.allocate(SIZE);
    }

    /** Takes a buffer back, or leaves it to the collector if there are enough. */
    static void give(ByteBuffer buffer) {
        if (buffer.capacity() != SIZE) {
            return;
        }
        for (int i = 0; i < SLOTS; i++) {
            if (FREE.get(i) == null && FREE.compareAndSet(i, null, buffer)) {
                return;
            }
        }
    }
}
