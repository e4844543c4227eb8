package io.bobbinet.net;

import io.bobbinet.spi.WaitPoint;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.stream.Serving;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingConsumer;
import java.io.Closeable;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state of serving of a {@link DatagramTransport}: how it is to end, and which calls are serving. Whoever implements a
 * transport makes one of these, gives it out from {@link DatagramTransport#serving()} and calls {@link #closed()} when the
 * transport is closed.
 */
public final class DatagramServing {
    /** Datagrams are served as connections are, which are accepted by receiving them. */
    private final Serving serving = new Serving();

    /** The serve call that is running; null if there is none. Guarded by this. */
    private @Nullable Incoming<?> running;

    /** The thread of that call, which alone may receive; written with the lock held. */
    private volatile @Nullable Thread server;

    /** Guarded by this. */
    private boolean drained;

    /** Makes the state for a new transport. */
    public DatagramServing() {}

    /** To be called by {@link DatagramTransport#close()}: a serve call that waits for a handler to end looks up. */
    public void closed() {
        serving.closed();
        stopReceiving();
    }

    /** Refuses a receive by anybody but the serve call that is running, whose datagrams it would take away. */
    void checkReceiver(DatagramTransport<?> transport) {
        Thread serving = server;
        if (serving != null && serving != Thread.currentThread()) {
            throw busy(transport);
        }
    }

    private static BusyResourceException busy(Object transport) {
        return new BusyResourceException("Another thread serves " + transport + ", and its handlers get what comes");
    }

    <A extends SocketAddress> void serve(
            DatagramTransport<A> transport, ThrowingConsumer<? super Datagram<A>, ?> handler, ServeOptions options)
            throws IOException {
        int limit = options.maxConnections() == Integer.MAX_VALUE
                ? DatagramTransport.DEFAULT_HANDLERS
                : options.maxConnections();
        ServeOptions ofDatagrams = options.withFailureReporter(
                (served, failure) -> options.failureReporter().accept(Served.datagram(served), failure));
        serve(transport, limit, incoming -> incoming.serve(served -> handler.accept(served.datagram), ofDatagrams));
    }

    <A extends SocketAddress> void serve(
            DatagramTransport<A> transport, ThrowingConsumer<? super Datagram<A>, ?> handler, TaskGroup group)
            throws IOException {
        serve(
                transport,
                DatagramTransport.DEFAULT_HANDLERS,
                incoming -> incoming.serve(served -> handler.accept(served.datagram), group));
    }

    private <A extends SocketAddress> void serve(
            DatagramTransport<A> transport, int limit, ThrowingConsumer<Incoming<A>, IOException> round)
            throws IOException {
        Incoming<A> incoming = new Incoming<>(transport, limit);
        if (!begin(incoming)) {
            return; // a drain was quicker
        }
        try {
            round.accept(incoming);
        } finally {
            if (end()) {
                transport.close();
            }
        }
    }

    /** Whether there is still something to serve. */
    private synchronized boolean begin(Incoming<?> incoming) {
        if (drained) {
            return false;
        }
        if (running != null) {
            throw busy(incoming);
        }
        running = incoming;
        server = Thread.currentThread();
        return true;
    }

    /** Whether the transport is to be closed now. */
    private synchronized boolean end() {
        running = null;
        server = null;
        return drained;
    }

    void drain(DatagramTransport<?> transport, Duration grace) throws IOException {
        boolean idle;
        synchronized (this) {
            drained = true;
            idle = running == null;
        }
        new Incoming<>(transport, 1).drain(grace);
        if (idle) {
            transport.close();
        }
    }

    private synchronized void stopReceiving() {
        if (running != null) {
            running.stop();
        }
    }

    /** What comes in at one call of serve, as a listener whose connections are datagrams. */
    private final class Incoming<A extends SocketAddress> implements Listener<Served<A>> {
        private final DatagramTransport<A> transport;
        private final int limit;

        /** Signalled when a handler has ended. */
        private final WaitPoint changed = new WaitPoint("serve");

        /** Guarded by this. */
        private int handlers;

        /** What ends the receive that is going on; null if there is none. Guarded by this. */
        private @Nullable CancelScope receiving;

        /** Guarded by this. */
        private boolean stopped;

        Incoming(DatagramTransport<A> transport, int limit) {
            this.transport = transport;
            this.limit = limit;
        }

        /** A datagram that was received when the stop comes is served. */
        @Override
        public Served<A> accept() throws IOException {
            while (true) {
                MoveOnScope scope = begin();
                try {
                    Optional<Datagram<A>> datagram = scope.call(this::receive);
                    if (datagram.isPresent()) {
                        return new Served<>(datagram.get(), this::handled);
                    }
                } catch (PortUnreachableException e) {
                    // Somebody whom a handler has answered is gone; there are others.
                } finally {
                    end();
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

        private Datagram<A> receive() throws IOException {
            try {
                while (isFull()) {
                    changed.await();
                }
            } catch (InterruptedException e) {
                throw CancelScope.interrupted(e);
            }
            Datagram<A> datagram = transport.receive();
            synchronized (this) {
                handlers++;
            }
            return datagram;
        }

        private synchronized boolean isFull() {
            return handlers >= limit;
        }

        private void handled() {
            synchronized (this) {
                handlers--;
            }
            changed.signal();
        }

        synchronized void stop() {
            stopped = true;
            if (receiving != null) {
                receiving.cancel("the receiving was ended");
            }
        }

        @Override
        public Serving serving() {
            return serving;
        }

        /** Called by {@link #drain}: all serve calls of the transport stop, and none closes it yet. */
        @Override
        public void close() {
            stopReceiving();
        }

        @Override
        public String toString() {
            return transport.toString();
        }
    }

    /** A datagram that is being handled. */
    private record Served<A extends SocketAddress>(Datagram<A> datagram, Runnable end) implements Closeable {
        @Override
        public void close() {
            end.run();
        }

        /** What a reporter of failures is to be told of. */
        static Object datagram(Object served) {
            return served instanceof Served<?> s ? s.datagram : served;
        }
    }
}
