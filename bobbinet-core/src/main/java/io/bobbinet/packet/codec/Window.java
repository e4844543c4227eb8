package io.bobbinet.packet.codec;

import io.bobbinet.stream.BufferedReceiveStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The bytes of a stream, looked at as they come and taken only as far as they were read: for packets whose end only shows when it
 * is reached. What follows stays in the stream.
 */
final class Window {
    private static final int SIZE = 8192;

    private final BufferedReceiveStream stream;
    private final long limit;
    private byte[] bytes = {};

    /** How many of the bytes were read. */
    private int position;

    /** How many bytes were taken from the stream. */
    private long taken;

    Window(BufferedReceiveStream stream, long limit) {
        this.stream = stream;
        this.limit = limit;
    }

    /** Waits for a byte to read; false if there is one, but the limit is reached. */
    boolean await() throws IOException {
        if (position < bytes.length) {
            return true;
        }
        take();
        if (stream.buffered() == 0) {
            byte[] unused = stream.peek(1);
        }
        int count = (int) Math.min(Math.min(stream.buffered(), SIZE), limit - taken);
        bytes = count > 0 ? stream.peek(count) : new byte[0];
        return count > 0;
    }

    /** What there is to read, from {@link #position()} to the end; only after {@link #await}. */
    byte[] bytes() {
        return bytes;
    }

    int position() {
        return position;
    }

    int remaining() {
        return bytes.length - position;
    }

    /** Tells that bytes were read. */
    void advance(int count) {
        position += count;
    }

    /** How many bytes were read since the beginning. */
    long count() {
        return taken + position;
    }

    /** How many bytes can be read without waiting. */
    int available() {
        return (int) Math.min((long) stream.buffered() - position, limit - count());
    }

    /** Takes from the stream what was read. */
    void take() throws IOException {
        if (position > 0) {
            ByteBuffer read = ByteBuffer.wrap(bytes, 0, position); // they are the same bytes
            while (read.hasRemaining()) {
                int unused = stream.receive(read);
            }
            taken += position;
            position = 0;
            bytes = new byte[0];
        }
    }
}
