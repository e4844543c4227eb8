package io.bobbinet.jackson;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Passes the bytes of a document on, up to a limit, and remembers what has to be known of it. Not to be closed by a mapper. */
final class BoundedOutput extends OutputStream {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long LINE_FEEDS = '\n' * ONES;

    private final OutputStream target;
    private final int limit;
    private long count;
    private int first = -1;
    private boolean lineFeed;

    BoundedOutput(OutputStream target, int limit) {
        this.target = target;
        this.limit = limit;
    }

    /** The first byte; less than 0 if there is none. */
    int first() {
        return first;
    }

    boolean hasLineFeed() {
        return lineFeed;
    }

    /** Whether there were more bytes than the limit; not all of them were passed on. */
    boolean isOverrun() {
        return count > limit;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (count == 0 && length > 0) {
            first = bytes[offset];
        }
        count += length;
        if (!isOverrun()) {
            lineFeed |= hasLineFeed(bytes, offset, offset + length);
            target.write(bytes, offset, length);
        }
    }

    /** Eight bytes at a time: this is done with all that is sent. */
    private static boolean hasLineFeed(byte[] bytes, int from, int to) {
        int i = from;
        for (; i + Long.BYTES <= to; i += Long.BYTES) {
            long difference = (long) LONG.get(bytes, i) ^ LINE_FEEDS;
            if ((difference - ONES & ~difference & ONES << 7) != 0) {
                return true;
            }
        }
        for (; i < to; i++) {
            if (bytes[i] == '\n') {
                return true;
            }
        }
        return false;
    }
}
