package io.bobbinet.async;

import io.bobbinet.async.Work.Outcome;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.ThrowingCallable;
import io.bobbinet.task.ThrowingConsumer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Makes a connection when it is wanted, and has the operations done on it. Operations queue in the lane of their direction from
 * the beginning, and the lanes are opened once there is a connection.
 *
 * <p>Locks: this one is taken before a lane's. No callback is run with either held.
 */
final class Connection<C extends Closeable, R> implements Closeable {
    private final Callbacks callbacks;
    private final ThrowingCallable<Link<C, R>, IOException> opening;
    private final Lane connects;
    private final Lane sends;
    private final Lane receives;

    /** Written once, guarded by this; read without. */
    private volatile @Nullable Link<C, R> link;

    /** The attempt to connect that is under way. Guarded by this. */
    private @Nullable Attempt attempt;

    /** Written guarded by this; read without. */
    private volatile boolean closed;

    /** A connection that is to be made. */
    Connection(ThrowingCallable<Link<C, R>, IOException> opening, Callbacks callbacks) {
        this.callbacks = callbacks;
        this.opening = opening;
        this.connects = new Lane(callbacks);
        this.sends = new Lane(callbacks);
        this.receives = new Lane(callbacks);
    }

    /** A connection that is there. */
    Connection(Link<C, R> link, Callbacks callbacks) {
        this(() -> link, callbacks);
        establish(link);
    }

    private void establish(Link<C, R> made) {
        link = made;
        connects.open();
        sends.open();
        receives.open();
    }

    Callbacks callbacks() {
        return callbacks;
    }

    boolean isConnected() {
        return link != null;
    }

    boolean isClosed() {
        return closed;
    }

    Link<C, R> link() {
        Link<C, R> made = link;
        if (made == null) {
            throw new NotYetConnectedException();
        }
        return made;
    }

    C client() {
        return link().client();
    }

    // -- operations

    CompletableFuture<Void> connect() {
        Operation<Void> operation = new Operation<>(callbacks, Outcome::done, this::leave);
        return isConnected() && !closed ? operation.endedAtOnce(Outcome.done()) : add(operation, connects);
    }

    CompletableFuture<Void> send(ThrowingConsumer<C, IOException> send) {
        Work<Void> work = () -> {
            send.accept(client());
            return Outcome.done();
        };
        return add(new Operation<>(callbacks, work, this::leave), sends);
    }

    <T> Operation<T> receive(Work<T> work) {
        return add(new Operation<>(callbacks, work, this::leave), receives);
    }

    private <T> Operation<T> add(Operation<T> operation, Lane lane) {
        synchronized (this) {
            if (!closed) {
                lane.add(operation);
                if (link == null) {
                    attempt().interested.add(operation);
                }
                return operation;
            }
        }
        return operation.endedAtOnce(operation.without(closedException()));
    }

    /** Receives if that can be done at once; else gives what there is to be had without. */
    <T> CompletableFuture<T> receiveAtOnce(Work<T> work, Outcome<T> otherwise) {
        Operation<T> operation = new Operation<>(callbacks, work, this::leave);
        Outcome<T> outcome = otherwise;
        synchronized (this) {
            if (closed) {
                outcome = operation.without(closedException());
            } else if (link == null) {
                attempt();
            } else if (receives.addIfFree(operation)) {
                return operation;
            }
        }
        return operation.endedAtOnce(outcome);
    }

    private static ClosedResourceException closedException() {
        return new ClosedResourceException("The client is closed");
    }

    /** Forgets an operation that has ended without its turn; it may have been the last that wanted a connection. */
    private void leave(Operation<?> operation, boolean fromOutside) {
        Attempt unwanted;
        synchronized (this) {
            connects.remove(operation);
            sends.remove(operation);
            receives.remove(operation);
            unwanted = attempt;
            if (unwanted == null
                    || !unwanted.interested.remove(operation)
                    || !fromOutside
                    || !unwanted.interested.isEmpty()) {
                return;
            }
            attempt = null;
        }
        unwanted.scope.cancel("nobody waits for the connection any more");
    }

    // -- connecting

    /** The attempt under way, begun if there is none. Called with the lock held. */
    private Attempt attempt() {
        Attempt current = attempt;
        if (current == null) {
            current = new Attempt();
            attempt = current;
            callbacks.threads().execute(current::run);
        }
        return current;
    }

    /** One attempt to connect; it counts as long as it is {@link #attempt}. */
    private final class Attempt {
        private final MoveOnScope scope = CancelScope.create();

        /** The operations that wait for it. Guarded by the connection. */
        private final Set<Operation<?>> interested = new LinkedHashSet<>();

        void run() {
            try {
                Optional<Link<C, R>> made = scope.<Link<C, R>, IOException>call(opening);
                if (made.isPresent()) {
                    succeed(made.get());
                }
            } catch (Throwable t) {
                fail(t);
            }
        }

        private void succeed(Link<C, R> made) throws IOException {
            synchronized (Connection.this) {
                if (attempt == this) {
                    attempt = null;
                    establish(made);
                    return;
                }
            }
            made.close(); // nobody wants it any more
        }

        private void fail(Throwable failure) {
            List<Operation<?>> waiting;
            synchronized (Connection.this) {
                waiting = List.copyOf(interested);
                interested.clear();
                if (attempt == this) {
                    attempt = null;
                }
            }
            waiting.forEach(operation -> operation.fail(failure));
        }
    }

    // -- closing

    @Override
    public void close() throws IOException {
        Link<C, R> open;
        Attempt cut;
        synchronized (this) {
            closed = true;
            open = link;
            cut = attempt;
            attempt = null;
        }
        if (cut != null) {
            cut.scope.cancel("the client was closed");
            cut.fail(closedException());
        }
        if (open != null) {
            open.close();
        }
    }

    CompletableFuture<Void> closeAsync() {
        Work<Void> work = () -> {
            close();
            return Outcome.done();
        };
        Operation<Void> operation = new Operation<>(callbacks, work, this::closeUnseen);
        synchronized (this) {
            closed = true;
            if (link != null) {
                sends.add(operation);
                return operation;
            }
        }
        try {
            close();
            return operation.endedAtOnce(Outcome.done());
        } catch (IOException e) {
            return operation.endedAtOnce(Outcome.failed(e));
        }
    }

    /** Closes for somebody who does not wait for the sends, nor for the close. */
    private void closeUnseen(Operation<?> closing, boolean fromOutside) {
        callbacks.threads().execute(() -> {
            try {
                close();
            } catch (IOException e) {
                // It is closed all the same, and whom it could be told has turned away.
            }
        });
    }

    @Override
    public String toString() {
        Link<C, R> made = link;
        if (made != null) {
            return made.toString();
        }
        return closed ? "closed" : "not connected";
    }
}
