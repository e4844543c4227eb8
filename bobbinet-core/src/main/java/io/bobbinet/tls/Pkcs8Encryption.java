package io.bobbinet.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.InvalidKeySpecException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * An {@code EncryptedPrivateKeyInfo} (RFC 5958, section 3). The schemes of RFC 8018 with PBKDF2 are done here, since the
 * JDK has no name for two of the ciphers that OpenSSL offers (AES-192 and triple DES, which {@code openssl genrsa -des3}
 * takes); what is older than those is left to the JDK.
 */
final class Pkcs8Encryption implements KeyEncryption {
    private static final String PBES2 = "1.2.840.113549.1.5.13";
    private static final String PBKDF2 = "1.2.840.113549.1.5.12";
    private static final String SCRYPT = "1.3.6.1.4.1.11591.4.11";

    /** A file must not be able to occupy a processor for minutes. OpenSSL takes 2,048 by itself. */
    private static final int MOST_ROUNDS = 10_000_000;

    private static final String DEFAULT_HASH = "1.2.840.113549.2.7";
    private static final Map<String, String> HASHES = Map.of(
            DEFAULT_HASH,
            "SHA1",
            "1.2.840.113549.2.8",
            "SHA224",
            "1.2.840.113549.2.9",
            "SHA256",
            "1.2.840.113549.2.10",
            "SHA384",
            "1.2.840.113549.2.11",
            "SHA512");

    private record Kind(String cipher, int keySize, int blockSize) {}

    private static final Map<String, Kind> KINDS = Map.of(
            "2.16.840.1.101.3.4.1.2", new Kind("AES", 16, 16),
            "2.16.840.1.101.3.4.1.22", new Kind("AES", 24, 16),
            "2.16.840.1.101.3.4.1.42", new Kind("AES", 32, 16),
            "1.2.840.113549.3.7", new Kind("DESede", 24, 8));

    private interface Scheme {
        byte[] decrypt(PBEKeySpec password) throws GeneralSecurityException, IOException;
    }

    private final Scheme scheme;

    private Pkcs8Encryption(Scheme scheme) {
        this.scheme = scheme;
    }

    /** {@code SEQUENCE { SEQUENCE { algorithm, parameters }, OCTET STRING }} */
    static Pkcs8Encryption of(byte[] content) throws InvalidKeySpecException {
        DerReader info = new DerReader(content).only(DerReader.SEQUENCE);
        DerReader algorithm = info.next(DerReader.SEQUENCE);
        byte[] encrypted = info.next(DerReader.OCTET_STRING).rest();
        String identifier = algorithm.nextObjectIdentifier();
        DerReader parameters = algorithm.next(DerReader.SEQUENCE);
        return new Pkcs8Encryption(
                identifier.equals(PBES2) ? pbes2(parameters, encrypted) : older(parameters, content));
    }

    /** {@code SEQUENCE { SEQUENCE { PBKDF2, parameters }, SEQUENCE { cipher, initialization vector } }} */
    private static Scheme pbes2(DerReader parameters, byte[] encrypted) throws InvalidKeySpecException {
        DerReader derivation = parameters.next(DerReader.SEQUENCE);
        DerReader encryption = parameters.next(DerReader.SEQUENCE);
        String function = derivation.nextObjectIdentifier();
        if (!function.equals(PBKDF2)) {
            throw new InvalidKeySpecException("its password goes through "
                    + (function.equals(SCRYPT) ? "scrypt" : function)
                    + ", which is not known here; openssl pkcs8 -topk8 -v2 aes256 writes what is");
        }
        Kind kind = KINDS.get(encryption.nextObjectIdentifier());
        if (kind == null) {
            throw new InvalidKeySpecException(
                    "its cipher is unknown; known are AES-128, AES-192, AES-256 and triple DES, with CBC");
        }
        byte[] vector = encryption.next(DerReader.OCTET_STRING).rest();
        if (vector.length != kind.blockSize) {
            throw new InvalidKeySpecException("its initialization vector is broken");
        }
        Derivation key = derivation(derivation.next(DerReader.SEQUENCE), kind);
        return password -> {
            Cipher cipher = Cipher.getInstance(kind.cipher + "/CBC/PKCS5Padding");
            cipher.init(Cipher.DECRYPT_MODE, key.derive(password), new IvParameterSpec(vector));
            return cipher.doFinal(encrypted);
        };
    }

