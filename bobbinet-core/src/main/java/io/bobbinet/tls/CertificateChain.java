package io.bobbinet.tls;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Puts certificates into the order that TLS wants (RFC 5246, section 7.4.2): the own one, its issuer's, and so on. */
final class CertificateChain {
    private static final byte[] TEXT = {1, 2, 3};

    private CertificateChain() {}

    /**
     * The chain that begins with the certificate of a key. What does not belong to it is left out.
     *
     * @return nothing if none of the certificates is the key's
     */
    static Optional<List<X509Certificate>> of(PrivateKey key, List<X509Certificate> certificates) {
        return certificates.stream()
                .filter(c -> areOnePair(key, c.getPublicKey()))
                .findFirst()
                .map(own -> from(own, certificates));
    }

    private static List<X509Certificate> from(X509Certificate own, List<X509Certificate> certificates) {
        List<X509Certificate> rest = new ArrayList<>(certificates);
        List<X509Certificate> chain = new ArrayList<>();
        Optional<X509Certificate> next = Optional.of(own);
        while (next.isPresent()) {
            X509Certificate last = next.get();
            chain.add(last);
            rest.remove(last);
            next = rest.stream().filter(c -> hasSigned(c, last)).findFirst();
        }
        return List.copyOf(chain);
    }

    private static boolean hasSigned(X509Certificate issuer, X509Certificate certificate) {
        if (!issuer.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
            return false;
        }
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException | RuntimeException e) {
            return false;
        }
    }

    /** Whether what the one has signed the other verifies. */
    private static boolean areOnePair(PrivateKey key, PublicKey other) {
        if (!key.getAlgorithm().equals(other.getAlgorithm())) {
            return false;
        }
        if (key instanceof RSAKey own && other instanceof RSAKey others) {
            return own.getModulus().equals(others.getModulus());
        }
        try {
            byte[] signed = sign(key);
            Signature signature = signatureOf(key);
            signature.initVerify(other);
            signature.update(TEXT);
            return signature.verify(signed);
        } catch (GeneralSecurityException | RuntimeException e) {
            return false; // keys of different curves, or one that no provider takes
        }
    }

    /** Signs something with a key that is not an RSA key, which shows whether this JVM can. */
    static byte[] sign(PrivateKey key) throws GeneralSecurityException {
        Signature signature = signatureOf(key);
        signature.initSign(key);
        signature.update(TEXT);
        return signature.sign();
    }

    private static Signature signatureOf(PrivateKey key) throws GeneralSecurityException {
        return Signature.getInstance(key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : key.getAlgorithm());
    }
}
