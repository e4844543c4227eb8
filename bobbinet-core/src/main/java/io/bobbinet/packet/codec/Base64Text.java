package io.bobbinet.packet.codec;

import io.bobbinet.packet.Codec;
import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.DelimiterNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * Packets of another codec as lines of Base64 (RFC 4648) that end with CRLF, so that packets of any bytes can be told apart; and,
 * if asked for, with a checksum or a signature.
 *
 * {@snippet file="CodecExamples.java" region="base64"}
 *
 * <p>The alphabet is the URL-safe one, with padding. What is received must be exactly what an encoder writes: other characters,
 * missing padding and stray bits are malformed.
 *
 * <p>As a datagram a packet has no line end.
 *
 * <p>Immutable; serves any number of threads.
 *
 * @param <T> the type of the packets
 */
public final class Base64Text<T> implements FramedCodec<T> {
    private static final byte[] CRLF = {'\r', '\n'};

    private final Codec<T> codec;
    private final @Nullable Seal seal;
    private final boolean urlSafe;
    private final int limit;

    private Base64Text(Codec<T> codec, @Nullable Seal seal, boolean urlSafe, int limit) {
        this.codec = codec;
        this.seal = seal;
        this.urlSafe = urlSafe;
        this.limit = limit;
    }

    /**
     * {@return packets in the URL-safe alphabet, without a checksum, of at most 65,536 bytes}
     *
     * @param <T> the type of the packets
     * @param codec makes the bytes that are encoded
     */
    public static <T> Base64Text<T> of(Codec<T> codec) {
        return new Base64Text<>(Objects.requireNonNull(codec, "codec"), null, true, Limit.DEFAULT);
    }

    /** {@return the same in the basic alphabet, which has {@code +} and {@code /}} */
    public Base64Text<T> withBasicAlphabet() {
        return new Base64Text<>(codec, seal, false, limit);
    }

    /**
     * {@return the same with a SHA-256 of each packet behind it, instead of a signature if there was to be one} It tells of
     * damage, not of malice, which writes a new one.
     */
    public Base64Text<T> withChecksum() {
        return new Base64Text<>(codec, new Seal(null), urlSafe, limit);
    }

    /**
     * {@return the same with an HMAC-SHA-256 of each packet behind it, instead of a checksum if there was to be one} Only who has
     * the key can make packets that are received. One that was recorded can be sent again.
     *
     * @param key the key, of 32 bytes
     * @throws IllegalArgumentException if the key has another size
     */
    public Base64Text<T> withSignature(SecretKey key) {
        return new Base64Text<>(codec, new Seal(Objects.requireNonNull(key, "key")), urlSafe, limit);
    }

    /**
     * {@return the same with another limit}
     *
     * @param bytes how many bytes a packet has at most, before it is encoded, checksum and signature not counted
     * @throws IllegalArgumentException if it is less than 1
     */
    public Base64Text<T> withLimit(int bytes) {
        return new Base64Text<>(codec, seal, urlSafe, Limit.checked(bytes));
    }

    /** {@return a new random key for {@link #withSignature}} */
    public static SecretKey newKey() {
        try {
            KeyGenerator generator = KeyGenerator.getInstance(Seal.ALGORITHM);
            generator.init(8 * Seal.SIZE);
            return generator.generateKey();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has HMAC-SHA-256", e);
        }
    }

    // -- sending

    @Override
    public void encodeFrame(T packet, OutputStream target) throws IOException {
        encode(packet, target);
        target.write(CRLF);
    }

    @Override
    public void encode(T packet, OutputStream target) throws IOException {
        PacketBytes bytes = PacketBytes.of(codec, packet);
        Limit.checkSent(bytes.size(), limit, this);
        if (seal != null) {
            bytes.write(seal.of(bytes.array(), bytes.size()));
        }
        target.write(text(bytes.toByteArray()));
    }

    private byte[] text(byte[] bytes) {
        return (urlSafe ? Base64.getUrlEncoder() : Base64.getEncoder()).encode(bytes);
    }

    // -- receiving

    @Override
    public T decodeFrame(BufferedReceiveStream stream) throws IOException {
        byte[] line;
        try {
            line = stream.receiveUntil(CRLF, mostText());
        } catch (DelimiterNotFoundException e) {
            throw MalformedPacketException.upTo(CRLF, toString(), "a packet is longer than " + limit + " bytes");
        }
        return FramedCodec.decodeContent(codec, () -> decode(line));
    }

    private int mostText() {
        long bytes = (long) limit + (seal == null ? 0 : Seal.SIZE);
        return (int) Math.min((bytes + 2) / 3 * 4, Integer.MAX_VALUE);
    }

    @Override
    public T decode(byte[] data) throws IOException {
        byte[] bytes = bytes(data);
        if (seal != null) {
            if (!seal.isBehind(bytes)) {
                throw malformed("the packet is not as it was sent", null);
            }
            bytes = Arrays.copyOf(bytes, bytes.length - Seal.SIZE);
        }
        Limit.checkReceived(bytes.length, limit, this);
        return codec.decode(bytes);
    }

    private byte[] bytes(byte[] text) throws MalformedPacketException {
        byte[] bytes;
        try {
            bytes = (urlSafe ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(text);
        } catch (IllegalArgumentException e) {
            throw malformed("the text is not Base64", e);
        }
        // The JDK's decoder does not mind missing padding and bits that nobody reads: a signature has several texts
        // then.
        if (!Arrays.equals(text(bytes), text)) {
            throw malformed("the text is not Base64 as it is written", null);
        }
        return bytes;
    }

    private MalformedPacketException malformed(String reason, @Nullable Throwable cause) {
        return cause == null
                ? new MalformedPacketException(toString(), reason)
                : new MalformedPacketException(toString(), reason, cause);
    }

    @Override
    public String toString() {
        return "Base64 of " + codec + (seal == null ? "" : " " + seal);
    }
}