    private record Derivation(Kind kind, String hash, byte[] salt, int rounds) {
        SecretKey derive(PBEKeySpec password) throws GeneralSecurityException {
            char[] characters = password.getPassword();
            PBEKeySpec spec = new PBEKeySpec(characters, salt, rounds, kind.keySize * 8);
            byte[] key = {};
            try {
                key = SecretKeyFactory.getInstance("PBKDF2WithHmac" + hash)
                        .generateSecret(spec)
                        .getEncoded();
                return new SecretKeySpec(key, kind.cipher);
            } finally {
                Arrays.fill(characters, '\0');
                Arrays.fill(key, (byte) 0);
                spec.clearPassword();
            }
        }
    }

    /** {@code SEQUENCE { salt, iterationCount, keyLength OPTIONAL, SEQUENCE { hash, NULL } DEFAULT HMAC with SHA-1 }} */
    private static Derivation derivation(DerReader parameters, Kind kind) throws InvalidKeySpecException {
        byte[] salt = parameters.next(DerReader.OCTET_STRING).rest();
        int rounds = checkRounds(parameters.nextInt());
        if (parameters.isNext(DerReader.INTEGER)) {
            parameters.nextInt();
        }
        String identifier =
                parameters.hasMore() ? parameters.next(DerReader.SEQUENCE).nextObjectIdentifier() : DEFAULT_HASH;
        String hash = HASHES.get(identifier);
        if (hash == null || salt.length == 0) {
            throw new InvalidKeySpecException("its password goes through PBKDF2 with " + identifier
                    + ", which is not known here; known are HMAC with SHA-1 and SHA-2");
        }
        return new Derivation(kind, hash, salt, rounds);
    }

    private static int checkRounds(int rounds) throws InvalidKeySpecException {
        if (rounds < 1 || rounds > MOST_ROUNDS) {
            throw new InvalidKeySpecException(
                    "its password is to be hashed " + rounds + " times; at most " + MOST_ROUNDS + " are taken");
        }
        return rounds;
    }

    /** PBES1 and the schemes of PKCS#12, whose parameters are alike: {@code SEQUENCE { salt, iterationCount }}. */
    private static Scheme older(DerReader parameters, byte[] content) throws InvalidKeySpecException {
        parameters.next(DerReader.OCTET_STRING);
        checkRounds(parameters.nextInt());
        return password -> {
            EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(content);
            SecretKey key = SecretKeyFactory.getInstance(info.getAlgName()).generateSecret(password);
            Cipher cipher = Cipher.getInstance(info.getAlgName());
            AlgorithmParameterSpec salted = info.getAlgParameters().getParameterSpec(PBEParameterSpec.class);
            cipher.init(Cipher.DECRYPT_MODE, key, salted);
            return cipher.doFinal(info.getEncryptedData());
        };
    }

    @Override
    public boolean isTraditional() {
        return false;
    }

    @Override
    public Optional<byte[]> decrypt(char[] password) throws InvalidKeySpecException {
        PBEKeySpec spec = new PBEKeySpec(password);
        try {
            return Optional.of(scheme.decrypt(spec));
        } catch (BadPaddingException e) {
            return Optional.empty();
        } catch (IllegalBlockSizeException e) {
            throw new InvalidKeySpecException("its content is broken (it has not the length of encrypted data)", e);
        } catch (NoSuchAlgorithmException e) {
            throw new InvalidKeySpecException(
                    "its encryption is unknown; openssl pkcs8 -topk8 -v2 aes256 writes one that is not", e);
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw new InvalidKeySpecException("its encryption is broken, or not known to this JVM", e);
        } finally {
            spec.clearPassword();
        }
    }
}
