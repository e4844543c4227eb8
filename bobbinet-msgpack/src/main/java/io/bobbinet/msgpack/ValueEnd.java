package io.bobbinet.msgpack;

import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.EndSearch;

/** Finds where a MessagePack value ends, from the first bytes of the values in it. */
final class ValueEnd implements EndSearch {
    private final Object codec;

    /** How many values are still to come. */
    private long left = 1;

    /** What the length is that is being read. */
    private Format format = Format.NIL;

    /** How many bytes of the length are still to come. */
    private int lengthLeft;

    private long length;

    /** How many bytes of the value are still to come. */
    private long skipped;

    ValueEnd(Object codec) {
        this.codec = codec;
    }

    @Override
    public int find(byte[] bytes, int from, int to) throws MalformedPacketException {
        int i = from;
        while (i < to && !isFound()) {
            if (skipped > 0) {
                long step = Math.min(skipped, to - i);
                i += (int) step;
                skipped -= step;
            } else if (lengthLeft > 0) {
                length = length << 8 | bytes[i++] & 0xFF;
                lengthLeft--;
                if (lengthLeft == 0) {
                    value(length);
                }
            } else {
                begin(bytes[i++]);
            }
        }
        return isFound() ? i - from : MORE;
    }

    private boolean isFound() {
        return left == 0 && lengthLeft == 0 && skipped == 0;
    }

    private void begin(byte first) throws MalformedPacketException {
        format = Format.of(first);
        if (format == Format.NEVER_USED) {
            throw MalformedPacketException.unrecoverable(codec.toString(), "0xc1 begins no value");
        }
        left--;
        lengthLeft = format.lengthBytes();
        length = 0;
        if (lengthLeft == 0) {
            value(format.length(first));
        }
    }

    private void value(long count) {
        switch (format.content()) {
            case BYTES -> skipped = count;
            case EXTENSION -> skipped = 1 + count; // its type
            case VALUES -> left += count;
            case PAIRS -> left += 2 * count;
        }
    }
}
