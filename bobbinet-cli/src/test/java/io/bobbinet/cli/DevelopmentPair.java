package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A key and a certificate as {@code bobbinet cert} makes them.
 *
 * @param certificate the file of the certificate
 * @param key the file of the key
 */
record DevelopmentPair(Path certificate, Path key) {

    /** Makes a pair in a new folder. */
    static DevelopmentPair make(Path folder, String... names) throws IOException {
        Files.createDirectory(folder);
        List<String> line = new ArrayList<>(List.of("cert", "--directory", folder.toString()));
        line.addAll(List.of(names));
        // In this process, because there are so many.
        PrintStream out = System.out;
        var printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, UTF_8));
        try {
            assertThat(Main.run(line.toArray(String[]::new))).isZero();
        } finally {
            System.setOut(out);
        }
        return new DevelopmentPair(folder.resolve("cert.pem"), folder.resolve("key.pem"));
    }

    /** {@return a command line with the options of whoever owns the pair} */
    String[] owner(String... line) {
        List<String> all = new ArrayList<>(List.of(line));
        all.addAll(List.of("--cert", certificate.toString(), "--key", key.toString()));
        return all.toArray(String[]::new);
    }

    /** {@return a command line with the option of whoever trusts the owner} */
    String[] truster(String... line) {
        List<String> all = new ArrayList<>(List.of(line));
        all.addAll(List.of("--ca", certificate.toString()));
        return all.toArray(String[]::new);
    }
}
