package io.bobbinet.tls;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.spec.InvalidKeySpecException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * OpenSSL's own encryption of PEM blocks, written before PKCS#8: {@code Proc-Type: 4,ENCRYPTED} and
 * {@code DEK-Info: AES-256-CBC,0123...}. The key is made of the password by MD5 (EVP_BytesToKey(3ssl), one round), the first
 * eight bytes of the initialization vector being the salt.
 */
final class TraditionalEncryption implements KeyEncryption {
    private static final int SALT = 8;

    private record Kind(String cipher, int keySize, int blockSize) {}

    private static final Map<String, Kind> KINDS = Map.of(
            "AES-128-CBC", new Kind("AES", 16, 16),
            "AES-192-CBC", new Kind("AES", 24, 16),
            "AES-256-CBC", new Kind("AES", 32, 16),
            "DES-EDE3-CBC", new Kind("DESede", 24, 8));

    private final Kind kind;
    private final byte[] vector;
    private final byte[] encrypted;

    private TraditionalEncryption(Kind kind, byte[] vector, byte[] encrypted) {
        this.kind = kind;
        this.vector = vector;
        this.encrypted = encrypted;
    }

    /**
     * Understands the header of a block.
     *
     * @param info the value of DEK-Info
     */
    static TraditionalEncryption of(String info, byte[] encrypted) throws InvalidKeySpecException {
        int comma = info.indexOf(',');
        Kind kind = comma < 0 ? null : KINDS.get(info.substring(0, comma).strip());
        if (kind == null) {
            throw new InvalidKeySpecException(
                    "its encryption is unknown; known are AES-128-CBC, AES-192-CBC, AES-256-CBC and DES-EDE3-CBC");
        }
        byte[] vector;
        try {
            vector = HexFormat.of().parseHex(info.substring(comma + 1).strip());
        } catch (IllegalArgumentException e) {
            throw new InvalidKeySpecException("its DEK-Info is broken", e);
        }
        if (vector.length != kind.blockSize) {
            throw new InvalidKeySpecException("its DEK-Info is broken");
        }
        return new TraditionalEncryption(kind, vector, encrypted);
    }

    @Override
    public boolean isTraditional() {
        return true;
    }

    @Override
    public Optional<byte[]> decrypt(char[] password) throws InvalidKeySpecException {
        ByteBuffer encoded = UTF_8.encode(CharBuffer.wrap(password));
        byte[] secret = Arrays.copyOf(encoded.array(), encoded.limit());
        Arrays.fill(encoded.array(), (byte) 0);
        byte[] key = new byte[kind.keySize];
        try {
            derive(secret, key);
            Cipher cipher = Cipher.getInstance(kind.cipher + "/CBC/PKCS5Padding");
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, kind.cipher), new IvParameterSpec(vector));
            return Optional.of(cipher.doFinal(encrypted));
        } catch (BadPaddingException e) {
            return Optional.empty();
        } catch (IllegalBlockSizeException e) {
            throw new InvalidKeySpecException("its content is broken (it has not the length of encrypted data)", e);
        } catch (GeneralSecurityException e) {
            throw new InvalidKeySpecException("this JVM cannot decrypt " + kind.cipher, e);
        } finally {
            Arrays.fill(secret, (byte) 0);
            Arrays.fill(key, (byte) 0);
        }
    }

    /** Each hash covers the one before, the password and the salt. */
    private void derive(byte[] secret, byte[] key) throws GeneralSecurityException {
        MessageDigest md5 = MessageDigest.getInstance("MD5");
        byte[] hash = {};
        for (int done = 0; done < key.length; done += hash.length) {
            md5.update(hash);
            md5.update(secret);
            md5.update(vector, 0, SALT);
            hash = md5.digest();
            System.arraycopy(hash, 0, key, done, Math.min(hash.length, key.length - done));
        }
        Arrays.fill(hash, (byte) 0);
    }
}
