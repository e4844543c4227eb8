package io.bobbinet.cli;

import io.bobbinet.stream.ByteReceiveStream;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Standard input as a stream whose receives can be cancelled.
 *
 * <p>Java cannot interrupt a read of standard input. So a daemon thread reads, a receive waits for that thread, and one that
 * is cancelled leaves what was or will be read to the next. At most 64 KiB are read ahead.
 */
final class StandardInput implements ByteReceiveStream {
    private final FileInputStream in = new FileInputStream(FileDescriptor.in);
    private final ExecutorService reader = DaemonThread.executor("standard input");
    private final byte[] chunk = new byte[DEFAULT_RECEIVE_SIZE];

    /** The read that is under way; owned, like the fields below, by the one thread that receives. */
    private @Nullable Future<Integer> reading;

    private ByteBuffer unread = ByteBuffer.allocate(0);
    private boolean ended;

    @Override
    public int receive(ByteBuffer target) throws IOException {
        awaitReceivable();
        if (ended) {
            throw new EndOfStreamException("Standard input has ended");
        }
        int count = Math.min(target.remaining(), unread.remaining());
        target.put(unread.slice(unread.position(), count));
        unread.position(unread.position() + count);
        return count;
    }

    @Override
    public void awaitReceivable() throws IOException {
        CancelScope.checkpoint();
        if (ended || unread.hasRemaining()) {
            return;
        }
        Future<Integer> read = reading;
        if (read == null) {
            read = reader.submit(() -> in.read(chunk));
            reading = read;
        }
        int count = DaemonThread.await(read, "Standard input cannot be read");
        reading = null;
        ended = count < 0;
        unread = ByteBuffer.wrap(chunk, 0, Math.max(count, 0));
    }

    /** {@return whether the end was seen} To be asked after {@link #awaitReceivable}. */
    boolean isAtEnd() {
        return ended;
    }

    /** Does nothing: the process has one standard input, for its whole life. */
    @Override
    public void close() {}
}
