package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_UNIX;
import static io.bobbinet.linux.Constants.F_DUPFD_CLOEXEC;

import io.bobbinet.spi.DescriptorHandle;
import io.bobbinet.spi.SocketHandle;
import io.bobbinet.spi.WaitPoint;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.ClosedChannelException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A socket's descriptor, and the places where its readers and writers wait.
 *
 * <p>A call is tried first; if it cannot go on, its thread waits for the poller to report an edge, and tries again. An edge
 * that comes between the two is kept by the wait point.
 *
 * <p>The number of a closed descriptor is given to the next one that is opened. So nobody may be in the kernel with it then:
 * the two directions say when they are, and everything else is done with the lock of the handle, which the close takes
 * too.
 */
abstract sealed class LinuxHandle implements SocketHandle permits LinuxStreamHandle, LinuxListenerHandle {
    /** Valid until it is closed. */
    final int fd;

    /** One of {@code AF_UNIX}, {@code AF_INET}, {@code AF_INET6}. */
    final int family;

    private final LinuxPoller poller;

    /** Where a read or accept waits. */
    final Direction in;

    /** Where a write or connect waits. */
    final Direction out;

    /** What the poller knows this handle by; 0 until it does. */
    private volatile int generation;

    /** Written with the lock of this held, before a wait. */
    private volatile boolean registered;

    /** Where the one who closes waits; null until somebody does. */
    private volatile @Nullable WaitPoint closer;

    /** Guarded by this. */
    private boolean closed;

    /**
     * Whether an edge told of more than data: an end, a failure, urgent data. It stays so, since none of them needs to be
     * told again. Written by the poller, before it signals.
     */
    private volatile boolean exceptional;

    LinuxHandle(int fd, int family, LinuxPoller poller, String in, String out) {
        this.fd = fd;
        this.family = family;
        this.poller = poller;
        this.in = new Direction(in);
        this.out = new Direction(out);
    }

    /** The edges to be told of. */
    abstract int events();

    /** Begins a call of a direction; {@link #leave} ends it. */
    final void enter(Direction direction) throws ClosedChannelException {
        direction.inKernel = true;
        if (closer != null) {
            leave(direction);
            throw new ClosedChannelException();
        }
    }

    final void leave(Direction direction) {
        direction.inKernel = false;
        WaitPoint waiting = closer;
        if (waiting != null) {
            waiting.signal();
        }
    }

    /** Waits for an edge. One that came since the direction was last reset counts. */
    final void await(Direction direction) throws IOException, InterruptedException {
        if (!registered) {
            register();
        }
        direction.await();
    }

    private synchronized void register() throws IOException {
        checkOpen();
        if (!registered) {
            poller.register(this);
            registered = true;
        }
    }

    final void registeredAs(int newGeneration) {
        generation = newGeneration;
    }

    final int generation() {
        return generation;
    }

    /** Whether a read that found less than it had room for must be followed by one that finds nothing. */
    final boolean isExceptional() {
        return exceptional;
    }

    /** Called by the poller. */
    final void ready(int events) {
        if ((events & LinuxPoller.EXCEPTIONAL) != 0) {
            exceptional = true;
        }
        if ((events & LinuxPoller.INCOMING) != 0) {
            in.signal();
        }
        if ((events & LinuxPoller.OUTGOING) != 0) {
            out.signal();
        }
    }

    /** Only with the lock held: until it is released, the descriptor is not closed. */
    final void checkOpen() throws ClosedChannelException {
        if (closer != null) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public final synchronized void bind(SocketAddress local) throws IOException {
        checkOpen();
        byte[] address = SocketAddresses.encode(local, family);
        int result = family == AF_UNIX ? FileCalls.bind(fd, address) : Libc.bind(fd, address);
        if (result < 0) {
            throw Errno.bindFailure(result);
        }
    }

    @Override
    public final synchronized SocketAddress localAddress() throws IOException {
        checkOpen();
        return SocketAddresses.ask(Libc::getsockname, fd);
    }

    @Override
    public final Set<SocketOption<?>> supportedOptions() {
        return SocketOptions.supported(this);
    }

    @Override
    public final synchronized <T> void setOption(SocketOption<T> option, T value) throws IOException {
        checkOpen();
        SocketOptions.set(this, option, value);
    }

    @Override
    public final synchronized <T> T getOption(SocketOption<T> option) throws IOException {
        checkOpen();
        return SocketOptions.get(this, option);
    }

    @Override
    public final synchronized DescriptorHandle duplicate() throws IOException {
        checkOpen();
        return new LinuxDescriptor(Errno.check(Libc.fcntl(fd, F_DUPFD_CLOEXEC, 0)));
    }

    @Override
    public final boolean isOpen() {
        return closer == null;
    }

    @Override
    public final void close() throws IOException {
        boolean interrupted = false;
        try {
            synchronized (this) {
                if (!closed) {
                    interrupted = expelUsers();
                    closed = true;
                    try {
                        if (registered) {
                            poller.unregister(this);
                        }
                    } finally {
                        FileCalls.close(fd);
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Wakes those who wait and waits for those who are in the kernel, where nobody stays. */
    private boolean expelUsers() {
        WaitPoint left = new WaitPoint("close");
        closer = left;
        in.signal();
        out.signal();
        boolean interrupted = false;
        while (in.inKernel || out.inKernel) {
            interrupted |= left.awaitUninterruptibly();
        }
        return interrupted;
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[descriptor " + fd + (closer == null ? "]" : ", closed]");
    }
}
