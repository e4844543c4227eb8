package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.examples.HandOver;
import io.bobbinet.net.Unix;
import io.bobbinet.spi.Capability;
import io.bobbinet.testing.JavaProgram;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A listener that goes from one process to the next. */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("HandOverTest")
@Timeout(60)
class HandOverTest {
    @TempDir
    Path folder;

    private PeerProcess start(String version, int port) throws IOException {
        return PeerProcess.start(
                JavaProgram.command(
                        HandOver.class,
                        Integer.toString(port),
                        folder.resolve("next").toString(),
                        version),
                Map.of(),
                null);
    }

    private static int portOf(PeerProcess program, String version) {
        String line = program.readLine();
        assertThat(line).startsWith(version + " serves port ");
        return Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
    }

    /** A whole conversation: an answer cut short, a refusal or a reset is a failure. */
    private static String ask(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
            return text(socket.getInputStream().readAllBytes()).strip();
        }
    }

    @Test
    void noConnectionIsLostWhenTheNextVersionTakesOver() throws Exception {
        try (PeerProcess one = start("one", 0)) {
            int port = portOf(one, "one");
            List<String> answers = new ArrayList<>(List.of(ask(port)));
            try (PeerProcess two = start("two", port)) {
                while (one.process().isAlive()) {
                    answers.add(ask(port));
                }
                assertThat(one.awaitExit()).isZero();
                for (int i = 0; i < 100; i++) {
                    answers.add(ask(port));
                }
                assertThat(portOf(two, "two")).isEqualTo(port);
                assertThat(answers.getFirst()).isEqualTo("Hello from one");
                assertThat(answers.subList(answers.size() - 100, answers.size()))
                        .containsOnly("Hello from two");
                assertThat(answers).containsOnly("Hello from one", "Hello from two");
            }
        }
    }

    @Test
    void aNextVersionThatDiesChangesNothing() throws Exception {
        try (PeerProcess one = start("one", 0)) {
            int port = portOf(one, "one");
            try (var next = Unix.connector(folder.resolve("next"))
                            .withDescriptors()
                            .connect();
                    var message = next.receiveMessage(1)) {
                assertThat(message.descriptors()).hasSize(1);
            }
            assertThat(one.readErrorLine()).startsWith("The next version has failed");
            assertThat(ask(port)).isEqualTo("Hello from one");
            try (PeerProcess two = start("two", port)) {
                assertThat(portOf(two, "two")).isEqualTo(port);
                assertThat(one.awaitExit()).isZero();
                assertThat(ask(port)).isEqualTo("Hello from two");
            }
        }
    }
}
