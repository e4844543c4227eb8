package io.bobbinet.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.testing.JavaProgram;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import io.bobbinet.testing.Peers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Key updates that the JDK begins by itself, once a key has done its share. */
@OnEachBackend
@DisplayName("KeyLimitTest")
@Timeout(60)
class KeyLimitTest {
    /** Of four million bytes and keys that are good for a mebibyte. */
    private static final int LEAST = 3;

    private static final int SIZE = 4 << 20;

    @TempDir
    private Path folder;

    private PeerProcess start(String role, int port) throws Exception {
        PeerCredentials credentials = new PeerCredentials(folder);
        List<String> command = JavaProgram.command(
                KeyLimitProgram.class, role, String.valueOf(port), credentials.ca(), credentials.serverPem());
        return PeerProcess.start(command, Map.of(), null);
    }

    private static void awaitKeyUpdates(PeerProcess program) {
        for (int seen = 0; seen < LEAST; seen++) {
            program.awaitErrorLine(line -> line.contains("Produced KeyUpdate"));
        }
    }

    @Test
    void bothSidesUpdateTheirKeysWhileBothSend() throws Exception {
        try (PeerProcess program = start("both", 0)) {
            assertThat(program.readLine()).isEqualTo("passed");
            awaitKeyUpdates(program);
        }
    }

    @Test
    void aSideThatOnlyReceivesAnswersKeyUpdates() throws Exception {
        try (PeerProcess program = start("one way", 0)) {
            assertThat(program.readLine()).isEqualTo("passed");
            for (int seen = 0; seen < LEAST; seen++) {
                program.awaitErrorLine(line -> line.contains("update_not_requested"));
            }
        }
    }

    @Test
    void opensslAsClientFollowsOurKeys() throws Exception {
        try (PeerProcess program = start("server", 0);
                PipedPeer openssl = PipedPeer.start(
                        folder,
                        List.of(
                                Peers.openssl(),
                                "s_client",
                                "-quiet",
                                "-connect",
                                "127.0.0.1:" + program.readLine()))) {
            BothWays.echo(openssl.output(), openssl.input(), SIZE);
            awaitKeyUpdates(program);
        }
    }

    @Test
    void opensslAsServerFollowsOurKeys() throws Exception {
        try (PeerProcess openssl = OpensslPeer.server("-cert", new PeerCredentials(folder).serverPem(), "-rev");
                PeerProcess program = start("client", OpensslPeer.awaitPort(openssl))) {
            assertThat(program.readLine()).isEqualTo("passed");
            awaitKeyUpdates(program);
        }
    }
}
