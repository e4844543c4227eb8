package io.bobbinet.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The unread bytes of a buffered stream: added at the end, taken from the front. They lie in one array, which is given
 * back when they are gone. Growing and moving cost constant time for each byte that is added.
 *
 * <p>For one thread at a time, which holds the receive guard of the stream; only {@link #size()} may be asked by others.
 */
final class ByteQueue {
    private static final byte[] NONE = {};

    /** There is no point in reading less at once. */
    private static final int LEAST_ROOM = 4096;

    private static final int LARGE = 65_536;

    /** The JVM has no longer arrays. */
    private static final int MOST = Integer.MAX_VALUE - 8;

    private byte[] array = NONE;
    private int start;
    private int end;

    /** How many transactions are open: as long as there is one, what is taken is kept. */
    private int transactions;

    /** How many bytes before the start are kept for transactions that may put them back. */
    private int kept;

    private @Nullable DelimiterSearch search;

    /** The bytes from start to end, for threads that only ask for their number. */
    private volatile int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return start == end;
    }

    /** The bytes from the front, as they lie in the array: not to be written to, and gone with the next change. */
    ByteBuffer view(int count) {
        return ByteBuffer.wrap(array, start, count);
    }

    byte[] copy(int count) {
        return Arrays.copyOfRange(array, start, start + count);
    }

    /** Takes bytes from the front; the array belongs to the caller. */
    byte[] take(int count) {
        if (start == 0 && count == array.length && transactions == 0) {
            byte[] all = array;
            skip(count);
            return all;
        }
        byte[] taken = copy(count);
        skip(count);
        return taken;
    }

    /** Takes as many bytes as there are and fit. */
    int take(ByteBuffer target) {
        int count = Math.min(target.remaining(), end - start);
        target.put(array, start, count);
        skip(count);
        return count;
    }

    /** Takes bytes from the front and forgets them. */
    void skip(int count) {
        start += count;
        if (transactions > 0) {
            kept += count;
        } else if (start == end) {
            array = NONE;
            start = 0;
            end = 0;
        }
        if (search != null) {
            search.taken(count);
        }
        size = end - start;
    }

    /** Where a delimiter begins, {@link DelimiterSearch#MORE} or {@link DelimiterSearch#TOO_FAR}. */
    int find(byte[] delimiter, int step, int max) {
        DelimiterSearch current = search;
        if (current == null || current.step() != step || !Arrays.equals(current.delimiter(), delimiter)) {
            current = new DelimiterSearch(delimiter.clone(), step);
            search = current;
        }
        return current.resume(array, start, end - start, max);
    }

    /** Shows bytes, counted from the front, to a search. */
    int find(EndSearch end, int from, int to) throws IOException {
        int found = end.find(array, start + from, start + to);
        return found < 0 ? found : Objects.checkIndex(found, to - from + 1);
    }

    // -- adding

    /** Adds bytes to a queue that has none, nor keeps any; the array belongs to it from now on. */
    void fill(byte[] bytes) {
        array = bytes;
        start = 0;
        end = bytes.length;
        size = end;
    }

    /** Room for more bytes, to be followed by {@link #added}; as many as there are already, if that is worth a read. */
    ByteBuffer room() {
        return room(Math.max(LEAST_ROOM, end - start));
    }

    /** Room for more bytes, to be followed by {@link #added}; in proportion to those that are there, however many are missing. */
    ByteBuffer room(int missing) {
        if (array.length - end < Math.min(missing, LEAST_ROOM)) {
            int used = kept + end - start;
            // Never less than half of what a transaction keeps: it is copied with every growth, however little is
            // missing.
            int more = Math.clamp(missing, Math.max(LEAST_ROOM, kept / 2), Math.max(used, LEAST_ROOM));
            makeRoom(used, (int) Math.min((long) used + more, MOST));
        }
        return ByteBuffer.wrap(array, end, array.length - end);
    }

    private void makeRoom(int used, int capacity) {
        if (used == MOST) {
            throw new OutOfMemoryError("More than 2 GiB are buffered");
        }
        int from = start - kept;
        // In place only if that moves no more bytes than were taken since the last time.
        boolean inPlace = capacity <= array.length && used <= from && array.length / 4 <= Math.max(capacity, LARGE);
        byte[] target = inPlace ? array : new byte[capacity];
        System.arraycopy(array, from, target, 0, used);
        array = target;
        start = kept;
        end = used;
    }

    void added(int count) {
        end += count;
        size = end - start;
    }

    /** Puts bytes in front of all others. */
    void putBack(byte[] bytes) {
        if (bytes.length <= start) {
            start -= bytes.length;
        } else {
            byte[] joined = new byte[Math.addExact(bytes.length, end - start)];
            System.arraycopy(array, start, joined, bytes.length, end - start);
            array = joined;
            start = 0;
            end = joined.length;
        }
        System.arraycopy(bytes, 0, array, start, bytes.length);
        frontChanged();
    }

    private void frontChanged() {
        if (search != null) {
            search.restart();
        }
        size = end - start;
    }

    /** Gives all bytes to a new queue and is empty. */
    ByteQueue moveOut() {
        ByteQueue moved = new ByteQueue();
        int count = end - start;
        if (count > 0) {
            moved.fill(take(count));
        }
        return moved;
    }

    // -- transactions

    boolean inTransaction() {
        return transactions > 0;
    }

    /** How many bytes the open transactions have taken. */
    int kept() {
        return kept;
    }

    /** Opens a transaction; the value is for the method that ends it. */
    int begin() {
        transactions++;
        return kept;
    }

    /** Ends a transaction: what it has taken is gone, unless one around it puts it back. */
    void commit() {
        transactions--;
        if (transactions == 0) {
            kept = 0;
            skip(0);
        }
    }

    /** Ends a transaction: what it has taken is at the front again. */
    void rollBack(int begun) {
        int count = kept - begun;
        start -= count;
        kept = begun;
        if (count > 0) {
            frontChanged();
        }
        commit();
    }
}
