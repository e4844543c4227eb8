package io.bobbinet.stream;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.ThrowingCallable;
import io.bobbinet.task.ThrowingConsumer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A stream of incoming bytes from which exact counts and delimited pieces can be received.
 *
 * {@snippet file="BufferedExamples.java" region="frames"}
 *
 * <p>It wraps any {@link ByteReceiveStream} and owns it: closing closes both, and the wrapped stream must not be used any
 * more, because up to 65,536 bytes are read ahead. For streams of both directions there is {@link BufferedByteStream}.
 *
 * <p>Bytes that were read and not asked for yet are <em>buffered</em>. Every receive serves them first. Nothing that was
 * read is ever lost: a call that fails, at its limit, at the end of the stream, by cancellation, timeout or interrupt, has
 * consumed nothing, and the bytes it waited with are still buffered. When nothing is buffered no memory is held.
 *
 * <p>The calls that take exact counts or delimited pieces throw what {@link ByteReceiveStream} lists, and
 * {@link EndOfStreamException} only if the stream has ended and nothing is buffered; with a rest it is
 * {@link IncompleteReadException}, and {@link #receive()} gives the rest. After {@link #close()} all calls throw
 * {@link ClosedResourceException}, whatever is buffered.
 */
public sealed class BufferedReceiveStream implements ByteReceiveStream permits BufferedByteStream {
    private final ResourceGuard receiving = new ResourceGuard("receiving from");

    /** Guarded by receiving. */
    private final ByteQueue unread;

    /** Transactions that could not be ended when their body ended, the innermost first. */
    private final Queue<Integer> abandoned = new ConcurrentLinkedQueue<>();

    /** What is wrapped; replaced with the guards held. */
    private volatile ByteReceiveStream layer;

    private volatile boolean closed;

    BufferedReceiveStream(ByteReceiveStream layer, ByteQueue unread) {
        this.layer = layer;
        this.unread = unread;
    }

    /**
     * Wraps a stream.
     *
     * @param stream the stream, which belongs to the wrapper from now on
     * @return the buffered stream
     */
    public static BufferedReceiveStream over(ByteReceiveStream stream) {
        return new BufferedReceiveStream(Objects.requireNonNull(stream, "stream"), new ByteQueue());
    }

    // -- plain receives

    @Override
    public final byte[] receive(int max) throws IOException {
        ByteStreams.checkMax(max);
        enter();
        try {
            if (unread.isEmpty() && !unread.inTransaction()) {
                return layer.receive(max);
            }
            awaitBytes();
            checkTransaction();
            return unread.take(Math.min(max, unread.size()));
        } finally {
            receiving.exit();
        }
    }

    @Override
    public final int receive(ByteBuffer target) throws IOException {
        ByteStreams.checkTarget(target);
        enter();
        try {
            if (unread.isEmpty() && !unread.inTransaction()) {
                return layer.receive(target);
            }
            awaitBytes();
            checkTransaction();
            return unread.take(target);
        } finally {
            receiving.exit();
        }
    }

    private void awaitBytes() throws IOException {
        CancelScope.checkpoint();
        if (unread.isEmpty()) {
            unread.added(layer.receive(unread.room()));
        }
    }

    /** {@inheritDoc} Returns at once if something is buffered. */
    @Override
    public final void awaitReceivable() throws IOException {
        enter();
        try {
            if (unread.isEmpty()) {
                layer.awaitReceivable();
            } else {
                CancelScope.checkpoint();
            }
        } finally {
            receiving.exit();
        }
    }

    /**
     * Receives until the end of the stream and gives each piece, of a limited size, to a body. Returns when the stream
     * ends. Whatever the body throws leaves this method, an end-of-stream included.
     *
     * @param <X> what the body throws
     * @param max how many bytes a piece has at most
     * @param body what to do with a piece
     * @throws X if the body throws it
     * @throws IllegalArgumentException if {@code max} is less than 1
     * @throws IOException as listed in {@link ByteReceiveStream}, but for the end of this stream
     */
    public final <X extends Throwable> void forEach(int max, ThrowingConsumer<? super byte[], X> body)
            throws X, IOException {
        Objects.requireNonNull(body, "body");
        forEach(() -> receive(max), body);
    }

    static <T, X extends Throwable> void forEach(
            ThrowingCallable<T, IOException> next, ThrowingConsumer<? super T, X> body) throws X, IOException {
        while (true) {
            T piece;
            try {
                piece = next.call();
            } catch (EndOfStreamException e) {
                return;
            }
            body.accept(piece);
        }
    }

    // -- exact counts

    /**
     * Receives an exact number of bytes.
     *
     * @param count how many; 0 gives an empty array at once
     * @return the bytes
     * @throws IllegalArgumentException if {@code count} is negative
     * @throws EndOfStreamException if the stream has ended and nothing is buffered
     * @throws IncompleteReadException if the stream ends before; what came is still buffered
     * @throws IOException as listed in {@link ByteReceiveStream}
     */
    public final byte[] receiveExactly(int count) throws IOException {
        return exactly(count, bytes -> bytes.take(count));
    }

    /**
     * Waits for an exact number of bytes and gives a copy of them. They stay buffered, to be received again.
     *
     * @param count how many, from the next byte on; {@link #buffered()} gives a copy of all that is buffered
     * @return the bytes
     * @throws IllegalArgumentException if {@code count} is negative
     * @throws EndOfStreamException if the stream has ended and nothing is buffered
     * @throws IncompleteReadException if the stream ends before
     * @throws IOException as listed in {@link ByteReceiveStream}
     */
    public final byte[] peek(int count) throws IOException {
        return exactly(count, bytes -> bytes.copy(count));
    }

    private interface Reading {
        byte[] from(ByteQueue bytes);
    }

    private byte[] exactly(int count, Reading reading) throws IOException {
        if (count < 0) {
            throw new IllegalArgumentException("A number of bytes cannot be negative: " + count);
        }
        return take(new Step<byte[]>() {
            @Override
            public byte @Nullable [] take(ByteQueue bytes) {
                return bytes.size() < count ? null : reading.from(bytes);
            }

            @Override
            public ByteBuffer room(ByteQueue bytes) {
                return bytes.room(count - bytes.size());
            }

            @Override
            public byte[] takeLast(ByteQueue bytes, EndOfStreamException end) throws IOException {
                throw incomplete(bytes, "of " + count, end);
            }
        });
    }

    // -- delimited pieces

    /**
     * Receives up to a delimiter, which is consumed and not part of the result. The search goes on where an earlier call
     * for the same delimiter stopped, so that long pieces take linear time, however many calls were cut short.
     *
     * @param delimiter the delimiter
     * @param max how many bytes may come before the delimiter, at most; it does not matter how many have been read
     * @return the bytes before the delimiter; empty if it came first
     * @throws IllegalArgumentException if the delimiter is empty or {@code max} is less than 1
     * @throws DelimiterNotFoundException if the delimiter does not begin within the first {@code max + 1} bytes; nothing
     *     is consumed, and a call with a larger limit may succeed
     * @throws EndOfStreamException if the stream has ended and nothing is buffered
     * @throws IncompleteReadException if the stream ends before the delimiter; what came is still buffered
     * @throws IOException as listed in {@link ByteReceiveStream}
     */
    public final byte[] receiveUntil(byte[] delimiter, int max) throws IOException {
        checkDelimiter(delimiter);
        ByteStreams.checkMax(max);
        return take(new Step<byte[]>() {
            @Override
            public byte @Nullable [] take(ByteQueue bytes) throws IOException {
                int length = bytes.find(delimiter, 1, max);
                if (length == DelimiterSearch.TOO_FAR) {
                    throw notFound(delimiter, max);
                }
                if (length < 0) {
                    return null;
                }
                byte[] piece = bytes.copy(length);
                bytes.skip(length + delimiter.length);
                return piece;
            }

            @Override
            public byte[] takeLast(ByteQueue bytes, EndOfStreamException end) throws IOException {
                throw incomplete(bytes, "without the delimiter " + hex(delimiter), end);
            }
        });
    }

    /**
     * Receives delimited pieces until the end of the stream and gives each, without the delimiter, to a body. Returns when
     * the stream ends after a delimiter. Whatever the body throws leaves this method, an end-of-stream included. The body
     * may receive from this stream, and {@linkplain BufferedByteStream#upgrade upgrade} it.
     *
     * @param <X> what the body throws
     * @param delimiter the delimiter
     * @param max how many bytes a piece has at most
     * @param body what to do with a piece
     * @throws X if the body throws it
     * @throws IllegalArgumentException if the delimiter is empty or {@code max} is less than 1
     * @throws DelimiterNotFoundException if a piece is longer than {@code max}; it is still buffered
     * @throws IncompleteReadException if the stream ends without a last delimiter; what came is still buffered
     * @throws IOException as listed in {@link ByteReceiveStream}, but for the end of this stream
     */
    public final <X extends Throwable> void forEachDelimited(
            byte[] delimiter, int max, ThrowingConsumer<? super byte[], X> body) throws X, IOException {
        Objects.requireNonNull(body, "body");
        forEach(() -> receiveUntil(delimiter, max), body);
    }

    /**
     * Discards all bytes up to a delimiter, and the delimiter, without buffering them: the way on after a
     * {@link DelimiterNotFoundException}. If cancelled, timed out or interrupted, it has discarded a part, and may be
     * called again.
     *
     * @param delimiter the delimiter
     * @return how many bytes came before the delimiter, since the beginning of this call
     * @throws IllegalArgumentException if the delimiter is empty
     * @throws EndOfStreamException if the stream ends before the delimiter
     * @throws IOException as listed in {@link ByteReceiveStream}
     */
    public final long skipPast(byte[] delimiter) throws IOException {
        checkDelimiter(delimiter);
        return take(new Step<Long>() {
            private long skipped;

            @Override
            public @Nullable Long take(ByteQueue bytes) {
                int length = bytes.find(delimiter, 1, Integer.MAX_VALUE);
                // What may be the beginning of the delimiter stays.
                int useless = length < 0 ? Math.max(0, bytes.size() - delimiter.length + 1) : length;
                skipped += useless;
                bytes.skip(length < 0 ? useless : length + delimiter.length);
                return length < 0 ? null : skipped;
            }

            @Override
            public Long takeLast(ByteQueue bytes, EndOfStreamException end) throws IOException {
                bytes.skip(bytes.size());
                throw end;
            }
        });
    }

    // -- pieces that end where a search says

    /**
     * Receives a piece whose end is found by a search, which looks at each byte once, in how many pieces they may come.
     *
     * @param search looks for the end, from the next byte on; a new one for each call
     * @param max how many bytes the piece may have, at most; the search is shown one more and no others
     * @return the piece
     * @throws IllegalArgumentException if {@code max} is less than 1
     * @throws DelimiterNotFoundException if the piece is longer; nothing is consumed, and the search has seen
     *     {@code max + 1} bytes
     * @throws EndOfStreamException if the stream has ended and nothing is buffered
     * @throws IncompleteReadException if the stream ends before the piece does; what came is still buffered
     * @throws IOException as listed in {@link ByteReceiveStream}, or as the search throws it; nothing is consumed
     */
    public final byte[] receiveTo(EndSearch search, int max) throws IOException {
        Objects.requireNonNull(search, "search");
        ByteStreams.checkMax(max);
        return take(new Step<byte[]>() {
            private int seen;

            @Override
            public byte @Nullable [] take(ByteQueue bytes) throws IOException {
                int end = (int) Math.min(bytes.size(), max + 1L);
                int found = end == seen ? EndSearch.MORE : bytes.find(search, seen, end);
                if (found < 0 ? end > max : seen + found > max) {
                    throw new DelimiterNotFoundException("The end did not come after at most " + max + " bytes");
                }
                int length = seen + found;
                seen = end;
                return found < 0 ? null : bytes.take(length);
            }

            @Override
            public byte[] takeLast(ByteQueue bytes, EndOfStreamException end) throws IOException {
                throw incomplete(bytes, "without the end of what was received", end);
            }
        });
    }

    /**
     * Discards the rest of a piece whose end is found by a search, without buffering it: the way on after a
     * {@link DelimiterNotFoundException} and a {@link #receiveExactly} of what the search has seen. If cancelled, timed out or
     * interrupted, it has discarded a part, and may be called again with the same search.
     *
     * @param search looks for the end, from the next byte on
     * @throws EndOfStreamException if the stream ends before the piece does
     * @throws IOException as listed in {@link ByteReceiveStream}, or as the search throws it
     */
    public final void skipTo(EndSearch search) throws IOException {
        Objects.requireNonNull(search, "search");
        boolean unused = take(new Step<Boolean>() {
            @Override
            public @Nullable Boolean take(ByteQueue bytes) throws IOException {
                int found = bytes.isEmpty() ? EndSearch.MORE : bytes.find(search, 0, bytes.size());
                bytes.skip(found < 0 ? bytes.size() : found);
                return found < 0 ? null : Boolean.TRUE;
            }

            @Override
            public Boolean takeLast(ByteQueue bytes, EndOfStreamException end) throws IOException {
                throw end;
            }
        });
    }

    private static void checkDelimiter(byte[] delimiter) {
        if (delimiter.length == 0) {
            throw new IllegalArgumentException("The delimiter is empty");
        }
    }

    static DelimiterNotFoundException notFound(byte[] delimiter, int max) {
        return new DelimiterNotFoundException(
                "The delimiter " + hex(delimiter) + " did not come after at most " + max + " bytes");
    }

    private static String hex(byte[] bytes) {
        return "0x" + HexFormat.of().formatHex(bytes);
    }

    // -- the buffer itself

    /**
     * {@return how many bytes are buffered; 0 after {@code close}} May be asked by any thread; {@code peek(buffered())}
     * gives a copy of them without waiting.
     */
    public final int buffered() {
        return closed ? 0 : unread.size();
    }

    /**
     * Puts bytes in front of all others, to be received next: as if they had not been received yet. What is pushed back
     * last comes first. Does not wait.
     *
     * @param bytes the bytes; copied
     * @throws ClosedResourceException if this side closed the stream
     * @throws BusyResourceException if another thread is receiving
     * @throws IllegalStateException inside of {@link #transact}, which puts back by itself
     */
    public final void pushBack(byte[] bytes) throws ClosedResourceException {
        Objects.requireNonNull(bytes, "bytes");
        enter();
        try {
            checkNoTransaction();
            unread.putBack(bytes);
        } finally {
            receiving.exit();
        }
    }

    /**
     * Runs a body whose receives are one: if it throws, what they have taken is put back, in its order, and the stream is
     * as if the body had not run. Meant for what consists of several parts, such as a length and as many bytes. If the
     * stream ends after the first part, an exact or delimited receive of the next throws {@link IncompleteReadException}.
     * Transactions nest.
     *
     * @param <T> the type of the body's value
     * @param <X> what the body throws
     * @param body receives from this stream, on the calling thread
     * @return the body's value
     * @throws X if the body throws it
     * @throws ClosedResourceException if this side closed the stream
     * @throws BusyResourceException if another thread is receiving, also when the body returns; then that receive fails in the
     *     same way, and what was taken is put back
     */
    public final <T, X extends Throwable> T transact(ThrowingCallable<T, X> body) throws X, ClosedResourceException {
        Objects.requireNonNull(body, "body");
        enter();
        int begun = unread.begin();
        receiving.exit();
        T value;
        try {
            value = body.call();
        } catch (Throwable t) {
            try {
                end(begun, false);
            } catch (BusyResourceException e) {
                t.addSuppressed(e);
            }
            throw t;
        }
        end(begun, true);
        return value;
    }

    /** Ends a transaction; if a receive that the body has left behind is under way, with the first call after it. */
    private void end(int begun, boolean good) {
        try {
            receiving.enter();
        } catch (BusyResourceException e) {
            abandoned.add(begun);
            throw e;
        }
        try {
            settle();
            if (good) {
                unread.commit();
            } else {
                unread.rollBack(begun);
            }
        } finally {
            receiving.exit();
        }
    }

    /** A receive that outlives its transaction takes nothing: what it took would be put back with the rest. */
    private void checkTransaction() {
        if (!abandoned.isEmpty()) {
            throw new BusyResourceException("The transaction that this receive was part of has ended");
        }
    }

    private void settle() {
        if (!abandoned.isEmpty()) {
            for (Integer begun = abandoned.poll(); begun != null; begun = abandoned.poll()) {
                unread.rollBack(begun);
            }
        }
    }

    final void checkNoTransaction() {
        if (unread.inTransaction()) {
            throw new IllegalStateException("Not possible inside of a transaction");
        }
    }

    // -- for the package

    /** How a call takes its share of the unread bytes. */
    interface Step<T> {

        /** Takes the share, or nothing and gives null, if more bytes are needed. */
        @Nullable
        T take(ByteQueue bytes) throws IOException;

        /** Makes room for more bytes, behind those that do not suffice. */
        default ByteBuffer room(ByteQueue bytes) {
            return bytes.room();
        }

        /** Gives or throws what is due when the stream has ended with a rest. */
        T takeLast(ByteQueue bytes, EndOfStreamException end) throws IOException;
    }

    /** Takes a share of the unread bytes, waiting for more until they suffice. */
    final <T> T take(Step<T> step) throws IOException {
        enter();
        try {
            CancelScope.checkpoint();
            while (true) {
                checkTransaction();
                T taken = step.take(unread);
                if (taken != null) {
                    return taken;
                }
                try {
                    readMore(step);
                } catch (EndOfStreamException end) {
                    if (unread.isEmpty() && unread.kept() == 0) {
                        throw end;
                    }
                    return step.takeLast(unread, end);
                }
            }
        } finally {
            receiving.exit();
        }
    }

    /** Reads in a way that holds no memory while it waits, if nothing is buffered. */
    private void readMore(Step<?> step) throws IOException {
        if (unread.isEmpty() && unread.kept() == 0) {
            unread.fill(layer.receive(DEFAULT_RECEIVE_SIZE));
        } else {
            unread.added(layer.receive(step.room(unread)));
        }
    }

    static IncompleteReadException incomplete(ByteQueue bytes, String wanted, EndOfStreamException end) {
        return new IncompleteReadException("The stream ended after " + bytes.size() + " bytes " + wanted, end);
    }

    /** To be followed by leaving the guard in a finally block. */
    final void enter() throws ClosedResourceException {
        checkOpen();
        receiving.enter();
        settle();
    }

    final void exit() {
        receiving.exit();
    }

    final boolean isClosed() {
        return closed;
    }

    final void checkOpen() throws ClosedResourceException {
        if (closed) {
            throw new ClosedResourceException("The stream is closed");
        }
    }

    final ByteQueue unread() {
        return unread;
    }

    ByteReceiveStream layer() {
        return layer;
    }

    final void layer(ByteReceiveStream next) {
        layer = next;
    }

    // -- the whole

    @Override
    public final <T> Optional<T> find(Attribute<T> attribute) {
        return layer.find(attribute);
    }

    /** {@inheritDoc} The wrapped stream is closed too, and what is buffered is given up. */
    @Override
    public final void close() throws IOException {
        closed = true;
        layer.close();
    }

    @Override
    public final String toString() {
        return "Buffered[" + layer + "]";
    }
}
