package io.bobbinet.packet;

import io.bobbinet.net.DatagramTransport;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.Attributed;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Serves packets to those who send datagrams to a socket: UDP, UNIX datagrams, or whatever stands in for them.
 *
 * {@snippet file="PacketExamples.java" region="datagram-server"}
 *
 * <p>Each peer, told by its address, has a handler in a task of its own, which gets the peer's datagrams in the order in which they
 * come; handlers of different peers run at the same time. A sender without a name cannot be told from others: each of its
 * datagrams has a handler of its own. A handler that fails is reported and concerns no other.
 *
 * <p><b>Bounds.</b> Datagrams that come while the handler is busy wait for it, as many as the options say, and for all handlers
 * {@value #MOST_BYTES_WAITING} bytes and {@value #MOST_DESCRIPTORS_WAITING} open descriptors; further ones are dropped and
 * counted, but the first of a peer waits however many bytes there are. As many peers as the options say have a handler. If there are as many and a datagram of another comes, the
 * conversation that has waited for the longest time is ended in favour of it; if none waits, receiving stops until one ends or
 * does, and what comes meanwhile is up to the system: UDP throws away what it has no room for, senders of UNIX datagrams wait.
 * A handler that does not leave when it was told the end keeps its place until it does, and others are ended after it. While
 * receiving has stopped, a close of the transport by somebody else goes unnoticed; {@link #close()} does not.
 *
 * <p>An ICMP error, that a peer is not there, does not end the serving, and neither does a failure of the system to receive.
 *
 * <p><b>How it ends.</b> {@link #drain} ends it in good order: nothing more is received; what waits is still given to the handlers;
 * a receive that finds nothing ends by {@link io.bobbinet.stream.EndOfStreamException}; what goes on for too long is cancelled.
 * Until then handlers can send. {@link #close()} cancels the handlers at once; after a drain it leaves them their time, but
 * they cannot send any more. {@code drain(Duration.ZERO)} ends a drain.
 *
 * @param <S> the type of the packets that the server sends
 * @param <R> the type of the packets that the server receives
 */
public final class DatagramServer<S, R> implements Attributed, Closeable {
    /** How many bytes of datagrams wait for the handlers of a server at most, besides the first of each peer. */
    public static final int MOST_BYTES_WAITING = 16 * 1024 * 1024;

    /** How many open descriptors wait with their datagrams for the handlers of a server at most. */
    public static final int MOST_DESCRIPTORS_WAITING = 506;

    private final DatagramTransport<?> transport;
    private final Conversations<?, S, R> conversations;
    private final ServerLife life = new ServerLife(this);

    private DatagramServer(DatagramTransport<?> transport, Conversations<?, S, R> conversations) {
        this.transport = transport;
        this.conversations = conversations;
    }

    /**
     * Makes a server with the {@linkplain DatagramServerOptions#defaults() default options}.
     *
     * @param <S> the type of the packets that the server sends
     * @param <R> the type of the packets that the server receives
     * @param transport the socket, which belongs to the server from now on, and is closed with it
     * @param protocol what travels
     * @return the server
     */
    public static <S, R> DatagramServer<S, R> over(DatagramTransport<?> transport, DatagramProtocol<S, R> protocol) {
        return over(transport, protocol, DatagramServerOptions.defaults());
    }

    /**
     * Makes a server.
     *
     * @param <S> the type of the packets that the server sends
     * @param <R> the type of the packets that the server receives
     * @param transport the socket, which belongs to the server from now on, and is closed with it
     * @param protocol what travels
     * @param options how it serves
     * @return the server
     * @throws UnsupportedOperationException if the options ask for what comes beside datagrams and the transport is no
     *     {@link io.bobbinet.net.UnixDatagramSocket}; it still belongs to the caller
     */
    public static <S, R> DatagramServer<S, R> over(
            DatagramTransport<?> transport, DatagramProtocol<S, R> protocol, DatagramServerOptions options) {
        Objects.requireNonNull(transport, "transport");
        Objects.requireNonNull(protocol, "protocol");
        return new DatagramServer<>(transport, Conversations.over(transport, protocol, options));
    }

    /**
     * Serves until the end. Returns after {@link #drain} only, when all handlers have ended. May be called again after it was
     * cancelled or interrupted, and after a failure of {@link DatagramHandler#start}.
     *
     * @param handler what to do with a peer
     * @throws io.bobbinet.stream.ClosedResourceException if the server or its transport is closed otherwise, by whomever, before
     *     or during the call; the handlers were cancelled and have ended
     * @throws io.bobbinet.stream.BusyResourceException if another thread serves, or receives from the transport
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; the handlers have ended
     * @throws io.bobbinet.task.TaskFailedException if {@link DatagramHandler#start} or {@link DatagramHandler#stop} throws a checked
     *     exception, which is its cause; {@link IOException}s and unchecked ones come out as they are
     * @throws IOException as {@link java.io.InterruptedIOException} if the thread was interrupted by the user; the handlers were
     *     cancelled and have ended
     */
    public void serve(DatagramHandler<S, R> handler) throws IOException {
        Objects.requireNonNull(handler, "handler");
        try {
            life.serve(() -> handler.start(this), () -> conversations.handleWith(handler), handler::stop);
        } finally {
            if (life.isDrained() && !life.isServing()) {
                transport.close();
            }
        }
    }

    /**
     * Ends the serving in good order, and closes the transport when the last handler has ended. Does not wait for that:
     * {@link #serve} does, and returns. May be called by a handler and by {@link DatagramHandler#start}, and again, to shorten the
     * time. If nobody serves, this closes the server.
     *
     * @param grace how long the handlers may go on, before they are cancelled
     * @throws IOException if closing the transport reported a failure
     */
    public void drain(Duration grace) throws IOException {
        Objects.requireNonNull(grace, "grace");
        if (!life.drain()) {
            return;
        }
        conversations.drain(grace);
        if (!life.isServing()) {
            transport.close();
        }
    }

    /** {@return how many datagrams were dropped because as many of their sender, or as much of all, waited as may} */
    public long dropped() {
        return conversations.dropped();
    }

    /** {@return the address of this end} Known after the close. */
    public SocketAddress localAddress() {
        return transport.localAddress();
    }

    /** {@inheritDoc} Of the transport. */
    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        return transport.find(attribute);
    }

    /**
     * Closes the server and its transport. Idempotent. {@link #serve} cancels its handlers, waits for them and throws
     * {@link io.bobbinet.stream.ClosedResourceException}; this does not wait. After a {@link #drain} this closes the transport
     * and cancels nobody: the handlers keep the time that they were given.
     *
     * @throws IOException if closing the transport reported a failure
     */
    @Override
    public void close() throws IOException {
        life.close();
        conversations.closed();
        transport.close();
    }

    @Override
    public String toString() {
        return "DatagramServer[" + transport + "]";
    }
}
