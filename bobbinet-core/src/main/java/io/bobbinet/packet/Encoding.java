package io.bobbinet.packet;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The bytes of a packet that is to be sent. */
final class Encoding extends OutputStream {
    private static final int FIRST_SIZE = 1024;

    /** An idle connection keeps no more. */
    private static final int MOST_KEPT = 8192;

    /** How a codec writes a packet. */
    interface Writer<S> {
        void write(S packet, OutputStream target) throws IOException;
    }

    private byte[] bytes = new byte[FIRST_SIZE];
    private int size;

    private Encoding() {}

    /** Takes one that is not in use, or makes one. */
    static Encoding take(AtomicReference<@Nullable Encoding> kept) {
        Encoding one = kept.getAndSet(null);
        return one == null ? new Encoding() : one;
    }

    /** Gives it back for the next packet. */
    void give(AtomicReference<@Nullable Encoding> kept) {
        if (bytes.length <= MOST_KEPT) {
            size = 0;
            kept.set(this);
        }
    }

    /** Gives the bytes of a packet; they are gone with the next one. */
    <S> ByteBuffer of(S packet, Writer<S> writer, Object codec) {
        size = 0;
        try {
            writer.write(packet, this);
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (Throwable t) {
            throw PacketProtocolException.crashed("The codec " + codec + " crashed when it was to encode a packet", t);
        }
        return ByteBuffer.wrap(bytes, 0, size);
    }

    @Override
    public void write(int b) {
        makeRoom(1);
        bytes[size++] = (byte) b;
    }

    @Override
    public void write(byte[] source, int offset, int length) {
        makeRoom(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
    }

    private void makeRoom(int count) {
        if (bytes.length - size < count) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, count), (int)
                    Math.min(2L * bytes.length, Integer.MAX_VALUE - 8)));
        }
    }
}
