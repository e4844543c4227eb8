package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * A file that appears whole or not at all, also together with others.
 *
 * @param path where
 * @param content what is in it
 * @param permissions who may do what, as {@code ls} shows it; the process's umask takes from it
 */
record NewFile(Path path, String content, String permissions) {

    /**
     * Writes files, all or none of them: each aside first, then all move to their places. What remains possible: a move
     * fails, or the process is killed, between two of the moves that replace files; then the first is new and the second
     * old.
     *
     * @param replacing whether those that are there already are replaced
     * @throws FileAlreadyExistsException if one is there already, and is not to be replaced
     * @throws IOException if they cannot be written
     */
    static void writeAll(List<NewFile> files, boolean replacing) throws IOException {
        List<Path> unfinished = new ArrayList<>();
        try {
            for (NewFile file : files) {
                Path aside = file.createAside();
                unfinished.add(aside);
                Files.writeString(aside, file.content, UTF_8, StandardOpenOption.WRITE);
            }
            if (replacing) {
                for (int i = 0; i < files.size(); i++) {
                    Files.move(
                            unfinished.get(i),
                            files.get(i).path,
                            StandardCopyOption.REPLACE_EXISTING,
                            StandardCopyOption.ATOMIC_MOVE);
                }
            } else {
                moveAllOrNone(unfinished, files);
            }
        } finally {
            for (Path aside : unfinished) {
                Files.deleteIfExists(aside);
            }
        }
    }

    private static void moveAllOrNone(List<Path> unfinished, List<NewFile> files) throws IOException {
        List<Path> placed = new ArrayList<>();
        try {
            for (int i = 0; i < files.size(); i++) {
                placed.add(Files.move(unfinished.get(i), files.get(i).path));
            }
        } catch (IOException e) {
            for (Path path : placed) {
                Files.deleteIfExists(path);
            }
            throw e;
        }
    }

    /** With its permissions from the first moment: nobody can have opened it before. Its name is nobody else's. */
    private Path createAside() throws IOException {
        return Files.createTempFile(
                path.toAbsolutePath().getParent(), "." + path.getFileName() + ".", "", attributes());
    }

    private FileAttribute<?>[] attributes() {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}
