package io.bobbinet.tls;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts the certificates of PEM files, as they are now, and some that stay as they are. Whether a chain leads to one of
 * them, and whether it is for the host, the JDK's own trust manager says.
 */
final class PemTrust extends X509ExtendedTrustManager {
    private final WatchedFiles<X509ExtendedTrustManager> current;

    /**
     * Reads the files.
     *
     * @param fixed what is trusted besides
     * @throws IOException if they cannot be read or one has no certificate
     */
    PemTrust(List<X509Certificate> fixed, List<Path> files, System.Logger log) throws IOException {
        current = new WatchedFiles<>(
                files,
                contents -> {
                    Set<X509Certificate> trusted = new LinkedHashSet<>(fixed);
                    for (int i = 0; i < files.size(); i++) {
                        trusted.addAll(
                                PemFile.parse(files.get(i), contents.get(i)).certificates());
                    }
                    return managerOf(trusted, files);
                },
                log);
    }

    /** What stands for the content of the files: another object when they have been replaced. */
    Object generation() {
        return current.latest();
    }

    private static X509ExtendedTrustManager managerOf(Set<X509Certificate> trusted, List<Path> files)
            throws IOException {
        try {
            KeyStore store = KeyStores.empty();
            for (X509Certificate certificate : trusted) {
                store.setCertificateEntry("" + store.size(), certificate);
            }
            return KeyStores.trustManager(store);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new SSLException("This JVM does not take the certificates in " + files, e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String keyType, Socket socket) throws CertificateException {
        current.latest().checkClientTrusted(chain, keyType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyType, Socket socket) throws CertificateException {
        current.latest().checkServerTrusted(chain, keyType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String keyType, SSLEngine engine)
            throws CertificateException {
        current.latest().checkClientTrusted(chain, keyType, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyType, SSLEngine engine)
            throws CertificateException {
        current.latest().checkServerTrusted(chain, keyType, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String keyType) throws CertificateException {
        current.latest().checkClientTrusted(chain, keyType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyType) throws CertificateException {
        current.latest().checkServerTrusted(chain, keyType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return current.latest().getAcceptedIssuers();
    }

    @Override
    public String toString() {
        return current.toString();
    }
}
