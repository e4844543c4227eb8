package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.EPOLLERR;
import static io.bobbinet.linux.Constants.EPOLLHUP;
import static io.bobbinet.linux.Constants.EPOLLIN;
import static io.bobbinet.linux.Constants.EPOLLOUT;
import static io.bobbinet.linux.Constants.EPOLLPRI;
import static io.bobbinet.linux.Constants.EPOLLRDHUP;
import static io.bobbinet.linux.Constants.EPOLL_CTL_ADD;
import static io.bobbinet.linux.Constants.EPOLL_CTL_DEL;
import static io.bobbinet.linux.Constants.EPOLL_CTL_MOD;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.bobbinet.spi.WaitPoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Tells handles of edges, epoll(7), by a virtual thread of its own.
 *
 * <p>Since it runs where the threads run that it wakes, no thread switch of the operating system lies between the event and
 * its reader. It yields after every round, which lets those readers run before it polls again. When there is nothing to
 * report it blocks in the kernel, but for {@value #BRIEF_NANOS} ns at most, since that holds its carrier: while messages come and
 * go, the next event is most often that near, and then nobody has to wake anybody. After that it parks, and the
 * {@link Sentinel} wakes it; so nothing wakes up periodically, and an idle poller holds no carrier. It also parks when it
 * has gone on so for 5 ms, and does not wait so at all if there is one carrier only: a carrier looks for what other threads have
 * submitted when its own queue is empty, and a poller that comes and goes is always in it.
 *
 * <p>A handle is registered once, for all edges, and taken off before its descriptor is closed: the socket may live on in
 * another process, and its edges with it. What was collected before that is told from the edges of a later handle with the
 * same descriptor by the generation in the event.
 */
final class LinuxPoller {
    static final int EXCEPTIONAL = EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLPRI;
    static final int INCOMING = EPOLLIN | EXCEPTIONAL;
    static final int OUTGOING = EPOLLOUT | EPOLLHUP | EPOLLERR;

    private static final System.Logger LOG = System.getLogger(LinuxPoller.class.getName());
    private static final int MOST_EVENTS = 64;
    private static final long BRIEF_NANOS = 100_000;
    private static final MemorySegment BRIEFLY = briefly();

    /** For so long it waits briefly, before others get at the carrier who are not in its own queue. */
    private static final long MOST_NANOS_WITHOUT_PARKING = 5_000_000;

    /** How many carriers there are, as the JDK finds out. */
    private static final int PARALLELISM = Integer.getInteger(
            "jdk.virtualThreadScheduler.parallelism", Runtime.getRuntime().availableProcessors());

    private final int number;
    private final int epoll;
    private final Sentinel sentinel;
    private final WaitPoint idle = new WaitPoint("poll");

    // Used by the poller's thread alone.
    private final EpollEvents events = new EpollEvents(MOST_EVENTS);
    private final int[] errno = new int[1];
    private final MemorySegment briefErrno = Arena.global().allocate(JAVA_INT);
    private boolean waitsBriefly = PARALLELISM > 1;
    private long lastParked = System.nanoTime();

    /** By descriptor. Replaced by a larger one with the lock of this held, and written so. */
    private volatile AtomicReferenceArray<@Nullable LinuxHandle> handles = new AtomicReferenceArray<>(1024);

    /** Guarded by this. */
    private int lastGeneration;

    private LinuxPoller(int number, int epoll, Sentinel sentinel) {
        this.number = number;
        this.epoll = epoll;
        this.sentinel = sentinel;
    }

    /** A {@code struct timespec}. */
    private static MemorySegment briefly() {
        MemorySegment time = Arena.global().allocate(16, 8);
        time.set(JAVA_LONG, 8, BRIEF_NANOS);
        return time;
    }

    static LinuxPoller start(int number, Sentinel sentinel) throws IOException {
        int epoll = Errno.check(Libc.epollCreate());
        LinuxPoller poller = new LinuxPoller(number, epoll, sentinel);
        return LinuxBackend.owned(epoll, () -> {
            sentinel.add(number, epoll, poller.idle);
            Thread.ofVirtual()
                    .name("bobbinet-linux-" + number)
                    .inheritInheritableThreadLocals(false)
                    .start(poller::loop);
            return poller;
        });
    }

    /** Makes a handle be told of edges, beginning with the state it is in now. */
    synchronized void register(LinuxHandle handle) throws IOException {
        AtomicReferenceArray<@Nullable LinuxHandle> table = handles;
        if (handle.fd >= table.length()) {
            table = larger(table, handle.fd);
            handles = table;
        }
        int generation = ++lastGeneration;
        handle.registeredAs(generation);
        table.set(handle.fd, handle);
        long data = (long) generation << 32 | handle.fd;
        int result = Libc.epollCtl(epoll, EPOLL_CTL_ADD, handle.fd, handle.events(), data);
        if (result < 0) {
            table.set(handle.fd, null);
            throw new IOException("Cannot wait for the socket: " + Errno.text(result));
        }
    }

    /** Makes a registered handle be told of other edges, beginning with the state it is in now. */
    void modify(LinuxHandle handle) throws IOException {
        long data = (long) handle.generation() << 32 | handle.fd;
        int result = Libc.epollCtl(epoll, EPOLL_CTL_MOD, handle.fd, handle.events(), data);
        if (result < 0) {
            throw new IOException("Cannot wait for the socket: " + Errno.text(result));
        }
    }

    synchronized void unregister(LinuxHandle handle) {
        Libc.epollCtl(epoll, EPOLL_CTL_DEL, handle.fd, 0, 0);
        handles.set(handle.fd, null);
    }

    private static AtomicReferenceArray<@Nullable LinuxHandle> larger(
            AtomicReferenceArray<@Nullable LinuxHandle> table, int index) {
        AtomicReferenceArray<@Nullable LinuxHandle> larger =
                new AtomicReferenceArray<>(Math.max(index + 1, 2 * table.length()));
        for (int i = 0; i < table.length(); i++) {
            larger.set(i, table.get(i));
        }
        return larger;
    }

    private void loop() {
        while (true) {
            try {
                runRound();
            } catch (Throwable t) {
                // Lack of memory, most likely. Everything that waits here would wait for ever if the poller ended.
                Thread.yield();
            }
        }
    }

    private void runRound() {
        int count = poll();
        for (int i = 0; i < count; i++) {
            reportSafely(i);
        }
        if (count > 0) {
            Thread.yield();
        } else if (count == 0) {
            sentinel.await(number, epoll, idle);
            lastParked = System.nanoTime();
        } else if (!Errno.EINTR.is(count)) {
            LOG.log(System.Logger.Level.ERROR, "epoll_wait failed: {0}", Errno.text(count));
            Thread.yield();
        }
    }

    /** Asks for events, and waits for them if that may be. */
    private int poll() {
        if (waitsBriefly && System.nanoTime() - lastParked < MOST_NANOS_WITHOUT_PARKING) {
            int count = Libc.epollWaitBriefly(epoll, events, BRIEFLY, briefErrno);
            if (count >= 0 || Errno.EINTR.is(count)) {
                return count;
            }
            waitsBriefly = false; // an older kernel, or one that may not: its answers to that differ
        }
        return Libc.epollWait(epoll, events, errno);
    }

    /** An edge is told once: nothing may keep it, or those behind it, from whoever waits. */
    private void reportSafely(int index) {
        while (true) {
            try {
                report(events.data(index), events.events(index));
                return;
            } catch (Throwable t) {
                Thread.yield(); // lack of memory, most likely, in the scheduler
            }
        }
    }

    private void report(long data, int events) {
        LinuxHandle handle = handles.get((int) data);
        if (handle != null && handle.generation() == (int) (data >>> 32)) {
            handle.ready(events);
        }
    }
}
