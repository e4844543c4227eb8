package io.bobbinet.testkit;

import java.nio.ByteBuffer;

/** Endless bytes of which each depends on its place and a salt, so that a lost, doubled or foreign one shows. */
record Pattern(long salt) {

    byte at(long position) {
        return (byte) ((position * 0x9E37_79B9_7F4A_7C15L + salt) >>> 53);
    }

    byte[] bytes(long from, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = at(from + i);
        }
        return bytes;
    }

    ByteBuffer buffer(long from, int count) {
        return ByteBuffer.wrap(bytes(from, count));
    }

    void check(byte[] bytes, long from) {
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != at(from + i)) {
                throw new AssertionError("The byte at " + (from + i) + " is not the one that was sent there");
            }
        }
    }
}
