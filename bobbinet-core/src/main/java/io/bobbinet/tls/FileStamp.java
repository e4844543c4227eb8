package io.bobbinet.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * By what a replaced file is told from the one before, without reading it. Links are followed: what they lead to counts.
 *
 * @param size its size in bytes, or -1 if there is no file, or none that can be looked at
 * @param modified when it was written, as exactly as the file system knows
 * @param key which file it is (device and inode), where there is such a thing
 */
record FileStamp(long size, FileTime modified, @Nullable Object key) {
    private static final FileStamp ABSENT = new FileStamp(-1, FileTime.fromMillis(0), null);

    /** The coarsest clock of a file system in use (FAT). */
    private static final long TICK = Duration.ofSeconds(2).toMillis();

    /** The stamp of what is there now. */
    static FileStamp of(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new FileStamp(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
        } catch (IOException e) {
            return ABSENT;
        }
    }

    /**
     * Whether a later change is certain to change the stamp. What is written twice within a tick of the file system's clock
     * may have the same stamp both times; this is the clock of the real world, whatever time is in force.
     *
     * @param now when the stamp was taken, in milliseconds
     */
    boolean isTelling(long now) {
        return Math.abs(now - modified.toMillis()) > TICK;
    }
}
