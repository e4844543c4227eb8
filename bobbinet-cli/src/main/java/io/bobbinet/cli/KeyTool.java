package io.bobbinet.cli;

import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/** Makes keys with certificates by the JDK's own tool: Java has no public API for that. */
final class KeyTool {
    private static final String ALIAS = "bobbinet";
    private static final String PASSWORD_VARIABLE = "BOBBINET_KEYTOOL_PASSWORD";

    private KeyTool() {}

    /**
     * A key and its certificate.
     *
     * @param key the private key
     * @param certificate signed by that key
     */
    record Pair(Key key, Certificate certificate) {}

    /**
     * Makes an EC key and a certificate that it signs itself, for servers and clients.
     *
     * @param subject whose it is, as an X.500 name
     * @param alternativeNames whose it is, as keytool takes them: {@code dns:localhost}
     * @param days how long it is valid
     * @throws IOException if the tool fails
     */
    static Pair selfSigned(String subject, List<String> alternativeNames, int days) throws IOException {
        return selfSigned(Path.of(System.getProperty("java.io.tmpdir")), subject, alternativeNames, days);
    }

    /** Does the same with a given folder for temporary files. */
    static Pair selfSigned(Path temporary, String subject, List<String> alternativeNames, int days) throws IOException {
        Path folder = Files.createTempDirectory(temporary, "bobbinet-cert"); // nobody else may look into it
        Path store = folder.resolve("store.p12");
        Path output = folder.resolve("output");
        try {
            byte[] random = new byte[16];
            new SecureRandom().nextBytes(random);
            String password = HexFormat.of().formatHex(random);
            run(commandLine(subject, alternativeNames, days, store), password, output);
            Pair pair = read(store, password.toCharArray());
            delete(store, output, folder);
            return pair;
        } catch (Throwable t) {
            try {
                delete(store, output, folder);
            } catch (IOException e) {
                t.addSuppressed(e);
            }
            throw t;
        }
    }

    private static void delete(Path... files) throws IOException {
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }

    private static List<String> commandLine(String subject, List<String> alternativeNames, int days, Path store)
            throws IOException {
        Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        if (!Files.isExecutable(tool) && !Files.isExecutable(Path.of(tool + ".exe"))) {
            throw new IOException("This Java has no keytool: there is no " + tool);
        }
        return List.of(
                tool.toString(),
                "-genkeypair",
                "-alias",
                ALIAS,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-sigalg",
                "SHA256withECDSA",
                "-dname",
                subject,
                "-ext",
                "san=" + String.join(",", alternativeNames),
                "-ext",
                "bc:critical=ca:false",
                "-ext",
                "ku:critical=digitalSignature",
                "-ext",
                "eku=serverAuth,clientAuth",
                "-validity",
                Integer.toString(days),
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                // Not on the command line, which everybody can read.
                "-storepass:env",
                PASSWORD_VARIABLE);
    }

    private static void run(List<String> commandLine, String password, Path output) throws IOException {
        // To a file: a read of a pipe could not be cancelled.
        ProcessBuilder builder =
                new ProcessBuilder(commandLine).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put(PASSWORD_VARIABLE, password);
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            if (process.waitFor() != 0) {
                throw new IOException("keytool failed: "
                        + Complaints.oneLine(Files.readString(output).strip()));
            }
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } finally {
            // Waits, even if cancelled, for as long as dying takes: it must write no file after those are deleted.
            process.destroyForcibly().onExit().join();
        }
    }

    private static Pair read(Path store, char[] password) throws IOException {
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, password);
            return new Pair(
                    Objects.requireNonNull(keys.getKey(ALIAS, password)),
                    Objects.requireNonNull(keys.getCertificate(ALIAS)));
        } catch (GeneralSecurityException e) {
            throw new IOException("What keytool has written cannot be read: " + e.getMessage(), e);
        }
    }
}
