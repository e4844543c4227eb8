package io.bobbinet.jackson;

import io.bobbinet.stream.EndSearch;

/**
 * Finds where a JSON document ends, without understanding more of it than that takes: of an object or array only its own kind of
 * bracket is counted, and of a string its quotes and escapes are seen. What begins with anything else ends at white space. So of
 * {@code [1}] }, too, the end is found, and what comes behind is not spoilt by it.
 */
final class DocumentEnd implements EndSearch {
    private boolean begun;
    private boolean found;

    /** The bracket that is counted, and its counterpart; 0 of a string or a plain value. */
    private byte opening;

    private byte closing;
    private int depth;
    private boolean plain;
    private boolean inString;
    private boolean escaped;

    static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    /** Whether a document that begins so has an end of its own. */
    static boolean isOwn(int first) {
        return first == '{' || first == '[' || first == '"';
    }

    @Override
    public int find(byte[] bytes, int from, int to) {
        if (found) {
            return 0;
        }
        int i = from;
        if (!begun) {
            begin(bytes[i++]);
        }
        int end = plain ? endOfPlain(bytes, i, to) : endOfOwn(bytes, i, to);
        found = end >= 0;
        return found ? end - from : MORE;
    }

    private void begin(byte first) {
        begun = true;
        switch (first) {
            case '{' -> open(first, (byte) '}');
            case '[' -> open(first, (byte) ']');
            case '"' -> inString = true;
            default -> plain = true;
        }
    }

    private void open(byte bracket, byte counterpart) {
        opening = bracket;
        closing = counterpart;
        depth = 1;
    }

    private static int endOfPlain(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (isSpace(bytes[i])) {
                return i;
            }
        }
        return MORE;
    }

    private int endOfOwn(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            i = inString ? endOfString(bytes, i, to) : endOfBrackets(bytes, i, to);
            if (depth == 0 && !inString) {
                return i;
            }
        }
        return MORE;
    }

    /** Goes on to behind the quote that ends the string. */
    private int endOfString(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (escaped) {
                escaped = false;
            } else if (b == '\\') {
                escaped = true;
            } else if (b == '"') {
                inString = false;
                return i + 1;
            }
        }
        return to;
    }

    /** Goes on to behind the last bracket, or the next quote. */
    private int endOfBrackets(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (b == '"') {
                inString = true;
                return i + 1;
            }
            if (b == opening) {
                depth++;
            } else if (b == closing && --depth == 0) {
                return i + 1;
            }
        }
        return to;
    }
}
