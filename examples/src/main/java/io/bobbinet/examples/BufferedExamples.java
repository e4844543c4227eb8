package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.ByteReceiveStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.EndSearch;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Buffered streams. */
public final class BufferedExamples {
    private BufferedExamples() {}

    /** Receives a frame: its length in four bytes, and as many bytes. */
    public static byte[] frames(ByteReceiveStream stream) throws IOException {
        // @start region="frames"
        var buffered = BufferedReceiveStream.over(stream);
        byte[] frame = buffered.transact(
                () -> { // late? then the length is still there for the next call
                    int length = ByteBuffer.wrap(buffered.receiveExactly(4)).getInt();
                    return buffered.receiveExactly(length);
                });
        // @end region="frames"
        return frame;
    }

    /** Receives a text of balanced brackets. */
    public static byte[] bracketed(BufferedReceiveStream stream) throws IOException {
        // @start region="search"
        var search = new EndSearch() {
            private int open; // how many brackets are, so far
            private boolean found;

            @Override
            public int find(byte[] bytes, int from, int to) {
                for (int i = from; i < to && !found; i++) {
                    open += bytes[i] == '(' ? 1 : bytes[i] == ')' ? -1 : 0;
                    if (open == 0) {
                        found = true;
                        return i + 1 - from;
                    }
                }
                return found ? 0 : MORE;
            }
        };
        byte[] text = stream.receiveTo(search, 65_536);
        // @end region="search"
        return text;
    }

    /** Answers each command that ends with a semicolon. */
    public static void delimited(ByteStream stream) throws IOException {
        // @start region="delimited"
        try (var client = BufferedByteStream.over(stream)) {
            client.forEachDelimited(new byte[] {';'}, 1024, command -> {
                client.send(command);
                client.send(new byte[] {'\n'});
            });
        }
        // @end region="delimited"
    }

    /** What makes a secure stream of a plain one, such as a TLS handshake. */
    public interface Securing {
        /** Gives a stream that owns the other. */
        ByteStream secure(ByteStream below) throws IOException;
    }

    /** Answers commands, and goes over to TLS when asked to. */
    public static void upgrade(BufferedByteStream client, Securing tls) throws IOException {
        // @start region="upgrade"
        client.forEachDelimited("\r\n".getBytes(US_ASCII), 512, line -> {
            if (new String(line, US_ASCII).equals("STARTTLS")) {
                client.send("220 go ahead\r\n".getBytes(US_ASCII));
                client.upgrade(below -> tls.secure(below)); // the loop goes on, over the new layer
            } else {
                client.send("250 ok\r\n".getBytes(US_ASCII));
            }
        });
        // @end region="upgrade"
    }
}
