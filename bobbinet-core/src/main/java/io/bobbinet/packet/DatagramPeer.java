package io.bobbinet.packet;

import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.packet.Conversation.Arrived;
import io.bobbinet.task.ThrowingConsumer;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who has sent a datagram to a {@link DatagramServer}, for the time that a handler talks with them.
 *
 * {@snippet file="PacketExamples.java" region="datagram-server"}
 *
 * <p>All methods may be called by any number of threads. Two are equal if they are of one server and one address. Sending goes on
 * to be possible when the conversation is over, as long as the server is open: for news that come later. Receiving does not.
 *
 * @param <S> the type of the packets that the server sends
 * @param <R> the type of the packets that the server receives
 */
public final class DatagramPeer<S, R> {
    private final Conversation<?, S, R> conversation;
    private final DatagramProtocol<S, R> protocol;
    private final Turnstile receiving = new Turnstile("receive");
    private final AtomicReference<@Nullable Encoding> encoding = new AtomicReference<>();

    DatagramPeer(Conversation<?, S, R> conversation, DatagramProtocol<S, R> protocol) {
        this.conversation = conversation;
        this.protocol = protocol;
    }

    /** {@return the address of the peer} Empty for a UNIX socket without a name, which cannot be answered. */
    public Optional<SocketAddress> address() {
        return conversation.address().map(address -> address);
    }

    // -- receiving

    /**
     * Receives the packet of the peer's next datagram, waiting for it if need be; at first that of the datagram that the handler
     * was called for. A receive that is cancelled or interrupted has received nothing.
     *
     * @return the packet. Descriptors that came with it are closed; {@link #receiveMessage()} gives them
     * @throws MalformedPacketException if the datagram is no packet; it was consumed
     * @throws PacketProtocolException if the codec crashed; the datagram is gone
     * @throws io.bobbinet.stream.EndOfStreamException if no datagram has come for the
     *     {@linkplain DatagramServerOptions#idleTimeout() idle time}, another peer needs the place, the server is drained, or, for
     *     a peer without an address, at the second call
     * @throws io.bobbinet.stream.ClosedResourceException if the conversation is over
     * @throws IOException as {@link java.io.InterruptedIOException} if the thread was interrupted by the user
     */
    public R receive() throws IOException {
        return receive(true);
    }

    /**
     * Receives the packet of the peer's next datagram within a time, which replaces the idle time.
     *
     * @param limit how long it may take; with zero a packet is received that has come already
     * @return the packet
     * @throws IllegalArgumentException if the limit is negative
     * @throws io.bobbinet.task.TimedOutException if no datagram has come in time
     * @throws IOException as {@link #receive()}
     */
    public R receive(Duration limit) throws IOException {
        return Receiving.within(limit, () -> receive(false));
    }

    private R receive(boolean unlimited) throws IOException {
        try (Arrived<?> next = take(unlimited)) {
            return PacketDecoding.decode(
                    protocol.received(), next.datagram().data(), next.datagram().isTruncated());
        }
    }

    private Arrived<?> take(boolean unlimited) throws IOException {
        receiving.enter();
        try {
            return conversation.take(unlimited);
        } finally {
            receiving.leave();
        }
    }

    /**
     * Receives the packet of the peer's next datagram and what came beside it.
     *
     * @return the packet and what came beside it, which belongs to the caller, who closes it
     * @throws UnsupportedOperationException if the server was made without {@link DatagramServerOptions#withMessages()}
     * @throws MalformedPacketException if the datagram is no packet; what came beside it is closed
     * @throws IOException as {@link #receive()}
     */
    public PacketMessage<R> receiveMessage() throws IOException {
        if (!conversation.all().options().messages()) {
            throw new UnsupportedOperationException("The server of " + this
                    + " does not receive what comes beside datagrams; see DatagramServerOptions.withMessages()");
        }
        return PacketDecoding.decode(protocol.received(), take(true).beside().orElseThrow());
    }

    /**
     * Receives until the conversation ends, gives each packet to a body, and each datagram that is none to another. Whatever a body
     * throws leaves this method.
     *
     * @param <X> what the bodies throw
     * @param body what to do with a packet
     * @param malformed what to do with a datagram that is none
     * @throws X if a body throws it
     * @throws IOException as {@link #receive()}, but for the end and for malformed packets
     */
    public <X extends Throwable> void forEach(
            ThrowingConsumer<? super R, X> body, ThrowingConsumer<? super MalformedPacketException, X> malformed)
            throws X, IOException {
        Receiving.forEach(this::receive, body, malformed);
    }

    /**
     * Receives until the conversation ends, as {@link #forEach} does, and gives each packet to the body together with what came
     * beside it, which is closed when the body has ended, but for what it has taken.
     *
     * @param <X> what the bodies throw
     * @param body what to do with a packet and what came beside it
     * @param malformed what to do with a datagram that is none; what came beside it is closed
     * @throws X if a body throws it
     * @throws UnsupportedOperationException if the server was made without {@link DatagramServerOptions#withMessages()}
     * @throws IOException as {@link #receiveMessage()}, but for the end and for malformed packets
     */
    public <X extends Throwable> void forEachMessage(
            ThrowingConsumer<? super PacketMessage<R>, X> body,
            ThrowingConsumer<? super MalformedPacketException, X> malformed)
            throws X, IOException {
        Receiving.forEachMessage(this::receiveMessage, body, malformed);
    }

    /** The conversation is over: nobody receives any more. */
    void ended() {
        receiving.close();
    }

    // -- sending

    /**
     * Sends a packet to the peer. A send that is cancelled or interrupted has sent nothing.
     *
     * @param packet the packet
     * @throws IllegalArgumentException if the codec refuses the packet; nothing was sent
     * @throws PacketProtocolException if the codec crashed; nothing was sent
     * @throws java.net.SocketException if the peer has no address, or the packet is too long for a datagram; nothing was sent
     * @throws IOException as {@link io.bobbinet.net.DatagramTransport#send} throws it; nothing was sent
     */
    public void send(S packet) throws IOException {
        send(packet, bytes -> conversation.answer(Arrays.copyOf(bytes.array(), bytes.limit())));
    }

    /**
     * Sends a packet to the peer and control messages: open descriptors, or credentials.
     *
     * @param packet the packet
     * @param beside what travels with it; descriptors stay the caller's
     * @throws UnsupportedOperationException if the transport is no {@link UnixDatagramSocket}
     * @throws IOException as {@link #send}
     */
    public void sendMessage(S packet, ControlMessage... beside) throws IOException {
        if (!(conversation.all().transport() instanceof UnixDatagramSocket unix)) {
            throw new UnsupportedOperationException(conversation.all().transport()
                    + " has no control messages; a UNIX datagram socket of the backend linux has");
        }
        UnixAddress to = (UnixAddress) conversation.address().orElseThrow(Conversation::nobody);
        send(packet, bytes -> unix.sendMessage(bytes, to, beside));
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

    // -- as a key

    /** {@return whether the other is of the same server and has the same address} One without an address is equal to itself alone. */
    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof DatagramPeer<?, ?> peer
                        && peer.conversation.all() == conversation.all()
                        && conversation.address().isPresent()
                        && conversation.address().equals(peer.conversation.address());
    }

    @Override
    public int hashCode() {
        return conversation.address().isPresent() ? conversation.address().hashCode() : System.identityHashCode(this);
    }

    /** {@return the address of the peer} */
    @Override
    public String toString() {
        return "DatagramPeer[" + address().map(Object::toString).orElse("a socket without a name") + "]";
    }
}
