package io.bobbinet.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Addresses that were decoded before, by their bytes. Each has one place, which the next of the same hash takes over. */
final class AddressCache {
    static final int SIZE = 256;

    private final @Nullable Entry[] entries = new Entry[SIZE];

    private record Entry(MemorySegment bytes, SocketAddress address) {
        boolean isFor(MemorySegment memory, long at, int length) {
            return length == bytes.byteSize() && MemorySegment.mismatch(memory, at, at + length, bytes, 0, length) < 0;
        }
    }

    SocketAddress decode(MemorySegment memory, long at, int length) throws IOException {
        int place = place(memory, at, length);
        Entry entry = entries[place];
        if (entry == null || !entry.isFor(memory, at, length)) {
            byte[] bytes = memory.asSlice(at, length).toArray(JAVA_BYTE);
            entry = new Entry(MemorySegment.ofArray(bytes), SocketAddresses.decode(bytes, length));
            entries[place] = entry;
        }
        return entry.address;
    }

    private static int place(MemorySegment memory, long at, int length) {
        int hash = length;
        for (int i = 0; i + Integer.BYTES <= length; i += Integer.BYTES) {
            hash = 31 * hash + memory.get(JAVA_INT_UNALIGNED, at + i);
        }
        hash *= 0x9e3779b9; // ports and addresses often differ in few bits
        return (hash >>> 16) & (SIZE - 1);
    }
}
