package io.bobbinet.jackson;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;

/** Tells whether bytes are UTF-8. Jackson takes some that are not: overlong forms, and halves of characters. */
final class Utf8 {
    private static final int PIECE = 1024;

    private Utf8() {}

    static boolean isValid(byte[] bytes) {
        int from = ascii(bytes);
        if (from == bytes.length) {
            return true;
        }
        CharsetDecoder decoder = UTF_8.newDecoder();
        ByteBuffer source = ByteBuffer.wrap(bytes, from, bytes.length - from);
        CharBuffer unread = CharBuffer.allocate(Math.min(PIECE, source.remaining() + 1));
        CoderResult result;
        do {
            unread.clear();
            result = decoder.decode(source, unread, true);
        } while (result.isOverflow());
        return result.isUnderflow();
    }

    /** How many bytes are ASCII before the first that is not. */
    private static int ascii(byte[] bytes) {
        int i = 0;
        while (i < bytes.length && bytes[i] >= 0) {
            i++;
        }
        return i;
    }
}
