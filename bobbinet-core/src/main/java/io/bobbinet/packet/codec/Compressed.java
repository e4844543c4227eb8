package io.bobbinet.packet.codec;

import io.bobbinet.packet.Codec;
import io.bobbinet.packet.FramedCodec;
import io.bobbinet.stream.BufferedReceiveStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.zip.Deflater;

/**
 * Packets of another codec, compressed, each for itself. Compressed bytes tell where they end, so that nothing else need be in the
 * stream.
 *
 * {@snippet file="CodecExamples.java" region="compressed"}
 *
 * <p>Both sizes of a packet that is received are limited. One of more bytes than the limit is read to its end, without being
 * stored, and the next is found behind it. Not so if it has more than twice as many, or takes more than the limit and an
 * eighth and 1,024 bytes compressed, or if the compressed bytes are damaged: then nobody can know where the next one begins, and
 * nothing more is received.
 *
 * <p>Immutable; serves any number of threads.
 *
 * @param <T> the type of the packets
 */
public final class Compressed<T> implements FramedCodec<T> {
    private final Codec<T> codec;
    private final boolean gzip;
    private final int level;
    private final int limit;

    private Compressed(Codec<T> codec, boolean gzip, int level, int limit) {
        this.codec = codec;
        this.gzip = gzip;
        this.level = level;
        this.limit = limit;
    }

    /**
     * {@return packets of at most 65,536 bytes, compressed in the format zlib (RFC 1950)}
     *
     * @param <T> the type of the packets
     * @param codec makes the bytes that are compressed
     */
    public static <T> Compressed<T> zlib(Codec<T> codec) {
        return new Compressed<>(
                Objects.requireNonNull(codec, "codec"), false, Deflater.DEFAULT_COMPRESSION, Limit.DEFAULT);
    }

    /**
     * {@return packets of at most 65,536 bytes, compressed in the format gzip (RFC 1952), one member each}
     *
     * @param <T> the type of the packets
     * @param codec makes the bytes that are compressed
     */
    public static <T> Compressed<T> gzip(Codec<T> codec) {
        return new Compressed<>(
                Objects.requireNonNull(codec, "codec"), true, Deflater.DEFAULT_COMPRESSION, Limit.DEFAULT);
    }

    /**
     * {@return the same with another level of compression}
     *
     * @param newLevel from 0, not at all, to 9, as small as can be
     * @throws IllegalArgumentException if there is no such level
     */
    public Compressed<T> withLevel(int newLevel) {
        if (newLevel < Deflater.NO_COMPRESSION || newLevel > Deflater.BEST_COMPRESSION) {
            throw new IllegalArgumentException("Levels of compression are from 0 to 9: " + newLevel);
        }
        return new Compressed<>(codec, gzip, newLevel, limit);
    }

    /**
     * {@return the same with another limit}
     *
     * @param bytes how many bytes a packet has at most when it is not compressed; compressed, an eighth and 1,024 more
     * @throws IllegalArgumentException if it is less than 1
     */
    public Compressed<T> withLimit(int bytes) {
        return new Compressed<>(codec, gzip, level, Limit.checked(bytes));
    }

    @Override
    public void encodeFrame(T packet, OutputStream target) throws IOException {
        PacketBytes bytes = PacketBytes.of(codec, packet);
        Limit.checkSent(bytes.size(), limit, this);
        if (gzip) {
            Gzip.writeHeader(target);
        }
        deflate(bytes, target);
        if (gzip) {
            Gzip.writeTrailer(bytes.array(), bytes.size(), target);
        }
    }

    private void deflate(PacketBytes bytes, OutputStream target) throws IOException {
        try (Deflater deflater = new Deflater(level, gzip)) {
            deflater.setInput(bytes.array(), 0, bytes.size());
            deflater.finish();
            byte[] piece = new byte[Math.clamp(bytes.size(), 64, Inflation.PIECE)];
            while (!deflater.finished()) {
                target.write(piece, 0, deflater.deflate(piece));
            }
        }
    }

    @Override
    public T decodeFrame(BufferedReceiveStream stream) throws IOException {
        Window window = new Window(stream, limit + limit / 8L + 1024);
        byte[] bytes = new Inflation(window, gzip, limit, this).packet();
        return FramedCodec.decodeContent(codec, () -> codec.decode(bytes));
    }

    @Override
    public String toString() {
        return (gzip ? "gzip of " : "zlib of ") + codec;
    }
}
