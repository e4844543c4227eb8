package io.bobbinet.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Key stores of the JDK, and what it makes of them. By the JDK's own provider where there is one: another that was put before it
 * need not know what these managers do.
 */
final class KeyStores {
    /** The name of the JDK's provider. */
    static final String JSSE = "SunJSSE";

    private static final boolean HAS_JSSE = Security.getProvider(JSSE) != null;

    private KeyStores() {}

    /** A new context, to be initialized. */
    static SSLContext sslContext() throws GeneralSecurityException {
        return HAS_JSSE ? SSLContext.getInstance("TLS", JSSE) : SSLContext.getInstance("TLS");
    }

    private static TrustManagerFactory trustManagerFactory(String algorithm) throws GeneralSecurityException {
        return HAS_JSSE ? TrustManagerFactory.getInstance(algorithm, JSSE) : TrustManagerFactory.getInstance(algorithm);
    }

    /** A new key store in memory. */
    static KeyStore empty() throws GeneralSecurityException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            return store;
        } catch (IOException e) {
            throw new KeyStoreException(e); // nothing is read
        }
    }

    /** Chooses by issuer, algorithm and validity, which the JDK's default one does not. */
    static X509ExtendedKeyManager keyManager(Map<String, MemoryKeyStore.Entry> keys) throws GeneralSecurityException {
        KeyManagerFactory factory =
                HAS_JSSE ? KeyManagerFactory.getInstance("PKIX", JSSE) : KeyManagerFactory.getInstance("PKIX");
        factory.init(MemoryKeyStore.of(keys), MemoryKeyStore.PASSWORD);
        return only(X509ExtendedKeyManager.class, factory.getKeyManagers());
    }

    /** The private keys of a key store, with their chains. */
    static Map<String, MemoryKeyStore.Entry> keysOf(KeyStore store, char[] password) throws GeneralSecurityException {
        Map<String, MemoryKeyStore.Entry> keys = new HashMap<>();
        for (String alias : Collections.list(store.aliases())) {
            Certificate[] chain = store.isKeyEntry(alias) ? store.getCertificateChain(alias) : null;
            if (chain != null && chain.length > 0 && store.getKey(alias, password) instanceof PrivateKey key) {
                keys.put(alias, new MemoryKeyStore.Entry(key, chain));
            }
        }
        return keys;
    }

    /** Trusts what is in a key store. */
    static X509ExtendedTrustManager trustManager(KeyStore store) throws GeneralSecurityException {
        return trustManager(trustManagerFactory("PKIX"), store);
    }

    /** Trusts what this JVM trusts by default. */
    static X509ExtendedTrustManager platformTrustManager() throws GeneralSecurityException {
        return trustManager(trustManagerFactory(TrustManagerFactory.getDefaultAlgorithm()), null);
    }

    private static X509ExtendedTrustManager trustManager(TrustManagerFactory factory, @Nullable KeyStore store)
            throws GeneralSecurityException {
        factory.init(store);
        return only(X509ExtendedTrustManager.class, factory.getTrustManagers());
    }

    private static <T> T only(Class<T> type, Object[] managers) throws NoSuchAlgorithmException {
        return Stream.of(managers)
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElseThrow(() -> new NoSuchAlgorithmException("No provider has an " + type.getSimpleName()));
    }
}
