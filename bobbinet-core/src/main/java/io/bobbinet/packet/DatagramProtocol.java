package io.bobbinet.packet;

import java.util.Objects;

/**
 * What two ends have agreed on that send datagrams to one another: the packets that this end sends, and those that it receives,
 * one in each datagram. Immutable; one serves any number of sockets at the same time.
 *
 * @param <S> the type of the packets that are sent
 * @param <R> the type of the packets that are received
 */
public final class DatagramProtocol<S, R> {
    private final Codec<S> sent;
    private final Codec<R> received;

    private DatagramProtocol(Codec<S> sent, Codec<R> received) {
        this.sent = sent;
        this.received = received;
    }

    /**
     * Makes a protocol of packets of one type both ways.
     *
     * @param <T> the type
     * @param codec the codec of both ways
     * @return the protocol
     */
    public static <T> DatagramProtocol<T, T> of(Codec<T> codec) {
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
    public static <S, R> DatagramProtocol<S, R> of(Codec<S> sent, Codec<R> received) {
        return new DatagramProtocol<>(
                Objects.requireNonNull(sent, "sent"), Objects.requireNonNull(received, "received"));
    }

    Codec<S> sent() {
        return sent;
    }

    Codec<R> received() {
        return received;
    }

    /** {@return the codecs} */
    @Override
    public String toString() {
        return "DatagramProtocol[" + (sent.equals(received) ? sent : sent + " out, " + received + " in") + "]";
    }
}
