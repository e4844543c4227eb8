package io.bobbinet.stream;

import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Optional;

/**
 * A file to send to, which becomes its content.
 *
 * {@snippet file="MemoryExamples.java" region="files"}
 *
 * <p>Nothing is held back in a buffer: what a send has returned for is with the system. A cancel or an interrupt is
 * noticed before the file is written and never closes it; it does not cut a send short. After a failed write, a full disk
 * for instance, the stream is broken. A file cannot tell those who read it that it was cut short.
 */
public final class FileSendStream implements ByteSendStream {
    /** How much is written at a time from a buffer that is no array, and counted when writing fails. */
    private static final int PIECE = 65_536;

    private final Path path;
    // Opened by Files, whose streams no interrupt closes, unlike a FileChannel.
    private final OutputStream file;
    private final ResourceGuard sending = new ResourceGuard("sending to");

    private volatile boolean closed;

    /** Why later sends are refused; empty if they are not. Used inside the guard. */
    private String broken = "";

    private FileSendStream(Path path, OutputStream file) {
        this.path = path;
        this.file = file;
    }

    /**
     * Opens a file to give it new content, from its beginning; creates it if there is none, and drops what was in it.
     *
     * @param path the file
     * @return the stream
     * @throws IOException as from {@link #open}
     */
    public static FileSendStream create(Path path) throws IOException {
        return open(path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
    }

    /**
     * Opens a file to add to its end; creates it if there is none.
     *
     * @param path the file
     * @return the stream
     * @throws IOException as from {@link #open}
     */
    public static FileSendStream append(Path path) throws IOException {
        return open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /**
     * Opens a file with the options of {@link Files#newOutputStream}.
     *
     * @param path the file
     * @param options how to open it
     * @return the stream
     * @throws java.nio.file.NoSuchFileException if there is no such file, or no such folder to create it in
     * @throws java.nio.file.FileAlreadyExistsException if the file is to be a new one and is not
     * @throws java.nio.file.AccessDeniedException if it must not be written
     * @throws java.nio.file.FileSystemException if it is a directory, or the system gave another reason
     * @throws IOException in no other case
     * @throws IllegalArgumentException if the options contradict each other
     */
    public static FileSendStream open(Path path, OpenOption... options) throws IOException {
        Objects.requireNonNull(path, "path");
        return new FileSendStream(path, Files.newOutputStream(path, options));
    }

    @Override
    public void send(ByteBuffer source) throws IOException {
        int total = source.remaining();
        refuseClosed();
        sending.enter();
        try {
            if (!broken.isEmpty()) {
                throw new BrokenResourceException(broken);
            }
            CancelScope.checkpoint();
            while (source.hasRemaining()) {
                sendPiece(source, total);
            }
        } finally {
            sending.exit();
        }
    }

    private void sendPiece(ByteBuffer source, int total) throws IOException {
        int count = Math.min(source.remaining(), PIECE);
        try {
            if (source.hasArray()) {
                file.write(source.array(), source.arrayOffset() + source.position(), count);
            } else {
                byte[] bytes = new byte[count];
                source.get(source.position(), bytes);
                file.write(bytes);
            }
        } catch (IOException e) {
            broken = "send: " + path + ": writing failed after at least " + (total - source.remaining()) + " of "
                    + total + " bytes: " + e.getMessage();
            refuseClosed();
            throw new BrokenResourceException(broken, e);
        }
        source.position(source.position() + count);
    }

    private void refuseClosed() throws ClosedResourceException {
        if (closed) {
            throw new ClosedResourceException("send: " + path + " is closed");
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
        return "FileSendStream[" + path + "]";
    }
}
