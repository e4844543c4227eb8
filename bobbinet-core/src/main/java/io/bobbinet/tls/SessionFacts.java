package io.bobbinet.tls;

import io.bobbinet.stream.Attribute;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** What a finished handshake has agreed upon, as attributes. */
record SessionFacts(SSLSession session, @Nullable String alpn, Role role) {
    private static final String EXPORTER_LABEL = "EXPORTER-Channel-Binding";
    private static final int EXPORTER_LENGTH = 32;

    static SessionFacts of(RecordLayer records, Role role) {
        return new SessionFacts(records.session(), records.applicationProtocol(), role);
    }

    <T> Optional<T> find(Attribute<T> attribute) {
        if (attribute.equals(TlsAttributes.PROTOCOL)) {
            return TlsAttributes.PROTOCOL.match(attribute, session.getProtocol());
        }
        if (attribute.equals(TlsAttributes.CIPHER_SUITE)) {
            return TlsAttributes.CIPHER_SUITE.match(attribute, session.getCipherSuite());
        }
        if (attribute.equals(TlsAttributes.SESSION)) {
            return TlsAttributes.SESSION.match(attribute, session);
        }
        if (attribute.equals(TlsAttributes.ALPN)) {
            return Optional.ofNullable(alpn).flatMap(value -> TlsAttributes.ALPN.match(attribute, value));
        }
        if (attribute.equals(TlsAttributes.SERVER_NAME)) {
            return serverName().flatMap(value -> TlsAttributes.SERVER_NAME.match(attribute, value));
        }
        return findCertificates(attribute).or(() -> findBinding(attribute));
    }

    private <T> Optional<T> findCertificates(Attribute<T> attribute) {
        if (attribute.equals(TlsAttributes.PEER_CERTIFICATES)) {
            return peerChain().flatMap(chain -> TlsAttributes.PEER_CERTIFICATES.match(attribute, chain));
        }
        if (attribute.equals(TlsAttributes.LOCAL_CERTIFICATES)) {
            return x509(session.getLocalCertificates())
                    .flatMap(chain -> TlsAttributes.LOCAL_CERTIFICATES.match(attribute, chain));
        }
        return Optional.empty();
    }

    private <T> Optional<T> findBinding(Attribute<T> attribute) {
        if (attribute.equals(TlsAttributes.EXPORTER_BINDING)) {
            return exporterBinding().flatMap(value -> TlsAttributes.EXPORTER_BINDING.match(attribute, value));
        }
        if (attribute.equals(TlsAttributes.SERVER_END_POINT_BINDING)) {
            return (role.isServer() ? x509(session.getLocalCertificates()) : peerChain())
                    .flatMap(chain -> endPointBinding(chain.getFirst()))
                    .flatMap(value -> TlsAttributes.SERVER_END_POINT_BINDING.match(attribute, value));
        }
        return Optional.empty();
    }

    private Optional<String> serverName() {
        if (!role.isServer()) {
            return Optional.of(role.serverName());
        }
        try {
            if (session instanceof ExtendedSSLSession extended) {
                for (SNIServerName name : extended.getRequestedServerNames()) {
                    if (name instanceof SNIHostName host) {
                        return Optional.of(host.getAsciiName());
                    }
                }
            }
        } catch (UnsupportedOperationException e) {
            // A provider that does not tell.
        }
        return Optional.empty();
    }

    private Optional<List<X509Certificate>> peerChain() {
        try {
            return x509(session.getPeerCertificates());
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty(); // it has shown none
        }
    }

    private static Optional<List<X509Certificate>> x509(Certificate @Nullable [] chain) {
        if (chain == null || chain.length == 0) {
            return Optional.empty();
        }
        return Optional.of(Arrays.stream(chain).map(X509Certificate.class::cast).toList());
    }

    /** Not before TLS 1.3: there the JDK has one session, and one pair of randoms, for all connections that resumed it. */
    private Optional<byte[]> exporterBinding() {
        if (!(session instanceof ExtendedSSLSession extended) || !RecordLayer.TLS_1_3.equals(session.getProtocol())) {
            return Optional.empty();
        }
        try {
            return Optional.of(extended.exportKeyingMaterialData(EXPORTER_LABEL, new byte[0], EXPORTER_LENGTH));
        } catch (SSLException | UnsupportedOperationException | IllegalStateException e) {
            return Optional.empty();
        }
    }

    /** RFC 5929, section 4.1: the hash of the certificate's signature, but SHA-256 for those that are broken. */
    private static Optional<byte[]> endPointBinding(X509Certificate certificate) {
        String signature = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
        int end = signature.indexOf("WITH");
        if (end < 0) {
            return Optional.empty(); // such as Ed25519: "undefined", says the RFC
        }
        String hash = signature.substring(0, end);
        try {
            MessageDigest digest = MessageDigest.getInstance(
                    switch (hash) {
                        case "MD5", "SHA", "SHA1" -> "SHA-256";
                        default -> hash.startsWith("SHA3-") ? hash : hash.replaceFirst("^SHA", "SHA-");
                    });
            return Optional.of(digest.digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }
}
