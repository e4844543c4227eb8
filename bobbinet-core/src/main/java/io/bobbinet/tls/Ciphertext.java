package io.bobbinet.tls;

import io.bobbinet.spi.WaitPoint;
import io.bobbinet.stream.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What has arrived from the transport and is not decrypted yet. Used by one thread at a time.
 *
 * <p>While nothing is there, nothing is held: the first bytes come in an array of their own, of just their size. Only if they
 * end inside of a record is a buffer taken for what follows.
 */
final class Ciphertext {
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    /** A full record, and a short one: 16 KiB as the JDK's engine writes them. So a read often ends where a record ends. */
    private static final int FIRST = 16_448;

    /** A rest up to this size is kept in an array of its own, so that a connection that falls idle holds little. */
    private static final int REST = 512;

    static final int HEADER = 5;

    /** RFC 5246, section 6.2.3, has the largest of all versions. */
    private static final int LONGEST_FRAGMENT = 16_384 + 2_048;

    /** Ready to be read. */
    private ByteBuffer bytes = NONE;

    private boolean pooled;

    ByteBuffer bytes() {
        return bytes;
    }

    /** Whether there is a whole record, or something that never becomes one, which is for the engine to say. */
    boolean isDecidable() {
        if (bytes.remaining() < HEADER) {
            return bytes.hasRemaining() && !isContentType(bytes.get(bytes.position()));
        }
        return !isRecord() || bytes.remaining() >= recordSize();
    }

    private static boolean isContentType(byte type) {
        return type >= 20 && type <= 24;
    }

    private boolean isRecord() {
        int start = bytes.position();
        return isContentType(bytes.get(start)) && bytes.get(start + 1) == 3 && fragmentSize() <= LONGEST_FRAGMENT;
    }

    private int fragmentSize() {
        return Short.toUnsignedInt(bytes.getShort(bytes.position() + 3));
    }

    /** The size of the first record, of which the header must be there. */
    private int recordSize() {
        return HEADER + fragmentSize();
    }

    /** Whether there is a whole record, whose plain text surely fits into some room. */
    boolean hasRecordOfAtMost(int room) {
        return bytes.remaining() >= HEADER
                && isRecord()
                && bytes.remaining() >= recordSize()
                && recordSize() - HEADER <= room;
    }

    /** Receives more. If it throws, nothing has changed. */
    void receiveFrom(ByteStream transport) throws IOException {
        if (!bytes.hasRemaining()) {
            release();
            bytes = ByteBuffer.wrap(transport.receive(FIRST));
            return;
        }
        if (!pooled && bytes.remaining() <= REST && !WaitPoint.isWaitingRefused()) {
            transport.awaitReceivable(); // whoever sends a byte and no more is not to hold a buffer of ours
        }
        makeRoom();
        int end = bytes.limit();
        ByteBuffer room = bytes.duplicate().position(end).limit(bytes.capacity());
        bytes.limit(end + transport.receive(room));
    }

    /** For at least the rest of a record, none of which is larger than the buffer. */
    private void makeRoom() {
        if (!pooled) {
            bytes = TlsBuffers.take(bytes.remaining() + LONGEST_FRAGMENT)
                    .put(bytes)
                    .flip();
            pooled = true;
        } else if (bytes.position() > 0) {
            bytes.compact().flip();
        }
    }

    /** To be called when the caller goes away for a while: lets go of what is not needed. */
    void settle() {
        if (!bytes.hasRemaining()) {
            release();
        } else if (bytes.remaining() <= REST && bytes.capacity() > REST) {
            ByteBuffer rest = ByteBuffer.wrap(rest());
            release();
            bytes = rest;
        }
    }

    private void release() {
        if (pooled) {
            TlsBuffers.give(bytes);
            pooled = false;
        }
        bytes = NONE;
    }

    /** A copy of what is there. */
    byte[] rest() {
        return Arrays.copyOfRange(
                bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.arrayOffset() + bytes.limit());
    }
}
