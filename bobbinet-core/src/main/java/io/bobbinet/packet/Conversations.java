package io.bobbinet.packet;

import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramTransport;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.net.UnixMessage;
import io.bobbinet.packet.Conversation.Arrived;
import io.bobbinet.spi.WaitPoint;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.stream.Serving;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.ThrowingCallable;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The conversations of a datagram server, as a listener whose connections they are: one is accepted when a datagram comes from
 * somebody new. All other datagrams go to the conversation they belong to.
 */
final class Conversations<A extends SocketAddress, S, R> implements Listener<Conversation<A, S, R>> {
    /**
     * How long a handler that was told the end to make room for somebody has for leaving, before another is told it too: most
     * leave at once, and one that does not must not keep all others waiting.
     */
    private static final Duration LEAVING = Duration.ofMillis(100);

    private final DatagramTransport<A> transport;
    private final ThrowingCallable<Arrived<A>, IOException> receive;
    private final DatagramProtocol<S, R> protocol;
    private final DatagramServerOptions options;
    private final Serving serving = new Serving();

    /** By address; those without one by themselves. Guarded by this. */
    private final Map<Object, Conversation<A, S, R>> running = new HashMap<>();

    /** Signalled when a conversation has ended or waits, if the receiving thread has stopped for that. */
    private final WaitPoint changed = new WaitPoint("serve");

    /** Whether the receiving thread looks out for that. */
    private volatile boolean full;

    /** Those that may make room for others, in the order in which they began to wait. Guarded by this. */
    private final Set<Conversation<A, S, R>> waiting = new LinkedHashSet<>();

    private final Backlog backlog = new Backlog();
    private final AtomicLong dropped = new AtomicLong();

    /** What ends the receiving that is going on; null if there is none. Guarded by this. */
    private @Nullable CancelScope receiving;

    /** Guarded by this. */
    private boolean stopped;

    /** Whether the server was closed by its own method. */
    private volatile boolean closed;

    private Conversations(
            DatagramTransport<A> transport,
            ThrowingCallable<Arrived<A>, IOException> receive,
            DatagramProtocol<S, R> protocol,
            DatagramServerOptions options) {
        this.transport = transport;
        this.receive = receive;
        this.protocol = protocol;
        this.options = options;
    }

    static <S, R> Conversations<?, S, R> over(
            DatagramTransport<?> transport, DatagramProtocol<S, R> protocol, DatagramServerOptions options) {
        if (!options.messages()) {
            return plain(transport, protocol, options);
        }
        if (transport instanceof UnixDatagramSocket unix) {
            return new Conversations<>(unix, () -> arrived(unix), protocol, options);
        }
        throw new UnsupportedOperationException(
                transport + " has no control messages; a UNIX datagram socket of the backend linux has");
    }

    private static <A extends SocketAddress, S, R> Conversations<A, S, R> plain(
            DatagramTransport<A> transport, DatagramProtocol<S, R> protocol, DatagramServerOptions options) {
        return new Conversations<>(
                transport, () -> new Arrived<>(transport.receive(), Optional.empty()), protocol, options);
    }

    private static Arrived<UnixAddress> arrived(UnixDatagramSocket unix) throws IOException {
        UnixMessage message = unix.receiveMessage(DatagramTransport.DEFAULT_RECEIVE_SIZE);
        return new Arrived<>(
                Datagram.received(message.data(), message.length(), message.sender()), Optional.of(message));
    }

    DatagramTransport<A> transport() {
        return transport;
    }

    Backlog backlog() {
        return backlog;
    }

    DatagramServerOptions options() {
        return options;
    }

    long dropped() {
        return dropped.get();
    }

    // -- the receiving thread

    void handleWith(DatagramHandler<S, R> handler) throws IOException {
        ServeOptions reporting = ServeOptions.defaults().withFailureReporter(options.failureReporter());
        ServeOptions reportingPeers = reporting.withFailureReporter((served, failure) -> reporting
                .failureReporter()
                .accept(served instanceof Conversation<?, ?, ?> one ? one.peer() : served, failure));
        serve(conversation -> converse(conversation, handler, reporting), reportingPeers);
    }

    @Override
    public Conversation<A, S, R> accept() throws IOException {
        while (true) {
            MoveOnScope scope = begin();
            Optional<Arrived<A>> first;
            try {
                first = scope.call(this::receiveOfSomebodyNew);
            } finally {
                end();
            }
            if (first.isPresent()) {
                return accept(first.get());
            }
        }
    }

    private synchronized MoveOnScope begin() throws ClosedResourceException {
        if (stopped) {
            throw new ClosedResourceException("Nothing more is received: " + transport + " is closed or drained");
        }
        MoveOnScope scope = CancelScope.create();
        receiving = scope;
        return scope;
    }

    private synchronized void end() {
        receiving = null;
    }

    private Arrived<A> receiveOfSomebodyNew() throws IOException {
        while (true) {
            await(() -> !isFull() || isAnybodyWaiting());
            Arrived<A> next;
            try {
                next = receive.call();
            } catch (PortUnreachableException e) {
                continue; // somebody whom a handler has answered is gone; there are others
            }
            if (deliver(next)) {
                continue;
            }
            if (backlog.begin(next)) {
                return next;
            }
            drop(next);
        }
    }

