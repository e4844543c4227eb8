package io.bobbinet.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The program openssl, run in a folder where it finds and leaves its files. */
record OpenSsl(Path folder) {
    /** Runs a command, words separated by spaces, which must succeed. */
    void run(String words) throws Exception {
        assertThat(exit(words)).as("openssl " + words).isZero();
    }

    /** Whether a command succeeds, as one does whose algorithms this build of OpenSSL has. */
    boolean can(String words) throws Exception {
        return exit(words) == 0;
    }

    private int exit(String words) throws Exception {
        List<String> command = new ArrayList<>(List.of(Peers.openssl()));
        command.addAll(List.of(words.split(" ")));
        try (PeerProcess openssl = PeerProcess.start(command, Map.of(), folder)) {
            openssl.closeInput();
            openssl.readToEnd();
            return openssl.awaitExit();
        }
    }

    Path file(String name) {
        return folder.resolve(name);
    }
}
