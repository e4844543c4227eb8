package io.bobbinet.stream;

import java.io.IOException;

/**
 * Finds where a piece of a stream ends that carries no length and no delimiter: a bracketed text, or a tree of binary values. It is
 * given the bytes of the piece as they come, each once, and remembers what it has to. One search is for one piece and one thread.
 *
 * {@snippet file="BufferedExamples.java" region="search"}
 *
 * @see BufferedReceiveStream#receiveTo
 */
@FunctionalInterface
public interface EndSearch {
    /** The piece does not end in the bytes that were given. */
    int MORE = -1;

    /**
     * Looks at bytes that follow those of the last call.
     *
     * @param bytes where they are; to be read only, and not to be kept
     * @param from where they begin
     * @param to where they end; there is at least one
     * @return how many of them, from 0 on, belong to the piece if it ends in them or before them, else {@link #MORE}; 0 once the
     *     end was found
     * @throws IOException if the bytes belong to no such piece; leaves the call that asked
     */
    int find(byte[] bytes, int from, int to) throws IOException;
}
