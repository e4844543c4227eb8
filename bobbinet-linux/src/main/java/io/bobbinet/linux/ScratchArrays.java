package io.bobbinet.linux;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Arrays for the time of one system call: what arrives is copied out of them, into an array of just its size. */
final class ScratchArrays {
    static final int SIZE = 65_536;

    private static final int SLOTS = 8;

    /** An array in a slot belongs to nobody. */
    private static final AtomicReferenceArray<byte @Nullable []> FREE = new AtomicReferenceArray<>(SLOTS);

    private ScratchArrays() {}

    static byte[] take() {
        for (int i = 0; i < SLOTS; i++) {
            byte[] array = FREE.get(i) == null ? null : FREE.getAndSet(i, null);
            if (array != null) {
                return array;
            }
        }
        return new byte[SIZE];
    }

    static void give(byte[] array) {
        for (int i = 0; i < SLOTS; i++) {
            if (FREE.get(i) == null && FREE.compareAndSet(i, null, array)) {
                return;
            }
        }
        // More threads are in the kernel at once than there are slots; the collector takes this one.
    }
}