    /** Whether a datagram is of a conversation that is going on; that has it then. */
    private boolean deliver(Arrived<A> next) throws IOException {
        boolean kept;
        synchronized (this) {
            Optional<A> sender = next.datagram().peer();
            Conversation<A, S, R> known = sender.isEmpty() ? null : running.get(sender.get());
            if (known == null) {
                return false;
            }
            kept = known.offer(next, options.maxQueued());
        }
        if (!kept) {
            drop(next);
        }
        return true;
    }

    private void drop(Arrived<A> next) throws IOException {
        dropped.incrementAndGet();
        next.close();
    }

    /** Makes room for a conversation; nothing is received meanwhile. */
    private Conversation<A, S, R> accept(Arrived<A> first) throws IOException {
        try {
            makeRoom();
            if (closed) {
                throw new ClosedResourceException(transport + " is closed");
            }
            Conversation<A, S, R> conversation = new Conversation<>(this, protocol, first);
            synchronized (this) {
                running.put(key(conversation), conversation);
                if (stopped) {
                    conversation.dismiss();
                }
            }
            return conversation;
        } catch (Throwable t) {
            backlog.leave(first);
            first.close();
            throw t;
        }
    }

    /** Waits for room, and ends the conversation that has waited for the longest time, one after the other until there is. */
    private void makeRoom() throws IOException {
        while (!closed && isFull()) {
            if (dismissLongestWaiting()) {
                CancelScope.moveOnAfter(LEAVING).run(() -> await(() -> closed || !isFull()));
            } else {
                await(() -> closed || !isFull() || isAnybodyWaiting());
            }
        }
    }

    /** Whether there was one to dismiss. */
    private boolean dismissLongestWaiting() {
        Conversation<A, S, R> longest;
        synchronized (this) {
            if (waiting.isEmpty()) {
                return false;
            }
            longest = waiting.iterator().next();
            waiting.remove(longest);
        }
        longest.dismiss();
        return true;
    }

    private static Object key(Conversation<?, ?, ?> conversation) {
        return conversation.address().isPresent() ? conversation.address().get() : conversation;
    }

    private interface Condition {
        boolean holds();
    }

    /** Waits for a condition, which may come true when a conversation ends or waits. */
    private void await(Condition condition) throws IOException {
        if (condition.holds()) {
            return;
        }
        full = true;
        try {
            while (!condition.holds()) {
                changed.await();
            }
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } finally {
            full = false;
        }
    }

    private synchronized boolean isFull() {
        return running.size() >= options.maxPeers();
    }

    private synchronized boolean isAnybodyWaiting() {
        return !waiting.isEmpty();
    }

    // -- the tasks of the conversations

    private void converse(Conversation<A, S, R> conversation, DatagramHandler<S, R> handler, ServeOptions reporting)
            throws Throwable {
        do {
            @Nullable Throwable thrown = null;
            try {
                ServerLife.both(() -> handler.handle(conversation.peer()), conversation::handled);
            } catch (Throwable t) {
                thrown = t;
            }
            if (!CancelScope.isCancellationPending()) {
                boolean unused = Thread.interrupted(); // which concerned this handler alone
            } else if (thrown != null) {
                throw thrown;
            }
            if (thrown != null && !isEnd(conversation, thrown)) {
                reporting.report(conversation.peer(), thrown);
            }
        } while (!isOver(conversation));
    }

    /** Whether what a handler threw tells no more than that the conversation, or the server, has ended. */
    private boolean isEnd(Conversation<A, S, R> conversation, Throwable thrown) {
        return thrown instanceof EndOfStreamException end
                ? conversation.hasTold(end)
                : thrown instanceof ClosedResourceException && closed;
    }

    /** Whether there is nothing left for a further handler; then the next datagram begins another conversation. */
    private boolean isOver(Conversation<A, S, R> conversation) {
        synchronized (this) {
            if (!conversation.isEmpty()) {
                return false;
            }
            running.remove(key(conversation), conversation);
        }
        signal();
        return true;
    }

    void ended(Conversation<A, S, R> conversation) {
        synchronized (this) {
            running.remove(key(conversation), conversation);
        }
        signal();
    }

    /** A handler begins to wait. */
    void waits(Conversation<A, S, R> conversation) {
        synchronized (this) {
            if (conversation.isDismissed()) {
                return;
            }
            waiting.add(conversation);
        }
        signal();
    }

    /** A handler waits no longer. */
    synchronized void waitsNoLonger(Conversation<A, S, R> conversation) {
        waiting.remove(conversation);
    }

    /** Tells the receiving thread that somebody waits now, or has ended. */
    void signal() {
        if (full) {
            changed.signal();
        }
    }

    // -- the end

    /** The server was closed. */
    void closed() {
        closed = true;
        close();
        changed.signal();
    }

    /** Ends the receiving, and the conversations when they wait; called by {@link #drain} too. */
    @Override
    public void close() {
        List<Conversation<A, S, R>> open;
        synchronized (this) {
            stopped = true;
            if (receiving != null) {
                receiving.cancel("the receiving was ended");
            }
            open = new ArrayList<>(running.values());
            waiting.clear();
        }
        open.forEach(Conversation::dismiss);
        serving.closed();
    }

    @Override
    public Serving serving() {
        return serving;
    }

    @Override
    public String toString() {
        return transport.toString();
    }
}
