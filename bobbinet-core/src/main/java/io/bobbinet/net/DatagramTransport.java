package io.bobbinet.net;

import io.bobbinet.stream.Attributed;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingConsumer;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;

/**
 * Something that sends and receives datagrams: a {@link UdpSocket}, a {@link UnixDatagramSocket}, or a stand-in for one. Users
 * may implement it.
 *
 * <p>Datagrams keep their boundaries, and an empty one is data. On the way they may be lost, doubled or overtaken, as the
 * network pleases. There is no end: a receive waits until the transport is closed.
 *
 * <p>Any number of threads may send at the same time: datagrams go out whole or not at all. One thread at a time may receive;
 * a second gets {@link io.bobbinet.stream.BusyResourceException} at once. {@link #close()} may come from any thread.
 *
 * <p>A call that is cancelled, timed out or interrupted has received nothing and sent nothing, and the transport is as it was;
 * of a batch, its position tells how much went out. A failure of a call does not close the transport either.
 *
 * @param <A> the kind of address: {@link java.net.InetSocketAddress} or {@link UnixAddress}
 */
public interface DatagramTransport<A extends SocketAddress> extends Attributed, Closeable {
    /** How many bytes {@link #receive()} takes at most, unless a transport has longer datagrams. */
    int DEFAULT_RECEIVE_SIZE = 65_536;

    /** How many handlers run at the same time at most, unless the options tell otherwise. */
    int DEFAULT_HANDLERS = 256;

    /**
     * {@return the address of this end} As it was when the transport was made; known after the close.
     */
    A localAddress();

    /**
     * Receives a datagram of up to 65,536 bytes, which is more than any of UDP has; of UNIX sockets one of any size.
     *
     * @return the datagram
     * @throws IOException as from {@link #receive(int)}
     */
    default Datagram<A> receive() throws IOException {
        return receive(DEFAULT_RECEIVE_SIZE);
    }

    /**
     * Receives a datagram, waiting for it if need be.
     *
     * @param max how many bytes at most; of a longer one the rest is lost, and it is flagged as truncated
     * @return the datagram
     * @throws IllegalArgumentException if less than 1 byte is asked for
     * @throws ClosedResourceException if this side closed the transport, before or during the call
     * @throws io.bobbinet.stream.BusyResourceException if another thread is receiving
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; nothing was taken
     * @throws java.net.PortUnreachableException if the peer of a connected UDP socket is not there, which the network has told
     *     after an earlier send; told once
     * @throws IOException if the system reports another failure, or as {@link java.io.InterruptedIOException} if the thread
     *     was interrupted by the user; nothing was taken
     */
    Datagram<A> receive(int max) throws IOException;

    /**
     * Sends a datagram to its {@linkplain Datagram#peer() peer}, waiting for room if need be.
     *
     * @param datagram the datagram
     * @throws IllegalArgumentException if the address is of another family than this socket or has the port 0, or this is
     *     connected to another one; nothing was sent
     * @throws ClosedResourceException if this side closed the transport, before or during the call; nothing was sent
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; nothing was sent
     * @throws java.net.PortUnreachableException if the peer of a connected UDP socket is not there, which the network has told
     *     after an earlier send; told once; nothing was sent
     * @throws java.net.UnknownHostException if an unresolved address cannot be resolved, or only to another family
     * @throws java.net.SocketException if the peer has no name, or the system refuses, a datagram that is too long for
     *     instance; nothing was sent
     * @throws java.nio.file.NoSuchFileException if the peer is a path and there is none
     * @throws java.net.ConnectException if nobody receives at the path or abstract name, any more
     * @throws IOException if the system reports another failure, or as {@link java.io.InterruptedIOException} if the thread
     *     was interrupted by the user; nothing was sent
     */
    void send(Datagram<A> datagram) throws IOException;

    /**
     * Receives at least one datagram, waiting for it if need be, and as many more as have come and have room.
     *
     * @param batch where they go; what was in it is gone
     * @throws IOException as from {@link #receive(int)}; the batch is empty then
     */
    void receiveBatch(DatagramBatch<A> batch) throws IOException;

