package io.bobbinet.tests.tls;

import java.nio.ByteBuffer;

/** Endless bytes that tell their place in the stream, so that one that is lost, doubled or moved shows. */
final class Counted {
    private Counted() {}

    private static byte at(long position) {
        return (byte) ((position * 0x9E37_79B9_7F4A_7C15L) >>> 53);
    }

    static byte[] bytes(long from, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = at(from + i);
        }
        return bytes;
    }

    /** Fails unless bytes are those from a place on. */
    static void check(ByteBuffer bytes, long from) {
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            if (bytes.get(i) != at(from + i - bytes.position())) {
                throw new AssertionError("Byte " + (from + i) + " is not the one that was sent there");
            }
        }
    }
}
