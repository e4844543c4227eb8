package io.bobbinet.spi;

import java.io.IOException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;

/**
 * What can be done with open descriptors by number: for backends with {@link Capability#DESCRIPTORS}.
 */
public interface Descriptors {

    /**
     * Opens a file, close-on-exec and never as the controlling terminal.
     *
     * <p>FIFOs and devices are opened with {@code O_NONBLOCK}, and their descriptions stay so; others who get one see that.
     * So the call never waits for the other end of a FIFO: one to read from is open at once, and its first read waits for
     * a writer; one to write to that nobody reads fails with {@code ENXIO}, fifo(7).
     *
     * @param path the path, of the default file system
     * @param options as for {@link java.nio.channels.FileChannel#open(Path, OpenOption...)}; {@code SPARSE} has no effect,
     *     and with {@link java.nio.file.LinkOption#NOFOLLOW_LINKS} a symbolic link at the end of the path is not opened. A
     *     new file may be read and written by all, less what the umask takes away.
     * @return the descriptor
     * @throws UnsupportedOperationException if an option is not known; {@code DELETE_ON_CLOSE} too, since the file may be
     *     open in other processes then
     * @throws IllegalArgumentException if the options contradict each other, or the path is of another file system
     * @throws IOException if the system refuses, as the precise exception of {@code java.nio.file}
     */
    DescriptorHandle open(Path path, Set<? extends OpenOption> options) throws IOException;

    /**
     * Takes over a descriptor by its number, and makes it close-on-exec. If it throws, the caller still owns it. That it
     * belongs to nobody else, another handle for instance, cannot be seen: whoever says so must be right.
     *
     * @param number the number
     * @return the descriptor
     * @throws IOException if no descriptor has the number
     */
    DescriptorHandle adopt(int number) throws IOException;

    /**
     * Takes over a connected stream socket. If it throws, the caller still owns the descriptor.
     *
     * @param descriptor the descriptor, of this backend; closed afterwards, in the sense of
     *     {@link DescriptorHandle#release()}
     * @return the handle, which owns it
     * @throws IOException if it is closed
     */
    StreamHandle adoptStream(DescriptorHandle descriptor) throws IOException;

    /**
     * Takes over a listening socket. If it throws, the caller still owns the descriptor.
     *
     * @param descriptor the descriptor, of this backend; closed afterwards, in the sense of
     *     {@link DescriptorHandle#release()}
     * @return the handle, which owns it
     * @throws IOException if it is closed
     */
    ListenerHandle adoptListener(DescriptorHandle descriptor) throws IOException;

    /**
     * Takes over a datagram socket. If it throws, the caller still owns the descriptor.
     *
     * @param descriptor the descriptor, of this backend; closed afterwards, in the sense of
     *     {@link DescriptorHandle#release()}
     * @return the handle, which owns it
     * @throws IOException if it is closed
     */
    DatagramHandle adoptDatagram(DescriptorHandle descriptor) throws IOException;

    /**
     * Waits until a descriptor that somebody else owns is readable: has data, its end, a failure, a connection to accept.
     * One thread at a time may wait for a descriptor to become readable, and one for it to become writable. The flags of
     * its description are not touched. It may be the descriptor of a handle, whose own waits are not disturbed.
     *
     * <p>The owner must not close it meanwhile without {@link #notifyClosing} before: the wait might never end.
     *
     * @param number the number
     * @throws java.nio.file.FileSystemException if it is a file or something else that is always ready
     * @throws IOException if no descriptor has the number
     * @throws java.nio.channels.AsynchronousCloseException if {@link #notifyClosing} was called meanwhile
     * @throws IllegalStateException if another thread waits for the same
     * @throws InterruptedException if the thread is interrupted; waiting again is possible
     */
    void awaitReadable(int number) throws IOException, InterruptedException;

    /**
     * Waits until a descriptor that somebody else owns is writable, as {@link #awaitReadable} does for reading.
     *
     * @param number the number
     * @throws java.nio.file.FileSystemException if it is a file or something else that is always ready
     * @throws IOException if no descriptor has the number
     * @throws java.nio.channels.AsynchronousCloseException if {@link #notifyClosing} was called meanwhile
     * @throws IllegalStateException if another thread waits for the same
     * @throws InterruptedException if the thread is interrupted; waiting again is possible
     */
    void awaitWritable(int number) throws IOException, InterruptedException;

    /**
     * Ends the waits for a descriptor that is about to be closed by its owner, who must see to it that none begins between
     * this and the close. Does nothing if nobody waits.
     *
     * @param number the number
     */
    void notifyClosing(int number);
}
