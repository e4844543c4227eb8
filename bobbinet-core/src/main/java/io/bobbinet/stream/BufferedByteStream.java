package io.bobbinet.stream;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.ThrowingFunction;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;

/**
 * A {@link BufferedReceiveStream} that sends too: exact counts, delimited pieces, peeking and pushing back on any
 * {@link ByteStream}.
 *
 * {@snippet file="BufferedExamples.java" region="delimited"}
 *
 * <p>It owns the stream it wraps: closing closes both. Sends and {@link #sendEof()} pass straight through.
 *
 * <p>{@link #upgrade} exchanges the wrapped stream in mid-conversation, which is what STARTTLS and its like need.
 */
public final class BufferedByteStream extends BufferedReceiveStream implements ByteStream {
    private final ResourceGuard sending = new ResourceGuard("sending to");

    private BufferedByteStream(ByteStream layer, ByteQueue unread) {
        super(layer, unread);
    }

    /**
     * Wraps a stream.
     *
     * @param stream the stream, which belongs to the wrapper from now on
     * @return the buffered stream
     */
    public static BufferedByteStream over(ByteStream stream) {
        return new BufferedByteStream(Objects.requireNonNull(stream, "stream"), new ByteQueue());
    }

    /**
     * Makes a connector whose connections are buffered.
     *
     * @param connector makes the connections; its attributes are those of the new connector
     * @return the connector
     */
    public static Connector<BufferedByteStream> connector(Connector<? extends ByteStream> connector) {
        return new BufferedConnector(Objects.requireNonNull(connector, "connector"));
    }

    private record BufferedConnector(Connector<? extends ByteStream> below) implements Connector<BufferedByteStream> {
        @Override
        public BufferedByteStream connect() throws IOException {
            return over(below.connect());
        }

        @Override
        public <T> Optional<T> find(Attribute<T> attribute) {
            return below.find(attribute);
        }
    }

    /**
     * Exchanges the wrapped stream for one built on it, and goes on over that.
     *
     * {@snippet file="BufferedExamples.java" region="upgrade"}
     *
     * <p>The function is given what lies below this stream, as a stream that yields the bytes that are buffered here
     * first, and then those of the stream wrapped so far. The stream that it returns must own that one. From then on this
     * stream sends to it and receives from it, and nothing else is buffered: bytes that came early are seen by the new
     * layer alone, never by the readers of this stream. A loop over this stream that was begun before, and in whose body
     * this is called, goes on over the new layer.
     *
     * <p>While the function runs, other calls on this stream throw {@link BusyResourceException}, except for
     * {@link #close()}, which ends the function's waiting too. If the function throws, be it by cancellation, this stream
     * and what it wraps are closed: nobody can know how much of the conversation it has consumed. Before the function is
     * called nothing has changed.
     *
     * @param <S> the type of the new layer
     * @param <X> what the function throws
     * @param change makes the new layer, for instance by a TLS handshake
     * @return the new layer, to be asked but neither sent to nor received from
     * @throws X if the function throws it
     * @throws ClosedResourceException if this side closed the stream, before or while the function ran; the new layer is
     *     closed too
     * @throws BusyResourceException if another thread is receiving or sending
     * @throws IllegalStateException inside of {@link #transact}
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException as {@link java.io.InterruptedIOException} if the thread was interrupted by the user
     */
    public <S extends ByteStream, X extends Throwable> S upgrade(
            ThrowingFunction<? super BufferedByteStream, ? extends S, X> change) throws X, IOException {
        Objects.requireNonNull(change, "change");
        enter();
        try {
            sending.enter();
            try {
                checkNoTransaction();
                CancelScope.checkpoint();
                S next = this.<S, X>makeLayer(change);
                layer(next);
                if (isClosed()) {
                    // Closed after the function's last look; either close() has seen the new layer or this sees it
                    // closed.
                    next.close();
                    checkOpen();
                }
                return next;
            } finally {
                sending.exit();
            }
        } finally {
            exit();
        }
    }

    private <S extends ByteStream, X extends Throwable> S makeLayer(
            ThrowingFunction<? super BufferedByteStream, ? extends S, X> change) throws X {
        try {
            S next = change.apply(new BufferedByteStream(layer(), unread().moveOut()));
            return Objects.requireNonNull(next, "the upgraded stream");
        } catch (Throwable t) {
            try {
                close();
            } catch (IOException e) {
                t.addSuppressed(e);
            }
            throw t;
        }
    }

    @Override
    ByteStream layer() {
        return (ByteStream) super.layer(); // the constructor and upgrade give no other
    }

    // -- sending

    @Override
    public void send(ByteBuffer source) throws IOException {
        Objects.requireNonNull(source, "source");
        enterSending();
        try {
            layer().send(source);
        } finally {
            sending.exit();
        }
    }

    @Override
    public void send(ByteBuffer... sources) throws IOException {
        Objects.requireNonNull(sources, "sources");
        enterSending();
        try {
            layer().send(sources);
        } finally {
            sending.exit();
        }
    }

    @Override
    public void sendEof() throws IOException {
        enterSending();
        try {
            layer().sendEof();
        } finally {
            sending.exit();
        }
    }

    private void enterSending() throws ClosedResourceException {
        checkOpen();
        sending.enter();
    }
}
