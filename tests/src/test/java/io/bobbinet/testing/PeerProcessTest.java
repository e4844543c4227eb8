package io.bobbinet.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

@Timeout(60)
final class PeerProcessTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static PeerProcess shell(String script) throws IOException {
        return PeerProcess.start(Peers.program("sh"), "-c", script);
    }

    @Test
    void talksToAProgramThroughItsStandardStreams() throws Exception {
        try (PeerProcess peer = PeerProcess.start(Peers.program("cat"))) {
            peer.writeLine("one");
            assertThat(peer.readLine()).isEqualTo("one");
            peer.write("two\nthree".getBytes(UTF_8));
            assertThat(peer.read(2)).asString(UTF_8).isEqualTo("tw");
            peer.closeInput();
            assertThat(peer.readToEnd()).asString(UTF_8).isEqualTo("o\nthree");
            assertThat(peer.awaitExit()).isZero();
        }
    }

    @Test
    void findsTheLineInWhichAServerAnnouncesItself() throws Exception {
        try (PeerProcess peer = shell("echo warming up >&2; echo listening on 42 >&2; exec cat")) {
            assertThat(peer.awaitErrorLine(l -> l.startsWith("listening"))).isEqualTo("listening on 42");
        }
    }

    @Test
    void aMissingLineFailsWithTheCommandAndAllOutput() throws Exception {
        try (PeerProcess peer = shell("printf half; echo wrong >&2; exit 7")) {
            assertThat(peer.awaitExit()).isEqualTo(7);
            assertThatThrownBy(peer::readLine)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContainingAll("No line of output", "printf half", "exit status 7", "half", "wrong");
        }
    }

    @Test
    void closeKillsTheProgramAndItsChildren() throws Exception {
        Process process;
        List<ProcessHandle> children;
        try (PeerProcess peer = shell("cat /dev/zero >/dev/null & echo started; wait")) {
            assertThat(peer.readLine()).isEqualTo("started");
            process = peer.process();
            children = process.descendants().toList();
        }
        assertThat(process.isAlive()).isFalse();
        assertThat(children).isNotEmpty().allSatisfy(c -> assertThat(c.onExit()).succeedsWithin(PATIENCE));
    }

    @Test
    void terminateLetsAProgramCleanUp() throws Exception {
        try (PeerProcess peer = shell("trap 'echo bye; exit 3' TERM; echo ready; while :; do read x; done")) {
            assertThat(peer.readLine()).isEqualTo("ready");
            peer.terminate();
            assertThat(peer.readLine()).isEqualTo("bye");
            assertThat(peer.awaitExit()).isEqualTo(3);
        }
    }

    @Test
    void runsWithAnEnvironmentInAFolder(@TempDir Path folder) throws Exception {
        List<String> command = List.of(Peers.program("sh"), "-c", "echo $GREETING; pwd -P");
        try (PeerProcess peer = PeerProcess.start(command, Map.of("GREETING", "hello"), folder)) {
            assertThat(peer.readLine()).isEqualTo("hello");
            assertThat(peer.readLine()).isEqualTo(folder.toRealPath().toString());
        }
    }

    @Test
    void aMissingProgramSkipsTheTestOrFailsIt() {
        assertThatThrownBy(() -> Peers.require("the program no-such", (String) null, false))
                .isInstanceOf(TestAbortedException.class)
                .hasMessageContaining("the program no-such");
        assertThatThrownBy(() -> Peers.require("the program no-such", (String) null, true))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("the program no-such");
    }

    @Test
    void findsEveryPeer() throws Exception {
        assertThat(List.of(Peers.socat(), Peers.ncat(), Peers.openssl())).doesNotHaveDuplicates();
        try (PeerProcess python =
                PeerProcess.start(Peers.pythonWithAnyio(), "-c", "import anyio; print(anyio.__name__)")) {
            assertThat(python.readLine()).isEqualTo("anyio");
        }
    }
}
