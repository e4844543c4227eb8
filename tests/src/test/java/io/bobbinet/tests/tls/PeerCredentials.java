package io.bobbinet.tests.tls;

import io.bobbinet.testing.Certificates;
import io.bobbinet.tls.TlsIdentity;
import io.bobbinet.tls.TlsOptions;
import io.bobbinet.tls.TlsTrust;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * One authority and its certificates, as options for us, as a context for the JDK and as files for other programs.
 *
 * @param folder has the files
 */
record PeerCredentials(Path folder) {
    private static final char[] PASSWORD = "secret".toCharArray();
    private static final Certificates AUTHORITY = Certificates.authority("Test CA");
    static final Certificates.Issued SERVER = AUTHORITY.issue("localhost", "127.0.0.1");
    static final Certificates.Issued ALICE = AUTHORITY.issueClient("alice");

    /** Issues to the server under another name. */
    static Certificates.Issued issue(String... names) {
        return AUTHORITY.issue(names);
    }

    static TlsIdentity identity(Certificates.Issued issued) {
        return TlsIdentity.ofKeyStore(issued.keyStore(PASSWORD), PASSWORD);
    }

    static TlsOptions client() {
        return TlsOptions.defaults().withTrust(TlsTrust.ofKeyStore(AUTHORITY.trustStore()));
    }

    static TlsOptions server() {
        return client().withIdentity(identity(SERVER));
    }

    /** A context of the JDK that has the server's key, and trusts the authority. */
    static SSLContext context() throws GeneralSecurityException {
        return context(SERVER.keyStore(PASSWORD), AUTHORITY.trustStore());
    }

    private static SSLContext context(KeyStore own, KeyStore trusted) throws GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(own, PASSWORD);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    /** The authority's certificate. */
    String ca() throws IOException {
        return AUTHORITY.write(folder.resolve("ca.pem")).toString();
    }

    /** Key and chain of the server. */
    String serverPem() throws IOException {
        return pem("server", SERVER);
    }

    /** Key and chain of a client. */
    String alicePem() throws IOException {
        return pem("alice", ALICE);
    }

    String pem(String name, Certificates.Issued issued) throws IOException {
        return issued.writeBoth(folder.resolve(name + ".pem")).toString();
    }
}
