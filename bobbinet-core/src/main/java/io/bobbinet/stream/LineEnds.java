package io.bobbinet.stream;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.util.Arrays;

/**
 * What the line ends of a charset look like in bytes. A line feed is one byte in most, and no part of any other character;
 * in UTF-16 and UTF-32 it is two or four, at multiples of that, and of an order that may only be known from the beginning
 * of the stream.
 *
 * <p>Guarded by the receive guard of the stream.
 */
final class LineEnds {
    private final Charset charset;

    /** How many bytes a line feed has. */
    private final int width;

    private byte[] lineFeed;
    private byte[] carriageReturn;
    private boolean known;

    LineEnds(Charset charset) {
        this.charset = charset;
        this.width = width(charset);
        this.lineFeed = encode('\n');
        this.carriageReturn = encode('\r');
        this.known = width == 1;
    }

    /** How many bytes a charset writes before a text: those of a byte order mark. */
    static int markLength(Charset charset) {
        return charset.canEncode() ? "\n".getBytes(charset).length - width(charset) : 0;
    }

    private static int width(Charset charset) {
        return charset.canEncode() ? "\n\n".getBytes(charset).length - "\n".getBytes(charset).length : 1;
    }

    private byte[] encode(char control) {
        byte[] bytes = charset.canEncode() ? String.valueOf(control).getBytes(charset) : new byte[] {(byte) control};
        return Arrays.copyOfRange(bytes, bytes.length - width, bytes.length);
    }

    /** Whether the byte order is known; to be asked before the first bytes are decoded. */
    boolean areKnown(ByteQueue unread) {
        if (!known && unread.size() >= width) {
            learnOrder(unread.copy(width));
            known = true;
        }
        return known;
    }

    /** A byte order mark is for decoders to judge: with the stream's first character before it, is it a line feed? */
    private void learnOrder(byte[] first) {
        ByteBuffer sample =
                ByteBuffer.allocate(2 * width).put(first).put(lineFeed).flip();
        if (charset.decode(sample).toString().endsWith("\n")) {
            return;
        }
        lineFeed = reversed(lineFeed);
        carriageReturn = reversed(carriageReturn);
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    /**
     * Finds the end of the first line.
     *
     * @return how many bytes the line has with its end, or {@link DelimiterSearch#MORE}
     * @throws DelimiterNotFoundException if it has more than {@code max} without it
     */
    int find(ByteQueue unread, int max) throws DelimiterNotFoundException {
        int latest = (int) Math.min((long) max + width, Integer.MAX_VALUE); // with a carriage return before it
        int at = unread.find(lineFeed, width, latest);
        if (at == DelimiterSearch.MORE) {
            return at;
        }
        if (at == DelimiterSearch.TOO_FAR || at > max && !endsWithReturn(unread.view(at))) {
            throw new DelimiterNotFoundException("No line end came after at most " + max + " bytes");
        }
        return at + width;
    }

    private boolean endsWithReturn(ByteBuffer line) {
        int from = line.limit() - width;
        return from >= line.position() && line.slice(from, width).equals(ByteBuffer.wrap(carriageReturn));
    }

    /** The line without its end. */
    static String strip(CharBuffer line) {
        int length = line.length();
        if (length > 0 && line.charAt(length - 1) == '\n') {
            length--;
            if (length > 0 && line.charAt(length - 1) == '\r') {
                length--;
            }
        }
        return line.subSequence(0, length).toString();
    }
}
