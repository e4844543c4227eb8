package io.bobbinet.cli;

import io.bobbinet.net.Descriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A file that is passed to clients.
 *
 * <p>Who has a descriptor of an open file shares its position with all others who have. So each client is passed a file that
 * was opened for it. A FIFO or a device has no position; it is opened once, for opening and closing it would show at its other
 * end.
 */
final class PassedFile {
    private final Path path;

    /** What all clients are passed, and is never closed: the process has it for its whole life. */
    private final Optional<Descriptor> shared;

    private PassedFile(Path path, Optional<Descriptor> shared) {
        this.path = path;
        this.shared = shared;
    }

    /**
     * Finds out whether a file can be opened.
     *
     * @throws IOException if it cannot
     */
    static PassedFile of(Path path) throws IOException {
        Descriptor opened = Descriptor.open(path);
        if (Files.isRegularFile(path) || Files.isDirectory(path)) {
            opened.close();
            return new PassedFile(path, Optional.empty());
        }
        return new PassedFile(path, Optional.of(opened));
    }

    /** Does something with the descriptors of all files, for one client. */
    interface Use {
        void of(List<Descriptor> descriptors) throws IOException;
    }

    /** Opens what has to be opened for one client, and closes it afterwards. */
    static void openAll(List<PassedFile> files, Use use) throws IOException {
        List<Descriptor> descriptors = new ArrayList<>();
        List<Descriptor> own = new ArrayList<>();
        try {
            for (PassedFile file : files) {
                if (file.shared.isPresent()) {
                    descriptors.add(file.shared.get());
                } else {
                    Descriptor opened = Descriptor.open(file.path);
                    own.add(opened);
                    descriptors.add(opened);
                }
            }
            use.of(descriptors);
        } finally {
            closeAll(own);
        }
    }

    private static void closeAll(List<Descriptor> descriptors) throws IOException {
        IOException failure = null;
        for (Descriptor each : descriptors) {
            try {
                each.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
