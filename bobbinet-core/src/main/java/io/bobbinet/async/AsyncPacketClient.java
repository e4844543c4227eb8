package io.bobbinet.async;

import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.SocketView;
import io.bobbinet.net.UnixCredentials;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.packet.Arrivals;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketMessage;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.Attributed;
import io.bobbinet.stream.ByteStream;
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
 * A {@link PacketClient} for code that is not on virtual threads: no method waits, and what they begin is told by futures.
 *
 * {@snippet file="AsyncPacketExamples.java" region="client"}
 *
 * <p><b>Connecting.</b> Making a client does nothing yet. {@link #connect()} does, or the first send or receive; whoever comes
 * while it goes on shares it. If it fails, all of them fail by the same exception, and the next one tries again.
 *
 * <p><b>Order.</b> Sends go out in the order of the calls, and receives are served in the order of the calls; neither wait for
 * the other. A packet is encoded when it is its turn, so that it must not be changed before its future is completed. The sends
 * that wait for their turn are kept in memory, however many they are. That is the order in which packets are taken; without an executor, the
 * callbacks of consecutive futures may run at the same time, and in another order. An executor with one thread runs them in turn.
 *
 * <p><b>A future that is completed from outside</b>, by {@code cancel}, {@code orTimeout} or any other way, cancels what it stands
 * for. A receive has then taken nothing: a packet that was decoded meanwhile goes to the next receive. A send has sent nothing, or
 * a part; see {@link PacketClient} for what that means. Connecting ends if nobody else waits for it. Once the outcome is certain
 * and on its way to the executor, {@code cancel} and its kin come too late and return false. Futures that are made of it, by
 * {@code thenApply} and its kin, are others: completing them cancels nothing.
 *
 * <p><b>Failures</b> are those of {@link PacketClient}, and complete the future; bad arguments are thrown by the call itself.
 *
 * <p><b>Threads.</b> All methods may be called by any number of threads. The work is done on virtual threads, one for each
 * direction, which live as long as there is something to do, on the backend and the time source in force when the client was
 * made. Futures are completed on the executor that the client was made with, which is the
 * {@linkplain CompletableFuture#defaultExecutor() default executor} of the futures too; without one, each on a virtual thread
 * where its callbacks may block. Callbacks never run on a thread that the connection needs, unless the executor is one that runs
 * them in place.
 *
 * @param <S> the type of the packets that are sent
 * @param <R> the type of the packets that are received
 */
public final class AsyncPacketClient<S, R> implements Attributed, Closeable {
    private final Connection<PacketClient<S, R>, R> connection;
    private final Reception<PacketClient<S, R>, R> reception;

    private AsyncPacketClient(Connection<PacketClient<S, R>, R> connection) {
        this.connection = connection;
        this.reception = new Reception<>(connection);
    }

    /**
     * Makes a client that is not connected yet.
     *
     * @param <S> the type of the packets that are sent
     * @param <R> the type of the packets that are received
     * @param connector makes the connection, when the time has come; of a
     *     {@linkplain io.bobbinet.net.UnixConnector#withDescriptors() UNIX connector with descriptors} the client can send and
     *     receive them
     * @param protocol what travels
     * @return the client, which belongs to the caller
     */
    public static <S, R> AsyncPacketClient<S, R> of(
            Connector<? extends ByteStream> connector, StreamProtocol<S, R> protocol) {
        return of(connector, protocol, new Callbacks());
    }

    /**
     * Makes a client that is not connected yet.
     *
     * @param <S> the type of the packets that are sent
     * @param <R> the type of the packets that are received
     * @param connector makes the connection, when the time has come
     * @param protocol what travels
     * @param callbacks where futures are completed and subscribers are signalled; if it refuses, that is done on a virtual thread
     * @return the client, which belongs to the caller
     */
    public static <S, R> AsyncPacketClient<S, R> of(
            Connector<? extends ByteStream> connector, StreamProtocol<S, R> protocol, Executor callbacks) {
        return of(connector, protocol, new Callbacks(callbacks));
    }

    private static <S, R> AsyncPacketClient<S, R> of(
            Connector<? extends ByteStream> connector, StreamProtocol<S, R> protocol, Callbacks callbacks) {
        Objects.requireNonNull(connector, "connector");
        Objects.requireNonNull(protocol, "protocol");
        return new AsyncPacketClient<>(new Connection<>(() -> link(connector.connect(), protocol), callbacks));
    }

    /**
     * Makes a client of a stream that is connected, and is itself connected from the beginning.
     *
     * @param <S> the type of the packets that are sent
     * @param <R> the type of the packets that are received
     * @param stream the stream, which belongs to the client from now on, and is closed with it
     * @param protocol what travels
     * @return the client
     */
    public static <S, R> AsyncPacketClient<S, R> over(ByteStream stream, StreamProtocol<S, R> protocol) {
        return new AsyncPacketClient<>(new Connection<>(link(stream, protocol), new Callbacks()));
    }

    /**
     * Makes a client of a stream that is connected, and is itself connected from the beginning.
     *
     * @param <S> the type of the packets that are sent
     * @param <R> the type of the packets that are received
     * @param stream the stream, which belongs to the client from now on, and is closed with it
     * @param protocol what travels
     * @param callbacks where futures are completed and subscribers are signalled; if it refuses, that is done on a virtual thread
     * @return the client
     */
    public static <S, R> AsyncPacketClient<S, R> over(
            ByteStream stream, StreamProtocol<S, R> protocol, Executor callbacks) {
        Callbacks given = new Callbacks(callbacks);
        return new AsyncPacketClient<>(new Connection<>(link(stream, protocol), given));
    }

    private static <S, R> Link<PacketClient<S, R>, R> link(ByteStream stream, StreamProtocol<S, R> protocol) {
        PacketClient<S, R> client = PacketClient.over(stream, protocol);
        return new Link<>(client, client::receive, client::receiveMessage, stream instanceof UnixDescriptorStream);
    }

    /**
     * Connects, unless that is done or under way.
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
     * @return completed when the packet was sent; fails as {@link PacketClient#send} throws
     */
    public CompletableFuture<Void> send(S packet) {
        Objects.requireNonNull(packet, "packet");
        return connection.send(client -> client.send(packet));
    }

    /**
     * Sends a packet and, with its first byte, control messages: open descriptors, or credentials.
     *
     * @param packet the packet, of at least one byte
     * @param beside what travels with it; descriptors stay the caller's, who keeps them open until the future is completed
     * @return completed when the packet was sent; fails as {@link PacketClient#sendMessage} throws
     */
    public CompletableFuture<Void> sendMessage(S packet, ControlMessage... beside) {
        Objects.requireNonNull(packet, "packet");
        ControlMessage[] copy = beside.clone();
        return connection.send(client -> client.sendMessage(packet, copy));
    }

    /**
     * Ends the sending, behind the sends that were called before: the peer sees an end of the stream. Receiving goes on.
     * Idempotent.
     *
     * @return completed when that is done; fails as {@link PacketClient#sendEof()} throws
     */
    public CompletableFuture<Void> sendEof() {
        return connection.send(PacketClient::sendEof);
    }

    // -- receiving

    /**
     * Receives the next packet.
     *
     * @return the packet; fails as {@link PacketClient#receive()} throws. Descriptors that came with it are closed;
     *     {@link #receiveMessage()} gives them
     */
    public CompletableFuture<R> receive() {
        return reception.receive();
    }

    /**
     * Receives the next packet within a time, that of connecting and of the receives before this one included.
     *
     * @param limit how long it may take; with zero a packet is received that has come already, be it in the system's buffers, if
     *     the client is connected and no other receive is waiting
     * @return the packet; fails as {@link PacketClient#receive(Duration)} throws, by
     *     {@link io.bobbinet.task.TimedOutException} if no packet has come in time
     * @throws IllegalArgumentException if the limit is negative
     */
    public CompletableFuture<R> receive(Duration limit) {
        return reception.receive(limit);
    }

    /**
     * Receives the next packet and what came beside its bytes.
     *
     * @return the packet and what came beside it, which belongs to the caller, who closes it; fails as
     *     {@link PacketClient#receiveMessage()} throws
     */
    public CompletableFuture<PacketMessage<R>> receiveMessage() {
        return reception.receiveMessage();
    }

    /**
     * Receives the packets that have come, those in the system's buffers included. If the client is not connected, or another
     * receive is waiting, there are none.
     *
     * @return the packets, at most {@value PacketClient#MOST_AT_ONCE}, and why there are no more
     */
    public CompletableFuture<Arrivals<R>> available() {
        return reception.available(Duration.ZERO);
    }

    /**
     * Receives the packets that come within a time, that of connecting and of the receives before this one included.
     *
     * @param budget how long to go on
     * @return the packets, at most {@value PacketClient#MOST_AT_ONCE}, and why there are no more, a failure to connect included
     * @throws IllegalArgumentException if the budget is negative
     */
    public CompletableFuture<Arrivals<R>> available(Duration budget) {
        return reception.available(budget);
    }

    /**
     * {@return the packets, for subscribers} What a subscriber requests is received for it, one packet after the other, and nothing
     * more. Several subscribers, and receives, share the packets, in the order in which they ask.
     *
     * {@snippet file="AsyncPacketExamples.java" region="packets"}
     *
     * <p>A subscription completes when the peer has ended the stream behind a packet. It fails as {@link #receive()} does; after a
     * {@link io.bobbinet.packet.MalformedPacketException} a new one begins with the packet that follows. After
     * {@link Flow.Subscription#cancel()} at most one more packet is signalled, which had been received before; all others go to
     * whoever receives next. Signals come on the executor of the client.
     */
    public Flow.Publisher<R> packets() {
        return new PacketPublisher<>(reception, false);
    }

    // -- the connection

    /**
     * {@return whether the client has been connected} Stays true after the end of the connection, which only a send or receive
     * tells.
     */
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
     * @throws UnsupportedOperationException if the stream below is no socket
     */
    public SocketAddress localAddress() {
        return connection.client().localAddress();
    }

    /**
     * {@return the address of the peer} Known after the close.
     *
     * @throws java.nio.channels.NotYetConnectedException if the client has not been connected
     * @throws UnsupportedOperationException if the stream below is no socket
     */
    public SocketAddress peerAddress() {
        return connection.client().peerAddress();
    }

    /**
     * {@return the socket below, for its options} It is the same at each call. Below TLS too.
     *
     * @throws java.nio.channels.NotYetConnectedException if the client has not been connected
     * @throws UnsupportedOperationException if the stream below is no socket
     */
    public SocketView socket() {
        return connection.client().socket();
    }

    /**
     * {@return who the peer is} Does not wait. See {@link io.bobbinet.net.UnixStream#peerCredentials()}.
     *
     * @throws java.nio.channels.NotYetConnectedException if the client has not been connected
     * @throws UnsupportedOperationException if the stream below is no UNIX socket, or one that cannot tell
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the client
     * @throws IOException if the system does not tell
     */
    public UnixCredentials peerCredentials() throws IOException {
        return connection.client().peerCredentials();
    }

    /** {@return whether this side has closed the client, or begun to} */
    public boolean isClosed() {
        return connection.isClosed();
    }

    /**
     * Closes the client when the sends that were called before have gone out; at once if it is not connected. Sends and receives
     * that are called from now on, and receives that are waiting when it closes, fail by
     * {@link io.bobbinet.stream.ClosedResourceException}. Idempotent.
     *
     * @return completed when the client is closed; fails as {@link PacketClient#close()} throws, and is closed all the same. If this
     *     is completed from outside, the client is closed at once, as by {@link #close()}
     */
    public CompletableFuture<Void> closeAsync() {
        return connection.closeAsync();
    }

    /**
     * Closes the client at once. Connecting, sends and receives that are under way or waiting fail by
     * {@link io.bobbinet.stream.ClosedResourceException}; a send that is cut off by it cuts the connection off, as the stream
     * says. Does not wait for any of them. The call may take as long as the stream's own close does: that of TLS says goodbye to
     * the peer. Idempotent.
     *
     * @throws IOException as {@link PacketClient#close()} throws; the client is closed all the same
     */
    @Override
    public void close() throws IOException {
        connection.close();
    }

    @Override
    public String toString() {
        return "AsyncPacketClient[" + connection + "]";
    }
}
