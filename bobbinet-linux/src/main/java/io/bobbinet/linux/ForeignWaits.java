package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.EPOLLERR;
import static io.bobbinet.linux.Constants.EPOLLHUP;
import static io.bobbinet.linux.Constants.EPOLLIN;
import static io.bobbinet.linux.Constants.EPOLLONESHOT;
import static io.bobbinet.linux.Constants.EPOLLOUT;
import static io.bobbinet.linux.Constants.EPOLLRDHUP;
import static io.bobbinet.linux.Constants.EPOLL_CTL_ADD;
import static io.bobbinet.linux.Constants.EPOLL_CTL_DEL;
import static io.bobbinet.linux.Constants.EPOLL_CTL_MOD;

import io.bobbinet.spi.WaitPoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.AsynchronousCloseException;
import java.nio.file.FileSystemException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Waits for descriptors that no handle of a socket owns: pipes, terminals, and whatever belongs to others.
 *
 * <p>They have an epoll instance and a platform thread of their own, started with the first such wait. Nothing is known of
 * how long these descriptors live and what else is done with them, so one is registered for a single wait, and taken off
 * after it. Registration and arming are level-triggered and for one event: what is ready already is reported at once, and
 * a registration that is left behind, because its descriptor was closed under the wait, is heard of once at most, and told
 * from a later one of the same number by the generation in the event.
 */
final class ForeignWaits {
    private static final System.Logger LOG = System.getLogger(ForeignWaits.class.getName());

    /** How a wait has ended; negative error numbers beside these. */
    private static final int NOT_YET = 0;

    private static final int READY = 1;
    private static final int CLOSED = 2;

    /** Guarded by the class. */
    private static @Nullable ForeignWaits instance;

    private final int epoll;

    /** By the number of the descriptor. Guarded by this. */
    private final Map<Integer, Entry> entries = new HashMap<>();

    /** Guarded by this. */
    private int lastGeneration;

    private ForeignWaits(int epoll) {
        this.epoll = epoll;
    }

    /** Numbers of descriptors are the same for the whole process, and so are the waits for them. */
    static synchronized ForeignWaits instance() throws IOException {
        ForeignWaits waits = instance;
        if (waits == null) {
            int epoll = Errno.check(Libc.epollCreate());
            waits = LinuxBackend.owned(epoll, () -> start(epoll));
            instance = waits;
        }
        return waits;
    }

    private static ForeignWaits start(int epoll) {
        ForeignWaits waits = new ForeignWaits(epoll);
        Thread.ofPlatform()
                .name("bobbinet-linux-waits")
                .daemon()
                .inheritInheritableThreadLocals(false)
                .start(waits::loop);
        return waits;
    }

    /** Ends the waits for a descriptor that is about to be closed. */
    static void notifyClosing(int number) {
        ForeignWaits waits;
        synchronized (ForeignWaits.class) {
            waits = instance;
        }
        if (waits != null) {
            waits.end(number);
        }
    }

    /** For what a wait is. */
    enum Side {
        READABLE(EPOLLIN | EPOLLRDHUP),
        WRITABLE(EPOLLOUT);

        private final int events;

        Side(int events) {
            this.events = events;
        }

        private boolean isMetBy(int reported) {
            return (reported & (events | EPOLLERR | EPOLLHUP)) != 0;
        }
    }

    /** One thread's wait for one descriptor. */
    final class Wait {
        private final WaitPoint point;
        private final int number;
        private final Side side;

        /** Written with the lock of the waits held, once, before the signal. */
        private volatile int outcome = NOT_YET;

        private Wait(int number, Side side, WaitPoint point) {
            this.point = point;
            this.number = number;
            this.side = side;
        }

        private void end(int how) {
            outcome = how;
            point.signal();
        }

        /** Ends the wait, if it has not ended yet. */
        void giveUp() {
            ForeignWaits.this.giveUp(this);
        }

        /** Waits until the descriptor is ready; by then, or when it throws, nothing is left of the wait. */
        void awaitReady() throws IOException, InterruptedException {
            try {
                while (outcome == NOT_YET) {
                    point.await();
                }
            } catch (InterruptedException e) {
                giveUp();
                throw e;
            }
            if (outcome == CLOSED) {
                throw new AsynchronousCloseException();
            } else if (outcome < 0) {
                throw failure(number, outcome);
            }
        }
    }

    /** Who waits for a descriptor. Guarded by the waits. */
    private static final class Entry {
        private final @Nullable Wait[] waits = new Wait[Side.values().length];
        private int generation;

        @Nullable
        Wait get(Side side) {
            return waits[side.ordinal()];
        }

        void set(Side side, @Nullable Wait wait) {
            waits[side.ordinal()] = wait;
        }

