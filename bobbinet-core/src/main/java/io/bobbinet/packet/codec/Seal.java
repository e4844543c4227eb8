package io.bobbinet.packet.codec;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * What follows the bytes of a packet and tells whether they are those that were sent: their SHA-256, or with a key their
 * HMAC-SHA-256 (RFC 2104).
 */
record Seal(@Nullable SecretKey key) {
    static final String ALGORITHM = "HmacSHA256";

    /** How many bytes a seal has, and a key. */
    static final int SIZE = 32;

    Seal {
        byte[] encoded = key == null ? null : key.getEncoded(); // none if it does not leave its device
        if (encoded != null && encoded.length != SIZE) {
            throw new IllegalArgumentException(
                    "A key has " + SIZE + " bytes, not " + encoded.length + "; Base64Text.newKey() makes one");
        }
        if (key != null) {
            mac(key);
        }
    }

    private static Mac mac(SecretKey key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        } catch (InvalidKeyException e) {
            throw new IllegalArgumentException("The key is none for HMAC-SHA-256", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has HMAC-SHA-256", e);
        }
    }

    byte[] of(byte[] bytes, int count) {
        if (key != null) {
            Mac mac = mac(key);
            mac.update(bytes, 0, count);
            return mac.doFinal();
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes, 0, count);
            return digest.digest();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /** Whether bytes end with the seal of those before; takes the same time wherever they differ. */
    boolean isBehind(byte[] bytes) {
        int count = bytes.length - SIZE;
        return count >= 0 && MessageDigest.isEqual(of(bytes, count), Arrays.copyOfRange(bytes, count, bytes.length));
    }

    /** For the names of codecs; a key has no business there. */
    @Override
    public String toString() {
        return key == null ? "with checksum" : "signed";
    }
}
