package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.O_APPEND;
import static io.bobbinet.linux.Constants.O_CREAT;
import static io.bobbinet.linux.Constants.O_DSYNC;
import static io.bobbinet.linux.Constants.O_EXCL;
import static io.bobbinet.linux.Constants.O_RDONLY;
import static io.bobbinet.linux.Constants.O_RDWR;
import static io.bobbinet.linux.Constants.O_SYNC;
import static io.bobbinet.linux.Constants.O_TRUNC;
import static io.bobbinet.linux.Constants.O_WRONLY;

import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;

/** What open(2) is told of the options of {@code java.nio.file}, as {@link java.nio.channels.FileChannel#open} says. */
final class OpenFlags {
    private OpenFlags() {}

    static int of(Set<? extends OpenOption> options) {
        boolean read = false;
        boolean write = false;
        boolean append = false;
        boolean truncate = false;
        boolean create = false;
        boolean createNew = false;
        int flags = 0;
        for (OpenOption option : options) {
            switch (Objects.requireNonNull(option, "option")) {
                case StandardOpenOption.READ -> read = true;
                case StandardOpenOption.WRITE -> write = true;
                case StandardOpenOption.APPEND -> append = true;
                case StandardOpenOption.TRUNCATE_EXISTING -> truncate = true;
                case StandardOpenOption.CREATE -> create = true;
                case StandardOpenOption.CREATE_NEW -> createNew = true;
                case StandardOpenOption.SYNC -> flags |= O_SYNC;
                case StandardOpenOption.DSYNC -> flags |= O_DSYNC;
                case LinkOption.NOFOLLOW_LINKS -> flags |= Abi.O_NOFOLLOW;
                case StandardOpenOption.SPARSE -> {} // a hint, and all files are
                default -> throw unsupported(option);
            }
        }
        if (append && (read || truncate)) {
            throw new IllegalArgumentException("APPEND goes neither with READ nor with TRUNCATE_EXISTING: " + options);
        }
        write |= append;
        if (!write) {
            return flags | O_RDONLY; // the other options are for those who write
        }
        return flags
                | (read ? O_RDWR : O_WRONLY)
                | (append ? O_APPEND : 0)
                | (truncate ? O_TRUNC : 0)
                | (createNew ? O_CREAT | O_EXCL : create ? O_CREAT : 0);
    }

    private static UnsupportedOperationException unsupported(OpenOption option) {
        return new UnsupportedOperationException(
                option == StandardOpenOption.DELETE_ON_CLOSE
                        ? "DELETE_ON_CLOSE: a descriptor may be open in another process when it is closed here"
                        : "Descriptors are not opened with the option " + option);
    }
}
