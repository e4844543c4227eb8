package io.bobbinet.jackson;

import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.EndSearch;
import java.util.Arrays;

/**
 * Finds where a CBOR data item ends, from the heads of the items in it (RFC 8949, section 3 and appendix C). A head is a byte with
 * a major type in its upper three bits and in its lower five an argument, or the number of bytes that it has.
 */
final class ItemEnd implements EndSearch {
    private static final int MOST_LEVELS = 1000;

    /** Of an array, map or string whose end is a byte of its own. */
    private static final long INDEFINITE = -1;

    private static final int BREAK = 0xFF;

    private static final int BYTES = 2;
    private static final int TEXT = 3;
    private static final int ARRAY = 4;
    private static final int MAP = 5;
    private static final int TAG = 6;
    private static final int SIMPLE = 7;

    private final Object codec;

    /** How many items there still are to come, at each level that is open. */
    private long[] left = new long[16];

    /** Of a string of indefinite length its major type, else 0: what its pieces must be, at each level that is open. */
    private byte[] pieces = new byte[16];

    private int levels = 1;

    private int major;

    /** How many bytes of the head are still to come. */
    private int headLeft;

    private long argument;

    /** How many bytes of a string are still to come. */
    private long skipped;

    ItemEnd(Object codec) {
        this.codec = codec;
        left[0] = 1;
    }

    @Override
    public int find(byte[] bytes, int from, int to) throws MalformedPacketException {
        int i = from;
        while (i < to && !isFound()) {
            if (skipped > 0) {
                long step = Math.min(skipped, to - i);
                i += (int) step;
                skipped -= step;
            } else if (headLeft > 0) {
                argument = argument << 8 | bytes[i++] & 0xFF;
                headLeft--;
                if (headLeft == 0) {
                    item(argument);
                }
            } else {
                head(bytes[i++] & 0xFF);
            }
        }
        return isFound() ? i - from : MORE;
    }

    private boolean isFound() {
        return levels == 0 && skipped == 0;
    }

    private void head(int b) throws MalformedPacketException {
        if (b == BREAK) {
            closeIndefinite();
            return;
        }
        major = b >> 5;
        int info = b & 0x1F;
        byte piece = pieces[levels - 1];
        if (piece != 0 && (major != piece || info == 31)) {
            throw malformed("a string of indefinite length has pieces that are none");
        }
        if (info < 24) {
            item(info);
        } else if (info < 28) {
            argument = 0;
            headLeft = 1 << info - 24;
        } else if (info == 31 && major >= BYTES && major <= MAP) {
            openIndefinite();
        } else {
            throw malformed("0x%02x begins no item".formatted(b));
        }
    }

    /** Goes on behind a head that is complete. */
    private void item(long value) throws MalformedPacketException {
        if (major == TAG) {
            return; // what is tagged is the item
        }
        count();
        if (major >= BYTES && major != SIMPLE) {
            if (value < 0 || value > Long.MAX_VALUE / 2) {
                throw malformed("a length of " + Long.toUnsignedString(value));
            }
            switch (major) {
                case BYTES, TEXT -> skipped = value;
                case ARRAY -> open(value, 0);
                default -> open(2 * value, 0);
            }
        }
        closeDefinite();
    }

    private void openIndefinite() throws MalformedPacketException {
        count();
        open(INDEFINITE, major <= TEXT ? major : 0);
    }

    private void count() {
        if (left[levels - 1] != INDEFINITE) {
            left[levels - 1]--;
        }
    }

    private void open(long items, int piece) throws MalformedPacketException {
        if (levels == MOST_LEVELS) {
            throw malformed("it has more than " + MOST_LEVELS + " levels");
        }
        if (levels == left.length) {
            left = Arrays.copyOf(left, 2 * levels);
            pieces = Arrays.copyOf(pieces, 2 * levels);
        }
        left[levels] = items;
        pieces[levels] = (byte) piece;
        levels++;
    }

    private void closeIndefinite() throws MalformedPacketException {
        if (left[levels - 1] != INDEFINITE) {
            throw malformed("a break where nothing of indefinite length is open");
        }
        levels--;
        closeDefinite();
    }

    private void closeDefinite() {
        while (levels > 0 && left[levels - 1] == 0) {
            levels--;
        }
    }

    private MalformedPacketException malformed(String reason) {
        return MalformedPacketException.unrecoverable(codec.toString(), reason);
    }
}
