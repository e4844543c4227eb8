package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.F_DUPFD_CLOEXEC;
import static io.bobbinet.linux.Constants.SEEK_CUR;
import static io.bobbinet.linux.Constants.SEEK_SET;
import static io.bobbinet.linux.Constants.S_IFREG;

import io.bobbinet.spi.DescriptorFacts;
import io.bobbinet.spi.DescriptorHandle;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * An open descriptor. Whoever passes its number to the system enters before and leaves afterwards; it is closed or given
 * away when the last has left, so that the number of a call is never that of something else.
 */
final class LinuxDescriptor implements DescriptorHandle, Closeable {
    private final int fd;

    /** How many calls are in the kernel with the number. Guarded by this. */
    private int users;

    /** Whether nobody may enter any more. Guarded by this. */
    private boolean closing;

    /** Whether the number is no longer ours. Guarded by this. */
    private boolean gone;

    /** How bytes get in and out; null until the first do. Guarded by this. */
    private @Nullable Transfer transfer;

    /** Takes a descriptor over. */
    LinuxDescriptor(int fd) {
        this.fd = fd;
    }

    /** Begins a use of the number, which {@link #leave} ends. */
    synchronized int enter() throws ClosedChannelException {
        if (closing) {
            throw new ClosedChannelException();
        }
        users++;
        return fd;
    }

    synchronized void leave() {
        if (--users == 0 && closing) {
            notifyAll();
        }
    }

    /** What is done while the number is valid. */
    interface Use<T> {
        T with(int fd) throws IOException;
    }

    <T> T use(Use<T> use) throws IOException {
        int number = enter();
        try {
            return use.with(number);
        } finally {
            leave();
        }
    }

    @Override
    public int number() {
        return fd;
    }

    @Override
    public DescriptorFacts facts() throws IOException {
        return use(Facts::of);
    }

    @Override
    public DescriptorHandle duplicate() throws IOException {
        return use(number -> new LinuxDescriptor((int) check("duplicate", Libc.fcntl(number, F_DUPFD_CLOEXEC, 0))));
    }

    // -- bytes

    @Override
    public int read(ByteBuffer target) throws IOException, InterruptedException {
        while (true) {
            ForeignWaits.Wait wait;
            enter();
            try {
                long count = transfer().read(target);
                if (!Errno.EAGAIN.is(count)) {
                    return end(check("read", count));
                }
                wait = ForeignWaits.instance().begin(fd, ForeignWaits.Side.READABLE, "read");
            } finally {
                leave();
            }
            wait.awaitReady();
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException, InterruptedException {
        while (true) {
            ForeignWaits.Wait wait;
            enter();
            try {
                long count = transfer().write(source);
                if (!Errno.EAGAIN.is(count)) {
                    return (int) check("write", count);
                }
                wait = ForeignWaits.instance().begin(fd, ForeignWaits.Side.WRITABLE, "write");
            } finally {
                leave();
            }
            wait.awaitReady();
        }
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        checkNotNegative(position);
        return end(use(number -> check("read", Transfer.read(number, target, position))));
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
        checkNotNegative(position);
        return use(number -> (int) check("write", Transfer.write(number, source, position)));
    }

    private synchronized Transfer transfer() throws IOException {
        Transfer way = transfer;
        if (way == null) {
            way = Transfer.of(fd);
            transfer = way;
        }
        return way;
    }

    private static int end(long count) {
        return count == 0 ? -1 : (int) count;
    }

    // -- position and size

    @Override
    public long position() throws IOException {
        return use(number -> check("ask for the position in", FileCalls.lseek(number, 0, SEEK_CUR)));
    }

    @Override
    public void position(long position) throws IOException {
        checkNotNegative(position);
        long unused = use(number -> check("move the position in", FileCalls.lseek(number, position, SEEK_SET)));
    }

    @Override
    public long size() throws IOException {
        FileCalls.Status status = use(FileCalls::status);
        if (status.type() != S_IFREG) {
            throw new IOException("Only a file has a size; descriptor " + fd + " is " + facts().text());
        }
        return status.size();
    }

    @Override
    public void truncate(long size) throws IOException {
        checkNotNegative(size);
        long unused = use(number -> check("truncate", FileCalls.ftruncate(number, size)));
    }

    private static void checkNotNegative(long position) {
        if (position < 0) {
            throw new IllegalArgumentException("Positions and sizes are not negative: " + position);
        }
    }

    /** Gives a result through, or throws what the failed call is to throw. */
    private long check(String what, long result) throws IOException {
        if (result >= 0) {
            return result;
        }
        String reason = Errno.EBADF.is(result) ? "it was not opened for that" : Errno.text(result);
        throw Errno.caused(new IOException("Cannot " + what + " descriptor " + fd + ": " + reason), result);
    }

    // -- its end

    @Override
    public synchronized boolean isOpen() {
        return !closing;
    }

    @Override
    public int release() throws IOException {
        if (!expelUsers()) {
            throw new ClosedChannelException();
        }
        return fd;
    }

    /** {@inheritDoc} A second call at the same time waits for the first, and closes nothing. */
    @Override
    public void close() throws IOException {
        if (expelUsers()) {
            FileCalls.close(fd);
        }
    }

    /**
     * Waits for those who are in the kernel, where nobody stays long, and wakes those who wait outside.
     *
     * @return whether the number is the caller's to close or give away; only one ever gets it
     */
    private synchronized boolean expelUsers() {
        boolean first = !closing;
        closing = true;
        boolean interrupted = false;
        while (users > 0 || (!first && !gone)) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (first) {
            gone = true;
            notifyAll();
            ForeignWaits.notifyClosing(fd);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return first;
    }

    @Override
    public synchronized String toString() {
        return "LinuxDescriptor[" + fd + (closing ? ", closed]" : "]");
    }
}
