package io.bobbinet.net;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.ControlRefusedException;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.spi.WaitPoint;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.ResourceGuard;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A stream over a handle of a backend: what TCP and UNIX streams have in common.
 *
 * <p>The two directions share what concerns both: that this side closed the stream, and that a call has met a reset. The
 * kernel tells of a reset once, to whichever call asks first; all others see an end that is none. So the first call
 * remembers it ({@link #broken()}), and a receive that sees an end asks here before it believes it, and waits for a
 * send that may be about to report a reset ({@link #awaitVerdictOfSender()}).
 */
abstract sealed class HandleStream extends StreamSocket implements ByteStream permits TcpStream, UnixHandleStream {
    private final ResourceGuard receiving = new ResourceGuard("receiving from");
    private final ResourceGuard sending = new ResourceGuard("sending to");

    /** Whether a receive has reported the end; owned by the receiver. */
    private boolean ended;

    /** Whether the sending was ended; owned by the sender. */
    private boolean eofSent;

    /** Why nothing more may be sent: what became of the send that was cut off. Written by the sender. */
    private volatile String cut = "";

    /** The thread that is sending; written by it. */
    private volatile @Nullable Thread sender;

    /** Counts the writes that succeeded; written by the sender. */
    private volatile int writes;

    /** Whether the send in progress may have handed over a part of its bytes and not all; written by the sender. */
    private volatile boolean midway;

    /** Whether the handle is another stream's now. Written with both directions held. */
    private volatile boolean handedOver;

    HandleStream(StreamHandle handle) {
        super(handle);
    }

    /**
     * Takes the connection over from another stream, in the state in which it is. That one counts as closed from then on, and
     * its close closes nothing.
     */
    HandleStream(HandleStream other) throws IOException {
        super(other.handle);
        other.checkOpen("take over");
        other.receiving.enter();
        try {
            other.sending.enter();
            try {
                takeOver(other);
            } finally {
                other.sending.exit();
            }
        } finally {
            other.receiving.exit();
        }
    }

    private void takeOver(HandleStream other) {
        ended = other.ended;
        eofSent = other.eofSent;
        cut = other.cut;
        inherit(other);
        other.handedOver = true;
        other.markClosed();
    }

    /** Makes the coming close throw away what was not sent, and tell the peer so, if the transport can. */
    abstract void closeWillReset() throws IOException;

    /** Reads at least one byte, as the handle does; an empty result is the end. */
    byte[] read(int max) throws IOException, InterruptedException {
        return handle.read(max);
    }

    /** Reads at least one byte, as the handle does; a negative result is the end. */
    int read(ByteBuffer target) throws IOException, InterruptedException {
        return handle.read(target);
    }

    /** What a close releases besides the handle; called by every close. */
    void released() throws IOException {}

    // -- receiving

    @Override
    public final byte[] receive(int max) throws IOException {
        if (max < 1) {
            throw new IllegalArgumentException("At least 1 byte must be asked for, not " + max);
        }
        beginReceive();
        try {
            byte[] bytes = read(max);
            if (bytes.length == 0) {
                throw end();
            }
            return bytes;
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (EndOfStreamException | BrokenResourceException e) {
            throw e;
        } catch (IOException e) {
            throw receiveFailed(e);
        } finally {
            receiving.exit();
        }
    }

    @Override
    public final int receive(ByteBuffer target) throws IOException {
        if (!target.hasRemaining()) {
            throw new IllegalArgumentException("The buffer has no room: " + target);
        }
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("The buffer is read-only: " + target);
        }
        beginReceive();
        try {
            int count = read(target);
            if (count < 0) {
                throw end();
            }
            return count;
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (EndOfStreamException | BrokenResourceException e) {
            throw e;
        } catch (IOException e) {
            throw receiveFailed(e);
        } finally {
            receiving.exit();
        }
    }

    /** Receives something that the handle gives; null is the end. */
    interface Reading<T> {
        @Nullable
        T read() throws IOException, InterruptedException;
    }

    /** Receives in another way than as bytes alone, with all that a receive checks and tells. */
    final <T> T receive(Reading<T> reading) throws IOException {
        beginReceive();
        try {
            T received = reading.read();
            if (received == null) {
                throw end();
            }
            return received;
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (EndOfStreamException | BrokenResourceException e) {
            throw e;
        } catch (IOException e) {
            throw receiveFailed(e);
        } finally {
            receiving.exit();
        }
    }

    @Override
    public final void awaitReceivable() throws IOException {
        checkOpen("receive from");
        receiving.enter();
        try {
            CancelScope.checkpoint();
            if (ended || broken() != null) {
                return;
            }
            handle.awaitReadable();
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (ClosedChannelException e) {
            throw closedDuring("receiving from", e);
        } finally {
            receiving.exit();
        }
    }

    /** Does the checks of a receive; if it returns, {@code receiving} is held. */
    private void beginReceive() throws IOException {
        checkOpen("receive from");
        receiving.enter();
        try {
            CancelScope.checkpoint();
            if (ended) {
                throw end();
            }
        } catch (Throwable t) {
            receiving.exit();
            throw t;
        }
    }

    /** What the system calls an end: one in good order only if nobody has met a reset. */
    private IOException end() {
        if (!ended) {
            awaitVerdictOfSender();
            IOException reset = broken();
            if (isClosed()) {
                return closedDuring("receiving from", null);
            }
            if (reset != null) {
                return new BrokenResourceException(
                        "Receiving from " + ends() + " failed: " + reset.getMessage(), reset);
            }
            ended = true;
        }
        return new EndOfStreamException(
                AddressText.of(peer()) + " has ended the stream to " + AddressText.of(localAddress()));
    }

    /**
     * Waits while a sender is inside a write that does not block, which may have been told of a reset and not have come
     * to say so. Once it waits for room, or begins its next write, it was not told.
     */
    private void awaitVerdictOfSender() {
        Thread other = sender;
        int count = writes;
        while (other != null
                && other == sender
                && count == writes
                && broken() == null
                && !(LockSupport.getBlocker(other) instanceof WaitPoint)) {
            Thread.yield();
        }
    }

    private IOException receiveFailed(IOException e) {
        if (isClosed() || e instanceof ClosedChannelException) {
            return closedDuring("receiving from", e);
        }
        return nowBroken("Receiving from " + ends() + " failed: " + e.getMessage(), e);
    }

    // -- sending

    @Override
    public final void send(ByteBuffer source) throws IOException {
        send(Objects.requireNonNull(source, "source"), ControlData.NONE);
    }

    /** Sends bytes and, with the first of them, what is to travel beside them. */
    final void send(ByteBuffer source, ControlData beside) throws IOException {
        beginSend();
        int size = source.remaining();
        try {
            if (beside != ControlData.NONE) {
                handle.sendMessage(source, beside);
                wrote(source.hasRemaining());
            }
            while (source.hasRemaining()) {
                handle.write(source);
                wrote(source.hasRemaining());
            }
        } catch (InterruptedException e) {
            cutOff(size - source.remaining(), size);
            throw CancelScope.interrupted(e);
        } catch (ControlRefusedException e) {
            throw refused(e);
        } catch (IOException e) {
            throw sendFailed(e, size - source.remaining(), size);
        } finally {
            endSend();
        }
    }

    @Override
    public final void send(ByteBuffer... sources) throws IOException {
        long size = remaining(sources, 0);
        beginSend();
        int first = 0;
        try {
            while (first < sources.length) {
                if (sources[first].hasRemaining()) {
                    handle.write(sources, first, sources.length - first);
                    wrote(remaining(sources, first) > 0);
                } else {
                    first++;
                }
            }
        } catch (InterruptedException e) {
            cutOff(size - remaining(sources, first), size);
            throw CancelScope.interrupted(e);
        } catch (IOException e) {
            throw sendFailed(e, size - remaining(sources, first), size);
        } finally {
            endSend();
        }
    }

    @Override
    public final void sendEof() throws IOException {
        checkOpen("send by");
        sending.enter();
        try {
            CancelScope.checkpoint();
            checkSendable();
            if (!eofSent) {
                shutdownWrite();
                eofSent = true;
            }
        } finally {
            sending.exit();
        }
    }

    private void shutdownWrite() throws IOException {
        try {
            handle.shutdownWrite();
        } catch (IOException e) {
            if (isClosed() || e instanceof ClosedChannelException) {
                throw closedDuring("ending", e);
            }
            throw nowBroken("Ending the stream to " + ends() + " failed: " + e.getMessage(), e);
        }
    }

    /** Does the checks of a send; if it returns, {@code sending} is held. */
    private void beginSend() throws IOException {
        checkOpen("send by");
        sending.enter();
        try {
            if (eofSent) {
                throw new ClosedResourceException("Cannot send to " + ends() + ": sendEof has ended the sending");
            }
            CancelScope.checkpoint();
            checkSendable();
        } catch (Throwable t) {
            sending.exit();
            throw t;
        }
        sender = Thread.currentThread();
        midway = true; // from the first write on, which tells only afterwards what it took
    }

    private void checkSendable() throws BrokenResourceException {
        if (!cut.isEmpty()) {
            throw new BrokenResourceException("Cannot send to " + ends() + ": " + cut);
        }
        IOException reset = broken();
        if (reset != null) {
            throw new BrokenResourceException("Cannot send to " + ends() + ": " + reset.getMessage(), reset);
        }
    }

    private void wrote(boolean moreToCome) {
        midway = moreToCome;
        int before = writes; // written by the one sender only
        writes = before + 1;
    }

    private void endSend() {
        midway = false;
        sender = null;
        sending.exit();
    }

    private void cutOff(long sent, long size) {
        if (sent > 0) {
            cut = "a send was cut off after " + sent + " of its " + size + " bytes";
        }
    }

    private IOException sendFailed(IOException e, long sent, long size) {
        if (isClosed() || e instanceof ClosedChannelException) {
            return closedDuring("sending by", e);
        }
        return nowBroken(
                "Sending to " + ends() + " failed after " + sent + " of " + size + " bytes: " + e.getMessage(), e);
    }

    /** The connection is as it was. */
    private static IOException refused(ControlRefusedException e) {
        SocketException refused = new SocketException(
                "Nothing was sent: the system refuses what was to travel beside the bytes: " + e.getMessage());
        refused.initCause(e);
        return refused;
    }

    private static long remaining(ByteBuffer[] sources, int first) {
        long total = 0;
        for (int i = first; i < sources.length; i++) {
            total += sources[i].remaining();
        }
        return total;
    }

    // -- closing

    @Override
    public final void close() throws IOException {
        markClosed();
        if (handedOver) {
            return;
        }
        // Every closer does it: a second one must not send an orderly end before the first has come to it.
        if (midway || !cut.isEmpty()) {
            try {
                closeWillReset();
            } catch (IOException e) {
                // Gone already: then there is nobody to be told.
            }
        }
        try {
            handle.close(); // the second of two concurrent calls too returns only when the descriptor is released
        } finally {
            released();
        }
    }
}
