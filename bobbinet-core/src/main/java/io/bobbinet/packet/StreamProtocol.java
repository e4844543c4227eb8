package io.bobbinet.packet;

import io.bobbinet.stream.ByteReceiveStream;
import java.util.Objects;

/**
 * What two ends of a stream have agreed on: the packets that this end sends, and those that it receives. Immutable; one serves
 * any number of connections at the same time.
 *
 * {@snippet file="PacketExamples.java" region="protocol"}
 *
 * @param <S> the type of the packets that are sent
 * @param <R> the type of the packets that are received
 */
public final class StreamProtocol<S, R> {
    private final FramedCodec<S> sent;
    private final FramedCodec<R> received;
    private final int receiveSize;

    private StreamProtocol(FramedCodec<S> sent, FramedCodec<R> received, int receiveSize) {
        this.sent = sent;
        this.received = received;
        this.receiveSize = receiveSize;
    }

    /**
     * Makes a protocol of packets of one type both ways.
     *
     * @param <T> the type
     * @param codec the codec of both ways
     * @return the protocol
     */
    public static <T> StreamProtocol<T, T> of(FramedCodec<T> codec) {
        return of(codec, codec);
    }

    /**
     * Makes a protocol of two codecs. The other end has the same two, the other way round.
     *
     * @param <S> the type of the packets that are sent
     * @param <R> the type of the packets that are received
     * @param sent the codec of the packets that are sent
     * @param received the codec of the packets that are received
     * @return the protocol
     */
    public static <S, R> StreamProtocol<S, R> of(FramedCodec<S> sent, FramedCodec<R> received) {
        return new StreamProtocol<>(
                Objects.requireNonNull(sent, "sent"),
                Objects.requireNonNull(received, "received"),
                ByteReceiveStream.DEFAULT_RECEIVE_SIZE);
    }

    /**
     * {@return the same protocol with a limit of how many bytes are received at once} What is received ahead of the packets that
     * are asked for, and the buffer that a codec gets at once, is no larger. Without it 65,536.
     *
     * @param bytes the limit
     * @throws IllegalArgumentException if it is less than 1
     */
    public StreamProtocol<S, R> withReceiveSize(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("At least 1 byte must be received at once, not " + bytes);
        }
        return new StreamProtocol<>(sent, received, bytes);
    }

    FramedCodec<S> sent() {
        return sent;
    }

    FramedCodec<R> received() {
        return received;
    }

    int receiveSize() {
        return receiveSize;
    }

    /** {@return the codecs} */
    @Override
    public String toString() {
        return "StreamProtocol[" + (sent.equals(received) ? sent : sent + " out, " + received + " in") + "]";
    }
}
