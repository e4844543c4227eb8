package io.bobbinet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BackendsCommandTest {

    @Test
    void tellsWhatEachBackendCanDo() throws Exception {
        try (var backends = CommandProcess.start("backends")) {
            assertThat(backends.readAll())
                    .containsPattern("^linux\n  chosen: the best one that can run here\n  tasks:  .+\n  can:    TCP; .*"
                            + "abstract UNIX names; .*descriptors.*\n  cannot: adoption of JDK channels")
                    .containsPattern("\n"
                            + "nio\n"
                            + "  can run here: --backend nio chooses it\n"
                            + "  tasks:  .+\n"
                            + "  can:    TCP; .*adoption of JDK channels.*\n"
                            + "  cannot: UNIX datagrams; .*abstract UNIX names; .*descriptors");
            backends.assertEnds();
        }
    }

    @Test
    void tellsWhyTheBackendWasChosen() throws Exception {
        try (var backends = CommandProcess.start("backends", "--backend", "nio")) {
            assertThat(backends.readAll()).contains("nio\n  chosen: --backend names it\n");
            backends.assertEnds();
        }
    }

    @Test
    void tellsWhyABackendCannotRun() throws Exception {
        try (var backends = CommandProcess.startWithoutNativeAccess("backends")) {
            assertThat(backends.readAll())
                    .startsWith("linux\n  cannot run here: native access is not granted:"
                            + " start java with --enable-native-access=io.bobbinet.linux\n"
                            + "nio\n  chosen: the best one that can run here\n");
            backends.assertEnds();
        }
    }

    @Test
    void helpNamesEveryCommand() throws Exception {
        try (var help = CommandProcess.start("--help")) {
            assertThat(help.readAll())
                    .contains("tour", "echo", "connect", "listen", "relay", "pass", "take", "backends", "--backend");
            help.assertEnds();
        }
    }
}
