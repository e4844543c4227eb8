package io.bobbinet.packet.codec;

import io.bobbinet.packet.Codec;
import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BufferedReceiveStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/**
 * Packets of another codec that have all the same number of bytes.
 *
 * {@snippet file="CodecExamples.java" region="fixed-size"}
 *
 * <p>A packet of another size is refused. The size is the limit.
 *
 * <p>Immutable; serves any number of threads.
 *
 * @param <T> the type of the packets
 */
public final class FixedSize<T> implements FramedCodec<T> {
    private final int size;
    private final Codec<T> codec;

    private FixedSize(int size, Codec<T> codec) {
        this.size = size;
        this.codec = codec;
    }

    /**
     * {@return packets of a fixed size}
     *
     * @param <T> the type of the packets
     * @param size how many bytes each has
     * @param codec makes the bytes
     * @throws IllegalArgumentException if the size is less than 1
     */
    public static <T> FixedSize<T> of(int size, Codec<T> codec) {
        if (size < 1) {
            throw new IllegalArgumentException("Packets of " + size + " bytes cannot be told apart");
        }
        return new FixedSize<>(size, Objects.requireNonNull(codec, "codec"));
    }

    @Override
    public void encodeFrame(T packet, OutputStream target) throws IOException {
        PacketBytes bytes = PacketBytes.of(codec, packet);
        if (bytes.size() != size) {
            throw new IllegalArgumentException(this + ": a packet of " + bytes.size() + " bytes");
        }
        bytes.writeTo(target);
    }

    @Override
    public T decodeFrame(BufferedReceiveStream stream) throws IOException {
        byte[] bytes = stream.receiveExactly(size);
        return FramedCodec.decodeContent(codec, () -> codec.decode(bytes));
    }

    @Override
    public T decode(byte[] data) throws IOException {
        if (data.length != size) {
            throw new MalformedPacketException(toString(), "a packet of " + data.length + " bytes");
        }
        return codec.decode(data);
    }

    @Override
    public String toString() {
        return codec + " of " + size + " bytes";
    }
}
