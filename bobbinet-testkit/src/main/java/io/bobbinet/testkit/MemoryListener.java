package io.bobbinet.testkit;

import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.Connector;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.MemoryQueue;
import io.bobbinet.stream.MemorySender;
import io.bobbinet.stream.ResourceGuard;
import io.bobbinet.stream.Serving;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A listener in memory, for tests of what serves and connects: no port, no file, no waiting. Its connections are pairs of
 * {@link MemoryByteStream}, made by its {@link #connector()}, and wait without limit to be accepted.
 */
public final class MemoryListener implements Listener<ByteStream> {
    private final MemoryQueue<MemoryByteStream> backlog = MemoryQueue.unbounded();
    private final ResourceGuard accepting = new ResourceGuard("accepting from");
    private final Serving serving = new Serving();

    /** What the next accepts throw; guarded by itself. */
    private final Queue<IOException> failures = new ArrayDeque<>();

    private MemoryListener() {}

    /**
     * {@return a new listener, which accepts at once}
     */
    public static MemoryListener open() {
        return new MemoryListener();
    }

    /**
     * {@return a connector to this listener} Its connects do not wait to be accepted. Once the listener is closed they throw
     * {@link ConnectException}.
     */
    public Connector<ByteStream> connector() {
        return this::connect;
    }

    private ByteStream connect() throws IOException {
        CancelScope.checkpoint();
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
        try {
            MemorySender<MemoryByteStream> sender = backlog.sender();
            sender.send(pair.right());
        } catch (ClosedResourceException e) {
            pair.close();
            ConnectException refused = new ConnectException("The memory listener is closed");
            refused.initCause(e);
            throw refused;
        }
        return pair.left();
    }

    /**
     * Makes the next accepts fail, once for each exception, as those of a system without resources do. Connections stay
     * where they wait; an accept that is waiting already is not concerned.
     *
     * @param next what the next accepts throw, in order; {@code new IOException("Too many open files")}
     */
    public void failNextAccepts(IOException... next) {
        synchronized (failures) {
            for (IOException failure : next) {
                failures.add(Objects.requireNonNull(failure, "failure"));
            }
        }
    }

    /**
     * {@return how many connections wait to be accepted}
     */
    public int pending() {
        return backlog.statistics().items();
    }

    @Override
    public ByteStream accept() throws IOException {
        accepting.enter();
        try {
            if (backlog.statistics().openReceivers() > 0) {
                failIfToldTo();
            }
            return backlog.receiver().receive();
        } catch (EndOfStreamException e) {
            throw new ClosedResourceException("The memory listener was closed", e);
        } finally {
            accepting.exit();
        }
    }

    private void failIfToldTo() throws IOException {
        CancelScope.checkpoint();
        @Nullable IOException failure;
        synchronized (failures) {
            failure = failures.poll();
        }
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public Serving serving() {
        return serving;
    }

    /** Closes the listener, and the connections that wait to be accepted. */
    @Override
    public void close() {
        backlog.sender().close();
        serving.closed();
        try (var receiver = backlog.receiver()) {
            Optional<MemoryByteStream> waiting = receiver.tryReceive();
            while (waiting.isPresent()) {
                waiting.get().close();
                waiting = receiver.tryReceive();
            }
        } catch (IOException e) {
            // The end of the backlog, or an earlier close.
        }
    }

    @Override
    public String toString() {
        return "MemoryListener[" + pending() + " pending]";
    }
}
