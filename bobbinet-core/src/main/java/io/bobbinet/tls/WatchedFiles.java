package io.bobbinet.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Something made of files, made anew when they have changed. Nobody watches: whoever wants it looks at the files, which
 * takes some microseconds, and the first one to see a change makes the new one while others wait. If that fails, the last
 * good one stays in use, which is logged once, until the files change again.
 *
 * <p>A file counts as changed when its size, time or identity is another ({@link FileStamp}). Shortly after it was written
 * that is not enough, and the content is compared.
 */
final class WatchedFiles<T> {
    private static final int LARGEST = 16 << 20;

    private final List<Path> files;
    private final Making<T> making;
    private final System.Logger log;

    /** Whether they can be read again at all: not so pipes, as of {@code <(command)}. */
    private final boolean readable;

    /** Held while the files are read and the new thing is made. No other lock is taken under it. */
    private final ReentrantLock reloading = new ReentrantLock();

    /** Written under {@link #reloading}. */
    private volatile State<T> state;

    /** How the thing is made; never called by two threads at once. */
    interface Making<T> {
        /**
         * Makes it.
         *
         * @param contents the contents of the files, in their order
         * @throws IOException if they are no good
         */
        T of(List<byte[]> contents) throws IOException;
    }

    /**
     * What was seen last.
     *
     * @param value the last good one
     * @param stamps of the files, taken before they were read
     * @param telling whether a file cannot have changed if its stamp has not
     * @param digest of the contents; null if they could not be read
     * @param problem why the value is not made of them; null if it is
     */
    private record State<T>(
            T value,
            List<FileStamp> stamps,
            boolean telling,
            @Nullable String digest,
            @Nullable String problem) {}

    /**
     * Makes the thing for the first time.
     *
     * @param log where it is told that replaced files are no good
     * @throws IOException if the files cannot be read or are no good
     */
    WatchedFiles(List<Path> files, Making<T> making, System.Logger log) throws IOException {
        this.files = List.copyOf(files);
        this.making = making;
        this.log = log;
        this.readable = files.stream().allMatch(Files::isRegularFile);
        List<FileStamp> stamps = stamps();
        boolean telling = areTelling(stamps);
        List<byte[]> contents = contents(false);
        this.state = new State<>(making.of(contents), stamps, telling, digest(contents), null);
    }

    /** The newest good one. */
    T latest() {
        State<T> known = state;
        if (!readable || known.telling && known.stamps.equals(stamps())) {
            return known.value;
        }
        State<T> before;
        State<T> now;
        reloading.lock();
        try {
            before = state;
            now = next(before);
            state = now;
        } finally {
            reloading.unlock();
        }
        tell(before, now);
        return now.value;
    }

    private State<T> next(State<T> last) {
        List<FileStamp> stamps = stamps();
        boolean telling = areTelling(stamps);
        if (last.telling && last.stamps.equals(stamps)) {
            return last;
        }
        List<byte[]> contents;
        try {
            contents = contents(true);
        } catch (IOException e) {
            // Not telling: what forbids to read a file may end without leaving a trace in its stamp.
            return failed(last, stamps, false, null, e);
        }
        String digest = digest(contents);
        if (digest.equals(last.digest)) {
            return new State<>(last.value, stamps, telling, digest, last.problem);
        }
        try {
            return new State<>(making.of(contents), stamps, telling, digest, null);
        } catch (IOException e) {
            return failed(last, stamps, telling, digest, e);
        }
    }

    private State<T> failed(
            State<T> last, List<FileStamp> stamps, boolean telling, @Nullable String digest, IOException e) {
        String problem = switch (e) {
            case NoSuchFileException missing -> "no such file: " + missing.getFile();
            case SSLException content -> Objects.toString(content.getMessage());
            default -> e.toString();
        };
        return new State<>(last.value, stamps, telling, digest, problem);
    }

    /** Once for each bad state; without the lock, since a log may go over TLS itself. */
    private void tell(State<T> before, State<T> now) {
        if (now.problem != null && !(now.problem.equals(before.problem) && Objects.equals(now.digest, before.digest))) {
            log.log(
                    System.Logger.Level.WARNING,
                    "Cannot take up what has replaced " + this + ", the one before stays in use: " + now.problem);
        }
    }

    private List<FileStamp> stamps() {
        List<FileStamp> stamps = new ArrayList<>(files.size());
        for (Path file : files) {
            stamps.add(FileStamp.of(file));
        }
        return stamps;
    }

    private static boolean areTelling(List<FileStamp> stamps) {
        long now = System.currentTimeMillis();
        return stamps.stream().allMatch(s -> s.isTelling(now));
    }

    private List<byte[]> contents(boolean again) throws IOException {
        List<byte[]> contents = new ArrayList<>(files.size());
        for (Path file : files) {
            contents.add(content(file, again));
        }
        return contents;
    }

    /** Not interruptible, as the JDK's streams of files are: an interrupt must not make a good file look bad. */
    private static byte[] content(Path file, boolean again) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "is a directory");
        }
        if (again && Files.exists(file) && !Files.isRegularFile(file)) {
            throw new FileSystemException(file.toString(), null, "is no regular file any more");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(LARGEST + 1);
            if (content.length > LARGEST) {
                throw new FileSystemException(file.toString(), null, "is too large for a PEM file");
            }
            return content;
        }
    }

    private static String digest(List<byte[]> contents) {
        try {
            MessageDigest all = MessageDigest.getInstance("SHA-256");
            for (byte[] content : contents) {
                all.update(MessageDigest.getInstance("SHA-256").digest(content));
            }
            return HexFormat.of().formatHex(all.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e); // every JVM has it
        }
    }

    @Override
    public String toString() {
        return String.join(" and ", files.stream().map(Path::toString).toList());
    }
}
