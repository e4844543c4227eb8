package io.bobbinet.stream;

import io.bobbinet.task.TaskGroup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/** What can be done with any byte streams. */
public final class Streams {
    private Streams() {}

    /**
     * Copies bytes until the end of the stream they come from, and then ends the sending: by {@link ByteStream#sendEof()}
     * if the target is a {@link ByteStream}; a mere {@link ByteSendStream} is left as it is, to be closed by its owner.
     * Closes neither stream. While there is nothing to copy no buffer is held, unless the last piece was one of exactly
     * 65,536 bytes.
     *
     * <p>If this is cut short or fails while it waits for bytes, all that were received were sent; if while it sends, up
     * to 65,536 received bytes are lost, and the target is as after any send that was cut off.
     *
     * @param from where the bytes come from
     * @param to where they go
     * @return how many bytes were copied
     * @throws UnsupportedOperationException if the target cannot end its sending alone; all bytes have been copied
     * @throws IOException as listed in {@link ByteReceiveStream} and {@link ByteSendStream}, but for the end
     */
    public static long copy(ByteReceiveStream from, ByteSendStream to) throws IOException {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        long total = copyAll(from, to);
        if (to instanceof ByteStream stream) {
            stream.sendEof();
        }
        return total;
    }

    /**
     * Connects two streams: what comes in from one goes out to the other, both ways at the same time, and the end of one
     * direction is passed on while the other goes on. Returns when both directions have ended. Closes neither stream.
     *
     * {@snippet file="RelayExamples.java" region="relay"}
     *
     * <p>A side that cannot end its sending alone, such as TLS 1.2, is not told of the end: it stays open until the other
     * direction has ended too. If one direction fails, the other is cancelled, and the failure leaves; bytes on their way
     * may then be lost, and the streams are good only for closing. The same holds if the relay is cancelled.
     *
     * @param a one stream
     * @param b the other
     * @throws IOException as from {@link #copy}, in either direction
     */
    public static void relay(ByteStream a, ByteStream b) throws IOException {
        Objects.requireNonNull(a, "a");
        Objects.requireNonNull(b, "b");
        TaskGroup.run(group -> {
            group.fork(() -> relayOneWay(b, a));
            relayOneWay(a, b);
        });
    }

    private static void relayOneWay(ByteStream from, ByteStream to) throws IOException {
        copyAll(from, to);
        try {
            to.sendEof();
        } catch (UnsupportedOperationException e) {
            // It ends with the stream, which the owner closes when the other direction has ended too.
        }
    }

    private static long copyAll(ByteReceiveStream from, ByteSendStream to) throws IOException {
        long total = 0;
        while (true) {
            from.awaitReceivable();
            ByteBuffer buffer = TransferBuffers.take();
            try {
                do {
                    buffer.clear();
                    if (!receive(from, buffer)) {
                        return total;
                    }
                    total += buffer.flip().remaining();
                    to.send(buffer);
                    // A full buffer means that there is more: waiting without it would cost more than it saves.
                } while (buffer.limit() == buffer.capacity());
            } finally {
                TransferBuffers.give(buffer);
            }
        }
    }

    /** Returns false at the end. */
    private static boolean receive(ByteReceiveStream from, ByteBuffer buffer) throws IOException {
        try {
            from.receive(buffer);
            return true;
        } catch (EndOfStreamException e) {
            return false;
        }
    }
}
