package io.bobbinet.spi;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Timers in a binary heap, the one that is due first at its top. Times are compared by subtraction, so they may lie on
 * both sides of an overflow of the clock. Not for concurrent use: guarded by its owner.
 */
final class TimerHeap {
    /** {@code heap[i].index == i} for all {@code i < size}; the slots beyond are empty. */
    private Entry[] heap = new Entry[64];

    private int size;

    /** A timer; knows its place, so that it can be taken out without a search. */
    static class Entry {
        final long nanoTime;

        /** Guarded by the owner of the heap; -1 outside. */
        private int index = -1;

        Entry(long nanoTime) {
            this.nanoTime = nanoTime;
        }
    }

    int size() {
        return size;
    }

    /** The entry that is due first. */
    @Nullable
    Entry first() {
        return size == 0 ? null : heap[0];
    }

    void add(Entry entry) {
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        siftUp(size++, entry);
    }

    /** Takes an entry out, if it is inside. */
    void remove(Entry entry) {
        int hole = entry.index;
        if (hole < 0) {
            return;
        }
        entry.index = -1;
        Entry last = heap[--size];
        clear(size);
        if (last != entry) {
            siftUp(hole, last);
            siftDown(last.index, last);
        }
    }

    @SuppressWarnings("NullAway") // slots beyond size are empty and never read
    private void clear(int index) {
        heap[index] = null;
    }

    private void siftUp(int start, Entry entry) {
        int i = start;
        while (i > 0) {
            int parent = (i - 1) >>> 1;
            Entry p = heap[parent];
            if (entry.nanoTime - p.nanoTime >= 0) {
                break;
            }
            place(i, p);
            i = parent;
        }
        place(i, entry);
    }

    private void siftDown(int start, Entry entry) {
        int i = start;
        while (true) {
            int child = 2 * i + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && heap[child + 1].nanoTime - heap[child].nanoTime < 0) {
                child++;
            }
            if (heap[child].nanoTime - entry.nanoTime >= 0) {
                break;
            }
            place(i, heap[child]);
            i = child;
        }
        place(i, entry);
    }

    private void place(int index, Entry entry) {
        heap[index] = entry;
        entry.index = index;
    }
}