    /**
     * Sends the datagrams of a batch from its {@linkplain DatagramBatch#position() position} on, each to its peer, waiting for
     * room if need be. When this returns, the position is at the end. A batch to one UDP peer may go out whole before the network can
     * tell that nobody is there; a connected socket learns that from its next call.
     *
     * @param batch the datagrams
     * @throws IllegalArgumentException if a datagram has no peer where one is needed, or a wrong one, as with
     *     {@link #send(Datagram)}; nothing was sent
     * @throws IOException as from {@link #send(Datagram)}; the position is at the first that did not go out, which is the one
     *     that failed. Of a peer that is unreachable the system may tell later, or not at all
     */
    void sendBatch(DatagramBatch<A> batch) throws IOException;

    /**
     * Receives datagrams and gives each to a body, one after the other, until the transport is closed, by anyone, the body
     * included; then returns. Whatever the body throws leaves this method.
     *
     * @param <X> what the body throws
     * @param body what to do with a datagram
     * @throws X if the body throws it
     * @throws IOException as from {@link #receive()}, but for the closing of this transport
     */
    default <X extends Throwable> void forEach(ThrowingConsumer<? super Datagram<A>, X> body) throws X, IOException {
        while (true) {
            Datagram<A> datagram;
            try {
                datagram = receive();
            } catch (ClosedResourceException e) {
                return;
            }
            body.accept(datagram);
        }
    }

    /**
     * {@return the state of serving of this transport} One for its life; whoever implements a transport makes it, and calls
     * {@link DatagramServing#closed()} from {@link #close()}.
     */
    DatagramServing serving();

    /**
     * Serves with at most 256 handlers at the same time, and the other {@linkplain ServeOptions#defaults() defaults}.
     *
     * @param handler what to do with a datagram
     * @throws IOException as from {@link #serve(ThrowingConsumer, ServeOptions)}
     */
    default void serve(ThrowingConsumer<? super Datagram<A>, ?> handler) throws IOException {
        serve(handler, ServeOptions.defaults());
    }

    /**
     * Runs a handler for each datagram, in a task of its own. When as many run as may, receiving stops until one ends, and what
     * comes meanwhile is up to the system: UDP throws away what it has no room for. A handler that fails is reported and
     * concerns no other. That the peer of a connected socket is unreachable ends nothing. Returns after {@link #drain} only,
     * when all handlers have ended.
     *
     * @param handler what to do with a datagram; it may use this transport to answer
     * @param options how many handlers at most, as the limit of connections, 256 if there is none; and the reporter, which is
     *     told of the datagram
     * @throws ClosedResourceException if the transport is closed otherwise, by whomever; the handlers were cancelled and have
     *     ended
     * @throws io.bobbinet.stream.BusyResourceException if another thread is receiving or serving; while this serves, others
     *     who want to receive, handlers included, get that exception
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled; the handlers have ended
     * @throws IOException as {@link java.io.InterruptedIOException} if the thread was interrupted by the user; the handlers
     *     were cancelled and have ended
     */
    default void serve(ThrowingConsumer<? super Datagram<A>, ?> handler, ServeOptions options) throws IOException {
        serving().serve(this, handler, options);
    }

    /**
     * Runs a handler for each datagram as a task of a group, at most 256 at the same time. A handler that fails cancels the
     * group. Handlers outlive this call if it is cancelled alone; {@link #drain} bounds them even then. To be called inside the
     * group, so that its cancellation ends the receiving too.
     *
     * @param handler what to do with a datagram
     * @param group the group that the handlers become tasks of
     * @throws IOException as from {@link #serve(ThrowingConsumer, ServeOptions)}
     */
    default void serve(ThrowingConsumer<? super Datagram<A>, ?> handler, TaskGroup group) throws IOException {
        serving().serve(this, handler, group);
    }

    /**
     * Ends the serving in good order: stops receiving, gives the running handlers a time to end, in which they can still send,
     * before they are cancelled, and then closes the transport. Does not wait for that: {@link #serve} does, and returns. May
     * be called by a handler, and again, to shorten the time. If nobody serves, this closes the transport.
     *
     * @param grace how long the handlers may go on
     * @throws IOException if closing reported a failure
     */
    default void drain(Duration grace) throws IOException {
        serving().drain(this, grace);
    }

    /**
     * Closes the transport. Idempotent. Blocked calls throw {@link ClosedResourceException}; {@link #forEach} returns;
     * {@link #serve} cancels its handlers and throws. When this returns, the port or name is free again, if no descriptor of
     * the same socket is open elsewhere.
     *
     * @throws IOException if releasing reported a failure; it is closed all the same
     */
    @Override
    void close() throws IOException;
}
