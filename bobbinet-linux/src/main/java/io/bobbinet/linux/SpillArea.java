package io.bobbinet.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Native memory for the time of one call that receives many messages: room behind that of each message for what is longer, since
 * several datagrams have come as one.
 */
final class SpillArea {
    /** The longest that comes as one. */
    static final int PIECE = 65_536;

    /** For how many messages there is room. */
    static final int PIECES = 32;

    /** As many calls are made at once. */
    private static final int SLOTS = Runtime.getRuntime().availableProcessors();

    /** An area in a slot belongs to nobody. */
    private static final AtomicReferenceArray<@Nullable SpillArea> FREE = new AtomicReferenceArray<>(SLOTS);

    private final MemorySegment memory = Arena.ofAuto().allocate((long) PIECES * PIECE, 8);

    private SpillArea() {}

    static SpillArea take() {
        SpillArea free = takeFree();
        return free == null ? new SpillArea() : free;
    }

    /** Gives null if each that there is belongs to somebody. */
    static @Nullable SpillArea takeFree() {
        for (int i = 0; i < SLOTS; i++) {
            SpillArea area = FREE.get(i) == null ? null : FREE.getAndSet(i, null);
            if (area != null) {
                return area;
            }
        }
        return null;
    }

    static void give(SpillArea area) {
        for (int i = 0; i < SLOTS; i++) {
            if (FREE.get(i) == null && FREE.compareAndSet(i, null, area)) {
                return;
            }
        }
    }

    MemorySegment piece(int index) {
        return memory.asSlice((long) index * PIECE, PIECE);
    }
}
