package io.bobbinet.packet.codec;

import io.bobbinet.packet.Codec;
import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.DelimiterNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/**
 * Packets of another codec, each followed by a delimiter.
 *
 * {@snippet file="CodecExamples.java" region="delimited"}
 *
 * <p>A packet in whose bytes the delimiter occurs is refused, also if only its last bytes together with the delimiter would be
 * taken for an earlier one. The rest of a packet that is too long is discarded up to the next delimiter, as it comes.
 *
 * <p>As a datagram a packet has no delimiter.
 *
 * <p>Immutable; serves any number of threads.
 *
 * @param <T> the type of the packets
 */
public final class Delimited<T> implements FramedCodec<T> {
    private final Codec<T> codec;
    private final byte[] delimiter;
    private final int limit;

    private Delimited(Codec<T> codec, byte[] delimiter, int limit) {
        this.codec = codec;
        this.delimiter = delimiter;
        this.limit = limit;
    }

    /**
     * {@return packets with a delimiter behind each, of at most 65,536 bytes}
     *
     * @param <T> the type of the packets
     * @param codec makes the bytes before the delimiter
     * @param delimiter what follows each packet
     * @throws IllegalArgumentException if the delimiter is empty
     */
    public static <T> Delimited<T> of(Codec<T> codec, byte[] delimiter) {
        if (delimiter.length == 0) {
            throw new IllegalArgumentException("The delimiter is empty");
        }
        return new Delimited<>(Objects.requireNonNull(codec, "codec"), delimiter.clone(), Limit.DEFAULT);
    }

    /**
     * {@return the same with another limit}
     *
     * @param bytes how many bytes a packet has at most, the delimiter not counted
     * @throws IllegalArgumentException if it is less than 1
     */
    public Delimited<T> withLimit(int bytes) {
        return new Delimited<>(codec, delimiter, Limit.checked(bytes));
    }

    @Override
    public void encodeFrame(T packet, OutputStream target) throws IOException {
        PacketBytes bytes = PacketBytes.of(codec, packet);
        int size = bytes.size();
        Limit.checkSent(size, limit, this);
        bytes.write(delimiter);
        if (firstDelimiter(bytes.array(), bytes.size()) != size) {
            throw new IllegalArgumentException(this + ": there is a delimiter in the packet");
        }
        bytes.writeTo(target);
    }

    /** Where the delimiter first occurs, in bytes that end with it. */
    private int firstDelimiter(byte[] bytes, int end) {
        int at = 0;
        while (bytes[at] != delimiter[0]
                || !Arrays.equals(bytes, at, Math.min(at + delimiter.length, end), delimiter, 0, delimiter.length)) {
            at++;
        }
        return at;
    }

    @Override
    public T decodeFrame(BufferedReceiveStream stream) throws IOException {
        byte[] bytes;
        try {
            bytes = stream.receiveUntil(delimiter, limit);
        } catch (DelimiterNotFoundException e) {
            throw MalformedPacketException.upTo(delimiter, toString(), "a packet is longer than " + limit + " bytes");
        }
        return FramedCodec.decodeContent(codec, () -> codec.decode(bytes));
    }

    @Override
    public void encode(T packet, OutputStream target) throws IOException {
        PacketBytes bytes = PacketBytes.of(codec, packet);
        Limit.checkSent(bytes.size(), limit, this);
        bytes.writeTo(target);
    }

    @Override
    public T decode(byte[] data) throws IOException {
        Limit.checkReceived(data.length, limit, this);
        return codec.decode(data);
    }

    @Override
    public String toString() {
        return codec + " up to 0x" + HexFormat.of().formatHex(delimiter);
    }
}
