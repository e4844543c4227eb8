package io.bobbinet.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.RSAKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLKeyException;
import org.jspecify.annotations.Nullable;

/**
 * Private keys from PEM blocks: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017, appendix A.1.2), SEC 1 (RFC 5915), each of them plain
 * or encrypted. The older two are wrapped into the first, which is what the JDK reads.
 */
final class PrivateKeys {
    /** What can sign in TLS, by object identifier, with the name the JDK has for it. */
    private static final Map<String, String> ALGORITHMS = Map.of(
            "1.2.840.113549.1.1.1", "RSA",
            "1.2.840.113549.1.1.10", "RSASSA-PSS",
            "1.2.840.10045.2.1", "EC",
            "1.3.101.112", "Ed25519",
            "1.3.101.113", "Ed448");

    private static final byte[] VERSION_0 = {DerReader.INTEGER, 1, 0};
    private static final byte[] NULL = {DerReader.NULL, 0};
    private static final byte[] RSA_ENCRYPTION = {
        DerReader.OBJECT_IDENTIFIER, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1
    };
    private static final byte[] EC_PUBLIC_KEY = {
        DerReader.OBJECT_IDENTIFIER, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1
    };

    private PrivateKeys() {}

    /**
     * Reads a key.
     *
     * @param password what it is encrypted with; without meaning if it is not
     */
    static PrivateKey read(PemBlock block, char @Nullable [] password) throws IOException {
        byte[] content = block.content();
        Optional<KeyEncryption> encryption = Optional.empty();
        try {
            encryption = encryptionOf(block, content);
            if (encryption.isEmpty()) {
                return decode(block.label(), content);
            }
            if (password == null) {
                throw new SSLKeyException(
                        block.place() + ": the private key is encrypted; use ofPem(certificates, key, password)");
            }
            return decrypted(block, encryption.get(), password);
        } catch (GeneralSecurityException e) {
            throw about(block, "the private key cannot be read: " + e.getMessage(), e);
        }
    }

    private static PrivateKey decrypted(PemBlock block, KeyEncryption encryption, char[] password)
            throws IOException, InvalidKeySpecException {
        Optional<byte[]> plain = encryption.decrypt(password);
        if (plain.isPresent()) {
            try {
                // One wrong password of 256 gives a padding that looks right. What it gives has no structure at all.
                new DerReader(plain.get()).only(DerReader.SEQUENCE);
            } catch (InvalidKeySpecException e) {
                plain = Optional.empty();
            }
        }
        if (plain.isEmpty()) {
            throw about(block, "wrong password for the private key", null);
        }
        return decode(encryption.isTraditional() ? block.label() : "PRIVATE KEY", plain.get());
    }

    private static SSLException about(PemBlock block, String message, @Nullable Exception cause) {
        SSLKeyException exception = new SSLKeyException(block.place() + ": " + message);
        exception.initCause(cause);
        return exception;
    }

    private static Optional<KeyEncryption> encryptionOf(PemBlock block, byte[] content) throws InvalidKeySpecException {
        if (block.label().equals("ENCRYPTED PRIVATE KEY")) {
            return Optional.of(Pkcs8Encryption.of(content));
        }
        String type = block.headers().getOrDefault("Proc-Type", "");
        if (type.endsWith("ENCRYPTED")) {
            return Optional.of(TraditionalEncryption.of(block.headers().getOrDefault("DEK-Info", ""), content));
        }
        return Optional.empty();
    }

    private static PrivateKey decode(String label, byte[] content) throws InvalidKeySpecException {
        return switch (label) {
            case "PRIVATE KEY" -> fromPkcs8(content);
            case "RSA PRIVATE KEY" -> fromPkcs8(wrapped(content, RSA_ENCRYPTION, NULL));
            case "EC PRIVATE KEY" -> fromPkcs8(wrapped(content, EC_PUBLIC_KEY, curveOf(content)));
            default ->
                throw new InvalidKeySpecException(
                        "the key type " + label + " is unknown; known are RSA, RSASSA-PSS, EC, Ed25519 and Ed448");
        };
    }

    private static byte[] wrapped(byte[] key, byte[] algorithm, byte[] parameters) {
        return DerWriter.value(
                DerReader.SEQUENCE,
                VERSION_0,
                DerWriter.value(DerReader.SEQUENCE, algorithm, parameters),
                DerWriter.value(DerReader.OCTET_STRING, key));
    }

    /** {@code ECPrivateKey ::= SEQUENCE { version, privateKey, parameters [0] OPTIONAL, publicKey [1] OPTIONAL }} */
    private static byte[] curveOf(byte[] content) throws InvalidKeySpecException {
        DerReader key = new DerReader(content).only(DerReader.SEQUENCE);
        key.nextInt();
        key.next(DerReader.OCTET_STRING);
        if (!key.isNext(DerReader.CONTEXT)) {
            throw new InvalidKeySpecException("it does not tell its curve");
        }
        return key.next(DerReader.CONTEXT).nextWhole();
    }

    private static PrivateKey fromPkcs8(byte[] content) throws InvalidKeySpecException {
        String algorithm = algorithmOf(content);
        try {
            PrivateKey key = KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(content));
            if (!(key instanceof RSAKey)) {
                CertificateChain.sign(key); // the JDK reads keys of curves that it cannot sign with
            }
            return key;
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new InvalidKeySpecException(
                    "it is broken, or no " + algorithm + " key of a kind that this JVM knows", e);
        }
    }

    /** {@code PrivateKeyInfo ::= SEQUENCE { version, SEQUENCE { algorithm, parameters }, privateKey, ... }} */
    private static String algorithmOf(byte[] content) throws InvalidKeySpecException {
        DerReader key = new DerReader(content).only(DerReader.SEQUENCE);
        key.nextInt();
        String identifier = key.next(DerReader.SEQUENCE).nextObjectIdentifier();
        String algorithm = ALGORITHMS.get(identifier);
        if (algorithm == null) {
            throw new InvalidKeySpecException(
                    "the key type " + identifier + " is unknown; known are RSA, RSASSA-PSS, EC, Ed25519 and Ed448");
        }
        return algorithm;
    }
}
