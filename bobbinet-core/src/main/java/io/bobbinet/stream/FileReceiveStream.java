package io.bobbinet.stream;

import io.bobbinet.task.CancelScope;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.AccessMode;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The content of a file as a stream that comes in; the end of the file is the end of the stream.
 *
 * {@snippet file="MemoryExamples.java" region="files"}
 *
 * <p>The stream can be {@linkplain #seek moved} to any place of the file, from its end too. What is appended to the file
 * later can be received after the end. For regular files of the default file system; of others, adapt an input stream
 * with {@link StreamAdapters#asReceiveStream(java.io.InputStream)}.
 *
 * <p>A cancel or an interrupt is noticed before the file is read and never closes it, unlike a
 * {@link java.nio.channels.FileChannel}. It does not cut short the reading itself, which a slow disk may delay.
 */
public final class FileReceiveStream implements ByteReceiveStream {
    private final Path path;
    // Not a FileChannel, which an interrupt would close.
    private final RandomAccessFile file;
    private final ResourceGuard receiving = new ResourceGuard("receiving from");

    private volatile boolean closed;

    private FileReceiveStream(Path path, RandomAccessFile file) {
        this.path = path;
        this.file = file;
    }

    /**
     * Opens a file at its beginning.
     *
     * @param path the file
     * @return the stream
     * @throws java.nio.file.NoSuchFileException if there is no such file
     * @throws java.nio.file.AccessDeniedException if it must not be read
     * @throws FileSystemException if it is a directory, or the system gave another reason
     * @throws IOException in no other case
     * @throws UnsupportedOperationException if the path is not of the default file system
     */
    public static FileReceiveStream open(Path path) throws IOException {
        Objects.requireNonNull(path, "path");
        try {
            return new FileReceiveStream(path, new RandomAccessFile(path.toFile(), "r"));
        } catch (FileNotFoundException e) {
            throw precise(path, e);
        }
    }

    /** What the exception that stands for every failure of an open means. */
    private static IOException precise(Path path, FileNotFoundException e) {
        try {
            if (Files.isDirectory(path)) {
                return new FileSystemException(path.toString(), null, "Is a directory");
            }
            path.getFileSystem().provider().checkAccess(path, AccessMode.READ);
        } catch (IOException why) {
            return why;
        }
        IOException other = new FileSystemException(path.toString(), null, String.valueOf(e.getMessage()));
        other.initCause(e);
        return other;
    }

    @Override
    public int receive(ByteBuffer target) throws IOException {
        ByteStreams.checkTarget(target);
        return exclusively("receive", () -> {
            int max = Math.min(target.remaining(), DEFAULT_RECEIVE_SIZE);
            int count;
            if (target.hasArray()) {
                count = file.read(target.array(), target.arrayOffset() + target.position(), max);
                target.position(target.position() + Math.max(0, count));
            } else {
                byte[] bytes = new byte[max];
                count = file.read(bytes);
                target.put(bytes, 0, Math.max(0, count));
            }
            if (count < 0) {
                throw new EndOfStreamException("receive: the end of " + path);
            }
            return count;
        });
    }

    /** Returns at once: a file has its data or its end. */
    @Override
    public void awaitReceivable() throws IOException {
        exclusively("awaitReceivable", () -> true);
    }

    /**
     * {@return where in the file the next receive begins, in bytes from its beginning}
     *
     * @throws ClosedResourceException if the stream is closed
     * @throws BusyResourceException if another thread is receiving
     * @throws IOException if the system fails
     */
    public long position() throws IOException {
        return exclusively("position", file::getFilePointer);
    }

    /**
     * Moves to a place in the file. Behind its end, the next receive comes to the end.
     *
     * @param position where the next receive is to begin, in bytes from the beginning
     * @throws IllegalArgumentException if the position is negative
     * @throws ClosedResourceException if the stream is closed
     * @throws BusyResourceException if another thread is receiving
     * @throws IOException if the system fails
     */
    public void seek(long position) throws IOException {
        if (position < 0) {
            throw new IllegalArgumentException("The position must not be negative: " + position);
        }
        exclusively("seek", () -> {
            file.seek(position);
            return position;
        });
    }

    /**
     * {@return how long the file is at this moment, in bytes}
     *
     * @throws ClosedResourceException if the stream is closed
     * @throws BusyResourceException if another thread is receiving
     * @throws IOException if the system fails
     */
    public long size() throws IOException {
        return exclusively("size", file::length);
    }

    private <T> T exclusively(String operation, FileCall<T> call) throws IOException {
        refuse(operation, null);
        receiving.enter();
        try {
            CancelScope.checkpoint();
            return call.call();
        } catch (EndOfStreamException | InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            refuse(operation, e);
            throw new BrokenResourceException(operation + ": " + path + ": " + e.getMessage(), e);
        } finally {
            receiving.exit();
        }
    }

    private void refuse(String operation, @Nullable IOException cause) throws ClosedResourceException {
        if (closed) {
            ClosedResourceException e = new ClosedResourceException(operation + ": " + path + " is closed");
            if (cause != null) {
                e.initCause(cause);
            }
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        file.close();
    }

    @Override
    public <T> Optional<T> find(Attribute<T> attribute) {
        return Attribute.PATH.match(attribute, path);
    }

    @Override
    public String toString() {
        return "FileReceiveStream[" + path + "]";
    }

    /** A call of the file. */
    private interface FileCall<T> {
        T call() throws IOException;
    }
}
