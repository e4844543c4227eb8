package io.bobbinet.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A small certificate authority for tests.
 *
 * {@snippet :
 * Certificates authority = Certificates.authority("Test CA");
 * Path ca = authority.write(folder.resolve("ca.pem"));                      // for TlsTrust.only(ca), curl --cacert
 *
 * Certificates.Issued server = authority.issue("localhost", "127.0.0.1", "::1");   // names and addresses
 * Path chain = server.writeChain(folder.resolve("cert.pem"));
 * Path key = server.writeKey(folder.resolve("key.pem"));                    // PKCS#8
 * Path both = server.writeBoth(folder.resolve("both.pem"));
 *
 * authority.issueClient("alice");                                           // for client authentication only
 * authority.issueExpired("localhost");
 * authority.intermediate("Test CA 2").issue("localhost");                   // the chain has two certificates
 * authority.issue(Certificates.keys("RSA"), "localhost");                   // other keys: RSA, Ed25519, Ed448, ...
 *
 * server.key(); server.certificate(); server.chain(); server.keyStore(password); authority.trustStore();
 * }
 *
 * <p>Keys are EC keys of the curve P-256, which are made in no time, unless others are given. Certificates are valid
 * from 2020 to 2099, expired ones in 2020 only: no clock is asked.
 */
public final class Certificates {
    private static final Instant START = Instant.parse("2020-01-01T00:00:00Z");
    private static final Instant EXPIRED = Instant.parse("2021-01-01T00:00:00Z");
    private static final Instant END = Instant.parse("2099-12-31T00:00:00Z");
    private static final AtomicLong SERIAL = new AtomicLong();

    private final PrivateKey key;

    /** The own certificate first, the root last. */
    private final List<X509Certificate> path;

    private Certificates(PrivateKey key, List<X509Certificate> path) {
        this.key = key;
        this.path = path;
    }

    /**
     * A private key with its certificates.
     *
     * @param key the key
     * @param chain its certificate first, then those of intermediate authorities, without the root
     */
    public record Issued(PrivateKey key, List<X509Certificate> chain) {
        /** {@return the certificate of the key} */
        public X509Certificate certificate() {
            return chain.getFirst();
        }

        /** {@return the chain in PEM, the key's certificate first} */
        public String chainPem() {
            return pem(chain);
        }

        /** {@return the key in PEM: PKCS#8, not encrypted} */
        public String keyPem() {
            return pem("PRIVATE KEY", key.getEncoded());
        }

        /** {@return the file, written with the chain} @param file the file, replaced if it is there */
        public Path writeChain(Path file) throws IOException {
            return Files.writeString(file, chainPem());
        }

        /** {@return the file, written with the key} @param file the file, replaced if it is there */
        public Path writeKey(Path file) throws IOException {
            return Files.writeString(file, keyPem());
        }

        /** {@return the file, written with key and chain} @param file the file, replaced if it is there */
        public Path writeBoth(Path file) throws IOException {
            return Files.writeString(file, keyPem() + chainPem());
        }

        /** {@return a key store with key and chain} @param password the password of the entry */
        public KeyStore keyStore(char[] password) {
            return attempt(() -> {
                KeyStore store = emptyStore();
                store.setKeyEntry("key", key, password, chain.toArray(Certificate[]::new));
                return store;
            });
        }
    }

    /** {@return a new root authority} @param name its common name */
    public static Certificates authority(String name) {
        return authority(name, keys("EC"));
    }

    /** {@return a new root authority} @param name its common name @param keys its keys */
    public static Certificates authority(String name, KeyPair keys) {
        Request request = new Request(name, keys, END).ca();
        X509Certificate certificate = request.sign(request.subject, keys.getPrivate());
        return new Certificates(keys.getPrivate(), List.of(certificate));
    }

    /** {@return a certificate signed by its own key} @param keys the keys @param names names and addresses it is for */
    public static Issued selfSigned(KeyPair keys, String... names) {
        Request request = new Request(names[0], keys, END).server(names);
        return new Issued(keys.getPrivate(), List.of(request.sign(request.subject, keys.getPrivate())));
    }

    /** {@return new keys} @param algorithm EC for P-256, or any name the JDK knows, with its default size */
    public static KeyPair keys(String algorithm) {
        return attempt(() -> {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (algorithm.equals("EC")) {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            }
            return generator.generateKeyPair();
        });
    }

    /** {@return PEM, with lines of 64 characters} @param type what the block says it is @param content its bytes */
    public static String pem(String type, byte[] content) {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + type + "-----\n" + lines + "\n-----END " + type + "-----\n";
    }

    /** {@return certificates in PEM, in this order} @param certificates the certificates */
    public static String pem(List<X509Certificate> certificates) {
        return certificates.stream()
                .map(c -> pem("CERTIFICATE", attempt(c::getEncoded)))
                .collect(Collectors.joining());
    }

