package io.bobbinet.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.KeyStoreSpi;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.Date;
import java.util.Enumeration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Private keys with their chains, as they are, for a key manager of the JDK. That one takes the key from its key store in
 * every handshake, and one of the usual types decrypts it each time, with ten thousand rounds of hashing.
 */
final class MemoryKeyStore extends KeyStore {
    /** What opens it: nothing is encrypted. */
    static final char[] PASSWORD = {};

    /**
     * A private key.
     *
     * @param key the key
     * @param chain its chain of certificates; not changed
     */
    record Entry(PrivateKey key, Certificate[] chain) {}

    private MemoryKeyStore(Map<String, Entry> entries) {
        super(new Entries(Map.copyOf(entries)), null, "memory");
    }

    /** A key store, loaded, with these entries by alias. */
    static KeyStore of(Map<String, Entry> entries) throws GeneralSecurityException {
        MemoryKeyStore store = new MemoryKeyStore(entries);
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new KeyStoreException(e); // nothing is read
        }
        return store;
    }

    private static final class Entries extends KeyStoreSpi {
        private final Map<String, Entry> entries;

        Entries(Map<String, Entry> entries) {
            this.entries = entries;
        }

        @Override
        public @Nullable Key engineGetKey(String alias, char @Nullable [] password) {
            Entry entry = entries.get(alias);
            return entry == null ? null : entry.key;
        }

        @Override
        public Certificate @Nullable [] engineGetCertificateChain(String alias) {
            Entry entry = entries.get(alias);
            return entry == null ? null : entry.chain.clone();
        }

        @Override
        public @Nullable Certificate engineGetCertificate(String alias) {
            Entry entry = entries.get(alias);
            return entry == null ? null : entry.chain[0];
        }

        @Override
        public @Nullable String engineGetCertificateAlias(Certificate certificate) {
            return entries.keySet().stream()
                    .filter(alias -> certificate.equals(engineGetCertificate(alias)))
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public @Nullable Date engineGetCreationDate(String alias) {
            return engineContainsAlias(alias) ? new Date(0) : null;
        }

        @Override
        public Enumeration<String> engineAliases() {
            return Collections.enumeration(entries.keySet());
        }

        @Override
        public boolean engineContainsAlias(String alias) {
            return entries.containsKey(alias);
        }

        @Override
        public int engineSize() {
            return entries.size();
        }

        @Override
        public boolean engineIsKeyEntry(String alias) {
            return engineContainsAlias(alias);
        }

        @Override
        public boolean engineIsCertificateEntry(String alias) {
            return false;
        }

        @Override
        public void engineLoad(@Nullable InputStream from, char @Nullable [] password) {
            // It has what it has.
        }

        @Override
        public void engineStore(OutputStream to, char[] password) {
            throw new UnsupportedOperationException("Private keys in memory are not written down: store the files");
        }

        @Override
        public void engineSetKeyEntry(String alias, Key key, char[] password, Certificate[] chain)
                throws KeyStoreException {
            throw readOnly();
        }

        @Override
        public void engineSetKeyEntry(String alias, byte[] key, Certificate[] chain) throws KeyStoreException {
            throw readOnly();
        }

        @Override
        public void engineSetCertificateEntry(String alias, Certificate certificate) throws KeyStoreException {
            throw readOnly();
        }

        @Override
        public void engineDeleteEntry(String alias) throws KeyStoreException {
            throw readOnly();
        }

        private static KeyStoreException readOnly() {
            return new KeyStoreException("read-only");
        }
    }
}
