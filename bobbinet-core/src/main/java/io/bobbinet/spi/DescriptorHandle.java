package io.bobbinet.spi;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An open descriptor, close-on-exec, that belongs to the holder of this handle. The flags of the open file description,
 * {@code O_NONBLOCK} above all, are left as they are: others may share it.
 *
 * <p>Operations that wait are ended early by {@link Thread#interrupt()} and {@link #close()} as those of
 * {@link SocketHandle} are. Regular files do not wait in this sense. One thread at a time may read and one may write.
 *
 * <p>If other processes read the same FIFO or terminal at the same time, or write to it, and its description is in blocking
 * mode, one of them may be quicker; the call may then have to wait in the system, where nothing ends it early.
 */
public interface DescriptorHandle {

    /**
     * {@return the number of the descriptor} It means something only as long as the handle is open.
     */
    int number();

    /**
     * {@return what is behind the descriptor}
     *
     * @throws IOException if the system does not tell, or the handle is closed
     */
    DescriptorFacts facts() throws IOException;

    /**
     * Makes another descriptor of the same open file description, dup(2).
     *
     * @return the handle of the other, which is independent of this one
     * @throws IOException if the system gives none, or the handle is closed
     */
    DescriptorHandle duplicate() throws IOException;

    /**
     * Reads at least one byte at the current position, waiting for it if need be. If interrupted, nothing was read.
     *
     * @param target where the bytes go; at least one byte must remain
     * @return how many bytes were read, or -1 at the end
     * @throws IOException if the system fails, the descriptor cannot be read, or the handle is closed
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    int read(ByteBuffer target) throws IOException, InterruptedException;

    /**
     * Reads at a position of a file, pread(2), leaving the current position as it is.
     *
     * @param target where the bytes go; at least one byte must remain
     * @param position the position
     * @return how many bytes were read, or -1 at the end
     * @throws IOException if the system fails, it is not a file, or the handle is closed
     */
    int read(ByteBuffer target, long position) throws IOException;

    /**
     * Writes at least one byte at the current position, waiting for room if need be.
     *
     * @param source the bytes; at least one must remain
     * @return how many bytes the system took, at least 1
     * @throws IOException if the system fails, the descriptor cannot be written, or the handle is closed
     * @throws InterruptedException if the thread is interrupted while it waits; then this call wrote nothing
     */
    int write(ByteBuffer source) throws IOException, InterruptedException;

    /**
     * Writes at a position of a file, pwrite(2), leaving the current position as it is. A file that was opened to append is
     * written at its end all the same, as Linux does.
     *
     * @param source the bytes; at least one must remain
     * @param position the position
     * @return how many bytes the system took, at least 1
     * @throws IOException if the system fails, it is not a file, or the handle is closed
     */
    int write(ByteBuffer source, long position) throws IOException;

    /**
     * {@return the current position in a file} It belongs to the open file description, which others may share.
     *
     * @throws IOException if it is not a file, or the handle is closed
     */
    long position() throws IOException;

    /**
     * Moves the current position in a file.
     *
     * @param position the position, at least 0
     * @throws IOException if it is not a file, or the handle is closed
     */
    void position(long position) throws IOException;

    /**
     * {@return the size of a file in bytes}
     *
     * @throws IOException if it is not a file, or the handle is closed
     */
    long size() throws IOException;

    /**
     * Makes a file as long as given, ftruncate(2).
     *
     * @param size the size in bytes
     * @throws IOException if it is not a file that may be written, or the handle is closed
     */
    void truncate(long size) throws IOException;

    /**
     * {@return whether the descriptor is this handle's}
     */
    boolean isOpen();

    /**
     * Gives the descriptor away: it stays open, and this handle counts as closed. Waits for it are ended.
     *
     * @return its number, which belongs to the caller from now on
     * @throws IOException if the handle is closed
     */
    int release() throws IOException;

    /**
     * Closes the descriptor, as {@link SocketHandle#close()} does.
     *
     * @throws IOException if the system reports a failure; the descriptor is released all the same
     */
    void close() throws IOException;
}
