package io.bobbinet.stream;

import io.bobbinet.task.ThrowingConsumer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.MalformedInputException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Text that comes in as bytes.
 *
 * <p>It wraps a byte stream and owns it: closing closes both. What is not decoded yet stays in the buffer of a
 * {@link BufferedReceiveStream}: that of the wrapped stream if it is one, so that text and bytes can be received in turn.
 *
 * <p>Bytes that are not text in the charset are reported as {@link CharacterCodingException}, after all text before them.
 * They are consumed then, and the next receive goes on behind them. With {@link #withReplacement()} each becomes U+FFFD
 * instead. A byte order mark is text ({@code U+FEFF}) in charsets whose Java decoder treats it so, UTF-8 among them; that
 * of UTF-16 uses it up.
 *
 * <p>All receives throw, beside what is listed with them, what {@link ByteReceiveStream} lists, and when cancelled have
 * taken nothing.
 */
public final class TextReceiveStream implements Attributed, Closeable {
    private final BufferedReceiveStream bytes;
    private final Charset charset;

    /** Guarded by the receive guard of the bytes. Never reset before the end: it knows the byte order. */
    private final CharsetDecoder decoder;

    private final LineEnds lineEnds;

    TextReceiveStream(BufferedReceiveStream bytes, Charset charset, CodingErrorAction onBadInput) {
        this.bytes = bytes;
        this.charset = charset;
        this.decoder = charset.newDecoder().onMalformedInput(onBadInput).onUnmappableCharacter(onBadInput);
        this.lineEnds = new LineEnds(charset);
    }

    /**
     * Wraps a stream.
     *
     * @param stream the stream, which belongs to the wrapper from now on
     * @param charset how the text is encoded
     * @return the text stream
     */
    public static TextReceiveStream over(ByteReceiveStream stream, Charset charset) {
        Objects.requireNonNull(charset, "charset");
        BufferedReceiveStream bytes =
                stream instanceof BufferedReceiveStream buffered ? buffered : BufferedReceiveStream.over(stream);
        return new TextReceiveStream(bytes, charset, CodingErrorAction.REPORT);
    }

    /**
     * {@return a text stream over the same bytes that replaces what is malformed by U+FFFD} It takes the place of this
     * one, which must not have been used and must not be any more.
     */
    public TextReceiveStream withReplacement() {
        return new TextReceiveStream(bytes, charset, CodingErrorAction.REPLACE);
    }

    /**
     * Receives the text that has arrived. A character of which only a part has come is held back until the rest comes.
     *
     * @return the text, never empty
     * @throws CharacterCodingException if what comes next is malformed; also if the stream ends within a character
     * @throws EndOfStreamException if the stream has ended
     * @throws IOException as listed in {@link ByteReceiveStream}
     */
    public String receive() throws IOException {
        return bytes.take(new BufferedReceiveStream.Step<String>() {
            @Override
            public @Nullable String take(ByteQueue unread) throws IOException {
                return lineEnds.areKnown(unread) ? decodeSome(unread) : null;
            }

            @Override
            public String takeLast(ByteQueue unread, EndOfStreamException end) throws IOException {
                return decodeLast(unread);
            }
        });
    }

    /**
     * Receives a line, which ends with LF or CRLF.
     *
     * <p>The line end is sought in the bytes, at multiples of the width of a line feed in the charset.
     *
     * @param maxBytes how many bytes the line may have at most, its end not counted
     * @return the line without its end
     * @throws IllegalArgumentException if {@code maxBytes} is less than 1
     * @throws DelimiterNotFoundException if the line is longer; nothing is consumed
     * @throws CharacterCodingException if the line is malformed; it is consumed, whole
     * @throws EndOfStreamException if the stream has ended before the line
     * @throws IncompleteReadException if it ends in the line; {@link #receive()} gives the rest
     * @throws IOException as listed in {@link ByteReceiveStream}
     */
    public String receiveLine(int maxBytes) throws IOException {
        ByteStreams.checkMax(maxBytes);
        return bytes.take(new BufferedReceiveStream.Step<String>() {
            @Override
            public @Nullable String take(ByteQueue unread) throws IOException {
                if (!lineEnds.areKnown(unread)) {
                    return null;
                }
                int length = lineEnds.find(unread, maxBytes);
                return length < 0 ? null : decodeLine(unread, length);
            }

            @Override
            public String takeLast(ByteQueue unread, EndOfStreamException end) throws IOException {
                throw BufferedReceiveStream.incomplete(unread, "without a line end", end);
            }
        });
    }

    /**
     * Receives lines until the end of the stream and gives each to a body. Returns when the stream ends after a line end.
     * Whatever the body throws leaves this method, an end-of-stream included.
     *
     * @param <X> what the body throws
     * @param maxBytes how many bytes a line may have at most, its end not counted
     * @param body what to do with a line
     * @throws X if the body throws it
     * @throws IOException as from {@link #receiveLine}, but for the end of this stream
     */
    public <X extends Throwable> void forEachLine(int maxBytes, ThrowingConsumer<? super String, X> body)
            throws X, IOException {
        Objects.requireNonNull(body, "body");
        BufferedReceiveStream.forEach(() -> receiveLine(maxBytes), body);
    }

    /**
     * Receives text until the end of the stream and gives each piece to a body. Returns when the stream ends. Whatever the
     * body throws leaves this method, an end-of-stream included.
     *
     * @param <X> what the body throws
     * @param body what to do with a piece
     * @throws X if the body throws it
     * @throws IOException as from {@link #receive}, but for the end of this stream
     */
    public <X extends Throwable> void forEach(ThrowingConsumer<? super String, X> body) throws X, IOException {
        Objects.requireNonNull(body, "body");
        BufferedReceiveStream.forEach(this::receive, body);
    }

    private @Nullable String decodeSome(ByteQueue unread) throws CharacterCodingException {
        ByteBuffer in = unread.view(unread.size());
        CharBuffer out = room(in);
        int before = in.position();
        CoderResult result = decoder.decode(in, out, false);
        unread.skip(in.position() - before);
        if (out.position() > 0) {
            return out.flip().toString(); // what is malformed behind it is the next call's
        }
        if (result.isError()) {
            unread.skip(result.length());
            result.throwException();
        }
        return null;
    }

    /** The stream has ended within a character. */
    private String decodeLast(ByteQueue unread) throws CharacterCodingException {
        ByteBuffer in = unread.view(unread.size());
        CharBuffer out = room(in);
        CoderResult result = decoder.decode(in, out, true);
        decoder.reset();
        unread.skip(unread.size());
        if (result.isError()) {
            result.throwException();
        }
        return out.flip().toString();
    }

    /** The line end is decoded too: a character that it cuts off is malformed. */
    private String decodeLine(ByteQueue unread, int length) throws CharacterCodingException {
        ByteBuffer in = unread.view(length);
        CharBuffer out = room(in);
        CoderResult result = decoder.decode(in, out, false);
        unread.skip(length);
        if (result.isError()) {
            result.throwException();
        }
        if (in.hasRemaining()) {
            throw new MalformedInputException(in.remaining());
        }
        return LineEnds.strip(out.flip());
    }

    private CharBuffer room(ByteBuffer in) {
        return CharBuffer.allocate((int) Math.ceil(in.remaining() * (double) decoder.maxCharsPerByte()));
    }

    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        return bytes.find(attribute);
    }

    /**
     * Closes the stream and the one it wraps, as {@link ByteReceiveStream#close()} does.
     *
     * @throws IOException if releasing reported a failure
     */
    @Override
    public void close() throws IOException {
        bytes.close();
    }

    @Override
    public String toString() {
        return "Text[" + charset + ", " + bytes + "]";
    }
}
