package io.bobbinet.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Native memory for the time of one system call that may take its time, where arrays of the heap must not go. */
final class NativeBuffers {
    static final int SIZE = 65_536;

    private static final int SLOTS = 4;

    /** A buffer in a slot belongs to nobody. */
    private static final AtomicReferenceArray<@Nullable MemorySegment> FREE = new AtomicReferenceArray<>(SLOTS);

    private NativeBuffers() {}

    static MemorySegment take() {
        for (int i = 0; i < SLOTS; i++) {
            MemorySegment buffer = FREE.get(i) == null ? null : FREE.getAndSet(i, null);
            if (buffer != null) {
                return buffer;
            }
        }
        return Arena.ofAuto().allocate(SIZE, 8);
    }

    static void give(MemorySegment buffer) {
        for (int i = 0; i < SLOTS; i++) {
            if (FREE.get(i) == null && FREE.compareAndSet(i, null, buffer)) {
                return;
            }
        }
    }
}
