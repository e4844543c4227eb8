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
                    .contains("nio\n", "  chosen: the best one that can run here\n", "  tasks:  ", "  can:    TCP, ");
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
    void helpNamesEveryCommand() throws Exception {
        try (var help = CommandProcess.start("--help")) {
            assertThat(help.readAll()).contains("tour", "echo", "connect", "listen", "relay", "backends", "--backend");
            help.assertEnds();
        }
    }
}
