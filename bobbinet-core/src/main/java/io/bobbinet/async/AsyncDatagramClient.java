package io.bobbinet.async;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.net.ConnectedUnixDatagramSocket;
import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.SocketView;
import io.bobbinet.packet.Arrivals;
import io.bobbinet.packet.DatagramClient;
import io.bobbinet.packet.DatagramProtocol;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketMessage;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.Attributed;
import io.bobbinet.stream.Connector;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;

/**
 * A {@link DatagramClient} for code that is not on virtual threads: no method waits, and what they begin is told by futures.
 *
 * {@snippet file="AsyncPacketExamples.java" region="datagrams"}
 *
 * <p>Connecting, order, futures that are completed from outside, failures and threads are as {@link AsyncPacketClient} says. A send
 * whose future is completed from outside has been sent whole or not at all.
 *
 * @param <S> the type of the packets that are sent
 * @param <R> the type of the packets that are received
 */
public final class AsyncDatagramClient<S, R> implements Attributed, Closeable {
    private final Connection<DatagramClient<S, R>, R> connection;
    private final Reception<DatagramClient<S, R>, R> reception;

    private AsyncDatagramClient(Connection<DatagramClient<S, R>, R> connection) {
        this.connection = connection;
        this.reception = new Reception<>(connection);
    }

    /**
     * Makes a client that is not connected yet.
     *
     * @param <S> the type of the packets that are sent
     * @param <R> the type of the packets that are received
     * @param connector makes the socket, when the time has come
     * @param protocol what travels
     * @return the client, which belongs to the caller
     */
    public static <S, R> AsyncDatagramClient<S, R> of(
            Connector<? extends ConnectedDatagramTransport<?>> connector, DatagramProtocol<S, R> protocol) {
        return of(connector, protocol, new Callbacks());
    }

    /**
     * Makes a client that is not connected yet.
     *
     * @param <S> the type of the packets that are sent
     * @param <R> the type of the packets that are received
     * @param connector makes the socket, when the time has come
     * @param protocol what travels
     * @param callbacks where futures are completed and subscribers are signalled; if it refuses, that is done on a virtual thread
     * @return the client, which belongs to the caller
     */
    public static <S, R> AsyncDatagramClient<S, R> of(
            Connector<? extends ConnectedDatagramTransport<?>> connector,
            DatagramProtocol<S, R> protocol,
            Executor callbacks) {
        return of(connector, protocol, new Callbacks(callbacks));
    }

    private static <S, R> AsyncDatagramClient<S, R> of(
            Connector<? extends ConnectedDatagramTransport<?>> connector,
            DatagramProtocol<S, R> protocol,
            Callbacks callbacks) {
        Objects.requireNonNull(connector, "connector");
        Objects.requireNonNull(protocol, "protocol");
        return new AsyncDatagramClient<>(new Connection<>(() -> link(connector.connect(), protocol), callbacks));
    }

    /**
     * Makes a client of a connected socket, and is itself connected from the beginning.
     *
     * @param <S> the type of the packets that are sent
     * @param <R> the type of the packets that are received
     * @param transport the socket, which belongs to the client from now on, and is closed with it
     * @param protocol what travels
     * @return the client
     */
    public static <S, R> AsyncDatagramClient<S, R> over(
            ConnectedDatagramTransport<?> transport, DatagramProtocol<S, R> protocol) {
        return new AsyncDatagramClient<>(new Connection<>(link(transport, protocol), new Callbacks()));
    }

    /**
     * Makes a client of a connected socket, and is itself connected from the beginning.
     *
     * @param <S> the type of the packets that are sent
     * @param <R> the type of the packets that are received
     * @param transport the socket, which belongs to the client from now on, and is closed with it
     * @param protocol what travels
     * @param callbacks where futures are completed and subscribers are signalled; if it refuses, that is done on a virtual thread
     * @return the client
     */
    public static <S, R> AsyncDatagramClient<S, R> over(
            ConnectedDatagramTransport<?> transport, DatagramProtocol<S, R> protocol, Executor callbacks) {
        Callbacks given = new Callbacks(callbacks);
        return new AsyncDatagramClient<>(new Connection<>(link(transport, protocol), given));
    }

    private static <S, R> Link<DatagramClient<S, R>, R> link(
            ConnectedDatagramTransport<?> transport, DatagramProtocol<S, R> protocol) {
        DatagramClient<S, R> client = DatagramClient.over(transport, protocol);
        return new Link<>(
                client, client::receive, client::receiveMessage, transport instanceof ConnectedUnixDatagramSocket);
    }

    /**
     * Connects, unless that is done or under way. Sends nothing.
     *
     * @return completed when the client is connected; fails as {@link Connector#connect()} throws, by
     *     {@link io.bobbinet.stream.ClosedResourceException} if this side closed the client before or meanwhile
     */
    public CompletableFuture<Void> connect() {
        return connection.connect();
    }

    // -- sending

