package io.bobbinet.net;

import io.bobbinet.spi.Backend;
import io.bobbinet.spi.Descriptors;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.Backends;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;

/**
 * Waits for descriptors that somebody else owns, such as those of a library in C, until they are ready; the reading and
 * writing is the owner's.
 *
 * {@snippet file="LinuxExamples.java" region="foreign-wait"}
 *
 * <p>One thread at a time may wait for a descriptor to become readable, and one for it to become writable. The flags of the
 * open file description, {@code O_NONBLOCK} above all, are left as they are. An owner that closes a descriptor while others
 * may wait for it does three things in this order: it makes sure that nobody begins to wait, calls {@link #notifyClosing},
 * and closes.
 *
 * <p>Not for what a stream or listener of this library owns: they wait by themselves. Needs the backend {@code linux}.
 */
public final class ForeignDescriptors {
    private ForeignDescriptors() {}

    /**
     * Waits until a descriptor is readable: until it has data, its end, a failure to tell, or a connection to accept.
     * Returns at once if it is. A wait that was cut short leaves nothing behind; waiting again is possible.
     *
     * @param number the number of the descriptor
     * @throws IllegalArgumentException if the number is negative
     * @throws BusyResourceException if another thread waits for the same
     * @throws ClosedResourceException if {@link #notifyClosing} is called meanwhile
     * @throws java.nio.file.FileSystemException if it is a regular file or something else that is always ready
     * @throws UnsupportedOperationException if the backend in force cannot; the message names one that can
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if no descriptor has the number, or as {@link java.io.InterruptedIOException} if the thread was
     *     interrupted by the user
     */
    public static void awaitReadable(int number) throws IOException {
        await(number, Descriptors::awaitReadable, "readable");
    }

    /**
     * Waits until a descriptor is writable: until it has room, a failure to tell, or is connected. Returns at once if it is.
     * A wait that was cut short leaves nothing behind; waiting again is possible.
     *
     * @param number the number of the descriptor
     * @throws IllegalArgumentException if the number is negative
     * @throws BusyResourceException if another thread waits for the same
     * @throws ClosedResourceException if {@link #notifyClosing} is called meanwhile
     * @throws java.nio.file.FileSystemException if it is a regular file or something else that is always ready
     * @throws UnsupportedOperationException if the backend in force cannot; the message names one that can
     * @throws io.bobbinet.task.CancelledException if a scope in force is cancelled
     * @throws IOException if no descriptor has the number, or as {@link java.io.InterruptedIOException} if the thread was
     *     interrupted by the user
     */
    public static void awaitWritable(int number) throws IOException {
        await(number, Descriptors::awaitWritable, "writable");
    }

    /**
     * Says that a descriptor is about to be closed by its owner: those who wait for it get {@link ClosedResourceException}.
     * Closes nothing itself, and does nothing if nobody waits.
     *
     * @param number the number of the descriptor
     * @throws IllegalArgumentException if the number is negative
     * @throws UnsupportedOperationException if the backend in force cannot; the message names one that can
     */
    public static void notifyClosing(int number) {
        checkNumber(number);
        LinuxOnly.descriptors().notifyClosing(number);
    }

    private interface Wait {
        void run(Descriptors descriptors, int number) throws IOException, InterruptedException;
    }

    private static void await(int number, Wait wait, String state) throws IOException {
        checkNumber(number);
        Backend backend = Backends.current();
        Descriptors descriptors = backend.descriptors();
        CancelScope.checkpoint();
        try {
            wait.run(descriptors, number);
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (AsynchronousCloseException e) {
            throw new ClosedResourceException(
                    "Descriptor " + number + " is being closed by its owner while it was awaited to become " + state,
                    e);
        } catch (IllegalStateException e) {
            BusyResourceException busy = new BusyResourceException(
                    "Another thread waits already for descriptor " + number + " to become " + state);
            busy.initCause(e);
            throw busy;
        }
    }

    private static void checkNumber(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("The number of a descriptor is not negative: " + number);
        }
    }
}
