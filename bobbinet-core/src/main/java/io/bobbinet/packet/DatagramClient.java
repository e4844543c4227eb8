package io.bobbinet.packet;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.net.ConnectedUnixDatagramSocket;
import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.SocketView;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.Connector;
import io.bobbinet.stream.ObjectReceiveStream;
import io.bobbinet.stream.ObjectSendStream;
import io.bobbinet.task.ThrowingConsumer;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Sends and receives packets as datagrams, one in each, over a connected UDP or UNIX socket or whatever stands in for one.
 *
 * {@snippet file="PacketExamples.java" region="datagram-client"}
 *
 * <p><b>Threads.</b> All methods may be called by any number of threads. Sends go out at the same time, each whole; receives one
 * after the other, in the order in which the calls came. {@link #close()} waits for nobody.
 *
 * <p>A call that is cut short by a deadline, a cancellation or an interrupt has sent nothing and received nothing. A failure, a
 * malformed packet included, concerns its datagram alone. There is no end: receives wait until the client is closed. An empty
 * datagram is a packet if the codec makes one of no bytes.
 *
 * @param <S> the type of the packets that are sent
 * @param <R> the type of the packets that are received
 */
public final class DatagramClient<S, R> implements ObjectSendStream<S>, ObjectReceiveStream<R> {
    private final ConnectedDatagramTransport<?> transport;
    private final DatagramProtocol<S, R> protocol;
    private final Turnstile receiving = new Turnstile("receive");
    private final AtomicReference<@Nullable Encoding> encoding = new AtomicReference<>();
    private volatile boolean closed;

    private DatagramClient(ConnectedDatagramTransport<?> transport, DatagramProtocol<S, R> protocol) {
        this.transport = transport;
        this.protocol = protocol;
    }

    /**
     * Connects, which sends nothing.
     *
     * @param <S> the type of the packets that are sent
     * @param <R> the type of the packets that are received
     * @param connector makes the socket
     * @param protocol what travels
     * @return the client, which belongs to the caller
     * @throws IOException as {@link Connector#connect()} throws it; nothing is left open
     */
    public static <S, R> DatagramClient<S, R> connect(
            Connector<? extends ConnectedDatagramTransport<?>> connector, DatagramProtocol<S, R> protocol)
            throws IOException {
        Objects.requireNonNull(protocol, "protocol");
        return over(connector.connect(), protocol);
    }

    /**
     * Makes a client of a connected socket.
     *
     * @param <S> the type of the packets that are sent
     * @param <R> the type of the packets that are received
     * @param transport the socket, which belongs to the client from now on, and is closed with it
     * @param protocol what travels
     * @return the client
     */
    public static <S, R> DatagramClient<S, R> over(
            ConnectedDatagramTransport<?> transport, DatagramProtocol<S, R> protocol) {
        return new DatagramClient<>(
                Objects.requireNonNull(transport, "transport"), Objects.requireNonNull(protocol, "protocol"));
    }

    // -- sending

    /**
     * Sends a packet.
     *
     * @param packet the packet
     * @throws IllegalArgumentException if the codec refuses the packet; nothing was sent
     * @throws PacketProtocolException if the codec crashed; nothing was sent
     * @throws IOException as {@link ConnectedDatagramTransport#send(ByteBuffer)} throws it; nothing was sent
     */
    @Override
    public void send(S packet) throws IOException {
        send(packet, transport::send);
    }

    /**
     * Sends a packet and control messages: open descriptors, or credentials.
     *
     * @param packet the packet
     * @param beside what travels with it; descriptors stay the caller's
     * @throws UnsupportedOperationException if the transport is no UNIX socket
     * @throws IOException as {@link #send} and {@link ConnectedUnixDatagramSocket#sendMessage(ByteBuffer, ControlMessage...)}
     */
    public void sendMessage(S packet, ControlMessage... beside) throws IOException {
        ConnectedUnixDatagramSocket unix = messages();
        send(packet, bytes -> unix.sendMessage(bytes, beside));
    }

    private void send(S packet, ThrowingConsumer<ByteBuffer, IOException> send) throws IOException {
        Objects.requireNonNull(packet, "packet");
        Encoding bytes = Encoding.take(encoding);
        try {
            Codec<S> codec = protocol.sent();
            send.accept(bytes.of(packet, codec::encode, codec));
        } finally {
            bytes.give(encoding);
        }
    }

    // -- receiving

    /**
     * Receives the packet of the next datagram, waiting for it if need be.
     *
     * @return the packet. Descriptors that came with it are closed; {@link #receiveMessage()} gives them
     * @throws MalformedPacketException if the datagram is no packet
     * @throws PacketProtocolException if the codec crashed; the datagram is gone
     * @throws IOException as {@link ConnectedDatagramTransport#receive()} throws it
     */
    @Override
    public R receive() throws IOException {
        receiving.enter();
        try {
            Datagram<?> datagram = transport.receive();
            return PacketDecoding.decode(protocol.received(), datagram.data(), datagram.isTruncated());
        } finally {
            receiving.leave();
        }
    }

    /**
     * Receives the packet of the next datagram within a time. The time is that of the whole call.
     *
     * @param limit how long it may take; with zero a packet is received that has come already
     * @return the packet
     * @throws IllegalArgumentException if the limit is negative
     * @throws io.bobbinet.task.TimedOutException if no datagram has come in time
     * @throws IOException as {@link #receive()}
     */
    public R receive(Duration limit) throws IOException {
        return Receiving.within(limit, this::receive);
    }

    /**
     * Receives the packet of the next datagram and what came beside it.
     *
     * @return the packet and what came beside it, which belongs to the caller, who closes it
     * @throws UnsupportedOperationException if the transport is no UNIX socket
     * @throws MalformedPacketException if the datagram is no packet; what came beside it is closed
     * @throws IOException as {@link #receive()}
     */
    public PacketMessage<R> receiveMessage() throws IOException {
        ConnectedUnixDatagramSocket unix = messages();
        receiving.enter();
        try {
            return PacketDecoding.decode(
                    protocol.received(), unix.receiveMessage(ConnectedDatagramTransport.DEFAULT_RECEIVE_SIZE));
        } finally {
            receiving.leave();
        }
    }

    private ConnectedUnixDatagramSocket messages() {
        if (transport instanceof ConnectedUnixDatagramSocket unix) {
            return unix;
        }
        throw new UnsupportedOperationException(
                transport + " has no control messages; a UNIX datagram socket of the backend linux has");
    }

    /**
     * Receives the packets that have come, and does not wait.
     *
     * @return the packets, at most {@value PacketClient#MOST_AT_ONCE}, and why there are no more
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled, and no packet was received
     * @throws IOException as {@link java.io.InterruptedIOException} if the thread was interrupted by the user, and no packet was
     *     received; any other failure is part of the result
     */
    public Arrivals<R> available() throws IOException {
        return available(Duration.ZERO);
    }

    /**
     * Receives the packets that come within a time. The time is that of the whole call.
     *
     * @param budget how long to go on
     * @return the packets, at most {@value PacketClient#MOST_AT_ONCE}, and why there are no more
     * @throws IllegalArgumentException if the budget is negative
     * @throws IOException as {@link #available()}
     */
    public Arrivals<R> available(Duration budget) throws IOException {
        return Receiving.all(Receiving.scope(budget), this::receive);
    }

    /**
     * Receives packets and gives each to a body, until the client is closed, by anyone, the body included; then returns. Whatever
     * the body throws leaves this method.
     *
     * @param <X> what the body throws
     * @param body what to do with a packet
     * @throws X if the body throws it
     * @throws IOException as {@link #receive()}, but for the closing of this client
     */
    @Override
    public <X extends Throwable> void forEach(ThrowingConsumer<? super R, X> body) throws X, IOException {
        Objects.requireNonNull(body, "body");
        while (true) {
            R packet;
            try {
                packet = receive();
            } catch (ClosedResourceException e) {
                return;
            }
            body.accept(packet);
        }
    }

    /**
     * Receives packets until the client is closed, as {@link #forEach(ThrowingConsumer)} does, and gives each datagram that is no
     * packet to another body.
     *
     * @param <X> what the bodies throw
     * @param body what to do with a packet
     * @param malformed what to do with one that is none
     * @throws X if a body throws it
     * @throws IOException as {@link #receive()}, but for the closing of this client and for malformed packets
     */
    public <X extends Throwable> void forEach(
            ThrowingConsumer<? super R, X> body, ThrowingConsumer<? super MalformedPacketException, X> malformed)
            throws X, IOException {
        Objects.requireNonNull(body, "body");
        Objects.requireNonNull(malformed, "malformed");
        while (true) {
            R packet;
            try {
                packet = receive();
            } catch (ClosedResourceException e) {
                return;
            } catch (MalformedPacketException e) {
                malformed.accept(e);
                continue;
            }
            body.accept(packet);
        }
    }

    /**
     * Receives packets until the client is closed, as {@link #forEach(ThrowingConsumer)} does, and gives each to a body together
     * with what came beside it. The message is closed when the body has ended.
     *
     * @param <X> what the body throws
     * @param body what to do with a message
     * @throws X if the body throws it
     * @throws UnsupportedOperationException if the transport is no UNIX socket
     * @throws IOException as {@link #receiveMessage()}, but for the closing of this client
     */
    public <X extends Throwable> void forEachMessage(ThrowingConsumer<? super PacketMessage<R>, X> body)
            throws X, IOException {
        Objects.requireNonNull(body, "body");
        while (true) {
            PacketMessage<R> message;
            try {
                message = receiveMessage();
            } catch (ClosedResourceException e) {
                return;
            }
            try (message) {
                body.accept(message);
            }
        }
    }

    // -- the socket

    /** {@inheritDoc} */
    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        return transport.find(attribute);
    }

    /** {@return the address of this end} Known after the close. */
    public SocketAddress localAddress() {
        return transport.localAddress();
    }

    /** {@return the address of the peer} Known after the close. */
    public SocketAddress peerAddress() {
        return transport.peerAddress();
    }

    /**
     * {@return the socket below, for its options}
     *
     * @throws UnsupportedOperationException if the transport is no socket
     */
    public SocketView socket() {
        return find(SocketAttributes.SOCKET).orElseThrow(() -> SocketParts.missing(transport));
    }

    /** {@return whether this side has closed the client} */
    public boolean isClosed() {
        return closed;
    }

    /** {@inheritDoc} Calls that are under way or waiting end by {@link ClosedResourceException}. */
    @Override
    public void close() throws IOException {
        closed = true;
        receiving.close();
        transport.close();
    }

    @Override
    public String toString() {
        return "DatagramClient[" + transport + (closed ? ", closed]" : "]");
    }
}