        int events() {
            int events = 0;
            for (Side side : Side.values()) {
                events |= get(side) == null ? 0 : side.events;
            }
            return events;
        }

        boolean isEmpty() {
            return events() == 0;
        }

        void end(int how) {
            for (Side side : Side.values()) {
                end(side, how);
            }
        }

        void end(Side side, int how) {
            Wait wait = get(side);
            if (wait != null) {
                set(side, null);
                wait.end(how);
            }
        }
    }

    /**
     * Begins a wait, which {@link Wait#awaitReady} ends. The descriptor must be open during this call, and may be closed
     * after it, with {@link #notifyClosing} before.
     */
    Wait begin(int number, Side side, String operation) throws IOException {
        return begin(number, side, new WaitPoint(operation));
    }

    /**
     * As {@link #begin(int, Side, String)}, for one who waits at a wait point of its own, where other signals come too. It ends the
     * wait by {@link Wait#giveUp}.
     */
    synchronized Wait begin(int number, Side side, WaitPoint point) throws IOException {
        Entry entry = entries.computeIfAbsent(number, n -> new Entry());
        if (entry.get(side) != null) {
            throw new IllegalStateException("Another thread waits already until descriptor " + number + " is "
                    + (side == Side.READABLE ? "readable" : "writable"));
        }
        Wait wait = new Wait(number, side, point);
        entry.set(side, wait);
        int result = arm(number, entry);
        if (result < 0) {
            entry.set(side, null);
            if (entry.isEmpty()) {
                entries.remove(number);
            }
            throw failure(number, result);
        }
        return wait;
    }

    /** Only with the lock held, as all that follows. */
    private int arm(int number, Entry entry) {
        entry.generation = ++lastGeneration;
        long data = (long) entry.generation << 32 | number;
        int events = entry.events() | EPOLLONESHOT;
        int result = Libc.epollCtl(epoll, EPOLL_CTL_ADD, number, events, data);
        return Errno.EEXIST.is(result) ? Libc.epollCtl(epoll, EPOLL_CTL_MOD, number, events, data) : result;
    }

    /** Goes on with those who still wait for a descriptor, if any. */
    private void goOn(int number, Entry entry) {
        if (entry.isEmpty()) {
            entries.remove(number);
            Libc.epollCtl(epoll, EPOLL_CTL_DEL, number, 0, 0);
            return;
        }
        int result = arm(number, entry);
        if (result < 0) {
            entries.remove(number);
            entry.end(result);
        }
    }

    private synchronized void giveUp(Wait wait) {
        Entry entry = entries.get(wait.number);
        if (entry != null && entry.get(wait.side) == wait) {
            entry.set(wait.side, null);
            goOn(wait.number, entry);
        }
    }

    private synchronized void end(int number) {
        Entry entry = entries.remove(number);
        if (entry != null) {
            Libc.epollCtl(epoll, EPOLL_CTL_DEL, number, 0, 0);
            entry.end(CLOSED);
        }
    }

    private synchronized void report(long data, int events) {
        int number = (int) data;
        Entry entry = entries.get(number);
        if (entry != null && entry.generation == (int) (data >>> 32)) {
            for (Side side : Side.values()) {
                if (side.isMetBy(events)) {
                    entry.end(side, READY);
                }
            }
            goOn(number, entry);
        }
    }

    private static IOException failure(int number, int result) {
        return Errno.caused(exception(number, result, Errno.text(result)), result);
    }

    private static IOException exception(int number, int result, String text) {
        if (Errno.EPERM.is(result)) {
            return new FileSystemException(
                    "descriptor " + number, null, "It is a file or the like, which is always ready: " + text);
        }
        if (Errno.EBADF.is(result)) {
            return new IOException("No descriptor has the number " + number + ": " + text);
        }
        return new IOException("Cannot wait for descriptor " + number + ": " + text);
    }

    private void loop() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(16);
            MemorySegment errno = arena.allocate(ValueLayout.JAVA_INT);
            while (true) {
                try {
                    runRound(event, errno);
                } catch (Throwable t) {
                    // Lack of memory, most likely. Everything that waits here would wait for ever if the thread ended.
                    Thread.yield();
                }
            }
        }
    }

    private void runRound(MemorySegment event, MemorySegment errno) {
        int count = Libc.epollWaitForever(epoll, event, errno);
        if (count > 0) {
            report(event.get(EpollEvents.DATA, Abi.EPOLL_EVENT_DATA), event.get(ValueLayout.JAVA_INT, 0));
        } else if (!Errno.EINTR.is(count)) {
            LOG.log(System.Logger.Level.ERROR, "epoll_wait failed: {0}", Errno.text(count));
        }
    }
}
