package io.bobbinet.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An array of {@code struct epoll_event} in native memory, which lives as long as the process. */
final class EpollEvents {
    static final ValueLayout.OfLong DATA = JAVA_LONG_UNALIGNED;

    private final MemorySegment memory;
    private final int capacity;

    EpollEvents(int capacity) {
        this.capacity = capacity;
        memory = Arena.global().allocate((long) capacity * Abi.EPOLL_EVENT_SIZE, 8);
    }

    MemorySegment memory() {
        return memory;
    }

    int capacity() {
        return capacity;
    }

    int events(int index) {
        return memory.get(JAVA_INT_UNALIGNED, (long) index * Abi.EPOLL_EVENT_SIZE);
    }

    long data(int index) {
        return memory.get(DATA, (long) index * Abi.EPOLL_EVENT_SIZE + Abi.EPOLL_EVENT_DATA);
    }
}
