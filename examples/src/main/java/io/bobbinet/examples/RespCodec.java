package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.stream.BufferedReceiveStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** RESP2, the protocol of Redis. All but the bytes of a string are lines; the first character of each tells what it is. */
public final class RespCodec implements FramedCodec<RespCodec.Reply> {
    private static final Lines LINES = Lines.utf8().withEnding(Lines.Ending.CRLF); // strict, and no longer than 64 KiB
    private static final byte[] END = {'\r', '\n'};
    private static final int LONGEST = 1 << 24;
    private static final int MOST_ELEMENTS = 1 << 20;
    private static final int DEEPEST = 32;

    /** Makes the codec. */
    public RespCodec() {}

    @Override
    public void encodeFrame(Reply reply, OutputStream target) throws IOException {
        switch (reply) {
            case Simple(var text) -> LINES.encodeFrame("+" + text, target);
            case Failure(var message) -> LINES.encodeFrame("-" + message, target);
            case Int(var value) -> LINES.encodeFrame(":" + value, target);
            case Nil() -> LINES.encodeFrame("$-1", target);
            case Bulk(var bytes) -> {
                byte[] copy = new byte[bytes.remaining()];
                bytes.duplicate().get(copy);
                LINES.encodeFrame("$" + copy.length, target);
                target.write(copy);
                target.write(END);
            }
            case Array(var elements) -> {
                LINES.encodeFrame("*" + elements.size(), target);
                for (var element : elements) {
                    encodeFrame(element, target);
                }
            }
        }
    }

    @Override
    public Reply decodeFrame(BufferedReceiveStream stream) throws IOException {
        return new Decoding(stream).reply(0);
    }

    /** One reply, with what it may still take: the limits are of the whole, however its arrays are nested. */
    private static final class Decoding {
        private final BufferedReceiveStream stream;
        private int bytes = LONGEST;
        private int elements = MOST_ELEMENTS;

        Decoding(BufferedReceiveStream stream) {
            this.stream = stream;
        }

        Reply reply(int depth) throws IOException {
            var line = line();
            var rest = line.substring(1);
            return switch (line.charAt(0)) {
                case '+' -> new Simple(rest);
                case '-' -> new Failure(rest);
                case ':' -> new Int(number(rest, Long.MIN_VALUE, Long.MAX_VALUE));
                case '$' -> bulk((int) number(rest, -1, bytes));
                case '*' -> array((int) number(rest, -1, elements), depth + 1);
                default -> throw lost("no reply begins with " + line.charAt(0));
            };
        }

        private String line() throws IOException {
            String line;
            try {
                line = LINES.decodeFrame(stream);
            } catch (MalformedPacketException e) {
                throw lost(e.reason());
            }
            if (line.isEmpty()) {
                throw lost("a line is empty");
            }
            take(line.length());
            return line;
        }

        private Reply bulk(int length) throws IOException {
            if (length < 0) {
                return new Nil();
            }
            take(length);
            var content = ByteBuffer.wrap(stream.receiveExactly(length)).asReadOnlyBuffer();
            if (!Arrays.equals(stream.receiveExactly(END.length), END)) {
                throw lost("a string is longer than it says");
            }
            return new Bulk(content);
        }

        private Reply array(int length, int depth) throws IOException {
            if (length < 0) {
                return new Nil();
            }
            if (depth > DEEPEST) {
                throw lost("arrays are nested deeper than " + DEEPEST);
            }
            elements -= length;
            var replies = new ArrayList<Reply>();
            while (replies.size() < length) {
                replies.add(reply(depth));
            }
            return new Array(replies);
        }

        private void take(int count) throws IOException {
            bytes -= count;
            if (bytes < 0) {
                throw lost("a reply is longer than " + LONGEST + " bytes");
            }
        }

        private static long number(String digits, long least, long most) throws IOException {
            try {
                long number = Long.parseLong(digits);
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                throw lost("no number: " + digits);
            }
            throw lost("not from " + least + " to " + most + ": " + digits);
        }

        /** Nothing tells where a reply begins, but the reply before it. */
        private static MalformedPacketException lost(String reason) {
            return MalformedPacketException.unrecoverable("RESP2", reason);
        }
    }

    @Override
    public String toString() {
        return "RESP2";
    }

    /** What travels. */
    public sealed interface Reply {}

    /** A word such as OK. */
    public record Simple(String text) implements Reply {}

    /** A command has failed. */
    public record Failure(String message) implements Reply {}

    /** A number. */
    public record Int(long value) implements Reply {}

    /** Some of these. */
    public record Array(List<Reply> elements) implements Reply {}

    /** Neither bytes nor an array. */
    public record Nil() implements Reply {}

    /** Any bytes. */
    public record Bulk(ByteBuffer bytes) implements Reply {
        /** {@return these characters} */
        public static Bulk of(String text) {
            return new Bulk(ByteBuffer.wrap(text.getBytes(UTF_8)).asReadOnlyBuffer());
        }

        /** {@return them as characters of UTF-8; what is none is replaced} */
        public String text() {
            return UTF_8.decode(bytes.duplicate()).toString();
        }

        @Override
        public String toString() {
            return text();
        }
    }
}
