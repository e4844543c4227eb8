package io.bobbinet.net;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.TimeSource;
import io.bobbinet.spi.UnixName;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.TimeSources;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The file of a UNIX socket that is bound to a path.
 *
 * @param path where it was made
 * @param key which file it is, by device and inode, or by its age where the system has no such thing
 */
record SocketFile(Path path, Object key) {
    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET = 0140000;
    private static final Duration PAUSE = Duration.ofMillis(20);

    /** The file that is at a path now. */
    static SocketFile at(Path path) throws IOException {
        return new SocketFile(path, keyOf(path));
    }

    /** Deletes the file, unless another has come in its place. */
    void delete() throws IOException {
        try {
            if (isSocket(path) && key.equals(keyOf(path))) {
                Files.delete(path);
            }
        } catch (NoSuchFileException e) {
            // Somebody has tidied up.
        }
    }

    /** Binds a socket to a path, with a file of these permissions, and at no time of more. */
    static void bind(DatagramHandle handle, UnixName name, Path path, Set<PosixFilePermission> permissions)
            throws IOException {
        handle.limitPermissions(mode(permissions));
        handle.bind(name);
        try {
            Files.setPosixFilePermissions(path, permissions); // gives back what the umask took away
        } catch (Throwable t) {
            discard(path);
            throw t;
        }
    }

    private static int mode(Set<PosixFilePermission> permissions) {
        int mode = 0;
        for (PosixFilePermission permission : permissions) {
            mode |= 0400 >> permission.ordinal(); // they are declared in the order of their bits
        }
        return mode;
    }

    /** Binds the path of a socket, which must not exist. */
    interface Binding<T> {
        T bind() throws IOException;
    }

    /**
     * Binds in the place of a socket file that nobody listens at any more. Nothing else is touched: no socket that answers,
     * no link, no other file.
     *
     * <p>Several servers may do this at the same time, and what was stale when one looked may be the new socket of another
     * when it acts. So the file is not deleted but moved aside, which only one can do, and put back if it turns out to be
     * another file than the one looked at. It is kept until the path is bound, so that no new file can have its inode. And
     * since a socket refuses between bind(2) and listen(2) too, it is asked twice, with a pause that is long for a server
     * that starts. The pause is one of the real world, whatever time is in force.
     *
     * @param inUse what to throw if the file is not stale
     */
    static <T> T replaceStale(Path path, BindException inUse, Binding<T> binding) throws IOException {
        Object key = refusing(path);
        if (key == null) {
            throw inUse;
        }
        TimeSources.<Boolean, IOException>using(TimeSource.system(), () -> {
            CancelScope.sleep(PAUSE);
            return true;
        });
        if (!key.equals(refusing(path))) {
            throw inUse;
        }
        Path aside = sibling(path);
        try {
            Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            inUse.addSuppressed(e); // another server was faster
            throw inUse;
        }
        if (!key.equals(keyOf(aside))) {
            putBack(aside, path, inUse);
            throw inUse;
        }
        try {
            return binding.bind();
        } finally {
            discard(aside);
        }
    }

    /** What was moved aside is not what was probed. If it cannot go back, it stays where it is: it is not ours. */
    private static void putBack(Path aside, Path path, IOException inUse) {
        try {
            place(aside, path);
            Files.deleteIfExists(aside);
        } catch (IOException e) {
            inUse.addSuppressed(e);
        }
    }

    /** Deletes what only we have made or taken; a failure leaves a file behind and must not cost the listener. */
    static void discard(Path ours) {
        try {
            Files.deleteIfExists(ours);
        } catch (IOException e) {
            // Left behind.
        }
    }

    /** Which file a socket is that refuses connections; null if it does not, or there is no socket. */
    private static @Nullable Object refusing(Path path) throws IOException {
        try {
            Object key = keyOf(path);
            return isSocket(path) && refuses(path) ? key : null;
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Gives a file a second name, which must not be taken. */
    static void place(Path from, Path to) throws IOException {
        try {
            Files.createLink(to, from);
        } catch (FileAlreadyExistsException | NoSuchFileException e) {
            throw e;
        } catch (IOException | UnsupportedOperationException e) {
            // A file system without hard links for sockets. Moving may overwrite what comes in this instant.
            if (Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(to.toString());
            }
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** A short unused name beside a file: socket addresses hold little more than a hundred bytes. */
    static Path sibling(Path path) {
        return path.resolveSibling(
                "~" + Integer.toString(ThreadLocalRandom.current().nextInt(1 << 30), 36));
    }

    private static Object keyOf(Path path) throws IOException {
        BasicFileAttributes attributes = attributes(path);
        return Objects.requireNonNullElse(attributes.fileKey(), attributes.creationTime());
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean isSocket(Path path) throws IOException {
        try {
            int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            return (mode & FILE_TYPE) == SOCKET;
        } catch (NoSuchFileException e) {
            return false;
        } catch (UnsupportedOperationException e) {
            return attributes(path).isOther();
        }
    }

    /**
     * Whether the system refuses a connection because nobody listens. One that is accepted is closed at once. No permission,
     * a full queue and another kind of socket are no such refusal.
     */
    private static boolean refuses(Path path) {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(path));
            return false;
        } catch (ConnectException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
