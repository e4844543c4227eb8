package io.bobbinet.testkit;

import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Gives bytes in pieces that end where they are told to, and then the end; never waits. For one thread. */
final class ScriptedStream implements ByteStream {
    private static final int MOST_AFTER_THE_END = 100;

    private final byte[] bytes;

    /** Where pieces end, in order. */
    private final int[] cuts;

    private int position;
    private int nextCut;
    private int afterTheEnd;
    private boolean closed;

    ScriptedStream(byte[] bytes, int... cuts) {
        this.bytes = bytes;
        this.cuts = cuts;
    }

    static ScriptedStream byteByByte(byte[] bytes) {
        int[] cuts = new int[bytes.length];
        Arrays.setAll(cuts, i -> i);
        return new ScriptedStream(bytes, cuts);
    }

    @Override
    public byte[] receive(int max) throws IOException {
        int count = next(max);
        position += count;
        return Arrays.copyOfRange(bytes, position - count, position);
    }

    @Override
    public int receive(ByteBuffer target) throws IOException {
        int count = next(target.remaining());
        target.put(bytes, position, count);
        position += count;
        return count;
    }

    private int next(int max) throws IOException {
        if (closed) {
            throw new ClosedResourceException("The stream is closed");
        }
        CancelScope.checkpoint();
        if (position == bytes.length) {
            Expect.that(++afterTheEnd < MOST_AFTER_THE_END, "The codec does not take the end of the stream for one");
            throw new EndOfStreamException("There were " + bytes.length + " bytes");
        }
        while (nextCut < cuts.length && cuts[nextCut] <= position) {
            nextCut++;
        }
        int end = nextCut < cuts.length ? Math.min(cuts[nextCut], bytes.length) : bytes.length;
        return Math.min(max, end - position);
    }

    @Override
    public void send(ByteBuffer source) {
        throw new UnsupportedOperationException("A script is only received from; take a MemoryByteStream");
    }

    @Override
    public void sendEof() {
        // There was nothing before it.
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public String toString() {
        return "a script of " + bytes.length + " bytes";
    }
}
