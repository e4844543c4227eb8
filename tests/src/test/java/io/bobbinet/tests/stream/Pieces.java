package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.bytes;

import io.bobbinet.stream.ByteReceiveStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** Gives pieces as they are, one with each receive, and then the end; never waits. */
final class Pieces implements ByteReceiveStream {
    private final Deque<ByteBuffer> pieces = new ArrayDeque<>();
    private boolean closed;
    private int receives;
    private int mostAsked;

    static Pieces of(String... pieces) {
        Pieces stream = new Pieces();
        for (String piece : pieces) {
            stream.add(bytes(piece));
        }
        return stream;
    }

    void add(byte[] piece) {
        pieces.add(ByteBuffer.wrap(piece));
    }

    /** How many times bytes were asked for. */
    int receives() {
        return receives;
    }

    /** How many bytes were asked for at once at most. */
    int mostAsked() {
        return mostAsked;
    }

    @Override
    public int receive(ByteBuffer target) throws IOException {
        if (closed) {
            throw new ClosedResourceException("The pieces are closed");
        }
        CancelScope.checkpoint();
        receives++;
        mostAsked = Math.max(mostAsked, target.remaining());
        ByteBuffer piece = pieces.peek();
        if (piece == null) {
            throw new EndOfStreamException("No more pieces");
        }
        int count = Math.min(piece.remaining(), target.remaining());
        target.put(piece.slice(piece.position(), count));
        piece.position(piece.position() + count);
        if (!piece.hasRemaining()) {
            pieces.remove();
        }
        return count;
    }

    @Override
    public void close() {
        closed = true;
    }
}
