package io.bobbinet.cli;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Programs of others that the command talks to, if they are installed. */
final class PeerProgram {
    private PeerProgram() {}

    /** Skips the test if a program is missing; fails it where skips are forbidden. */
    static void require(String name) {
        boolean there = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
        String reason = name + " is not installed";
        if (!there && System.getProperty("bobbinet.skips", "").equals("forbidden")) {
            fail(reason + ", and bobbinet.skips is forbidden");
        }
        assumeTrue(there, reason);
    }
}
