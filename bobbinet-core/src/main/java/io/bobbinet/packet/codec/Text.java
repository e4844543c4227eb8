package io.bobbinet.packet.codec;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.packet.Codec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;

/**
 * Packets that are text and nothing else: a datagram of text, or the content of a frame.
 *
 * {@snippet file="CodecExamples.java" region="text"}
 *
 * <p>Text that the charset has no bytes for is refused, bytes that are no text are malformed: nothing is replaced.
 *
 * <p>Immutable; serves any number of threads.
 */
public final class Text implements Codec<String> {
    private final StrictText text;
    private final int limit;

    private Text(StrictText text, int limit) {
        this.text = text;
        this.limit = limit;
    }

    /** {@return text in UTF-8, of at most 65,536 bytes} */
    public static Text utf8() {
        return of(UTF_8);
    }

    /**
     * {@return text of at most 65,536 bytes}
     *
     * @param charset how it is encoded
     * @throws IllegalArgumentException if the charset cannot encode
     */
    public static Text of(Charset charset) {
        return new Text(new StrictText(charset), Limit.DEFAULT);
    }

    /**
     * {@return the same with another limit}
     *
     * @param bytes how many bytes a packet has at most
     * @throws IllegalArgumentException if it is less than 1
     */
    public Text withLimit(int bytes) {
        return new Text(text, Limit.checked(bytes));
    }

    @Override
    public void encode(String packet, OutputStream target) throws IOException {
        byte[] bytes = text.encode(packet, this);
        Limit.checkSent(bytes.length, limit, this);
        target.write(bytes);
    }

    @Override
    public String decode(byte[] data) throws IOException {
        Limit.checkReceived(data.length, limit, this);
        return text.decode(data, 0, data.length, this);
    }

    @Override
    public String toString() {
        return "text in " + text;
    }
}
