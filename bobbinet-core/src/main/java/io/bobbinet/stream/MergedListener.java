package io.bobbinet.stream;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.TaskGroup;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Several listeners as one. An accept waits at all of them, with a task for each, until one has a connection; then the
 * others are cancelled, and what they accepted at the last moment is kept. So nothing runs while nobody accepts.
 */
final class MergedListener<S extends Closeable> implements Listener<S> {
    private final List<Listener<? extends S>> listeners;
    private final Serving serving = new Serving();
    private final ResourceGuard accepting = new ResourceGuard("accepting from");

    /** Connections that nobody has yet; guarded by this. */
    private final Queue<S> accepted = new ArrayDeque<>();

    /** Guarded by this. */
    private boolean closed;

    MergedListener(List<Listener<? extends S>> listeners) {
        this.listeners = listeners;
    }

    @Override
    public S accept() throws IOException {
        refuseIfClosed();
        accepting.enter();
        try {
            CancelScope.checkpoint();
            S connection = take();
            while (connection == null) {
                connection = acceptFromAny();
            }
            return connection;
        } finally {
            accepting.exit();
        }
    }

    private @Nullable S acceptFromAny() throws IOException {
        try {
            TaskGroup.run(group -> {
                for (Listener<? extends S> listener : listeners) {
                    group.fork(() -> {
                        keep(listener.accept());
                        group.cancel("another listener has accepted");
                    });
                }
            });
        } catch (IOException | RuntimeException e) {
            if (CancelScope.isCancellationPending() || Thread.currentThread().isInterrupted()) {
                throw e;
            }
            // If another listener accepted at the same time, the failure will be there again at the next call.
            S connection = take();
            if (connection == null) {
                throw e;
            }
            return connection;
        }
        return take();
    }

    private void keep(S connection) throws IOException {
        synchronized (this) {
            if (!closed) {
                accepted.add(connection);
                return;
            }
        }
        connection.close();
    }

    private synchronized @Nullable S take() throws ClosedResourceException {
        refuseIfClosed();
        return accepted.poll();
    }

    private synchronized void refuseIfClosed() throws ClosedResourceException {
        if (closed) {
            throw new ClosedResourceException(this + " is closed");
        }
    }

    @Override
    public Serving serving() {
        return serving;
    }

    @Override
    public void close() throws IOException {
        List<Closeable> all = new ArrayList<>();
        synchronized (this) {
            closed = true;
            all.addAll(listeners);
            all.addAll(accepted);
            accepted.clear();
        }
        try {
            Closing.all(all);
        } finally {
            serving.closed();
        }
    }

    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        for (Listener<? extends S> listener : listeners.reversed()) {
            Optional<T> value = listener.find(attribute);
            if (value.isPresent()) {
                return value;
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return "Listeners" + listeners;
    }
}
