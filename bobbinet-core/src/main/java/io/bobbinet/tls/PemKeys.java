package io.bobbinet.tls;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLKeyException;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The key and the chain of PEM files, the newest good ones. Which aliases fit is left to the JDK's own key manager, one for
 * each generation of the files.
 *
 * <p>A handshake first asks for an alias and then, by that alias, for chain and key. So that both are of one generation
 * though the files were replaced in between, the alias names it, and the last few are kept.
 */
final class PemKeys extends X509ExtendedKeyManager {
    private static final int KEPT = 4;
    private static final char SEPARATOR = ':';

    private final WatchedFiles<Generation> current;

    /** The newest first. Written by the one who reloads. */
    private volatile List<Generation> kept = List.of();

    private record Generation(long number, X509ExtendedKeyManager keys) {
        @Nullable
        String alias(@Nullable String inner) {
            return inner == null ? null : number + "" + SEPARATOR + inner;
        }

        String @Nullable [] aliases(String @Nullable [] inner) {
            return inner == null
                    ? null
                    : Stream.of(inner).map(i -> number + "" + SEPARATOR + i).toArray(String[]::new);
        }
    }

    /**
     * Reads the files.
     *
     * @param certificates the file of the chain
     * @param key the file of the key, or the same one
     * @param password of the key; it is kept
     * @throws IOException if they cannot be read or do not hold what they must
     */
    PemKeys(Path certificates, Path key, char @Nullable [] password, System.Logger log) throws IOException {
        List<Path> files = certificates.equals(key) ? List.of(key) : List.of(certificates, key);
        current = new WatchedFiles<>(
                files,
                contents -> {
                    PemFile keyFile = PemFile.parse(key, contents.getLast());
                    PemFile chainFile = files.size() == 1 ? keyFile : PemFile.parse(certificates, contents.getFirst());
                    return next(managerOf(keyFile, chainFile, password));
                },
                log);
    }

    private Generation next(X509ExtendedKeyManager keys) {
        List<Generation> before = kept;
        Generation next = new Generation(before.isEmpty() ? 1 : before.getFirst().number + 1, keys);
        List<Generation> all = new ArrayList<>(before);
        all.addFirst(next);
        kept = List.copyOf(all.subList(0, Math.min(all.size(), KEPT)));
        return next;
    }

    private static X509ExtendedKeyManager managerOf(PemFile keyFile, PemFile chainFile, char @Nullable [] password)
            throws IOException {
        PrivateKey key = PrivateKeys.read(keyFile.privateKey(), password);
        List<X509Certificate> certificates = chainFile.certificates();
        List<X509Certificate> chain = CertificateChain.of(key, certificates)
                .orElseThrow(() -> new SSLKeyException("The private key in " + keyFile.file()
                        + " does not belong to a certificate in " + chainFile.file() + ", where the first is for "
                        + certificates.getFirst().getSubjectX500Principal().getName()));
        try {
            Certificate[] certificatesOfKey = chain.toArray(Certificate[]::new);
            return KeyStores.keyManager(Map.of("pem", new MemoryKeyStore.Entry(key, certificatesOfKey)));
        } catch (GeneralSecurityException | RuntimeException e) {
            SSLKeyException exception = new SSLKeyException("This JVM does not take the private key in "
                    + keyFile.file() + " with the certificates in " + chainFile.file());
            exception.initCause(e);
            throw exception;
        }
    }

    /** The newest good chain and key, whatever they fit. */
    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        Generation latest = current.latest();
        return latest.aliases(latest.keys.getServerAliases(keyType, issuers));
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        Generation latest = current.latest();
        return latest.aliases(latest.keys.getClientAliases(keyType, issuers));
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        Generation latest = current.latest();
        return latest.alias(latest.keys.chooseServerAlias(keyType, issuers, socket));
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        Generation latest = current.latest();
        return latest.alias(latest.keys.chooseClientAlias(keyTypes, issuers, socket));
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        Generation latest = current.latest();
        return latest.alias(latest.keys.chooseEngineServerAlias(keyType, issuers, engine));
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        Generation latest = current.latest();
        return latest.alias(latest.keys.chooseEngineClientAlias(keyTypes, issuers, engine));
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        Generation generation = generationOf(alias);
        return generation == null ? null : generation.keys.getCertificateChain(inner(alias));
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        Generation generation = generationOf(alias);
        return generation == null ? null : generation.keys.getPrivateKey(inner(alias));
    }

    private @Nullable Generation generationOf(String alias) {
        for (Generation generation : kept) {
            if (alias.startsWith(generation.number + "" + SEPARATOR)) {
                return generation;
            }
        }
        return null;
    }

    private static String inner(String alias) {
        return alias.substring(alias.indexOf(SEPARATOR) + 1);
    }

    @Override
    public String toString() {
        return current.toString();
    }
}
