package io.bobbinet.packet.codec;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A packet as an input stream, for code that knows of nothing else. What befalls the stream below is remembered, because such code
 * hides it in exceptions of its own.
 */
final class FrameInput extends InputStream {
    private final Window window;

    /** What the stream below has thrown, its end not counted. */
    private @Nullable Throwable cut;

    /** The end of the stream below, if it was met. */
    private @Nullable EOFException end;

    /** Whether more was asked for than the limit allows, and there is more. */
    private boolean exceeded;

    FrameInput(Window window) {
        this.window = window;
    }

    private boolean await() throws IOException {
        if (end != null) {
            return false;
        }
        try {
            exceeded = !window.await();
        } catch (EOFException e) {
            end = e;
            return false;
        } catch (IOException | RuntimeException e) {
            cut = e;
            throw e;
        }
        if (exceeded) {
            throw new IOException("The packet is longer than " + window.count() + " bytes");
        }
        return true;
    }

    @Override
    public int read() throws IOException {
        if (!await()) {
            return -1;
        }
        int next = window.bytes()[window.position()] & 0xff;
        window.advance(1);
        return next;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!await()) {
            return -1;
        }
        int count = Math.min(length, window.remaining());
        System.arraycopy(window.bytes(), window.position(), target, offset, count);
        window.advance(count);
        return count;
    }

    @Override
    public int available() {
        return window.available();
    }

    boolean isExceeded() {
        return exceeded;
    }

    /** Throws what the stream below has thrown, whatever was made of it; of its end, only if nobody could live with it. */
    void rethrow(boolean failed) throws IOException {
        switch (cut) {
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case null, default -> {}
        }
        if (end != null && (failed || window.count() == 0)) {
            throw end;
        }
    }
}