    /**
     * Sends a packet.
     *
     * @param packet the packet, which is encoded later and must not be changed until then
     * @return completed when the packet was sent; fails as {@link DatagramClient#send} throws
     */
    public CompletableFuture<Void> send(S packet) {
        Objects.requireNonNull(packet, "packet");
        return connection.send(client -> client.send(packet));
    }

    /**
     * Sends a packet and control messages: open descriptors, or credentials.
     *
     * @param packet the packet
     * @param beside what travels with it; descriptors stay the caller's, who keeps them open until the future is completed
     * @return completed when the packet was sent; fails as {@link DatagramClient#sendMessage} throws
     */
    public CompletableFuture<Void> sendMessage(S packet, ControlMessage... beside) {
        Objects.requireNonNull(packet, "packet");
        ControlMessage[] copy = beside.clone();
        return connection.send(client -> client.sendMessage(packet, copy));
    }

    // -- receiving

    /**
     * Receives the packet of the next datagram.
     *
     * @return the packet; fails as {@link DatagramClient#receive()} throws. Descriptors that came with it are closed;
     *     {@link #receiveMessage()} gives them
     */
    public CompletableFuture<R> receive() {
        return reception.receive();
    }

    /**
     * Receives the packet of the next datagram within a time, that of the receives before this one included.
     *
     * @param limit how long it may take; with zero a packet is received that has come already, if the client is connected and no
     *     other receive is waiting
     * @return the packet; fails as {@link DatagramClient#receive(Duration)} throws, by
     *     {@link io.bobbinet.task.TimedOutException} if no datagram has come in time
     * @throws IllegalArgumentException if the limit is negative
     */
    public CompletableFuture<R> receive(Duration limit) {
        return reception.receive(limit);
    }

    /**
     * Receives the packet of the next datagram and what came beside it.
     *
     * @return the packet and what came beside it, which belongs to the caller, who closes it; fails as
     *     {@link DatagramClient#receiveMessage()} throws
     */
    public CompletableFuture<PacketMessage<R>> receiveMessage() {
        return reception.receiveMessage();
    }

    /**
     * Receives the packets that have come. If the client is not connected, or another receive is waiting, there are none.
     *
     * @return the packets, at most {@value PacketClient#MOST_AT_ONCE}, and why there are no more
     */
    public CompletableFuture<Arrivals<R>> available() {
        return reception.available(Duration.ZERO);
    }

    /**
     * Receives the packets that come within a time, that of the receives before this one included.
     *
     * @param budget how long to go on
     * @return the packets, at most {@value PacketClient#MOST_AT_ONCE}, and why there are no more, a failure to connect included
     * @throws IllegalArgumentException if the budget is negative
     */
    public CompletableFuture<Arrivals<R>> available(Duration budget) {
        return reception.available(budget);
    }

    /**
     * {@return the packets, for subscribers} As {@link AsyncPacketClient#packets()}; but a subscription completes when this side
     * closes the client, for there is no other end.
     */
    public Flow.Publisher<R> packets() {
        return new PacketPublisher<>(reception, true);
    }

    // -- the socket

    /** {@return whether the client has been connected} */
    public boolean isConnected() {
        return connection.isConnected();
    }

    /**
     * {@inheritDoc}
     *
     * @throws java.nio.channels.NotYetConnectedException if the client has not been connected
     */
    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        return connection.client().find(attribute);
    }

    /**
     * {@return the address of this end} Known after the close.
     *
     * @throws java.nio.channels.NotYetConnectedException if the client has not been connected
     */
    public SocketAddress localAddress() {
        return connection.client().localAddress();
    }

    /**
     * {@return the address of the peer} Known after the close.
     *
     * @throws java.nio.channels.NotYetConnectedException if the client has not been connected
     */
    public SocketAddress peerAddress() {
        return connection.client().peerAddress();
    }

    /**
     * {@return the socket below, for its options}
     *
     * @throws java.nio.channels.NotYetConnectedException if the client has not been connected
     * @throws UnsupportedOperationException if the transport is no socket
     */
    public SocketView socket() {
        return connection.client().socket();
    }

    /** {@return whether this side has closed the client, or begun to} */
    public boolean isClosed() {
        return connection.isClosed();
    }

    /**
     * Closes the client when the sends that were called before have gone out; at once if it is not connected. As
     * {@link AsyncPacketClient#closeAsync()}.
     *
     * @return completed when the client is closed; fails as {@link DatagramClient#close()} throws, and is closed all the same. If
     *     this is completed from outside, the client is closed at once, as by {@link #close()}
     */
    public CompletableFuture<Void> closeAsync() {
        return connection.closeAsync();
    }

    /**
     * Closes the client at once. Connecting, sends and receives that are under way or waiting fail by
     * {@link io.bobbinet.stream.ClosedResourceException}. Does not wait for any of them. Idempotent.
     *
     * @throws IOException as {@link DatagramClient#close()} throws; the client is closed all the same
     */
    @Override
    public void close() throws IOException {
        connection.close();
    }

    @Override
    public String toString() {
        return "AsyncDatagramClient[" + connection + "]";
    }
}
