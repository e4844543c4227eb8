package io.bobbinet.tests.net;

import java.nio.ByteBuffer;

/** Endless bytes that tell their place in the stream, so that one that is lost, doubled or moved shows. */
final class Numbered {
    private Numbered() {}

    static byte at(long position) {
        return (byte) ((position * 0x9E37_79B9_7F4A_7C15L) >>> 53);
    }

    static byte[] bytes(long from, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = at(from + i);
        }
        return bytes;
    }

    static ByteBuffer buffer(long from, int count) {
        return ByteBuffer.wrap(bytes(from, count));
    }

    /** Fails unless bytes are those from a place on. */
    static void check(byte[] bytes, long from) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != at(from + i)) {
                throw new AssertionError("Byte " + (from + i) + " is not the one that was sent there");
            }
        }
    }
}
