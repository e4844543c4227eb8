package io.bobbinet.tls;

import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whom we trust: the certificates of authorities, or of single peers, that a peer's chain of certificates must lead to.
 * Immutable, for any number of threads.
 *
 * <p>PEM files are read and checked at once, and again when they have been replaced, as it is with {@link TlsIdentity}: new
 * handshakes go by what they hold then, and sessions made before are not resumed any more; files that are no good change
 * nothing, and a warning goes to the {@link System.Logger} with the name of this class.
 *
 * <p>A certificate that is trusted itself, as one that has signed itself, is trusted whatever its dates: that is how the JDK
 * treats what a chain leads to.
 */
public final class TlsTrust {
    private static final System.Logger LOG = System.getLogger(TlsTrust.class.getName());
    private static final TlsTrust PLATFORM = new TlsTrust(List.of(), List.of(), Optional.empty(), "platform");

    /** What is trusted besides the files. */
    private final List<X509Certificate> fixed;

    private final List<Path> files;

    /** Nothing for the platform, whose certificates are not read before they are needed. */
    private final Optional<X509ExtendedTrustManager> manager;

    /** Where what is trusted besides the files comes from; empty if there is nothing. */
    private final String base;

    private TlsTrust(
            List<X509Certificate> fixed, List<Path> files, Optional<X509ExtendedTrustManager> manager, String base) {
        this.fixed = fixed;
        this.files = files;
        this.manager = manager;
        this.base = base;
    }

    /**
     * {@return trust in what this JVM trusts by default} That is what comes with the JDK or the distribution, or what the
     * system properties {@code javax.net.ssl.trustStore} and so on name. It is read when it is first needed.
     */
    public static TlsTrust platform() {
        return PLATFORM;
    }

    /**
     * Trusts the certificates of a file, and no others.
     *
     * @param pem the file, in PEM
     * @return the trust, which follows the file when it is replaced
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws SSLException if it is not PEM, or has no certificate, or a broken one; with file and line in the message
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if it cannot be read
     */
    public static TlsTrust only(Path pem) throws IOException {
        Objects.requireNonNull(pem, "pem");
        CancelScope.checkpoint();
        return of(List.of(), List.of(pem), "");
    }

    /**
     * {@return trust in the certificates of a key store, as they are now}
     *
     * @param store the key store, of any type and provider, loaded
     * @throws IllegalArgumentException if it has no certificate, or is not loaded
     */
    public static TlsTrust ofKeyStore(KeyStore store) {
        Objects.requireNonNull(store, "store");
        try {
            X509ExtendedTrustManager manager = KeyStores.trustManager(store);
            if (manager.getAcceptedIssuers().length == 0) {
                throw new IllegalArgumentException("No certificate in the key store");
            }
            return new TlsTrust(List.of(), List.of(), Optional.of(manager), "key store of type " + store.getType());
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "The certificates of the key store cannot be taken: " + e.getMessage(), e);
        }
    }

    /**
     * Trusts the certificates of a file too.
     *
     * @param pem the file, in PEM
     * @return trust in them and in what this one trusts; it follows the file when it is replaced
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws SSLException if it is not PEM, or has no certificate, or a broken one, with file and line in the message; if
     *     the platform's certificates cannot be read
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if it cannot be read
     */
    public TlsTrust adding(Path pem) throws IOException {
        Objects.requireNonNull(pem, "pem");
        CancelScope.checkpoint();
        if (files.isEmpty()) {
            return of(trusted(), List.of(pem), base);
        }
        return of(fixed, Stream.concat(files.stream(), Stream.of(pem)).toList(), base);
    }

    private List<X509Certificate> trusted() throws SSLException {
        try {
            return List.of(trustManager().getAcceptedIssuers());
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new SSLException("The certificates that this JVM trusts cannot be read: " + e.getMessage(), e);
        }
    }

    private static TlsTrust of(List<X509Certificate> fixed, List<Path> files, String base) throws IOException {
        PemTrust manager = new PemTrust(fixed, files, LOG);
        return new TlsTrust(fixed, files, Optional.of(manager), base);
    }

    /**
     * What answers from the newest good files.
     *
     * @throws GeneralSecurityException if the platform's certificates cannot be read
     */
    X509ExtendedTrustManager trustManager() throws GeneralSecurityException {
        return manager.isPresent() ? manager.get() : KeyStores.platformTrustManager();
    }

    /** What stands for what is trusted now: another object when files have been replaced. */
    Object generation() {
        return manager.isPresent() && manager.get() instanceof PemTrust pem ? pem.generation() : this;
    }

    /** {@return where it comes from, for people to read} */
    @Override
    public String toString() {
        return Stream.concat(Stream.of(base).filter(b -> !b.isEmpty()), files.stream())
                .map(Object::toString)
                .collect(Collectors.joining(", ", "TlsTrust[", "]"));
    }
}
