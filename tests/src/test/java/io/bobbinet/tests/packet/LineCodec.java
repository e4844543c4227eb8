package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.DelimiterNotFoundException;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Lines of text. Some do special things: {@code bad ...} is malformed, {@code crash} crashes the codec, {@code null} is no packet
 * at all, {@code end} crashes it in a way of its own.
 *
 * @param limit how long a line may be
 */
record LineCodec(int limit) implements FramedCodec<String> {
    private static final byte[] END = {'\n'};
    static final LineCodec LINES = new LineCodec(100);

    @Override
    public void encodeFrame(String packet, OutputStream target) throws IOException {
        switch (packet) {
            case "refused" -> throw new IllegalArgumentException("it is refused");
            case "crash" -> throw new IllegalStateException("so it is");
            case "nothing" -> {}
            default -> {
                target.write(packet.getBytes(UTF_8));
                target.write('\n');
            }
        }
        if (packet.equals("assert")) {
            throw new AssertionError("half way");
        }
    }

    @Override
    public String decodeFrame(BufferedReceiveStream stream) throws IOException {
        byte[] line;
        try {
            line = stream.receiveUntil(END, limit);
        } catch (DelimiterNotFoundException e) {
            throw MalformedPacketException.upTo(END, toString(), "a line is longer than " + limit + " bytes");
        }
        String text = new String(line, UTF_8);
        if (text.startsWith("bad")) {
            throw new MalformedPacketException(toString(), "a line is " + text);
        }
        return FramedCodec.decodeContent(this, () -> checked(text));
    }

    @SuppressWarnings("NullAway") // on purpose
    private static String checked(String text) {
        return switch (text) {
            case "crash" -> throw new IllegalStateException("so it is");
            case "assert" -> throw new AssertionError("so it is");
            case "deep" -> throw new StackOverflowError();
            case "null" -> null;
            default -> text;
        };
    }

    @Override
    public String toString() {
        return "lines of tests";
    }
}
