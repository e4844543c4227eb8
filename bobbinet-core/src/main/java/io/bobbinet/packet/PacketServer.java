package io.bobbinet.packet;

import io.bobbinet.net.SocketAttributes;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.Attributed;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Listener;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.task.ThrowingRunnable;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Serves packets to the clients of a listener: TCP, TLS, UNIX, or any other {@link Listener} of byte streams.
 *
 * {@snippet file="PacketExamples.java" region="server"}
 *
 * <p>Each client is served in a task of its own and closed after it; in a TLS server the handshake is part of that. A client that
 * fails is reported and concerns no other. Nothing is received ahead of what a handler asks for, but for what one read gives
 * beside it, so a slow handler slows its client down and nobody else.
 *
 * <p><b>How it ends.</b> {@link #drain} ends it in good order: nobody more is accepted; packets that have come are still given to
 * their handlers; a receive for which no part of a packet has come, now or when it is called, ends as it does at the end of the
 * stream, so that the loops of the handlers end; those that go on for too long are cancelled. {@link #close()} cancels the handlers
 * at once; after a drain it changes nothing, and {@code drain(Duration.ZERO)} ends it. Clients that have connected and were not accepted yet are turned away by the system.
 *
 * @param <S> the type of the packets that the server sends
 * @param <R> the type of the packets that the server receives
 */
public final class PacketServer<S, R> implements Attributed, Closeable {
    private final Listener<? extends ByteStream> listener;
    private final StreamProtocol<S, R> protocol;
    private final PacketServerOptions options;
    private final ServerLife life = new ServerLife(this);

    /** Of the clients that are served now; guarded by this. */
    private final Set<Patience> clients = new HashSet<>();

    private PacketServer(
            Listener<? extends ByteStream> listener, StreamProtocol<S, R> protocol, PacketServerOptions options) {
        this.listener = listener;
        this.protocol = protocol;
        this.options = options;
    }

    /**
     * Makes a server with the {@linkplain PacketServerOptions#defaults() default options}.
     *
     * @param <S> the type of the packets that the server sends
     * @param <R> the type of the packets that the server receives
     * @param listener accepts the clients; it belongs to the server from now on, and is closed with it. Of a
     *     {@linkplain io.bobbinet.net.UnixListener#withDescriptors() UNIX listener with descriptors} the clients can send and
     *     receive them
     * @param protocol what travels
     * @return the server
     */
    public static <S, R> PacketServer<S, R> over(
            Listener<? extends ByteStream> listener, StreamProtocol<S, R> protocol) {
        return over(listener, protocol, PacketServerOptions.defaults());
    }

    /**
     * Makes a server.
     *
     * @param <S> the type of the packets that the server sends
     * @param <R> the type of the packets that the server receives
     * @param listener accepts the clients; it belongs to the server from now on, and is closed with it
     * @param protocol what travels
     * @param options how it serves
     * @return the server
     */
    public static <S, R> PacketServer<S, R> over(
            Listener<? extends ByteStream> listener, StreamProtocol<S, R> protocol, PacketServerOptions options) {
        return new PacketServer<>(
                Objects.requireNonNull(listener, "listener"),
                Objects.requireNonNull(protocol, "protocol"),
                Objects.requireNonNull(options, "options"));
    }

    /**
     * Serves until the end. Returns after {@link #drain} only, when all handlers have ended. May be called again after it was
     * cancelled or interrupted, and after a failure of {@link PacketHandler#start}.
     *
     * @param handler what to do with a client
     * @throws io.bobbinet.stream.ClosedResourceException if the server or its listener is closed otherwise, by whomever, before
     *     or during the call; the handlers were cancelled and have ended
     * @throws io.bobbinet.stream.BusyResourceException if another thread serves
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; the handlers have ended
     * @throws io.bobbinet.task.TaskFailedException if {@link PacketHandler#start} or {@link PacketHandler#stop} throws a checked
     *     exception, which is its cause; {@link IOException}s and unchecked ones come out as they are
     * @throws IOException as {@link java.io.InterruptedIOException} if the thread was interrupted by the user; the handlers were
     *     cancelled and have ended
     */
    public void serve(PacketHandler<S, R> handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        ServeOptions ofListener = new ServeOptions(options.maxConnections(), options.failureReporter());
        life.serve(
                () -> handler.start(this),
                () -> listener.serve(stream -> serve(stream, handler), ofListener),
                handler::stop);
    }

    private void serve(ByteStream stream, PacketHandler<S, R> handler) throws Exception {
        Patience patience = begin();
        try (PacketClient<S, R> client = PacketClient.over(stream, protocol, patience, options.writeTimeout())) {
            orderly(client, () -> serve(client, handler));
        } finally {
            end(patience);
        }
    }

    private static <S, R> void serve(PacketClient<S, R> client, PacketHandler<S, R> handler) throws Exception {
        handler.connected(client);
        ServerLife.both(
                () -> {
                    if (!client.isClosed()) {
                        orderly(client, () -> handler.handle(client));
                    }
                },
                () -> orderly(client, () -> handler.disconnected(client)));
    }

    /** Runs a part of a handler that may end as the client does. */
    private static void orderly(PacketClient<?, ?> client, ThrowingRunnable<Exception> part) throws Exception {
        try {
            part.run();
        } catch (IOException e) {
            if (!client.isEnd(e)) {
                throw e;
            }
        }
    }

    private synchronized Patience begin() {
        Patience patience = new Patience(options.idleTimeout());
        clients.add(patience);
        if (life.isDrained()) {
            patience.drain();
        }
        return patience;
    }

    private synchronized void end(Patience patience) {
        clients.remove(patience);
    }

    /**
     * Ends the serving in good order. Does not wait for that: {@link #serve} does, and returns. May be called by a handler and by
     * {@link PacketHandler#start}, and again, to shorten the time. If nobody serves, this closes the server.
     *
     * <p>A receive that waits is ended by one interrupt of its thread, which nobody sees if the stream below heeds interrupts as
     * those of this library do. If something below it swallows the interrupt, a trust manager or a stream of the user's, the
     * handler waits until its packet comes or the grace ends; a stream over a channel of the JDK is closed by it, and the
     * receive ends by the failure that this is.
     *
     * @param grace how long the handlers may go on, before they are cancelled
     * @throws IOException if closing the listener reported a failure
     */
    public void drain(Duration grace) throws IOException {
        Objects.requireNonNull(grace, "grace");
        if (!life.drain()) {
            return;
        }
        synchronized (this) {
            clients.forEach(Patience::drain);
        }
        listener.drain(grace);
    }

    /**
     * {@return the address of this end, with the port that the system has chosen} Known after the close.
     *
     * @throws UnsupportedOperationException if the listener has none, or several
     */
    public SocketAddress localAddress() {
        return find(SocketAttributes.LOCAL_ADDRESS).orElseThrow(() -> SocketParts.missing(listener));
    }

    /** {@inheritDoc} Of the listener. */
    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        return listener.find(attribute);
    }

    /**
     * Closes the server and its listener. Idempotent. {@link #serve} cancels its handlers, waits for them and throws
     * {@link io.bobbinet.stream.ClosedResourceException}; this does not wait. After a {@link #drain} this cancels nobody: the
     * handlers keep the time that they were given.
     *
     * @throws IOException if closing the listener reported a failure
     */
    @Override
    public void close() throws IOException {
        life.close();
        listener.close();
    }

    @Override
    public String toString() {
        return "PacketServer[" + listener + "]";
    }
}
