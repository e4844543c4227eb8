package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ListenCommandTest {
    @TempDir
    private Path folder;

    private static int awaitPort(BufferedReader err) throws IOException {
        String line = err.readLine();
        assertThat(line).startsWith("listening tcp://127.0.0.1:");
        return CommandProcess.portOf(line);
    }

    @Test
    void joinsOneConnectionToStandardInputAndOutput() throws Exception {
        try (var listen = CommandProcess.startWithOpenError("listen", "tcp://127.0.0.1:0");
                var err = listen.errReader()) {
            int port = awaitPort(err);
            try (Socket peer = new Socket("127.0.0.1", port)) {
                listen.input("from the command");
                assertThat(peer.getInputStream().readAllBytes()).isEqualTo("from the command".getBytes(UTF_8));
                // One connection only.
                assertThatThrownBy(() -> new Socket("127.0.0.1", port)).isInstanceOf(ConnectException.class);
                peer.getOutputStream().write("from the peer".getBytes(UTF_8));
            }
            assertThat(listen.readAll()).isEqualTo("from the peer");
            assertThat(listen.awaitExit()).isZero();
        }
    }

    @Test
    void keepAcceptsOneAfterTheOther() throws Exception {
        try (var listen = CommandProcess.startWithOpenError("listen", "--keep", "tcp://127.0.0.1:0");
                var err = listen.errReader()) {
            int port = awaitPort(err);
            for (String line : new String[] {"first", "second"}) {
                try (Socket peer = new Socket("127.0.0.1", port)) {
                    peer.getOutputStream().write((line + "\n").getBytes(UTF_8));
                }
                assertThat(listen.readLine()).isEqualTo(line);
            }
            listen.signal("TERM");
            assertThat(listen.awaitExit()).isZero();
        }
    }

    @Test
    void aSignalEndsTheWaitAndRemovesTheSocket() throws Exception {
        Path path = folder.resolve("socket");
        try (var listen = CommandProcess.startWithOpenError("listen", "unix://" + path);
                var err = listen.errReader()) {
            assertThat(err.readLine()).isEqualTo("listening unix://" + path);
            assertThat(path).exists();
            listen.signal("TERM");
            assertThat(listen.awaitExit()).isZero();
            assertThat(err.readLine()).isNull();
            assertThat(path).doesNotExist();
        }
    }

    @Test
    void timeoutEndsTheWaitForAConnection() throws Exception {
        try (var listen = CommandProcess.start("listen", "--timeout", "100ms", "tcp://127.0.0.1:0")) {
            assertThat(listen.awaitExit()).isEqualTo(1);
            assertThat(listen.err().lines()).hasSize(2);
            assertThat(listen.err()).contains("\nbobbinet: Nobody has connected within 100ms\n");
        }
    }
}
