package io.bobbinet.tls;

import java.security.spec.InvalidKeySpecException;
import java.util.Arrays;

/**
 * Reads DER (ITU-T X.690), as much of it as private keys are made of: tags of one byte, definite lengths. Anything else,
 * and anything that does not fit into its surroundings, is an {@link InvalidKeySpecException}. Not thread-safe.
 */
final class DerReader {
    static final int INTEGER = 0x02;
    static final int OCTET_STRING = 0x04;
    static final int NULL = 0x05;
    static final int OBJECT_IDENTIFIER = 0x06;
    static final int SEQUENCE = 0x30;

    /** What a context-specific, constructed value has as tag, its number added. */
    static final int CONTEXT = 0xa0;

    private static final int LARGE_TAG = 0x1f;
    private static final int LONGEST_LENGTH = 4;

    private final byte[] data;
    private final int end;
    private int position;

    DerReader(byte[] data) {
        this(data, 0, data.length);
    }

    private DerReader(byte[] data, int start, int end) {
        this.data = data;
        this.position = start;
        this.end = end;
    }

    boolean hasMore() {
        return position < end;
    }

    /** Whether the next value has this tag; false at the end. */
    boolean isNext(int tag) {
        return hasMore() && (data[position] & 0xff) == tag;
    }

    /** Reads the next value and gives its content. */
    DerReader next(int tag) throws InvalidKeySpecException {
        if (!isNext(tag)) {
            throw broken();
        }
        return next();
    }

    /** The content of a value that is all there is. */
    DerReader only(int tag) throws InvalidKeySpecException {
        DerReader content = next(tag);
        if (hasMore()) {
            throw broken();
        }
        return content;
    }

    private DerReader next() throws InvalidKeySpecException {
        int tag = octet();
        if ((tag & LARGE_TAG) == LARGE_TAG) {
            throw broken();
        }
        int length = length();
        if (length > end - position) {
            throw broken();
        }
        DerReader content = new DerReader(data, position, position + length);
        position += length;
        return content;
    }

    /** Reads the next value, whatever it is, and gives it whole, with its tag. */
    byte[] nextWhole() throws InvalidKeySpecException {
        int start = position;
        next();
        return Arrays.copyOfRange(data, start, position);
    }

    /** The bytes not yet read. */
    byte[] rest() {
        return Arrays.copyOfRange(data, position, end);
    }

    /** Reads an integer that is not negative and fits into an int. */
    int nextInt() throws InvalidKeySpecException {
        byte[] value = next(INTEGER).rest();
        if (value.length == 0 || value.length > 4 || value[0] < 0) {
            throw broken();
        }
        int result = 0;
        for (byte octet : value) {
            result = result << 8 | octet & 0xff;
        }
        return result;
    }

    /** Reads an object identifier in dotted form. */
    String nextObjectIdentifier() throws InvalidKeySpecException {
        DerReader value = next(OBJECT_IDENTIFIER);
        StringBuilder dotted = new StringBuilder();
        while (value.hasMore()) {
            long arc = value.base128();
            if (dotted.isEmpty()) {
                long first = Math.min(arc / 40, 2);
                dotted.append(first);
                arc -= first * 40;
            }
            dotted.append('.').append(arc);
        }
        return dotted.toString();
    }

    private long base128() throws InvalidKeySpecException {
        long value = 0;
        int octet;
        do {
            octet = octet();
            if (value >> 48 != 0) {
                throw broken();
            }
            value = value << 7 | octet & 0x7f;
        } while (octet >= 0x80);
        return value;
    }

    private int length() throws InvalidKeySpecException {
        int first = octet();
        if (first < 0x80) {
            return first;
        }
        int octets = first & 0x7f;
        if (octets == 0 || octets > LONGEST_LENGTH) {
            throw broken();
        }
        int length = 0;
        for (int i = 0; i < octets; i++) {
            length = length << 8 | octet();
        }
        if (length < 0) {
            throw broken();
        }
        return length;
    }

    private int octet() throws InvalidKeySpecException {
        if (!hasMore()) {
            throw broken();
        }
        return data[position++] & 0xff;
    }

    private static InvalidKeySpecException broken() {
        return new InvalidKeySpecException("its content is broken (not the DER that was expected)");
    }
}
