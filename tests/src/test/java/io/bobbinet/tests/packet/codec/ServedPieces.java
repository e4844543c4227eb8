package io.bobbinet.tests.packet.codec;

import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.EndOfStreamException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Gives bytes in pieces of one size, and then the end; never waits. */
final class ServedPieces implements ByteStream {
    private final ByteBuffer bytes;
    private final int piece;

    /** What the last bytes were put into. */
    private byte[] last = {};

    private long grown;

    ServedPieces(byte[] bytes, int piece) {
        this.bytes = ByteBuffer.wrap(bytes);
        this.piece = piece;
    }

    /** How many bytes were given. */
    int given() {
        return bytes.position();
    }

    /** How large all the arrays were together that bytes were put into: as much as can have been copied from one to the next. */
    long grown() {
        return grown;
    }

    @Override
    public int receive(ByteBuffer target) throws IOException {
        if (target.array() != last) {
            last = target.array();
            grown += last.length;
        }
        int count = Math.min(Math.min(piece, bytes.remaining()), target.remaining());
        if (count == 0) {
            throw new EndOfStreamException("That was all");
        }
        target.put(bytes.slice(bytes.position(), count));
        bytes.position(bytes.position() + count);
        return count;
    }

    @Override
    public void send(ByteBuffer source) throws IOException {
        throw new IOException("Nobody listens");
    }

    @Override
    public void sendEof() {
        // Nobody listens.
    }

    @Override
    public void close() {
        // There is nothing to release.
    }
}
