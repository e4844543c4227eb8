package io.bobbinet.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is in a PEM file, reading it gives a key and a chain or an {@link IOException}. */
@Timeout(120)
final class PemFuzzTest {
    private static final char[] PASSWORD = "secret".toCharArray();
    private static final Path NAME = Path.of("fuzzed.pem");

    /** Written by openssl, with this password and ten rounds. */
    private static final String PBES2 = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHrMFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAijWWaOBjP+agIBCjAM
        BggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQX834ZDeLAusBIx/NvaNixwSBkI72
        5CftvUeH1bcgL8OV0S8QvsV9/NzqVBl7UtDQbFgOIW1LsLuisEvRSFoWT5bXPOFW
        yOVZjzE4dPMTm3mwhUHJhlpNr62tJuWJxX8mFWiYAWrn+FyjkrQuKD2UQy5lFH1R
        bwyGFnEI80p0shLh2/SnS3A8Bfj2wNnMW58T0bcLQu5IVs5/59DmxK3B3kHieg==
        -----END ENCRYPTED PRIVATE KEY-----
        """;

    /** Written by openssl, with this password. */
    private static final String TRADITIONAL = """
        -----BEGIN EC PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-256-CBC,3FDF51B4AD2D7B2DE7190ED095FED75C

        57uKwWaioagvh5SvNceQqme3dv3ySOCmHiTykp4Bhp9Bl1R+iOWIgLSjPnW2+5es
        ucyjuoBsVbRdSuaDEBKahhw0ZLW2NLqbfe8Pmp0q3qbgRUPem3loYNYK0lQp9l99
        +a0pI+thj+DsUXuE6gJTLPYLFXUMsX+DDbvxX/z0nig=
        -----END EC PRIVATE KEY-----
        """;

    private final long seed = Long.getLong("bobbinet.seed", new Random().nextLong());
    private final Random random = new Random(seed);

    private static List<String> keys(MadeCertificate server) throws Exception {
        KeyPairGenerator ed25519 = KeyPairGenerator.getInstance("Ed25519");
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(1024);
        byte[] wrapped = rsa.generateKeyPair().getPrivate().getEncoded();
        return List.of(
                server.keyPem(),
                MadeCertificate.pem(
                        "PRIVATE KEY", ed25519.generateKeyPair().getPrivate().getEncoded()),
                MadeCertificate.pem("RSA PRIVATE KEY", unwrapped(wrapped)),
                PBES2,
                MadeCertificate.pem("ENCRYPTED PRIVATE KEY", encrypted(server)),
                TRADITIONAL);
    }

    private static byte[] unwrapped(byte[] pkcs8) throws Exception {
        DerReader key = new DerReader(pkcs8).only(DerReader.SEQUENCE);
        key.nextInt();
        key.next(DerReader.SEQUENCE);
        return key.next(DerReader.OCTET_STRING).rest();
    }

    private static byte[] encrypted(MadeCertificate server) throws Exception {
        String algorithm = "PBEWithSHA1AndDESede";
        Cipher cipher = Cipher.getInstance(algorithm);
        cipher.init(
                Cipher.ENCRYPT_MODE,
                SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(PASSWORD)),
                new PBEParameterSpec(new byte[8], 10));
        AlgorithmParameters parameters = cipher.getParameters();
        return new EncryptedPrivateKeyInfo(
                        parameters, cipher.doFinal(server.key().getEncoded()))
                .getEncoded();
    }

    /** Whether it was read; anything but an IOException is the test's failure. */
    private boolean isRead(byte[] content) {
        try {
            PemFile file = PemFile.parse(NAME, content);
            CertificateChain.of(PrivateKeys.read(file.privateKey(), PASSWORD), file.certificates());
            return true;
        } catch (IOException e) {
            assertThat(e.getMessage()).as("seed " + seed).contains(NAME.toString());
            return false;
        } catch (Throwable t) {
            throw new AssertionError("seed " + seed + ": " + new String(content, ISO_8859_1), t);
        }
    }

    private byte[] mutated(byte[] content) {
        byte[] mutated = content;
        for (int i = random.nextInt(3); i >= 0; i--) {
            mutated = mutatedOnce(mutated);
        }
        return mutated;
    }

    private byte[] mutatedOnce(byte[] content) {
        if (content.length == 0) {
            return content;
        }
        byte[] copy = content.clone();
        int from = random.nextInt(content.length);
        int to = Math.min(content.length, from + 1 + random.nextInt(30));
        switch (random.nextInt(5)) {
            case 0 -> copy[from] = (byte) random.nextInt();
            case 1 -> copy[from] ^= (byte) (1 << random.nextInt(8));
            case 2 -> copy = Arrays.copyOf(copy, from);
            case 3 -> copy = joined(Arrays.copyOf(copy, from), Arrays.copyOfRange(copy, to, copy.length));
            default -> copy = joined(Arrays.copyOf(copy, to), Arrays.copyOfRange(copy, from, copy.length));
        }
        return copy;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(first);
        all.writeBytes(second);
        return all.toByteArray();
    }

    @Test
    void brokenTextIsAnErrorOfInputAndOutput() throws Exception {
        System.out.println("seed " + seed);
        MadeCertificate server = MadeCertificate.of("localhost");
        List<byte[]> good = new ArrayList<>();
        for (String key : keys(server)) {
            good.add((key + server.pem()).getBytes(ISO_8859_1));
        }
        assertThat(good).allMatch(this::isRead);
        int read = 0;
        for (int i = 0; i < 12_000; i++) {
            read += isRead(mutated(good.get(i % good.size()))) ? 1 : 0;
        }
        assertThat(read).as("seed " + seed).isBetween(1, 11_000);
    }

    @Test
    void brokenContentIsAnErrorOfInputAndOutput() throws Exception {
        System.out.println("seed " + seed);
        MadeCertificate server = MadeCertificate.of("localhost");
        for (String key : keys(server)) {
            PemBlock block =
                    PemFile.parse(NAME, key.getBytes(ISO_8859_1)).blocks().getFirst();
            for (int i = 0; i < 1_500; i++) {
                String broken = MadeCertificate.pem(block.label(), mutated(block.content()));
                isRead((broken + server.pem()).getBytes(ISO_8859_1));
            }
        }
        for (int i = 0; i < 3_000; i++) {
            String broken = MadeCertificate.pem(
                    "CERTIFICATE", mutated(server.certificate().getEncoded()));
            isRead((server.keyPem() + broken).getBytes(ISO_8859_1));
        }
    }

    @Test
    void filesThatAreReadMakeIdentities(@TempDir Path folder) throws Exception {
        System.out.println("seed " + seed);
        MadeCertificate server = MadeCertificate.of("localhost");
        byte[] good = (server.keyPem() + server.pem()).getBytes(ISO_8859_1);
        for (int i = 0; i < 500; i++) {
            Path file = Files.write(folder.resolve("fuzzed.pem"), mutated(good));
            try {
                TlsIdentity.ofPem(file);
            } catch (IOException e) {
                assertThat(e.getMessage()).as("seed " + seed).contains(file.toString());
            }
            try {
                TlsTrust.only(file);
            } catch (IOException e) {
                assertThat(e.getMessage()).as("seed " + seed).contains(file.toString());
            }
        }
    }
}
