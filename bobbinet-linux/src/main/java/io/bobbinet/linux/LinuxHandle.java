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
import java.util.concurrent.atomic.AtomicInteger;
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
abstract sealed class LinuxHandle implements SocketHandle
        permits LinuxStreamHandle, LinuxListenerHandle, LinuxDatagramHandle {
    /** Valid until it is closed. */
    final int fd;

    /** One of {@code AF_UNIX}, {@code AF_INET}, {@code AF_INET6}. */
    final int family;

    private final LinuxPoller poller;

    /** Where whoever reads, accepts or receives waits. */
    final Direction in;

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

    LinuxHandle(int fd, int family, LinuxPoller poller, String in) {
        this.fd = fd;
        this.family = family;
        this.poller = poller;
        this.in = new Direction(in);
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

    /** As {@link #enter}, for a direction of which several threads may be in the kernel at once: how many is counted. */
    final void enter(AtomicInteger users) throws ClosedChannelException {
        users.incrementAndGet();
        if (closer != null) {
            leave(users);
            throw new ClosedChannelException();
        }
    }

    final void leave(AtomicInteger users) {
        users.decrementAndGet();
        WaitPoint waiting = closer;
        if (waiting != null) {
            waiting.signal();
        }
    }

    /** Waits for an edge. One that came since the wait point was last reset counts. */
    final void await(WaitPoint point) throws IOException, InterruptedException {
        if (!registered) {
            register();
        }
        point.await();
    }

    private synchronized void register() throws IOException {
        checkOpen();
        if (!registered) {
            poller.register(this);
            registered = true;
        }
    }

    /** To be called when {@link #events} has changed; only with the lock held. The present state counts as an edge. */
    final void eventsChanged() throws IOException {
        if (registered) {
            poller.modify(this);
        } else {
            register();
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
        told();
        if ((events & LinuxPoller.EXCEPTIONAL) != 0) {
            exceptional = true;
        }
        if ((events & LinuxPoller.INCOMING) != 0) {
            in.signal();
        }
        if ((events & LinuxPoller.OUTGOING) != 0) {
            signalOut();
        }
    }

    /** The poller has been told of something; those who wait are not woken yet. */
    void told() {}

    /** Wakes whoever waits for the other direction. */
    abstract void signalOut();

    /** Whether somebody is in the kernel with the descriptor, other than with the lock held. */
    abstract boolean isInKernel();

    /** An option is about to be set; only with the lock held. */
    <T> void settingOption(SocketOption<T> option, T value) {}

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
        settingOption(option, value);
        SocketOptions.set(this, option, value);
    }

    @Override
    public final synchronized <T> T getOption(SocketOption<T> option) throws IOException {
        checkOpen();
        return SocketOptions.get(this, option);
    }

    @Override
    public synchronized DescriptorHandle duplicate() throws IOException {
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
        signalOut();
        boolean interrupted = false;
        while (isInKernel()) {
            interrupted |= left.awaitUninterruptibly();
        }
        return interrupted;
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[descriptor " + fd + (closer == null ? "]" : ", closed]");
    }
}