    /** {@return an authority whose certificate this one has signed} @param name its common name */
    public Certificates intermediate(String name) {
        KeyPair keys = keys("EC");
        return new Certificates(keys.getPrivate(), signed(new Request(name, keys, END).ca(), path));
    }

    /** {@return a new key and its certificate, for servers and clients} @param names names and addresses it is for */
    public Issued issue(String... names) {
        return issue(keys("EC"), names);
    }

    /** {@return a certificate for servers and clients} @param keys its keys @param names names and addresses it is for */
    public Issued issue(KeyPair keys, String... names) {
        return issued(keys, new Request(names[0], keys, END).server(names));
    }

    /** {@return a new key and its certificate, which has expired} @param names names and addresses it is for */
    public Issued issueExpired(String... names) {
        KeyPair keys = keys("EC");
        return issued(keys, new Request(names[0], keys, EXPIRED).server(names));
    }

    /** {@return a new key and its certificate, for clients alone} @param name its common name */
    public Issued issueClient(String name) {
        KeyPair keys = keys("EC");
        return issued(keys, new Request(name, keys, END).client());
    }

    /** {@return the certificate of this authority} */
    public X509Certificate certificate() {
        return path.getFirst();
    }

    /** {@return the certificate of this authority's root, in PEM} */
    public String pem() {
        return pem(List.of(path.getLast()));
    }

    /** {@return the file, written with the certificate of the root} @param file the file, replaced if it is there */
    public Path write(Path file) throws IOException {
        return Files.writeString(file, pem());
    }

    /** {@return a key store that trusts the root} */
    public KeyStore trustStore() {
        return attempt(() -> {
            KeyStore store = emptyStore();
            store.setCertificateEntry("root", path.getLast());
            return store;
        });
    }

    private Issued issued(KeyPair keys, Request request) {
        List<X509Certificate> withoutRoot = path.subList(0, path.size() - 1);
        return new Issued(keys.getPrivate(), signed(request, withoutRoot));
    }

    private List<X509Certificate> signed(Request request, List<X509Certificate> above) {
        X500Name issuer = new X500Name(certificate().getSubjectX500Principal().getName());
        List<X509Certificate> chain = new ArrayList<>();
        chain.add(request.sign(issuer, key));
        chain.addAll(above);
        return List.copyOf(chain);
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private interface Attempt<T> {
        T run() throws GeneralSecurityException, IOException, OperatorCreationException;
    }

    private static <T> T attempt(Attempt<T> attempt) {
        try {
            return attempt.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new AssertionError(e);
        }
    }

    /** What is to be signed. */
    private static final class Request {
        private final X500Name subject;
        private final KeyPair keys;
        private final Instant end;
        private final List<Part> parts = new ArrayList<>();

        private interface Part {
            void addTo(JcaX509v3CertificateBuilder builder) throws CertIOException;
        }

        Request(String commonName, KeyPair keys, Instant end) {
            this.subject = new X500Name("CN=" + commonName);
            this.keys = keys;
            this.end = end;
        }

        Request ca() {
            parts.add(b -> b.addExtension(Extension.basicConstraints, true, new BasicConstraints(true)));
            parts.add(b ->
                    b.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign)));
            return this;
        }

        Request server(String... names) {
            GeneralName[] alternatives = Stream.of(names).map(Request::name).toArray(GeneralName[]::new);
            parts.add(b -> b.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives)));
            return usage(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth);
        }

        Request client() {
            return usage(KeyPurposeId.id_kp_clientAuth);
        }

        private Request usage(KeyPurposeId... purposes) {
            parts.add(b -> b.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes)));
            return this;
        }

        private static GeneralName name(String text) {
            boolean address = text.contains(":") || text.matches("[0-9.]+");
            return new GeneralName(
                    address ? GeneralName.iPAddress : GeneralName.dNSName,
                    address ? attempt(() -> InetAddress.getByName(text)).getHostAddress() : text);
        }

        X509Certificate sign(X500Name issuer, PrivateKey key) {
            return attempt(() -> {
                JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                        issuer,
                        BigInteger.valueOf(SERIAL.incrementAndGet()),
                        Date.from(START),
                        Date.from(end),
                        subject,
                        keys.getPublic());
                for (Part part : parts) {
                    part.addTo(builder);
                }
                return new JcaX509CertificateConverter()
                        .getCertificate(builder.build(new JcaContentSignerBuilder(signatureOf(key)).build(key)));
            });
        }

        private static String signatureOf(PrivateKey key) {
            return switch (key.getAlgorithm()) {
                case "RSA" -> "SHA256withRSA";
                case "RSASSA-PSS" -> "SHA256withRSAandMGF1";
                case "EC" -> "SHA256withECDSA";
                default -> key.getAlgorithm();
            };
        }
    }
}
