package io.bobbinet.tls;

import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLKeyException;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Who we are: a private key and the chain of certificates that belongs to it. Immutable, for any number of threads.
 *
 * <p>What is in PEM files is read and checked at once, and again when the files have been replaced: new handshakes look at
 * them, through links, and present what they hold then. Connections that exist, and sessions that are resumed, keep what
 * they have. Files that are no good, as when only one of two is new so far, change nothing: what was good stays in use, a
 * warning goes to the {@link System.Logger} with the name of this class, once, and the files are tried again when they
 * change again.
 *
 * <p>A PEM file may hold other text around its blocks. Certificates may be in any order; those of the chain are sorted, the
 * others left out. Private keys are of the types RSA, RSASSA-PSS, EC, Ed25519 and Ed448, in PKCS#8 ({@code PRIVATE KEY}),
 * PKCS#1 ({@code RSA PRIVATE KEY}) or SEC 1 ({@code EC PRIVATE KEY}). Encrypted ones ({@code ENCRYPTED PRIVATE KEY}, or with
 * the header {@code DEK-Info}) are what OpenSSL writes: AES or triple DES with PBKDF2 or in OpenSSL's older form, and what
 * else the JDK knows of PKCS#5 and PKCS#12. Sources: RFC 7468, RFC 5958, RFC 8018, RFC 8017, RFC 5915.
 */
public final class TlsIdentity {
    private static final System.Logger LOG = System.getLogger(TlsIdentity.class.getName());

    private final X509ExtendedKeyManager keys;
    private final String description;

    private TlsIdentity(X509ExtendedKeyManager keys, String description) {
        this.keys = keys;
        this.description = description;
    }

    /**
     * Reads a private key that is not encrypted, and its certificates.
     *
     * @param file the PEM file that holds both
     * @return the identity, which follows the file when it is replaced
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws SSLKeyException if the file does not hold one private key, or one that is encrypted, of an unknown type,
     *     broken or not of these certificates
     * @throws SSLException if the file is not PEM, has no certificate, or a broken one; with file and line in the message
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if it cannot be read
     */
    public static TlsIdentity ofPem(Path file) throws IOException {
        return read(file, file, null);
    }

    /**
     * Reads a private key that is not encrypted, and its certificates.
     *
     * @param certificates the PEM file of the certificates
     * @param key the PEM file of the key
     * @return the identity, which follows the files when they are replaced
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws SSLKeyException if the file of the key does not hold one private key, or one that is encrypted, of an unknown
     *     type, broken or not of these certificates
     * @throws SSLException if a file is not PEM, or that of the certificates has none, or a broken one; with file and line
     *     in the message
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if a file cannot be read
     */
    public static TlsIdentity ofPem(Path certificates, Path key) throws IOException {
        return read(certificates, key, null);
    }

    /**
     * Reads a private key that may be encrypted, and its certificates. A copy of the password is kept, for files that
     * replace these.
     *
     * @param certificates the PEM file of the certificates
     * @param key the PEM file of the key, which may be the same file
     * @param password what the key is encrypted with, not used if it is not
     * @return the identity, which follows the files when they are replaced
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws SSLKeyException if the password is wrong, or the file of the key does not hold one private key, or one of an
     *     unknown type or encryption, broken or not of these certificates
     * @throws SSLException if a file is not PEM, or that of the certificates has none, or a broken one; with file and line
     *     in the message
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if a file cannot be read
     */
    public static TlsIdentity ofPem(Path certificates, Path key, char[] password) throws IOException {
        return read(certificates, key, password.clone());
    }

    private static TlsIdentity read(Path certificates, Path key, char @Nullable [] password) throws IOException {
        Objects.requireNonNull(certificates, "certificates");
        Objects.requireNonNull(key, "key");
        CancelScope.checkpoint();
        PemKeys keys = new PemKeys(certificates, key, password, LOG);
        return new TlsIdentity(keys, keys.toString());
    }

    /**
     * Takes the private keys of a key store, with their certificates, as they are now. If there are several, each
     * handshake takes one that suits the other side.
     *
     * @param store the key store, of any type and provider, loaded
     * @param password the password of its entries
     * @return the identity
     * @throws IllegalArgumentException if the key store has no private key with certificates, is not loaded, or the password
     *     is wrong
     */
    public static TlsIdentity ofKeyStore(KeyStore store, char[] password) {
        try {
            Map<String, MemoryKeyStore.Entry> keys = KeyStores.keysOf(store, password);
            if (keys.isEmpty()) {
                throw new IllegalArgumentException("No private key in the key store");
            }
            return new TlsIdentity(KeyStores.keyManager(keys), "key store of type " + store.getType());
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "The private keys of the key store cannot be taken: " + e.getMessage(), e);
        }
    }

    /** What answers from the newest good files. */
    X509ExtendedKeyManager keyManager() {
        return keys;
    }

    /** {@return where it comes from, for people to read} */
    @Override
    public String toString() {
        return "TlsIdentity[" + description + "]";
    }
}
