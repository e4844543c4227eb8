package io.bobbinet.cli;

import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The certificate of the tour's TLS programs: for this machine, signed by its own key.
 *
 * @param identity for our servers, from PEM files
 * @param trust for our clients, from the certificate's PEM file
 * @param context the same for peers that use the JDK's own TLS
 */
record TourCertificate(TlsIdentity identity, TlsTrust trust, SSLContext context) {
    private static final char[] PASSWORD = "tour".toCharArray();

    /** Makes one, and writes its files into a folder. */
    static TourCertificate makeIn(Path folder) throws IOException {
        KeyTool.Pair pair = KeyTool.selfSigned("CN=localhost", List.of("dns:localhost", "ip:127.0.0.1"), 1);
        try {
            byte[] encoded = pair.certificate().getEncoded();
            Path certificate = Files.writeString(folder.resolve("cert.pem"), CertCommand.pem("CERTIFICATE", encoded));
            Path key = Files.writeString(
                    folder.resolve("key.pem"),
                    CertCommand.pem("PRIVATE KEY", pair.key().getEncoded()));
            return new TourCertificate(
                    TlsIdentity.ofPem(certificate, key), TlsTrust.only(certificate), contextOf(pair));
        } catch (GeneralSecurityException e) {
            throw new IOException("What keytool has made is of no use: " + e.getMessage(), e);
        }
    }

    private static SSLContext contextOf(KeyTool.Pair pair) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("key", pair.key(), PASSWORD, new Certificate[] {pair.certificate()});
        store.setCertificateEntry("trusted", pair.certificate());
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, PASSWORD);
        TrustManagerFactory trusted = TrustManagerFactory.getInstance("PKIX");
        trusted.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trusted.getTrustManagers(), null);
        return context;
    }
}
