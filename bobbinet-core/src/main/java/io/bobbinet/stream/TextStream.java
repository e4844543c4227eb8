package io.bobbinet.stream;

import io.bobbinet.task.ThrowingConsumer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.Objects;
import java.util.Optional;

/**
 * Text in both directions over a stream of bytes, by the line or as it comes.
 *
 * {@snippet file="TextExamples.java" region="lines"}
 *
 * <p>It owns the stream it wraps: closing closes both. If that is a {@link BufferedByteStream}, its buffer is used, so that
 * text and bytes can be received in turn, and the conversation goes on after an {@linkplain BufferedByteStream#upgrade
 * upgrade}.
 *
 * <p>What holds for the two directions is said in {@link TextReceiveStream} and {@link TextSendStream}, which there are for
 * streams of one direction too. In short: bytes that are not text, and text that cannot be bytes, are reported as
 * {@link java.nio.charset.CharacterCodingException} unless {@link #withReplacement()} is chosen.
 */
public final class TextStream implements Attributed, Closeable {
    private final BufferedByteStream bytes;
    private final TextReceiveStream in;
    private final TextSendStream out;

    private TextStream(BufferedByteStream bytes, TextReceiveStream in, TextSendStream out) {
        this.bytes = bytes;
        this.in = in;
        this.out = out;
    }

    /**
     * Wraps a stream.
     *
     * @param stream the stream, which belongs to the wrapper from now on
     * @param charset how the text is encoded, in both directions
     * @return the text stream
     * @throws UnsupportedOperationException if the charset can only decode
     */
    public static TextStream over(ByteStream stream, Charset charset) {
        BufferedByteStream bytes =
                stream instanceof BufferedByteStream buffered ? buffered : BufferedByteStream.over(stream);
        return new TextStream(bytes, TextReceiveStream.over(bytes, charset), TextSendStream.over(bytes, charset));
    }

    /**
     * Makes a connector whose connections carry text.
     *
     * @param connector makes the connections; its attributes are those of the new connector
     * @param charset how the text is encoded, in both directions
     * @return the connector
     */
    public static Connector<TextStream> connector(Connector<? extends ByteStream> connector, Charset charset) {
        return new TextConnector(
                Objects.requireNonNull(connector, "connector"), Objects.requireNonNull(charset, "charset"));
    }

    private record TextConnector(Connector<? extends ByteStream> below, Charset charset)
            implements Connector<TextStream> {
        @Override
        public TextStream connect() throws IOException {
            return over(below.connect(), charset);
        }

        @Override
        public <T> Optional<T> find(Attribute<T> attribute) {
            return below.find(attribute);
        }
    }

    /**
     * {@return a text stream over the same bytes that replaces what is malformed by U+FFFD, and what cannot be encoded by
     * the charset's replacement} It takes the place of this one, which must not have been used and must not be any more.
     */
    public TextStream withReplacement() {
        return new TextStream(bytes, in.withReplacement(), out.withReplacement());
    }

    /**
     * Sends text; see {@link TextSendStream#send}.
     *
     * @param text the text; if empty, nothing is sent
     * @throws java.nio.charset.CharacterCodingException if it cannot be encoded; nothing was sent
     * @throws IOException as listed in {@link ByteSendStream}
     */
    public void send(String text) throws IOException {
        out.send(text);
    }

    /**
     * Sends text and a line feed; see {@link TextSendStream#sendLine}.
     *
     * @param line the text
     * @throws java.nio.charset.CharacterCodingException if it cannot be encoded; nothing was sent
     * @throws IOException as listed in {@link ByteSendStream}
     */
    public void sendLine(String line) throws IOException {
        out.sendLine(line);
    }

    /**
     * Ends the sending, as {@link ByteStream#sendEof()} does.
     *
     * @throws IOException as listed there
     */
    public void sendEof() throws IOException {
        bytes.sendEof();
    }

    /**
     * Receives the text that has arrived; see {@link TextReceiveStream#receive()}.
     *
     * @return the text, never empty
     * @throws java.nio.charset.CharacterCodingException if what comes next is malformed; also if the stream ends within a
     *     character
     * @throws EndOfStreamException if the stream has ended
     * @throws IOException as listed in {@link ByteReceiveStream}
     */
    public String receive() throws IOException {
        return in.receive();
    }

    /**
     * Receives a line, which ends with LF or CRLF; see {@link TextReceiveStream#receiveLine}.
     *
     * @param maxBytes how many bytes the line may have at most, its end not counted
     * @return the line without its end
     * @throws IllegalArgumentException if {@code maxBytes} is less than 1
     * @throws DelimiterNotFoundException if the line is longer; nothing is consumed
     * @throws java.nio.charset.CharacterCodingException if the line is malformed; it is consumed, whole
     * @throws EndOfStreamException if the stream has ended before the line
     * @throws IncompleteReadException if it ends in the line; {@link #receive()} gives the rest
     * @throws IOException as listed in {@link ByteReceiveStream}
     */
    public String receiveLine(int maxBytes) throws IOException {
        return in.receiveLine(maxBytes);
    }

    /**
     * Receives lines until the end of the stream and gives each to a body; see {@link TextReceiveStream#forEachLine}.
     *
     * @param <X> what the body throws
     * @param maxBytes how many bytes a line may have at most, its end not counted
     * @param body what to do with a line
     * @throws X if the body throws it
     * @throws IOException as from {@link #receiveLine}, but for the end of this stream
     */
    public <X extends Throwable> void forEachLine(int maxBytes, ThrowingConsumer<? super String, X> body)
            throws X, IOException {
        in.forEachLine(maxBytes, body);
    }

    /**
     * Receives text until the end of the stream and gives each piece to a body; see {@link TextReceiveStream#forEach}.
     *
     * @param <X> what the body throws
     * @param body what to do with a piece
     * @throws X if the body throws it
     * @throws IOException as from {@link #receive}, but for the end of this stream
     */
    public <X extends Throwable> void forEach(ThrowingConsumer<? super String, X> body) throws X, IOException {
        in.forEach(body);
    }

    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        return bytes.find(attribute);
    }

    /**
     * Closes the stream and the one it wraps, as {@link ByteStream#close()} does.
     *
     * @throws IOException if releasing reported a failure
     */
    @Override
    public void close() throws IOException {
        bytes.close();
    }

    @Override
    public String toString() {
        return in.toString();
    }
}
