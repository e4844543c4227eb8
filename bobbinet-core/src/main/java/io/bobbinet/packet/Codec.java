package io.bobbinet.packet;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/**
 * Turns packets of one type into bytes and bytes into packets: what a datagram needs. A stream needs to know, besides, where a
 * packet ends; that is the business of a {@link FramedCodec}. Users may implement it.
 *
 * {@snippet file="PacketExamples.java" region="codec"}
 *
 * <p>A codec has no state of a conversation: one is used by any number of connections and threads at the same time.
 *
 * <p>Bytes that are no packet are reported as {@link MalformedPacketException} and in no other way. Whatever else a codec throws
 * counts as a crash of it, and reaches the caller of a client as {@link PacketProtocolException}; but an
 * {@link IllegalArgumentException} of {@link #encode}, which refuses the packet, reaches the caller as it is.
 *
 * @param <T> the type of the packets
 */
public interface Codec<T> {

    /**
     * Writes the bytes of a packet. Nothing is sent before this has returned.
     *
     * @param packet the packet
     * @param target where the bytes go, in memory; not to be kept
     * @throws IllegalArgumentException if the packet cannot be sent, for instance because it is too long; nothing is sent
     * @throws IOException if the target throws it, which it does not
     */
    void encode(T packet, OutputStream target) throws IOException;

    /**
     * Makes a packet of its bytes.
     *
     * @param data all the bytes of the packet; they may be kept
     * @return the packet, never null
     * @throws MalformedPacketException if the bytes are no packet
     * @throws IOException in no other case
     */
    T decode(byte[] data) throws IOException;

    /**
     * {@return a codec whose packets are converted on their way to and from this one}
     *
     * @param <P> the type of its packets
     * @param converter converts them
     */
    default <P> Codec<P> converted(Converter<P, T> converter) {
        return new ConvertedCodec<>(this, Objects.requireNonNull(converter, "converter"));
    }
}
