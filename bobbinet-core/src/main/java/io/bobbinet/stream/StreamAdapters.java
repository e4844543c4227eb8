package io.bobbinet.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;

/**
 * Streams of this library as streams and channels of the JDK, and the other way round.
 *
 * {@snippet file="MemoryExamples.java" region="adapters"}
 *
 * <p>An adapter takes over what it adapts: closing the adapter closes it. There is no buffer in between, so nothing is
 * read ahead and nothing is held back.
 *
 * <p><b>As JDK streams and channels</b> ({@code asInputStream}, {@code asOutputStream}, {@code asReadableChannel},
 * {@code asWritableChannel}). The end comes as the JDK's -1; everything else as the stream throws it, in particular
 * {@link io.bobbinet.task.CancelledException}. A cancel or an interrupt closes nothing: unlike with a channel of the JDK
 * the next call goes on where the last was.
 *
 * <p><b>From JDK streams and channels</b> ({@code asReceiveStream}, {@code asSendStream}). Cancellation is noticed before
 * each call, and a blocked one is interrupted; what comes of it is up to the JDK. Pipes let go and stay usable. Channels,
 * and sockets used by a virtual thread, are closed by any interrupt: the call still ends with its cancellation, and later
 * ones throw {@link BrokenResourceException}. Files and standard input take no notice, so the call ends when the data come.
 * The same holds for a blocked call when the stream is closed by another thread. A send to an output stream flushes it,
 * and one that fails is taken as cut off, since the JDK does not tell.
 */
public final class StreamAdapters {
    private StreamAdapters() {}

    /**
     * {@return a stream as an input stream} Its methods throw what the stream throws.
     *
     * @param stream the stream
     */
    public static InputStream asInputStream(ByteReceiveStream stream) {
        return new ReceivingInput(Objects.requireNonNull(stream, "stream"));
    }

    /**
     * {@return a stream as an output stream} It sends with each write; put a {@link java.io.BufferedOutputStream} around it
     * where many are small. Its methods throw what the stream throws.
     *
     * @param stream the stream
     */
    public static OutputStream asOutputStream(ByteSendStream stream) {
        return new SendingOutput(Objects.requireNonNull(stream, "stream"));
    }

    /**
     * {@return a stream as a channel to read from} Once closed it throws {@link ClosedChannelException}, as a channel does.
     *
     * @param stream the stream
     */
    public static ReadableByteChannel asReadableChannel(ByteReceiveStream stream) {
        return new ReceivingChannel(Objects.requireNonNull(stream, "stream"));
    }

    /**
     * {@return a stream as a channel to write to} Each write sends all. Once closed it throws
     * {@link ClosedChannelException}, as a channel does.
     *
     * @param stream the stream
     */
    public static WritableByteChannel asWritableChannel(ByteSendStream stream) {
        return new SendingChannel(Objects.requireNonNull(stream, "stream"));
    }

    /**
     * {@return an input stream as a stream to receive from}
     *
     * @param in the input stream
     */
    public static ByteReceiveStream asReceiveStream(InputStream in) {
        return JdkReceiveStream.of(Objects.requireNonNull(in, "in"));
    }

    /**
     * {@return a channel as a stream to receive from}
     *
     * @param channel the channel
     * @throws IllegalBlockingModeException if the channel is in non-blocking mode
     */
    public static ByteReceiveStream asReceiveStream(ReadableByteChannel channel) {
        checkBlocking(Objects.requireNonNull(channel, "channel"));
        return JdkReceiveStream.of(channel);
    }

    /**
     * {@return an output stream as a stream to send to}
     *
     * @param out the output stream
     */
    public static ByteSendStream asSendStream(OutputStream out) {
        return JdkSendStream.of(Objects.requireNonNull(out, "out"));
    }

    /**
     * {@return a channel as a stream to send to}
     *
     * @param channel the channel
     * @throws IllegalBlockingModeException if the channel is in non-blocking mode
     */
    public static ByteSendStream asSendStream(WritableByteChannel channel) {
        checkBlocking(Objects.requireNonNull(channel, "channel"));
        return JdkSendStream.of(channel);
    }

    private static void checkBlocking(Object channel) {
        if (channel instanceof SelectableChannel selectable && !selectable.isBlocking()) {
            throw new IllegalBlockingModeException();
        }
    }

    private static final class ReceivingInput extends InputStream {
        private final ByteReceiveStream stream;

        ReceivingInput(ByteReceiveStream stream) {
            this.stream = stream;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, target.length);
            if (length == 0) {
                return 0;
            }
            try {
                return stream.receive(ByteBuffer.wrap(target, offset, length));
            } catch (EndOfStreamException e) {
                return -1;
            }
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }

    private static final class SendingOutput extends OutputStream {
        private final ByteSendStream stream;

        SendingOutput(ByteSendStream stream) {
            this.stream = stream;
        }

        @Override
        public void write(int value) throws IOException {
            stream.send(new byte[] {(byte) value});
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, source.length);
            stream.send(ByteBuffer.wrap(source, offset, length));
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }

    private static final class ReceivingChannel implements ReadableByteChannel {
        private final ByteReceiveStream stream;
        private volatile boolean open = true;

        ReceivingChannel(ByteReceiveStream stream) {
            this.stream = stream;
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            refuseIfClosed(open);
            if (!target.hasRemaining()) {
                return 0;
            }
            try {
                return stream.receive(target);
            } catch (EndOfStreamException e) {
                return -1;
            } catch (ClosedResourceException e) {
                open = false;
                throw closedMeanwhile(e);
            }
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() throws IOException {
            open = false;
            stream.close();
        }
    }

    private static final class SendingChannel implements WritableByteChannel {
        private final ByteSendStream stream;
        private volatile boolean open = true;

        SendingChannel(ByteSendStream stream) {
            this.stream = stream;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            refuseIfClosed(open);
            int count = source.remaining();
            try {
                stream.send(source);
            } catch (ClosedResourceException e) {
                open = false;
                throw closedMeanwhile(e);
            }
            return count;
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() throws IOException {
            open = false;
            stream.close();
        }
    }

    private static void refuseIfClosed(boolean open) throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
    }

    private static ClosedChannelException closedMeanwhile(ClosedResourceException e) {
        ClosedChannelException closed = new AsynchronousCloseException();
        closed.initCause(e);
        return closed;
    }
}
