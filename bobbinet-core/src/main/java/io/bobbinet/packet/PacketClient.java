package io.bobbinet.packet;

import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.SocketView;
import io.bobbinet.net.UnixCredentials;
import io.bobbinet.net.UnixDescriptorStream;
import io.bobbinet.net.UnixStream;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.Connector;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.ObjectReceiveStream;
import io.bobbinet.stream.ObjectSendStream;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.ThrowingConsumer;
import io.bobbinet.task.ThrowingFunction;
import io.bobbinet.task.ThrowingRunnable;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Sends and receives packets over a stream: TCP, TLS, UNIX, or any other {@link ByteStream}. What a {@link PacketServer} gives to
 * its handlers is one too.
 *
 * {@snippet file="PacketExamples.java" region="client"}
 *
 * <p><b>Threads.</b> All methods may be called by any number of threads. Sends go out one after the other, each whole. A send
 * encodes its packet first, at the same time as others do, and then gets in line: packets of one thread go out in the order of its
 * calls, those of several in the order in which their encoding ended. Receives are served in the order in which the calls came.
 * Sends and receives do not wait for each other. {@link #close()} waits for nobody.
 *
 * <p><b>What a call leaves behind that is cut short</b> by a deadline, a cancellation or an interrupt: a receive has consumed
 * nothing, and the bytes of a packet that has come in part are kept for the next. A send has sent nothing, or a part; then the
 * packet can never be completed, every later send throws {@link io.bobbinet.stream.BrokenResourceException} and says how much
 * went out, and receiving goes on.
 *
 * <p><b>Malformed packets</b> are told by {@link MalformedPacketException}, once each, and the next receive gives the packet after
 * it.
 *
 * <p><b>The end.</b> If the peer has ended the stream behind a packet, receives throw
 * {@link EndOfStreamException}; inside of a packet, {@link io.bobbinet.stream.IncompleteReadException}; after a
 * reset, {@link io.bobbinet.stream.BrokenResourceException}. Packets that came whole before are given first.
 *
 * @param <S> the type of the packets that are sent
 * @param <R> the type of the packets that are received
 */
public final class PacketClient<S, R> implements ObjectSendStream<S>, ObjectReceiveStream<R> {
    /** How many packets {@link #available()} takes at most. */
    public static final int MOST_AT_ONCE = 1000;

    private final StreamProtocol<S, R> protocol;
    private final Source source;
    private final BufferedByteStream stream;
    private final Turnstile sending = new Turnstile("send");
    private final Turnstile receiving = new Turnstile("receive");
    private final AtomicReference<@Nullable Encoding> encoding = new AtomicReference<>();

    /** Used by the receiving thread alone. */
    private final PacketReader<R> reader;

    /** How long a packet may take to go out. */
    private final Optional<Duration> writeTimeout;

    private volatile boolean closed;

    private PacketClient(Source source, StreamProtocol<S, R> protocol, Optional<Duration> writeTimeout) {
        this.writeTimeout = writeTimeout;
        this.protocol = protocol;
        this.source = source;
        this.stream = BufferedByteStream.over(source);
        this.reader = new PacketReader<>(stream, source, protocol.received());
    }

    /**
     * Connects.
     *
     * @param <S> the type of the packets that are sent
     * @param <R> the type of the packets that are received
     * @param connector makes the connection, and knows how long that may take; of a
     *     {@linkplain io.bobbinet.net.UnixConnector#withDescriptors() UNIX connector with descriptors} the client can send and
     *     receive them
     * @param protocol what travels
     * @return the client, which belongs to the caller
     * @throws IOException as {@link Connector#connect()} throws it; nothing is left open
     */
    public static <S, R> PacketClient<S, R> connect(
            Connector<? extends ByteStream> connector, StreamProtocol<S, R> protocol) throws IOException {
        Objects.requireNonNull(protocol, "protocol");
        return over(connector.connect(), protocol);
    }

    /**
     * Makes a client of a stream that is connected, whatever it was made by: a socket of one's own is adopted by
     * {@link io.bobbinet.net.Unix#adopt} or {@link io.bobbinet.net.Tcp#adopt}.
     *
     * @param <S> the type of the packets that are sent
     * @param <R> the type of the packets that are received
     * @param stream the stream, which belongs to the client from now on, and is closed with it
     * @param protocol what travels
     * @return the client
     */
    public static <S, R> PacketClient<S, R> over(ByteStream stream, StreamProtocol<S, R> protocol) {
        return over(stream, protocol, null, Optional.empty());
    }

    /** Makes the client of a server. */
    static <S, R> PacketClient<S, R> over(
            ByteStream stream,
            StreamProtocol<S, R> protocol,
            @Nullable Patience patience,
            Optional<Duration> writeTimeout) {
        Objects.requireNonNull(stream, "stream");
        int receiveSize = protocol.receiveSize();
        return new PacketClient<>(
                stream instanceof UnixDescriptorStream unix
                        ? new MessageSource(unix, receiveSize, patience)
                        : new Source(stream, receiveSize, patience),
                protocol,
                writeTimeout);
    }

    // -- sending

    /**
     * Sends a packet. The codec is called first, on this thread, and may run for several packets at the same time.
     *
     * @param packet the packet
     * @throws IllegalArgumentException if the codec refuses the packet; nothing was sent
     * @throws PacketProtocolException if the codec crashed, or made no bytes of it; nothing was sent
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the client or ended the sending
     * @throws IOException as {@link io.bobbinet.stream.ByteSendStream} says
     */
    @Override
    public void send(S packet) throws IOException {
        send(packet, stream::send);
    }

    /**
     * Sends a packet and, with its first byte, control messages: open descriptors, or credentials.
     *
     * @param packet the packet, of at least one byte
     * @param beside what travels with it; descriptors stay the caller's
     * @throws UnsupportedOperationException if the stream below is no {@link UnixDescriptorStream}
     * @throws IOException as {@link #send} and {@link UnixDescriptorStream#sendMessage(ByteBuffer, ControlMessage...)}
     */
    public void sendMessage(S packet, ControlMessage... beside) throws IOException {
        UnixDescriptorStream unix = messages().stream();
        send(packet, bytes -> unix.sendMessage(bytes, beside));
    }

    private void send(S packet, ThrowingConsumer<ByteBuffer, IOException> send) throws IOException {
        Objects.requireNonNull(packet, "packet");
        Encoding bytes = Encoding.take(encoding);
        try {
            FramedCodec<S> codec = protocol.sent();
            ByteBuffer frame = bytes.of(packet, codec::encodeFrame, codec);
            if (!frame.hasRemaining()) {
                throw new PacketProtocolException(
                        "The codec " + codec + " made no bytes of a packet: the peer could never know of it");
            }
            sending.enter();
            try {
                timely("sending a packet", () -> send.accept(frame));
            } finally {
                sending.leave();
            }
        } finally {
            bytes.give(encoding);
        }
    }

    private void timely(String what, ThrowingRunnable<IOException> sending) throws IOException {
        if (writeTimeout.isEmpty()) {
            sending.run();
        } else {
            CancelScope.failAfter(writeTimeout.get(), what).run(sending);
        }
    }

    /**
     * Ends the sending, behind the sends that are under way or waiting: the peer sees an end of the stream. Receiving goes on.
     * Idempotent.
     *
     * @throws UnsupportedOperationException if the stream cannot end one direction alone, as TLS before 1.3
     * @throws IOException as {@link ByteStream#sendEof()}
     */
    public void sendEof() throws IOException {
        sending.enter();
        try {
            timely("ending the sending", stream::sendEof);
        } finally {
            sending.leave();
        }
    }

    // -- receiving

    /**
     * Receives the next packet, waiting for it if need be.
     *
     * @return the packet. Descriptors that came with it are closed; {@link #receiveMessage()} gives them
     * @throws MalformedPacketException if what came is no packet; it was consumed
     * @throws PacketProtocolException if the codec crashed; this packet is lost, and if
     *     {@link PacketProtocolException#isRecoverable()} is false, all that come, by {@link io.bobbinet.stream.BrokenResourceException}
     * @throws EndOfStreamException if the peer has ended the stream and no packet is left
     * @throws io.bobbinet.stream.IncompleteReadException if the peer has ended the stream inside of a packet
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the client, before or during the call
     * @throws IOException as {@link io.bobbinet.stream.ByteReceiveStream} says
     */
    @Override
    public R receive() throws IOException {
        return next(true, packet -> packet);
    }

    /**
     * Receives a packet and makes something of it, before what came beside it is discarded.
     *
     * @param unlimited whether the call has no time limit of its own
     */
    private <T> T next(boolean unlimited, ThrowingFunction<R, T, IOException> making) throws IOException {
        receiving.enter();
        try {
            T made = making.apply(reader.receive(unlimited));
            source.passed(reader.position());
            return made;
        } finally {
            receiving.leave();
        }
    }

    /**
     * Receives the next packet within a time. The time is that of the whole call.
     *
     * @param limit how long it may take; with zero a packet is received that has come already, be it in the system's buffers. Over
     *     a stream of the JDK's, see {@link io.bobbinet.stream.StreamAdapters}, zero does not keep a call from waiting
     * @return the packet
     * @throws IllegalArgumentException if the limit is negative
     * @throws io.bobbinet.task.TimedOutException if no packet has come in time; bytes of it that came are kept
     * @throws IOException as {@link #receive()}
     */
    public R receive(Duration limit) throws IOException {
        return Receiving.within(limit, () -> next(false, packet -> packet));
    }

    /**
     * Receives the next packet and what came beside its bytes. Of a peer that sends each packet by one call, descriptors come with
     * the packet that they were sent with; if it sends packets in parts, with the one that they were sent in the midst of; if it
     * sends several by one call, with one of these. At most 253 come with a packet; what is beyond that is closed.
     *
     * @return the packet and what came beside it, which belongs to the caller, who closes it
     * @throws UnsupportedOperationException if the stream below is no {@link UnixDescriptorStream}
     * @throws MalformedPacketException as {@link #receive()}; what came beside the packet is closed
     * @throws IOException as {@link #receive()}
     */
    public PacketMessage<R> receiveMessage() throws IOException {
        MessageSource messages = messages();
        return next(true, packet -> messages.messageOf(packet, reader.position()));
    }

    private MessageSource messages() {
        if (source instanceof MessageSource messages) {
            return messages;
        }
        throw new UnsupportedOperationException(source
                + " has no control messages; a UNIX stream with descriptors has, see UnixConnector.withDescriptors()");
    }

    /**
     * Receives the packets that have come, those in the system's buffers included, and does not wait; but over a stream of the JDK's,
     * see {@link io.bobbinet.stream.StreamAdapters}, which can only be asked by waiting, it waits.
     *
     * @return the packets, at most {@value #MOST_AT_ONCE}, and why there are no more
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled, and no packet was received
     * @throws IOException as {@link java.io.InterruptedIOException} if the thread was interrupted by the user, and no packet was
     *     received; the status stays set; any other failure is part of the result
     */
    public Arrivals<R> available() throws IOException {
        return available(Duration.ZERO);
    }

    /**
     * Receives the packets that come within a time. The time is that of the whole call, which ends before it only if there are
     * enough packets, or can be no more.
     *
     * @param budget how long to go on
     * @return the packets, at most {@value #MOST_AT_ONCE}, and why there are no more
     * @throws IllegalArgumentException if the budget is negative
     * @throws IOException as {@link #available()}
     */
    public Arrivals<R> available(Duration budget) throws IOException {
        return Receiving.all(Receiving.scope(budget), () -> next(false, packet -> packet));
    }

    /**
     * Receives until the end of the stream, gives each packet to a body, and each that is malformed to another. Returns when the
     * peer has ended the stream behind a packet. Whatever a body throws leaves this method.
     *
     * @param <X> what the bodies throw
     * @param body what to do with a packet
     * @param malformed what to do with one that is none
     * @throws X if a body throws it
     * @throws IOException as {@link #receive()}, but for the end of this stream and for malformed packets
     */
    public <X extends Throwable> void forEach(
            ThrowingConsumer<? super R, X> body, ThrowingConsumer<? super MalformedPacketException, X> malformed)
            throws X, IOException {
        Receiving.forEach(this::receive, body, malformed);
    }

    /**
     * Receives until the end of the stream, as {@link #forEach(ThrowingConsumer)} does, and gives each packet to a body together
     * with what came beside its bytes. The message is closed when the body has ended.
     *
     * @param <X> what the body throws
     * @param body what to do with a message
     * @throws X if the body throws it
     * @throws UnsupportedOperationException if the stream below is no {@link UnixDescriptorStream}
     * @throws IOException as {@link #receiveMessage()}, but for the end of this stream
     */
    public <X extends Throwable> void forEachMessage(ThrowingConsumer<? super PacketMessage<R>, X> body)
            throws X, IOException {
        Objects.requireNonNull(body, "body");
        while (true) {
            PacketMessage<R> message;
            try {
                message = receiveMessage();
            } catch (EndOfStreamException e) {
                return;
            }
            try (message) {
                body.accept(message);
            }
        }
    }

    /**
     * Receives until the end of the stream, as {@link #forEach(ThrowingConsumer, ThrowingConsumer)} does, and gives each packet to
     * the body together with what came beside it, which is closed when the body has ended, but for what it has taken.
     *
     * @param <X> what the bodies throw
     * @param body what to do with a packet and what came beside it
     * @param malformed what to do with one that is none; what came beside it is closed
     * @throws X if a body throws it
     * @throws UnsupportedOperationException if the stream below is no {@link UnixDescriptorStream}
     * @throws IOException as {@link #receiveMessage()}, but for the end of this stream and for malformed packets
     */
    public <X extends Throwable> void forEachMessage(
            ThrowingConsumer<? super PacketMessage<R>, X> body,
            ThrowingConsumer<? super MalformedPacketException, X> malformed)
            throws X, IOException {
        Receiving.forEachMessage(this::receiveMessage, body, malformed);
    }

    /** Whether an exception tells no more than that this client has ended: by its peer, or because this side closed it. */
    boolean isEnd(IOException e) {
        return e instanceof EndOfStreamException end
                ? reader.hasTold(end)
                : e instanceof ClosedResourceException && closed;
    }

    // -- the connection

    /** {@inheritDoc} */
    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        return source.find(attribute);
    }

    /**
     * {@return the address of this end} Known after the close.
     *
     * @throws UnsupportedOperationException if the stream below is no socket
     */
    public SocketAddress localAddress() {
        return find(SocketAttributes.LOCAL_ADDRESS).orElseThrow(() -> SocketParts.missing(source));
    }

    /**
     * {@return the address of the peer} Known after the close.
     *
     * @throws UnsupportedOperationException if the stream below is no socket
     */
    public SocketAddress peerAddress() {
        return find(SocketAttributes.PEER_ADDRESS).orElseThrow(() -> SocketParts.missing(source));
    }

    /**
     * {@return the socket below, for its options} It is the same at each call. Below TLS too.
     *
     * @throws UnsupportedOperationException if the stream below is no socket
     */
    public SocketView socket() {
        return find(SocketAttributes.SOCKET).orElseThrow(() -> SocketParts.missing(source));
    }

    /**
     * {@return who the peer is} See {@link UnixStream#peerCredentials()}.
     *
     * @throws UnsupportedOperationException if the stream below is no UNIX socket, or one that cannot tell
     * @throws io.bobbinet.stream.ClosedResourceException if this side closed the client
     * @throws IOException if the system does not tell
     */
    public UnixCredentials peerCredentials() throws IOException {
        return SocketParts.peerCredentials(find(SocketAttributes.SOCKET), source);
    }

    /** {@return whether this side has closed the client} Of what the peer does, only a send or receive tells. */
    public boolean isClosed() {
        return closed;
    }

    /**
     * {@inheritDoc} Sends and receives that are under way or waiting end by
     * {@link io.bobbinet.stream.ClosedResourceException}; a send that is cut off by it cuts the connection off, as the stream
     * says. To let them go out, call {@link #sendEof()} before.
     */
    @Override
    public void close() throws IOException {
        closed = true;
        sending.close();
        receiving.close();
        stream.close();
    }

    @Override
    public String toString() {
        return "PacketClient[" + source + (closed ? ", closed]" : "]");
    }
}
