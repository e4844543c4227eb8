package io.bobbinet.stream;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.WritableByteChannel;

/** An output stream or channel of the JDK as a stream that goes out. */
final class JdkSendStream implements ByteSendStream {
    private static final int PIECE = 65_536;

    private final JdkCalls calls;
    private final Closeable resource;
    private final Sink sink;

    private JdkSendStream(Closeable resource, Sink sink) {
        this.calls = new JdkCalls(resource, "sending to");
        this.resource = resource;
        this.sink = sink;
    }

    /** Writes all that remains in a buffer. */
    private interface Sink {
        void write(ByteBuffer source) throws IOException;
    }

    static JdkSendStream of(OutputStream out) {
        return new JdkSendStream(out, source -> write(out, source));
    }

    static JdkSendStream of(WritableByteChannel channel) {
        return new JdkSendStream(channel, source -> write(channel, source));
    }

    private static void write(OutputStream out, ByteBuffer source) throws IOException {
        while (source.hasRemaining()) {
            int count = Math.min(source.remaining(), PIECE);
            if (source.hasArray()) {
                out.write(source.array(), source.arrayOffset() + source.position(), count);
            } else {
                byte[] bytes = new byte[count];
                source.get(source.position(), bytes);
                out.write(bytes);
            }
            source.position(source.position() + count);
        }
        out.flush();
    }

    private static void write(WritableByteChannel channel, ByteBuffer source) throws IOException {
        while (source.hasRemaining()) {
            if (channel.write(source) == 0) {
                throw new IllegalBlockingModeException();
            }
        }
    }

    @Override
    public void send(ByteBuffer source) throws IOException {
        int total = source.remaining();
        boolean[] begun = {false};
        try {
            calls.call("send", () -> {
                if (total > 0) {
                    begun[0] = true;
                    sink.write(source);
                }
                return total;
            });
            begun[0] = false;
        } finally {
            if (begun[0] && mayBeCut(source, total)) {
                calls.breakOff(new IOException("an earlier send was cut off after at least "
                        + (total - source.remaining()) + " of " + total + " bytes"));
            }
        }
    }

    /** A channel has told how much it took; an output stream has not. */
    private boolean mayBeCut(ByteBuffer source, int total) {
        return !(resource instanceof Channel) || source.remaining() < total;
    }

    @Override
    public void close() throws IOException {
        calls.close();
    }

    @Override
    public String toString() {
        return "send stream of " + calls;
    }
}
