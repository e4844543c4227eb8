package io.bobbinet.packet.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.DelimiterNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Objects;

/**
 * Packets that are lines of text, without their line ends.
 *
 * {@snippet file="CodecExamples.java" region="lines"}
 *
 * <p>A text that would come to the other end as more than one line, or as another, is refused; so is one that the charset has no
 * bytes for. Empty lines are packets. Bytes that are no text are a malformed packet, and so is a line that is too long, whose
 * rest is discarded up to the next line end.
 *
 * <p>As a datagram a line has no line end; one that comes is taken off.
 *
 * <p>Immutable; serves any number of threads.
 */
public final class Lines implements FramedCodec<String> {

    /** What ends a line. */
    public enum Ending {
        /** A line feed; one carriage return before it belongs to the end of a line that is received. */
        LF("\n"),
        /** A carriage return and a line feed. */
        CRLF("\r\n"),
        /** A carriage return. */
        CR("\r");

        private final String text;

        Ending(String text) {
            this.text = text;
        }
    }

    private final StrictText text;
    private final Ending ending;
    private final byte[] delimiter;
    private final byte[] carriageReturn;
    private final int limit;

    private Lines(StrictText text, Ending ending, int limit) {
        this.text = text;
        this.ending = ending;
        this.delimiter = ending.text.getBytes(text.charset());
        this.carriageReturn = "\r".getBytes(text.charset());
        this.limit = limit;
    }

    /** {@return lines of UTF-8 that end with a line feed, of at most 65,536 bytes} */
    public static Lines utf8() {
        return of(UTF_8);
    }

    /**
     * {@return lines that end with a line feed, of at most 65,536 bytes}
     *
     * @param charset how the text is encoded
     * @throws IllegalArgumentException if a line feed has more than one byte in it, as in UTF-16, or if it cannot encode
     */
    public static Lines of(Charset charset) {
        StrictText text = new StrictText(charset);
        if ("\n".getBytes(charset).length != 1) {
            throw new IllegalArgumentException("In " + charset
                    + " a line feed is not one byte, so that lines cannot be told apart;"
                    + " LengthPrefixed.of(Text.of(charset)) can");
        }
        return new Lines(text, Ending.LF, Limit.DEFAULT);
    }

    /**
     * {@return the same lines with other ends}
     *
     * @param newEnding what ends a line
     */
    public Lines withEnding(Ending newEnding) {
        return new Lines(text, Objects.requireNonNull(newEnding, "newEnding"), limit);
    }

    /**
     * {@return the same lines with another limit}
     *
     * @param bytes how many bytes a line has at most, its end not counted
     * @throws IllegalArgumentException if it is less than 1
     */
    public Lines withLimit(int bytes) {
        return new Lines(text, ending, Limit.checked(bytes));
    }

    // -- sending

    @Override
    public void encodeFrame(String packet, OutputStream target) throws IOException {
        encode(packet, target);
        target.write(delimiter);
    }

    @Override
    public void encode(String packet, OutputStream target) throws IOException {
        if (isSeveral(packet)) {
            throw new IllegalArgumentException(this + ": there is a line end in the line");
        }
        byte[] line = text.encode(packet, this);
        if (!text.isPlain() && isSeveral(line)) {
            throw new IllegalArgumentException(
                    this + ": a character of the line has the bytes of a line end in this charset");
        }
        Limit.checkSent(line.length, limit, this);
        target.write(line);
    }

    /** Whether a receiver may see something else than this one line; many take a line feed alone for an end, this class too. */
    private boolean isSeveral(String line) {
        return switch (ending) {
            case LF -> line.indexOf('\n') >= 0 || line.endsWith("\r");
            case CRLF -> line.indexOf('\n') >= 0;
            case CR -> line.indexOf('\r') >= 0;
        };
    }

    /** The same for charsets in which other characters may have the byte of a line feed: the next line of EBCDIC, for one. */
    private boolean isSeveral(byte[] line) {
        byte end = delimiter[delimiter.length - 1];
        for (byte b : line) {
            if (b == end) {
                return true;
            }
        }
        return ending == Ending.LF && line.length > 0 && line[line.length - 1] == carriageReturn[0];
    }

    // -- receiving

    @Override
    public String decodeFrame(BufferedReceiveStream stream) throws IOException {
        byte[] line;
        try {
            line = stream.receiveUntil(delimiter, mostBeforeDelimiter());
        } catch (DelimiterNotFoundException e) {
            throw MalformedPacketException.upTo(delimiter, toString(), "a line is longer than " + limit + " bytes");
        }
        return FramedCodec.decodeContent(this, () -> decode(line, withoutReturn(line, line.length)));
    }

    /** The carriage return before a line feed does not count. */
    private int mostBeforeDelimiter() {
        return ending == Ending.LF ? (int) Math.min(limit + 1L, Integer.MAX_VALUE) : limit;
    }

    private int withoutReturn(byte[] line, int length) {
        boolean comes = ending == Ending.LF && length > 0 && line[length - 1] == carriageReturn[0];
        return comes ? length - 1 : length;
    }

    @Override
    public String decode(byte[] data) throws IOException {
        int length = data.length - delimiter.length;
        boolean ended = length >= 0 && Arrays.equals(data, length, data.length, delimiter, 0, delimiter.length);
        String line = decode(data, ended ? withoutReturn(data, length) : data.length);
        if (line.contains(ending.text)) {
            throw new MalformedPacketException(toString(), "there is more than one line");
        }
        return line;
    }

    private String decode(byte[] line, int length) throws MalformedPacketException {
        Limit.checkReceived(length, limit, this);
        return text.decode(line, 0, length, this);
    }

    @Override
    public String toString() {
        return "lines of " + text;
    }
}
