package io.bobbinet.testkit;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** The open sockets of this process, as the system sees them. */
final class Descriptors {
    private static final Path OPEN = Path.of("/proc/self/fd");

    private Descriptors() {}

    /** Whether this system tells. */
    static boolean areVisible() {
        return Files.isDirectory(OPEN);
    }

    /** The open sockets by name, which no later socket shares; empty where the system does not tell. */
    static Set<String> sockets() throws IOException {
        Set<String> sockets = new HashSet<>();
        if (areVisible()) {
            try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(OPEN)) {
                for (Path descriptor : descriptors) {
                    try {
                        String target = Files.readSymbolicLink(descriptor).toString();
                        if (target.startsWith("socket:")) {
                            sockets.add(target);
                        }
                    } catch (NoSuchFileException e) {
                        // closed meanwhile
                    }
                }
            }
        }
        return sockets;
    }
}
