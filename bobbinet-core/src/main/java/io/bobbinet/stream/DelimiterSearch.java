package io.bobbinet.stream;

/**
 * Looks for a delimiter in bytes that come in pieces, each byte once: the algorithm of Knuth, Morris and Pratt, whose state
 * is kept between the pieces. So a line of 10 MB in pieces of 1 KB takes linear time, whatever the delimiter, and it is
 * known at the first possible byte that the delimiter cannot come within the limit any more.
 *
 * <p>Positions count from the front of the unread bytes. Not safe for use by several threads.
 */
final class DelimiterSearch {
    /** The delimiter has not come yet. */
    static final int MORE = -1;

    /** The delimiter does not begin within the limit. */
    static final int TOO_FAR = -2;

    private final byte[] delimiter;
    private final int step;

    /** For each beginning of the delimiter, how long its longest proper part is that is both its beginning and its end. */
    private final int[] borders;

    /** How many bytes from the front have been looked at. */
    private int position;

    /** How many of the last bytes looked at are a beginning of the delimiter. */
    private int matched;

    /**
     * Begins a search.
     *
     * @param delimiter not empty; kept, and not to be changed
     * @param step the delimiter counts only at multiples of this
     */
    DelimiterSearch(byte[] delimiter, int step) {
        this.delimiter = delimiter;
        this.step = step;
        this.borders = borders(delimiter);
    }

    private static int[] borders(byte[] delimiter) {
        int[] borders = new int[delimiter.length];
        int border = 0;
        for (int i = 1; i < delimiter.length; i++) {
            while (border > 0 && delimiter[i] != delimiter[border]) {
                border = borders[border - 1];
            }
            if (delimiter[i] == delimiter[border]) {
                border++;
            }
            borders[i] = border;
        }
        return borders;
    }

    byte[] delimiter() {
        return delimiter;
    }

    int step() {
        return step;
    }

    /**
     * Goes on where the last call stopped.
     *
     * @param array holds the bytes
     * @param start where they begin
     * @param size how many there are
     * @param max where the delimiter may begin at the latest
     * @return where the delimiter begins, {@link #MORE} or {@link #TOO_FAR}
     */
    int resume(byte[] array, int start, int size, int max) {
        while (true) {
            int begin = position - matched;
            if (begin > max) {
                return TOO_FAR;
            }
            if (matched == delimiter.length) {
                if (begin % step == 0) {
                    return begin;
                }
                matched = borders[matched - 1];
                continue;
            }
            if (matched == 0) {
                skipToFirst(array, start, (int) Math.min(size, max + 1L));
                if (position > max) {
                    return TOO_FAR;
                }
            }
            if (position == size) {
                return MORE;
            }
            look(array[start + position]);
        }
    }

    private void skipToFirst(byte[] array, int start, int stop) {
        byte first = delimiter[0];
        int i = start + position;
        while (i < start + stop && array[i] != first) {
            i++;
        }
        position = i - start;
    }

    private void look(byte next) {
        while (matched > 0 && next != delimiter[matched]) {
            matched = borders[matched - 1];
        }
        if (next == delimiter[matched]) {
            matched++;
        }
        position++;
    }

    /** To be told that bytes were taken from the front. */
    void taken(int count) {
        if (count <= position - matched && count % step == 0) {
            position -= count;
        } else {
            restart();
        }
    }

    /** To be told that the bytes at the front are others. */
    void restart() {
        position = 0;
        matched = 0;
    }
}
