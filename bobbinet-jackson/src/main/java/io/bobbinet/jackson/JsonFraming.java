package io.bobbinet.jackson;

import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.DelimiterNotFoundException;
import io.bobbinet.stream.EndSearch;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/** How a document's end is told on a stream. */
enum JsonFraming {
    LINES("JSON lines") {
        @Override
        byte[] receive(BufferedReceiveStream stream, int limit, Object codec) throws IOException {
            try {
                // The carriage return of a line end does not count.
                byte[] line = stream.receiveUntil(LINE_FEED, (int) Math.min(limit + 1L, Integer.MAX_VALUE));
                boolean returns = line.length > 0 && line[line.length - 1] == '\r';
                return returns ? Arrays.copyOf(line, line.length - 1) : line;
            } catch (DelimiterNotFoundException e) {
                throw MalformedPacketException.upTo(
                        LINE_FEED, codec.toString(), "the line is longer than " + limit + " bytes");
            }
        }

        @Override
        void check(BoundedOutput document, Object codec) {
            if (document.hasLineFeed()) {
                throw new IllegalArgumentException(codec + ": the document is not a single line");
            }
        }

        @Override
        void end(BoundedOutput document, OutputStream target) throws IOException {
            target.write('\n');
        }
    },

    DOCUMENTS("JSON documents") {
        @Override
        void skipGap(BufferedReceiveStream stream) throws IOException {
            stream.skipTo(SPACE);
        }

        @Override
        byte[] receive(BufferedReceiveStream stream, int limit, Object codec) throws IOException {
            skipGap(stream);
            DocumentEnd end = new DocumentEnd();
            try {
                return stream.receiveTo(end, limit);
            } catch (DelimiterNotFoundException e) {
                byte[] unused = stream.receiveExactly(limit + 1);
                throw MalformedPacketException.upTo(
                        end, codec.toString(), "the document is longer than " + limit + " bytes");
            }
        }

        @Override
        void end(BoundedOutput document, OutputStream target) throws IOException {
            if (!DocumentEnd.isOwn(document.first())) {
                target.write('\n');
            }
        }
    };

    private static final byte[] LINE_FEED = {'\n'};

    private static final EndSearch SPACE = (bytes, from, to) -> {
        for (int i = from; i < to; i++) {
            if (!DocumentEnd.isSpace(bytes[i])) {
                return i - from;
            }
        }
        return EndSearch.MORE;
    };

    private final String title;

    JsonFraming(String title) {
        this.title = title;
    }

    /** Discards what may come in front of a document. */
    void skipGap(BufferedReceiveStream stream) throws IOException {
        // An empty line is a line.
    }

    /** Takes the bytes of the next document. */
    abstract byte[] receive(BufferedReceiveStream stream, int limit, Object codec) throws IOException;

    /** Refuses a document that would not arrive as one. */
    void check(BoundedOutput document, Object codec) {
        // Any document tells where it ends.
    }

    /** Writes what ends a document. */
    abstract void end(BoundedOutput document, OutputStream target) throws IOException;

    /** Refuses what Jackson would take for UTF-16 or UTF-32, and what is not well-formed. */
    static void checkUtf8(byte[] data, Object codec) throws MalformedPacketException {
        if (data.length > 1 && (data[0] == 0 || data[1] == 0 || (data[0] & 0xFE) == 0xFE)) {
            throw new MalformedPacketException(codec.toString(), "the document is not in UTF-8");
        }
        if (!Utf8.isValid(data)) {
            throw new MalformedPacketException(codec.toString(), "the document is not well-formed UTF-8");
        }
    }

    @Override
    public String toString() {
        return title;
    }
}
