package io.bobbinet.tests.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.examples.SyslogClient;
import io.bobbinet.examples.SyslogClient.Severity;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example speaks with a real server over UDP. */
@OnEachBackend
@DisplayName("SyslogClientUdpTest")
@Timeout(30)
class SyslogClientUdpTest {
    @TempDir
    private Path folder;

    @Test
    void messagesArriveInTheFile() throws IOException {
        try (SyslogServer server = SyslogServer.start(folder);
                SyslogClient log = SyslogClient.open("127.0.0.1", server.port(), "example")) {
            log.log(Severity.WARNING, "the knot slips");
            assertThat(server.awaitMessages(1))
                    .containsExactly(
                            "user warning|example|" + ProcessHandle.current().pid() + "|the knot slips");
        }
    }
}
