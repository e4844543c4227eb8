package io.bobbinet.packet.codec;

import io.bobbinet.packet.Codec;
import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BufferedReceiveStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/**
 * Packets of another codec, each with its length before it. The length is that of the packet alone.
 *
 * {@snippet file="CodecExamples.java" region="length-prefixed"}
 *
 * <p>A packet whose length is over the limit is discarded as it comes, and the next one is found behind it. A length of more than
 * 2,147,483,647 is none: it is no packet that anybody sends, but the sign of a peer that speaks of something else, and nothing
 * more is received from it.
 *
 * <p>As a datagram a packet has no prefix.
 *
 * <p>Immutable; serves any number of threads.
 *
 * @param <T> the type of the packets
 */
public final class LengthPrefixed<T> implements FramedCodec<T> {

    /** How a length is written. */
    public enum Prefix {
        /** One byte: packets have at most 255. */
        ONE_BYTE(1, true),
        /** Two bytes, the most significant first: packets have at most 65,535. */
        TWO_BYTES(2, true),
        /** Two bytes, the least significant first: packets have at most 65,535. */
        TWO_BYTES_LITTLE_ENDIAN(2, false),
        /** Four bytes, the most significant first. */
        FOUR_BYTES(4, true),
        /** Four bytes, the least significant first. */
        FOUR_BYTES_LITTLE_ENDIAN(4, false),
        /** Eight bytes, the most significant first. */
        EIGHT_BYTES(8, true),
        /** Eight bytes, the least significant first. */
        EIGHT_BYTES_LITTLE_ENDIAN(8, false),
        /** Seven bits in each byte, the least significant first, and the eighth set in all but the last: LEB128, as Protocol Buffers have it. */
        VARINT(0, false);

        /** More bits than a length has. */
        private static final int MOST_BITS = 63;

        private final int width;
        private final boolean bigEndian;

        Prefix(int width, boolean bigEndian) {
            this.width = width;
            this.bigEndian = bigEndian;
        }

        /** How long packets may be. */
        private long most() {
            return width == 0 || width >= 4 ? Integer.MAX_VALUE : (1L << 8 * width) - 1;
        }

        private void write(int length, OutputStream target) throws IOException {
            if (width == 0) {
                writeVarint(length, target);
                return;
            }
            for (int i = 0; i < width; i++) {
                int shift = 8 * (bigEndian ? width - 1 - i : i);
                target.write((int) ((long) length >>> shift));
            }
        }

        private static void writeVarint(int length, OutputStream target) throws IOException {
            int rest = length;
            while (rest >= 0x80) {
                target.write(rest | 0x80);
                rest >>>= 7;
            }
            target.write(rest);
        }

        /** A length, less than 0 if it is absurd. */
        private long read(BufferedReceiveStream stream) throws IOException {
            if (width == 0) {
                return readVarint(stream);
            }
            byte[] bytes = stream.receiveExactly(width);
            long length = 0;
            for (int i = 0; i < width; i++) {
                length = length << 8 | bytes[bigEndian ? i : width - 1 - i] & 0xff;
            }
            return length <= Integer.MAX_VALUE ? length : -1;
        }

        private static long readVarint(BufferedReceiveStream stream) throws IOException {
            long length = 0;
            for (int shift = 0; shift < MOST_BITS; shift += 7) {
                byte next = stream.receiveExactly(1)[0];
                length |= (next & 0x7fL) << shift;
                if (next >= 0) {
                    return length <= Integer.MAX_VALUE ? length : -1;
                }
            }
            return -1;
        }
    }

    private final Codec<T> codec;
    private final Prefix prefix;
    private final int limit;

    private LengthPrefixed(Codec<T> codec, Prefix prefix, int limit) {
        this.codec = codec;
        this.prefix = prefix;
        this.limit = limit;
    }

    /**
     * {@return packets with their length in four bytes before them, the most significant first, of at most 65,536 bytes}
     *
     * @param <T> the type of the packets
     * @param codec makes the bytes behind the length
     */
    public static <T> LengthPrefixed<T> of(Codec<T> codec) {
        return new LengthPrefixed<>(Objects.requireNonNull(codec, "codec"), Prefix.FOUR_BYTES, Limit.DEFAULT);
    }

    /**
     * {@return the same with lengths that are written in another way}
     *
     * @param newPrefix how
     */
    public LengthPrefixed<T> withPrefix(Prefix newPrefix) {
        return new LengthPrefixed<>(codec, Objects.requireNonNull(newPrefix, "newPrefix"), limit);
    }

    /**
     * {@return the same with another limit}
     *
     * @param bytes how many bytes a packet has at most, its length not counted; the prefix may allow for less
     * @throws IllegalArgumentException if it is less than 1
     */
    public LengthPrefixed<T> withLimit(int bytes) {
        return new LengthPrefixed<>(codec, prefix, Limit.checked(bytes));
    }

    private PacketBytes bytes(T packet, long most) throws IOException {
        PacketBytes bytes = PacketBytes.of(codec, packet);
        Limit.checkSent(bytes.size(), (int) Math.min(limit, most), this);
        return bytes;
    }

    @Override
    public void encodeFrame(T packet, OutputStream target) throws IOException {
        PacketBytes bytes = bytes(packet, prefix.most());
        prefix.write(bytes.size(), target);
        bytes.writeTo(target);
    }

    @Override
    public T decodeFrame(BufferedReceiveStream stream) throws IOException {
        long length = prefix.read(stream);
        if (length < 0) {
            throw MalformedPacketException.unrecoverable(toString(), "what should be a length is negative or absurd");
        }
        if (length > limit) {
            throw MalformedPacketException.skipping(length, toString(), Limit.exceeded(length, limit));
        }
        byte[] bytes = stream.receiveExactly((int) length);
        return FramedCodec.decodeContent(codec, () -> codec.decode(bytes));
    }

    @Override
    public void encode(T packet, OutputStream target) throws IOException {
        bytes(packet, limit).writeTo(target);
    }

    @Override
    public T decode(byte[] data) throws IOException {
        Limit.checkReceived(data.length, limit, this);
        return codec.decode(data);
    }

    @Override
    public String toString() {
        return "length-prefixed " + codec;
    }
}
