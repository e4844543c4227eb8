package io.bobbinet.stream;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CodingErrorAction;
import java.util.Objects;
import java.util.Optional;

/**
 * Text that goes out as bytes.
 *
 * <p>It wraps a byte stream and owns it: closing closes both. A charset with a byte order mark, such as UTF-16, gets it
 * before the first text only.
 *
 * <p>Text that the charset cannot encode, such as half of a surrogate pair, is reported as
 * {@link java.nio.charset.CharacterCodingException} before anything is sent. With {@link #withReplacement()} the charset's
 * replacement goes out instead, most often a question mark.
 *
 * <p>All sends throw, beside what is listed with them, what {@link ByteSendStream} lists.
 */
public final class TextSendStream implements Attributed, Closeable {
    private final ByteSendStream bytes;
    private final Charset charset;
    private final ResourceGuard sending = new ResourceGuard("sending to");

    /** Guarded by sending. */
    private final CharsetEncoder encoder;

    private final int markLength;

    /** Guarded by sending: whether the byte order mark has gone out. */
    private boolean begun;

    TextSendStream(ByteSendStream bytes, Charset charset, CodingErrorAction onBadInput) {
        this.bytes = bytes;
        this.charset = charset;
        this.encoder = charset.newEncoder().onMalformedInput(onBadInput).onUnmappableCharacter(onBadInput);
        this.markLength = LineEnds.markLength(charset);
    }

    /**
     * Wraps a stream.
     *
     * @param stream the stream, which belongs to the wrapper from now on
     * @param charset how the text is encoded
     * @return the text stream
     * @throws UnsupportedOperationException if the charset can only decode
     */
    public static TextSendStream over(ByteSendStream stream, Charset charset) {
        Objects.requireNonNull(stream, "stream");
        return new TextSendStream(stream, Objects.requireNonNull(charset, "charset"), CodingErrorAction.REPORT);
    }

    /**
     * {@return a text stream over the same bytes that replaces what cannot be encoded} It takes the place of this one,
     * which must not have been used and must not be any more.
     */
    public TextSendStream withReplacement() {
        return new TextSendStream(bytes, charset, CodingErrorAction.REPLACE);
    }

    /**
     * Sends text.
     *
     * @param text the text; if empty, nothing is sent
     * @throws java.nio.charset.CharacterCodingException if it cannot be encoded; nothing was sent
     * @throws IOException as listed in {@link ByteSendStream}
     */
    public void send(String text) throws IOException {
        CharBuffer characters = CharBuffer.wrap(text.toCharArray());
        sending.enter();
        try {
            ByteBuffer encoded = encoder.encode(characters);
            if (begun && encoded.hasRemaining()) {
                encoded.position(markLength);
            }
            boolean something = encoded.hasRemaining();
            bytes.send(encoded);
            begun |= something;
        } finally {
            sending.exit();
        }
    }

    /**
     * Sends text and a line feed.
     *
     * @param line the text
     * @throws java.nio.charset.CharacterCodingException if it cannot be encoded; nothing was sent
     * @throws IOException as listed in {@link ByteSendStream}
     */
    public void sendLine(String line) throws IOException {
        send(line + "\n");
    }

    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        return bytes.find(attribute);
    }

    /**
     * Closes the stream and the one it wraps, as {@link ByteSendStream#close()} does.
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
