package io.bobbinet.tests.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.examples.SyslogClient;
import io.bobbinet.examples.SyslogClient.Severity;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.net.UnixDatagramSocket;
import io.bobbinet.spi.Capability;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example speaks with a real server over its UNIX datagram socket. */
@OnEachBackend(having = Capability.UNIX_DATAGRAM)
@DisplayName("SyslogClientTest")
@Timeout(30)
class SyslogClientTest {
    private static final long PID = ProcessHandle.current().pid();

    @TempDir
    private Path folder;

    @Test
    void messagesArriveInTheFile() throws IOException {
        try (SyslogServer server = SyslogServer.start(folder)) {
            try (SyslogClient log = SyslogClient.open(server.socket(), "example")) {
                log.log(Severity.NOTICE, "the knot holds");
                log.log(Severity.ERROR, "Größe: 3 < 4, \"quoted\"");
            }
            assertThat(server.awaitMessages(2))
                    .containsExactly(
                            "user notice|example|" + PID + "|the knot holds",
                            "user err|example|" + PID + "|Größe: 3 < 4, \"quoted\"");
        }
    }

    @Test
    void nothingIsLostOrOvertaken() throws IOException {
        try (SyslogServer server = SyslogServer.start(folder);
                SyslogClient log = SyslogClient.open(server.socket(), "example")) {
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                log.log(Severity.DEBUG, "message " + i);
                expected.add("user debug|example|" + PID + "|message " + i);
            }
            assertThat(server.awaitMessages(2_000)).isEqualTo(expected);
        }
    }

    @Test
    void aLongMessageIsCutBetweenCharacters() throws IOException {
        Path path = folder.resolve("log");
        try (UnixDatagramSocket socket = UnixDatagram.bind(path);
                SyslogClient log = SyslogClient.open(path, "example")) {
            for (String start : IntStream.range(0, 3).mapToObj("x"::repeat).toList()) {
                log.log(Severity.ALERT, start + "€".repeat(5_000));
                byte[] message = socket.receive().data();
                assertThat(message.length).isBetween(8190, 8192);
                assertThat(Sockets.text(message)).endsWith("€");
            }
        }
    }
}
