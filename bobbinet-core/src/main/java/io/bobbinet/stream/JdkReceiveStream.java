package io.bobbinet.stream;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.ReadableByteChannel;

/** An input stream or channel of the JDK as a stream that comes in. */
final class JdkReceiveStream implements ByteReceiveStream {
    private final JdkCalls calls;
    private final Source source;

    /** Used inside the guard. */
    private boolean ended;

    private JdkReceiveStream(Closeable resource, Source source) {
        this.calls = new JdkCalls(resource, "receiving from");
        this.source = source;
    }

    /** Reads into a buffer; a negative number stands for the end. */
    private interface Source {
        int read(ByteBuffer target) throws IOException;
    }

    static JdkReceiveStream of(InputStream in) {
        return new JdkReceiveStream(in, target -> read(in, target));
    }

    static JdkReceiveStream of(ReadableByteChannel channel) {
        return new JdkReceiveStream(channel, channel::read);
    }

    private static int read(InputStream in, ByteBuffer target) throws IOException {
        if (target.hasArray()) {
            int count = in.read(target.array(), target.arrayOffset() + target.position(), target.remaining());
            target.position(target.position() + Math.max(0, count));
            return count;
        }
        byte[] bytes = new byte[Math.min(target.remaining(), DEFAULT_RECEIVE_SIZE)];
        int count = in.read(bytes);
        target.put(bytes, 0, Math.max(0, count));
        return count;
    }

    @Override
    public int receive(ByteBuffer target) throws IOException {
        ByteStreams.checkTarget(target);
        return calls.call("receive", () -> {
            int count = ended ? -1 : source.read(target);
            if (count == 0) {
                throw new IllegalBlockingModeException();
            }
            if (count < 0) {
                ended = true;
                throw new EndOfStreamException("receive: the end of " + calls);
            }
            return count;
        });
    }

    @Override
    public void close() throws IOException {
        calls.close();
    }

    @Override
    public String toString() {
        return "receive stream of " + calls;
    }
}
