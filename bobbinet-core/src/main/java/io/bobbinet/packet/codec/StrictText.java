package io.bobbinet.packet.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.packet.MalformedPacketException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Objects;

/**
 * Text as bytes, without replacements. {@code String} converts far faster than the coders of a charset do, but replaces what
 * cannot be converted; so, for the charsets of which it is known what it replaces by, its result is looked at.
 */
record StrictText(Charset charset) {
    /** A character that is none but a mark in front, for some charsets. */
    private static final String MARK = "\uFEFF";

    private static final char REPLACEMENT = '\uFFFD';

    StrictText {
        Objects.requireNonNull(charset, "charset");
        if (!charset.canEncode()) {
            throw new IllegalArgumentException(charset + " cannot encode; choose the charset that is meant");
        }
    }

    /** Whether it is known what has which bytes. */
    boolean isPlain() {
        return charset == UTF_8 || charset == US_ASCII || charset == ISO_8859_1;
    }

    /** Gives the bytes of a text that is to be sent. */
    byte[] encode(String text, Object codec) {
        if (isPlain()) {
            byte[] bytes = text.getBytes(charset);
            if (text.equals(new String(bytes, charset))) {
                return bytes;
            }
        }
        try {
            ByteBuffer encoded = charset.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = Arrays.copyOf(encoded.array(), encoded.limit());
            if (text.startsWith(MARK) && !text.equals(new String(bytes, charset))) {
                throw new IllegalArgumentException(codec + ": U+FEFF in front of a text is lost in " + charset);
            }
            return bytes;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(codec + ": the text cannot be encoded in " + charset, e);
        }
    }

    /** Gives the text of bytes that were received, and consumed. */
    String decode(byte[] bytes, int from, int count, Object codec) throws MalformedPacketException {
        if (isPlain()) {
            String text = new String(bytes, from, count, charset);
            if (text.indexOf(REPLACEMENT) < 0) {
                return text;
            }
        }
        try {
            return charset.newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, count))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedPacketException(codec.toString(), "the bytes are no text in " + charset, e);
        }
    }

    @Override
    public String toString() {
        return charset.name();
    }
}
