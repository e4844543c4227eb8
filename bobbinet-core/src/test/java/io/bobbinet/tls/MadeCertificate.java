package io.bobbinet.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import javax.security.auth.x500.X500Principal;

/**
 * A certificate for tests, with an EC key, signed by itself or by another; valid from 2020 to 2099. The module
 * bobbinet-tests has a whole authority; this module has no library that makes certificates.
 *
 * @param key the private key
 * @param certificate its certificate
 */
record MadeCertificate(PrivateKey key, X509Certificate certificate) {
    private static final AtomicInteger SERIAL = new AtomicInteger();
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int BIT_STRING = 0x03;
    private static final int DNS_NAME = 0x82;
    private static final byte[] ECDSA_WITH_SHA256 =
            sequence(new byte[] {6, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2});
    private static final byte[] ALTERNATIVE_NAME = {6, 3, 0x55, 0x1d, 0x11};
    private static final byte[] BASIC_CONSTRAINTS = {6, 3, 0x55, 0x1d, 0x13};
    private static final byte[] TRUE = {1, 1, -1};

    /** A certificate for a host, signed by itself; an authority too. */
    static MadeCertificate of(String host) throws GeneralSecurityException {
        KeyPair keys = keys();
        return new MadeCertificate(keys.getPrivate(), make(host, keys, host, keys.getPrivate()));
    }

    /** A certificate for a host, signed by this one. */
    MadeCertificate issue(String host) throws GeneralSecurityException {
        KeyPair keys = keys();
        String issuer = certificate.getSubjectX500Principal().getName().substring("CN=".length());
        return new MadeCertificate(keys.getPrivate(), make(host, keys, issuer, key));
    }

    String keyPem() {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    String pem() throws GeneralSecurityException {
        return pem("CERTIFICATE", certificate.getEncoded());
    }

    /** Writes key and certificate into one file. */
    Path writeTo(Path file) throws IOException, GeneralSecurityException {
        return Files.writeString(file, keyPem() + pem());
    }

    static String pem(String label, byte[] content) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(content) + "\n-----END "
                + label + "-----\n";
    }

    private static KeyPair keys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    /** RFC 5280, section 4.1. */
    private static X509Certificate make(String host, KeyPair keys, String issuer, PrivateKey signer)
            throws GeneralSecurityException {
        byte[] content = sequence(
                DerWriter.value(DerReader.CONTEXT, new byte[] {2, 1, 2}),
                DerWriter.value(
                        DerReader.INTEGER,
                        BigInteger.valueOf(SERIAL.incrementAndGet()).toByteArray()),
                ECDSA_WITH_SHA256,
                new X500Principal("CN=" + issuer).getEncoded(),
                sequence(
                        DerWriter.value(UTC_TIME, "200101000000Z".getBytes(US_ASCII)),
                        DerWriter.value(GENERALIZED_TIME, "20991231000000Z".getBytes(US_ASCII))),
                new X500Principal("CN=" + host).getEncoded(),
                keys.getPublic().getEncoded(),
                DerWriter.value(
                        DerReader.CONTEXT + 3,
                        sequence(
                                extension(ALTERNATIVE_NAME, DerWriter.value(DNS_NAME, host.getBytes(US_ASCII))),
                                extension(BASIC_CONSTRAINTS, TRUE))));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(signer);
        signature.update(content);
        byte[] made =
                sequence(content, ECDSA_WITH_SHA256, DerWriter.value(BIT_STRING, new byte[] {0}, signature.sign()));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(made));
    }

    private static byte[] extension(byte[] identifier, byte[] content) {
        return sequence(identifier, DerWriter.value(DerReader.OCTET_STRING, sequence(content)));
    }

    private static byte[] sequence(byte[]... parts) {
        return DerWriter.value(DerReader.SEQUENCE, parts);
    }
}
