package io.bobbinet.packet;

import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Deadline;
import io.bobbinet.task.ThrowingCallable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How long a client of a server waits for what its peer sends: for a packet no longer than the idle timeout, and between two
 * packets no longer than until the server is drained.
 *
 * <p>A receive that waits between packets is dismissed by an interrupt, as a cancelled one is, and not by a scope of its own,
 * which would cost each receive more than this. The interrupt is sent with the lock held, and only to a thread that waits, which
 * clears the status with the lock held when it waits no longer; so nobody else ever sees it.
 */
final class Patience {
    private final Optional<Duration> idleTimeout;

    /** How many bytes had been received when all of them belonged to earlier packets; for the receiving thread. */
    private long between = -1;

    /** Whether nothing that comes belongs to a packet, until one begins; for the receiving thread. */
    private boolean inGap;

    /** Whether the receive that is going on has the idle timeout; for the receiving thread. */
    private boolean limited;

    /** When the packet must be whole, once it was waited for; for the receiving thread. */
    private @Nullable Deadline due;

    /** Who waits between packets; guarded by this. */
    private @Nullable Thread waiting;

    /** Whether that thread was sent an interrupt; guarded by this. */
    private boolean dismissed;

    /** Guarded by this. */
    private boolean drained;

    Patience(Optional<Duration> idleTimeout) {
        this.idleTimeout = idleTimeout;
    }

    /** A receive begins, in the middle of what is to be discarded maybe. */
    void begin(boolean byIdleTimeout) {
        limited = byIdleTimeout && idleTimeout.isPresent();
        due = null;
        between = -1;
        inGap = false;
    }

    /** What comes up to the next packet is part of none. */
    void gapBegins() {
        inGap = true;
    }

    /** A packet begins at a position. */
    void packetBegins(long position) {
        between = position;
        inGap = false;
    }

    /** Reads from the stream, of which a number of bytes has been received so far. */
    <T> T read(long received, ThrowingCallable<T, IOException> read) throws IOException {
        if (!inGap && received != between) {
            return timely(read);
        }
        if (enter()) {
            T value;
            try {
                value = timely(read);
            } catch (Throwable t) {
                if (leave() && t.getClass() == InterruptedIOException.class) {
                    return available(read);
                }
                throw t;
            }
            boolean unused = leave(); // what came is given
            return value;
        }
        return available(read);
    }

    private static <T> T available(ThrowingCallable<T, IOException> read) throws IOException {
        return CancelScope.withoutWaiting()
                .call(read)
                .orElseThrow(() -> new EndOfStreamException("The server is drained, and no further packet has come"));
    }

    private <T> T timely(ThrowingCallable<T, IOException> read) throws IOException {
        if (!limited) {
            return read.call();
        }
        Deadline end = due == null ? Deadline.after(idleTimeout.orElseThrow()) : due;
        due = end;
        return CancelScope.failAt(end, "receiving a packet").call(read);
    }

    /** Whether it may be waited. */
    private synchronized boolean enter() {
        if (drained) {
            return false;
        }
        waiting = Thread.currentThread();
        return true;
    }

    /** Whether the wait was to end. */
    private synchronized boolean leave() {
        waiting = null;
        boolean sentAway = dismissed;
        if (sentAway) {
            dismissed = false;
            boolean unused = Thread.interrupted();
        }
        return sentAway;
    }

    /** Ends the wait between packets, and all that come. */
    synchronized void drain() {
        drained = true;
        if (waiting != null && !dismissed) {
            dismissed = true;
            waiting.interrupt();
        }
    }
}
