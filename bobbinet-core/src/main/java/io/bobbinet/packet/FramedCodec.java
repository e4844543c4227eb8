package io.bobbinet.packet;

import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.task.ThrowingCallable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/**
 * A codec that knows where in a stream a packet ends. Users may implement it, with two methods:
 *
 * {@snippet file="PacketExamples.java" region="framed"}
 *
 * <p>A packet is received by plain blocking calls, as many as it takes. They are one transaction: if a deadline, a cancellation,
 * an interrupt or the end of the stream cuts them short, what was taken is back, and the next call begins with the same byte.
 * After a {@link MalformedPacketException} the stream goes on behind what the codec took, or where the exception says.
 *
 * <p>Once it has taken the whole frame, it makes a packet of it by {@link #decodeContent}: whatever goes wrong there, the next
 * packet begins behind the frame. After any other crash of {@link #decodeFrame} or {@link #skipGap} nobody knows where that is,
 * and nothing more is received from the stream.
 *
 * @param <T> the type of the packets
 */
public interface FramedCodec<T> extends Codec<T> {

    /**
     * Writes the bytes of a packet and all that tells where it ends. Nothing is sent before this has returned.
     *
     * @param packet the packet
     * @param target where the bytes go, in memory; not to be kept
     * @throws IllegalArgumentException if the packet cannot be sent, for instance because it is too long; nothing is sent
     * @throws IOException if the target throws it, which it does not
     */
    void encodeFrame(T packet, OutputStream target) throws IOException;

    /**
     * Receives a packet, waiting for its bytes. Takes the bytes of this packet and no others.
     *
     * @param stream where the bytes come from; to be received from, on the calling thread, and not to be closed or kept. Its
     *     position is restored if this throws anything but a {@code MalformedPacketException}
     * @return the packet, never null
     * @throws MalformedPacketException if what came is no packet
     * @throws IOException as the stream throws it
     */
    T decodeFrame(BufferedReceiveStream stream) throws IOException;

    /**
     * Makes a packet of a frame that {@link #decodeFrame} has taken as a whole. If its content is malformed, so is one packet and
     * no more, however the codec of the content tells it; if that codec crashes, this packet is lost and no other.
     *
     * @param <T> the type of the packet
     * @param codec what decodes the content, for messages
     * @param decoding decodes it; does not receive from the stream
     * @return the packet
     * @throws MalformedPacketException if the content is no packet; the next one begins behind the frame
     * @throws PacketProtocolException if the decoding throws anything else, or gives null; the next packet begins behind the frame
     * @throws IOException in no other case
     */
    static <T> T decodeContent(Codec<?> codec, ThrowingCallable<? extends T, IOException> decoding) throws IOException {
        return PacketDecoding.content(codec, decoding);
    }

    /**
     * Discards what may come in front of a packet and is part of none, white space for instance. A client does this before each
     * packet. Unlike what {@link #decodeFrame} takes, it is not put back; and if the stream ends behind it, that is an orderly
     * end. Unless overridden, nothing is discarded.
     *
     * @param stream where the bytes come from; to be received from, on the calling thread, and not to be closed or kept
     * @throws IOException as the stream throws it; not {@link MalformedPacketException}, which is a crash here
     */
    default void skipGap(BufferedReceiveStream stream) throws IOException {
        // Most packets follow each other at once.
    }

    /** {@inheritDoc} Unless overridden, they are those of the frame. */
    @Override
    default void encode(T packet, OutputStream target) throws IOException {
        encodeFrame(packet, target);
    }

    /** {@inheritDoc} Unless overridden, they are those of one frame, and neither less nor more. */
    @Override
    default T decode(byte[] data) throws IOException {
        return SingleFrame.decode(this, data);
    }

    @Override
    default <P> FramedCodec<P> converted(Converter<P, T> converter) {
        return new ConvertedFramedCodec<>(this, Objects.requireNonNull(converter, "converter"));
    }
}
