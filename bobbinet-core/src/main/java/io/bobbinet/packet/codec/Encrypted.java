package io.bobbinet.packet.codec;

import io.bobbinet.packet.Codec;
import io.bobbinet.packet.MalformedPacketException;
import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Objects;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Packets of another codec, encrypted with AES-GCM (NIST SP 800-38D): nobody without the key reads them, and none is received
 * that was altered, or made without the key. One that was recorded can be sent again; put a number into the packets where that
 * matters. Where there are connections, TLS does all this better.
 *
 * {@snippet file="CodecExamples.java" region="encrypted"}
 *
 * <p>A packet is a random nonce of 12 bytes, the encrypted bytes, and an authentication tag of 16: 28 bytes more than without.
 * With random nonces a key should not encrypt more than 2<sup>32</sup> packets.
 *
 * <p>In a stream something must tell where a packet ends, {@link LengthPrefixed} for instance; its limit has to be 28 bytes
 * larger, since it counts encrypted ones.
 *
 * <p>Immutable; serves any number of threads.
 *
 * @param <T> the type of the packets
 */
public final class Encrypted<T> implements Codec<T> {
    private static final String TRANSFORMATION = "AES/GCM/NoPadding";
    private static final int NONCE_SIZE = 12;
    private static final int TAG_SIZE = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Codec<T> codec;
    private final SecretKey key;
    private final int limit;

    private Encrypted(Codec<T> codec, SecretKey key, int limit) {
        this.codec = codec;
        this.key = key;
        this.limit = limit;
    }

    /**
     * {@return encrypted packets of at most 65,536 bytes}
     *
     * @param <T> the type of the packets
     * @param codec makes the bytes that are encrypted
     * @param key the key, of 16, 24 or 32 bytes
     * @throws IllegalArgumentException if the key is none for AES
     */
    public static <T> Encrypted<T> aesGcm(Codec<T> codec, SecretKey key) {
        Objects.requireNonNull(codec, "codec");
        Objects.requireNonNull(key, "key");
        Encrypted<T> encrypted = new Encrypted<>(codec, key, Limit.DEFAULT);
        try {
            Cipher unused = encrypted.cipher(Cipher.ENCRYPT_MODE, nonce());
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("The key is none for AES", e);
        }
        return encrypted;
    }

    /**
     * {@return the same with another limit}
     *
     * @param bytes how many bytes a packet has at most, before it is encrypted
     * @throws IllegalArgumentException if it is less than 1
     */
    public Encrypted<T> withLimit(int bytes) {
        return new Encrypted<>(codec, key, Limit.checked(bytes));
    }

    private static byte[] nonce() {
        byte[] nonce = new byte[NONCE_SIZE];
        RANDOM.nextBytes(nonce);
        return nonce;
    }

    private Cipher cipher(int mode, byte[] nonceFirst) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(TRANSFORMATION);
        cipher.init(mode, key, new GCMParameterSpec(8 * TAG_SIZE, nonceFirst, 0, NONCE_SIZE));
        return cipher;
    }

    @Override
    public void encode(T packet, OutputStream target) throws IOException {
        PacketBytes bytes = PacketBytes.of(codec, packet);
        Limit.checkSent(bytes.size(), limit, this);
        byte[] nonce = nonce();
        try {
            byte[] encrypted = cipher(Cipher.ENCRYPT_MODE, nonce).doFinal(bytes.array(), 0, bytes.size());
            target.write(nonce);
            target.write(encrypted);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("What could be encrypted with the key cannot any more", e);
        }
    }

    @Override
    public T decode(byte[] data) throws IOException {
        int size = data.length - NONCE_SIZE - TAG_SIZE;
        if (size < 0) {
            throw new MalformedPacketException(toString(), data.length + " bytes are no encrypted packet");
        }
        Limit.checkReceived(size, limit, this);
        byte[] bytes;
        try {
            bytes = cipher(Cipher.DECRYPT_MODE, data).doFinal(data, NONCE_SIZE, data.length - NONCE_SIZE);
        } catch (AEADBadTagException e) {
            throw new MalformedPacketException(toString(), "the packet was altered, or encrypted with another key", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("What could be decrypted with the key cannot any more", e);
        }
        return codec.decode(bytes);
    }

    @Override
    public String toString() {
        return "AES-GCM of " + codec;
    }
}
