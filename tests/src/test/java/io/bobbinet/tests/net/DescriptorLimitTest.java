package io.bobbinet.tests.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.task.Backends;
import io.bobbinet.testing.JavaProgram;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.PeerProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A process that has no descriptors left is told so, loses none for good, and goes on when it has some again. */
@OnEachBackend
@DisplayName("DescriptorLimitTest")
@Timeout(60)
class DescriptorLimitTest {

    @Test
    @EnabledOnOs(OS.LINUX)
    void withoutDescriptorsNothingIsLostButWhatTheMessageSays() throws Exception {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "ulimit -n 100 && exec \"$0\" \"$@\""));
        command.addAll(JavaProgram.command(
                DescriptorLimitProgram.class,
                Backends.current().name(),
                JavaProgram.place(Backends.class),
                JavaProgram.place(Backends.current().getClass())));
        try (PeerProcess program = PeerProcess.start(command, Map.of(), null)) {
            assertThat(program.readLine()).isEqualTo("passed");
            assertThat(program.awaitExit()).isZero();
        }
    }
}
