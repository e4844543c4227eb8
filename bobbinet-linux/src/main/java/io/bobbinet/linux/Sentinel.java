package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.EPOLLIN;
import static io.bobbinet.linux.Constants.EPOLLONESHOT;
import static io.bobbinet.linux.Constants.EPOLL_CTL_ADD;
import static io.bobbinet.linux.Constants.EPOLL_CTL_MOD;

import io.bobbinet.spi.WaitPoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Watches over pollers that have nothing to do. A poller is a virtual thread and must not block in the kernel, which would
 * hold its carrier; so this does, by a platform thread, and wakes a poller when there are events for it. An epoll descriptor
 * can be waited for by another; it is watched from each time its poller goes idle until it has events.
 */
final class Sentinel {
    private static final System.Logger LOG = System.getLogger(Sentinel.class.getName());

    private final int epoll;
    private final WaitPoint[] idle;

    private Sentinel(int epoll, int pollers) {
        this.epoll = epoll;
        this.idle = new WaitPoint[pollers];
    }

    static Sentinel start(int pollers) throws IOException {
        int epoll = Errno.check(Libc.epollCreate());
        return LinuxBackend.owned(epoll, () -> {
            Sentinel sentinel = new Sentinel(epoll, pollers);
            Thread.ofPlatform()
                    .name("bobbinet-linux-sentinel")
                    .daemon()
                    .inheritInheritableThreadLocals(false)
                    .start(sentinel::loop);
            return sentinel;
        });
    }

    /** Adds a poller, not yet watched. */
    void add(int number, int poller, WaitPoint point) throws IOException {
        idle[number] = point;
        Errno.check(Libc.epollCtl(epoll, EPOLL_CTL_ADD, poller, 0, number));
    }

    /** Called by a poller: waits until it has events. */
    void await(int number, int poller, WaitPoint point) {
        int result = Libc.epollCtl(epoll, EPOLL_CTL_MOD, poller, EPOLLIN | EPOLLONESHOT, number);
        if (result < 0) {
            LOG.log(System.Logger.Level.ERROR, "A poller cannot be watched: {0}", Errno.text(result));
            Thread.yield();
            return;
        }
        if (point.awaitUninterruptibly()) {
            LOG.log(System.Logger.Level.DEBUG, "A poller was interrupted");
        }
    }

    private void loop() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(16);
            MemorySegment errno = arena.allocate(ValueLayout.JAVA_INT);
            while (true) {
                runRound(event, errno);
            }
        }
    }

    /** Whatever happens, the next round comes: a poller that parks is woken by nobody else. */
    private void runRound(MemorySegment event, MemorySegment errno) {
        try {
            int count = Libc.epollWaitForever(epoll, event, errno);
            if (count > 0) {
                wake(idle[(int) event.get(EpollEvents.DATA, Abi.EPOLL_EVENT_DATA)]);
            } else if (!Errno.EINTR.is(count)) {
                LOG.log(System.Logger.Level.ERROR, "epoll_wait failed: {0}", Errno.text(count));
            }
        } catch (Throwable t) {
            Thread.yield();
        }
    }

    /** The event is told once. */
    private static void wake(WaitPoint poller) {
        while (true) {
            try {
                poller.signal();
                return;
            } catch (Throwable t) {
                Thread.yield(); // lack of memory, most likely, in the scheduler
            }
        }
    }
}
