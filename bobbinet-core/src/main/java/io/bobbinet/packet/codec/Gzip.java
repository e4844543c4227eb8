package io.bobbinet.packet.codec;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32;

/** What is around the compressed bytes in the format gzip (RFC 1952). */
final class Gzip {
    /** The two bytes that all begin with, the one method, no flags, no time, no hints, an unknown system. */
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 255};

    private static final int HEADER_CHECKSUM = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private Gzip() {}

    static void writeHeader(OutputStream target) throws IOException {
        target.write(HEADER);
    }

    /** Writes checksum and size, the least significant byte first. */
    static void writeTrailer(byte[] bytes, int count, OutputStream target) throws IOException {
        CRC32 checksum = new CRC32();
        checksum.update(bytes, 0, count);
        write(checksum.getValue(), target);
        write(count, target);
    }

    private static void write(long value, OutputStream target) throws IOException {
        for (int shift = 0; shift < 32; shift += 8) {
            target.write((int) (value >>> shift));
        }
    }

    /** Reads a header, with the parts that are allowed to be there and that nobody needs. */
    static void readHeader(Inflation in) throws IOException {
        if (in.next() != 0x1f || in.next() != 0x8b || in.next() != 8) {
            throw in.lost("this is not the beginning of a gzip member");
        }
        int flags = in.next();
        if ((flags & RESERVED) != 0) {
            throw in.lost("the gzip member has parts that nobody knows");
        }
        skip(6, in);
        if ((flags & EXTRA) != 0) {
            skip(in.next() | in.next() << 8, in);
        }
        if ((flags & NAME) != 0) {
            skipText(in);
        }
        if ((flags & COMMENT) != 0) {
            skipText(in);
        }
        if ((flags & HEADER_CHECKSUM) != 0) {
            skip(2, in);
        }
    }

    private static void skip(int count, Inflation in) throws IOException {
        for (int i = 0; i < count; i++) {
            int unused = in.next();
        }
    }

    private static void skipText(Inflation in) throws IOException {
        int next;
        do {
            next = in.next();
        } while (next != 0);
    }

    /** Reads a trailer, and tells whether it is that of a packet; of one that was not stored, only the size is known. */
    static boolean isTrailerOf(byte[] bytes, long size, Inflation in) throws IOException {
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        boolean same = read(in) == checksum.getValue();
        return read(in) == (size & 0xffff_ffffL) && same;
    }

    private static long read(Inflation in) throws IOException {
        long value = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            value |= (long) in.next() << shift;
        }
        return value;
    }
}
