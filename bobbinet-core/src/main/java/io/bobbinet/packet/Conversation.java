package io.bobbinet.packet;

import io.bobbinet.net.Datagram;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.spi.WaitPoint;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** What has come from one peer of a datagram server, and the way back. */
final class Conversation<A extends SocketAddress, S, R> implements Closeable {
    private static final byte[] NOTHING = {};

    private final Conversations<A, S, R> all;
    private final Optional<A> address;
    private final DatagramPeer<S, R> peer;

    /** Signalled when a datagram has come, and when the conversation is to end; one thread at a time receives. */
    private final WaitPoint changed = new WaitPoint("receive");

    /** What no handler has taken yet; guarded by this. */
    private final Queue<Arrived<A>> waiting = new ArrayDeque<>(2);

    /** A datagram to the address from which the answers are to go to; guarded by this. */
    private Datagram<A> back;

    /** Whether the handler that runs has taken a datagram; guarded by this. */
    private boolean taken;

    /** Guarded by this. */
    private boolean closed;

    /** Whether the conversation is to end when a handler would wait. */
    private volatile boolean dismissed;

    /** The last end that was told. */
    private volatile @Nullable EndOfStreamException end;

    /**
     * A datagram that has come.
     *
     * @param datagram the datagram
     * @param beside what has come beside it, if that is received
     */
    record Arrived<A extends SocketAddress>(Datagram<A> datagram, Optional<UnixMessage> beside) implements Closeable {
        @Override
        public void close() throws IOException {
            if (beside.isPresent()) {
                beside.get().close();
            }
        }
    }

    Conversation(Conversations<A, S, R> all, DatagramProtocol<S, R> protocol, Arrived<A> first) {
        this.all = all;
        this.address = first.datagram.peer();
        this.peer = new DatagramPeer<>(this, protocol);
        this.back = first.datagram.reply(NOTHING);
        waiting.add(first);
    }

    Conversations<A, S, R> all() {
        return all;
    }

    Optional<A> address() {
        return address;
    }

    DatagramPeer<S, R> peer() {
        return peer;
    }

    // -- for the receiving thread of the server

    /** Keeps a datagram for the handler, or not, if as many are kept as may. */
    boolean offer(Arrived<A> datagram, int most) {
        synchronized (this) {
            if (waiting.size() >= most || !all.backlog().offer(datagram)) {
                return false;
            }
            waiting.add(datagram);
        }
        changed.signal();
        return true;
    }

    boolean isDismissed() {
        return dismissed;
    }

    /** Ends the conversation as soon as the handler waits. */
    void dismiss() {
        dismissed = true;
        changed.signal();
    }

    // -- for handlers

    /** Takes the next datagram; to be called by one thread at a time. */
    Arrived<A> take(boolean byIdleTimeout) throws IOException {
        CancelScope.checkpoint();
        Arrived<A> next = poll();
        if (next != null) {
            return next;
        }
        if (address.isEmpty()) {
            throw told("A sender without a name cannot be told from others, and has sent one datagram only");
        }
        if (!byIdleTimeout) {
            return await();
        }
        return CancelScope.moveOnAfter(all.options().idleTimeout())
                .call(this::await)
                .orElseThrow(() -> told("No datagram has come from " + this + " for "
                        + all.options().idleTimeout().toMillis() + " ms"));
    }

    private Arrived<A> await() throws IOException {
        try {
            all.waits(this);
            while (true) {
                Arrived<A> next = poll();
                if (next != null) {
                    return next;
                }
                if (dismissed) {
                    throw told("No datagram of " + this + " is waited for any more: the server is drained, or has to"
                            + " make room for other peers");
                }
                changed.await();
            }
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } finally {
            all.waitsNoLonger(this);
        }
    }

    private EndOfStreamException told(String message) {
        EndOfStreamException told = new EndOfStreamException(message);
        end = told;
        return told;
    }

    /** Whether a receive has told the end by an exception. */
    boolean hasTold(EndOfStreamException e) {
        return Receiving.isOrPrecedes(e, end);
    }

    private synchronized @Nullable Arrived<A> poll() throws ClosedResourceException {
        if (closed) {
            throw new ClosedResourceException("The handler of " + this + " has ended");
        }
        Arrived<A> next = next();
        if (next != null) {
            taken = true;
            if (next.datagram.destination().isPresent()) {
                back = next.datagram.reply(NOTHING);
            }
        }
        return next;
    }

    void answer(byte[] data) throws IOException {
        if (address.isEmpty()) {
            throw nobody();
        }
        Datagram<A> route;
        synchronized (this) {
            route = back;
        }
        all.transport().send(route.reply(data));
    }

    static SocketException nobody() {
        return new SocketException("The sender has no name, so nothing can be sent to it; it has to bind its socket to"
                + " one to get answers");
    }

    // -- for the task of the handlers

    /** A handler has ended: the datagram it was called for is gone. */
    void handled() throws IOException {
        Arrived<A> untaken;
        synchronized (this) {
            untaken = taken ? null : next();
            taken = false;
        }
        if (untaken != null) {
            untaken.close();
        }
    }

    synchronized boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Ends the conversation; what no handler has taken is gone. */
    @Override
    public void close() throws IOException {
        synchronized (this) {
            closed = true;
        }
        changed.signal();
        peer.ended();
        all.ended(this);
        IOException failure = null;
        for (Arrived<A> rest = next(); rest != null; rest = next()) {
            try {
                rest.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private synchronized @Nullable Arrived<A> next() {
        Arrived<A> next = waiting.poll();
        if (next != null) {
            all.backlog().leave(next);
        }
        return next;
    }

    @Override
    public String toString() {
        return peer.toString();
    }
}
