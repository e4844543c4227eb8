package io.bobbinet.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * The system calls for sockets and events, by the names of libc. Each gives what the system gave or, if it failed, the
 * error number with a minus before it.
 *
 * <p>All of them return at once: sockets are called with {@code MSG_DONTWAIT} or in non-blocking mode. So they are linked
 * as critical functions, which may use arrays on the heap and cost no change of the thread's state. Calls that may take
 * their time are in {@link FileCalls} and in the two waits for events.
 *
 * <p>The parameter {@code errno} has one element and belongs to the caller; it carries the error number out.
 */
final class Libc {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LOOKUP = LINKER.defaultLookup();
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
    private static final Linker.Option CRITICAL = Linker.Option.critical(true);

    private static final MethodHandle SOCKET = quick("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SOCKETPAIR = quick("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle BIND = quick("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle LISTEN = quick("listen", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle CONNECT = quick("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle ACCEPT4 = quick("accept4", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKNAME = quick("getsockname", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle GETPEERNAME = quick("getpeername", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle GETSOCKOPT =
            quick("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle SETSOCKOPT =
            quick("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SHUTDOWN = quick("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle RECV = quick("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SEND = quick("send", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RECVMSG = quick("recvmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle SENDMSG = quick("sendmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle POLL = quick("poll", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle EPOLL_CREATE1 = quick("epoll_create1", JAVA_INT, JAVA_INT);
    private static final MethodHandle EPOLL_CTL = quick("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle EPOLL_WAIT = quick("epoll_wait", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle EPOLL_WAIT_FOREVER =
            link("epoll_wait", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), CAPTURE);

    /** Since glibc 2.35, musl 1.2.4 and Linux 5.11. */
    private static final @Nullable MethodHandle EPOLL_PWAIT2 = has("epoll_pwait2")
            ? link(
                    "epoll_pwait2",
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, ADDRESS),
                    CAPTURE)
            : null;

    private static final MethodHandle FCNTL = link(
            "fcntl",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
            CAPTURE,
            CRITICAL,
            Linker.Option.firstVariadicArg(2));

    private Libc() {}

    private static MethodHandle quick(String name, MemoryLayout result, MemoryLayout... parameters) {
        return link(name, FunctionDescriptor.of(result, parameters), CAPTURE, CRITICAL);
    }

    @SuppressWarnings("restricted") // the purpose of this module
    static MethodHandle link(String name, FunctionDescriptor type, Linker.Option... options) {
        return LINKER.downcallHandle(LOOKUP.findOrThrow(name), type, options);
    }

    /** Whether libc has a function. */
    static boolean has(String name) {
        return LOOKUP.find(name).isPresent();
    }

    /** What a method handle throws that was linked with the right types: what is wrong with a segment, and nothing else. */
    static AssertionError impossible(Throwable t) {
        if (t instanceof Error e) {
            throw e;
        }
        if (t instanceof RuntimeException e) {
            throw e;
        }
        return new AssertionError(t);
    }

    private static int result(int result, int[] errno) {
        return result < 0 ? -errno[0] : result;
    }

    private static long result(long result, int[] errno) {
        return result < 0 ? -errno[0] : result;
    }

    static int socket(int domain, int type, int protocol) {
        int[] errno = new int[1];
        try {
            return result((int) SOCKET.invokeExact(MemorySegment.ofArray(errno), domain, type, protocol), errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** The pair gets the two descriptors. */
    static int socketpair(int domain, int type, int protocol, int[] pair) {
        int[] errno = new int[1];
        try {
            return result(
                    (int) SOCKETPAIR.invokeExact(
                            MemorySegment.ofArray(errno), domain, type, protocol, MemorySegment.ofArray(pair)),
                    errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int bind(int fd, byte[] address) {
        int[] errno = new int[1];
        try {
            return result(
                    (int) BIND.invokeExact(
                            MemorySegment.ofArray(errno), fd, MemorySegment.ofArray(address), address.length),
                    errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int listen(int fd, int backlog) {
        int[] errno = new int[1];
        try {
            return result((int) LISTEN.invokeExact(MemorySegment.ofArray(errno), fd, backlog), errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int connect(int fd, byte[] address) {
        int[] errno = new int[1];
        try {
            return result(
                    (int) CONNECT.invokeExact(
                            MemorySegment.ofArray(errno), fd, MemorySegment.ofArray(address), address.length),
                    errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** Without the address of the peer, which not everybody asks for. */
    static int accept4(int fd, int flags) {
        int[] errno = new int[1];
        try {
            return result(
                    (int) ACCEPT4.invokeExact(
                            MemorySegment.ofArray(errno), fd, MemorySegment.NULL, MemorySegment.NULL, flags),
                    errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** The length has one element: the size of the array, and then that of the address. */
    static int getsockname(int fd, byte[] address, int[] length) {
        int[] errno = new int[1];
        try {
            return result(
                    (int) GETSOCKNAME.invokeExact(
                            MemorySegment.ofArray(errno),
                            fd,
                            MemorySegment.ofArray(address),
                            MemorySegment.ofArray(length)),
                    errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** As {@link #getsockname}. */
    static int getpeername(int fd, byte[] address, int[] length) {
        int[] errno = new int[1];
        try {
            return result(
                    (int) GETPEERNAME.invokeExact(
                            MemorySegment.ofArray(errno),
                            fd,
                            MemorySegment.ofArray(address),
                            MemorySegment.ofArray(length)),
                    errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** The length has one element: the size of the array, and then that of the value. */
    static int getsockopt(int fd, int level, int option, byte[] value, int[] length) {
        int[] errno = new int[1];
        try {
            return result(
                    (int) GETSOCKOPT.invokeExact(
                            MemorySegment.ofArray(errno),
                            fd,
                            level,
                            option,
                            MemorySegment.ofArray(value),
                            MemorySegment.ofArray(length)),
                    errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int setsockopt(int fd, int level, int option, byte[] value) {
        int[] errno = new int[1];
        try {
            return result(
                    (int) SETSOCKOPT.invokeExact(
                            MemorySegment.ofArray(errno),
                            fd,
                            level,
                            option,
                            MemorySegment.ofArray(value),
                            value.length),
                    errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int shutdown(int fd, int how) {
        int[] errno = new int[1];
        try {
            return result((int) SHUTDOWN.invokeExact(MemorySegment.ofArray(errno), fd, how), errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int fcntl(int fd, int command, int argument) {
        int[] errno = new int[1];
        try {
            return result((int) FCNTL.invokeExact(MemorySegment.ofArray(errno), fd, command, argument), errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static long recv(int fd, MemorySegment target, int flags, int[] errno) {
        try {
            return result(
                    (long) RECV.invokeExact(MemorySegment.ofArray(errno), fd, target, target.byteSize(), flags), errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static long send(int fd, MemorySegment source, int flags, int[] errno) {
        try {
            return result(
                    (long) SEND.invokeExact(MemorySegment.ofArray(errno), fd, source, source.byteSize(), flags), errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** The message is a {@code struct msghdr} in native memory. */
    static long recvmsg(int fd, MemorySegment message, int flags, int[] errno) {
        try {
            return result((long) RECVMSG.invokeExact(MemorySegment.ofArray(errno), fd, message, flags), errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** The message is a {@code struct msghdr} in native memory. */
    static long sendmsg(int fd, MemorySegment message, int flags, int[] errno) {
        try {
            return result((long) SENDMSG.invokeExact(MemorySegment.ofArray(errno), fd, message, flags), errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** Asks about one descriptor, without waiting. Gives the events that are there; {@code POLLNVAL} counts as one. */
    static int poll(int fd, short events) {
        int[] errno = new int[1];
        MemorySegment entry = MemorySegment.ofArray(new int[2]);
        entry.set(JAVA_INT, 0, fd);
        entry.set(JAVA_SHORT, 4, events);
        try {
            int count = result((int) POLL.invokeExact(MemorySegment.ofArray(errno), entry, 1L, 0), errno);
            return count <= 0 ? count : entry.get(JAVA_SHORT, 6);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int epollCreate() {
        int[] errno = new int[1];
        try {
            return result(
                    (int) EPOLL_CREATE1.invokeExact(MemorySegment.ofArray(errno), Constants.EPOLL_CLOEXEC), errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    static int epollCtl(int epoll, int operation, int fd, int events, long data) {
        int[] errno = new int[1];
        MemorySegment event = MemorySegment.ofArray(new int[4]);
        event.set(JAVA_INT, 0, events);
        event.set(EpollEvents.DATA, Abi.EPOLL_EVENT_DATA, data);
        try {
            return result(
                    (int) EPOLL_CTL.invokeExact(MemorySegment.ofArray(errno), epoll, operation, fd, event), errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** Asks for events without waiting. */
    static int epollWait(int epoll, EpollEvents events, int[] errno) {
        try {
            return result(
                    (int) EPOLL_WAIT.invokeExact(
                            MemorySegment.ofArray(errno), epoll, events.memory(), events.capacity(), 0),
                    errno);
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /**
     * Waits for events for a short time; -ENOSYS where libc or the kernel cannot. The last two segments are of native memory, a
     * {@code struct timespec} and a place for the error number.
     */
    static int epollWaitBriefly(int epoll, EpollEvents events, MemorySegment time, MemorySegment errno) {
        MethodHandle wait = EPOLL_PWAIT2;
        if (wait == null) {
            return Errno.ENOSYS.result();
        }
        try {
            int count =
                    (int) wait.invokeExact(errno, epoll, events.memory(), events.capacity(), time, MemorySegment.NULL);
            return count < 0 ? -errno.get(JAVA_INT, 0) : count;
        } catch (Throwable t) {
            throw impossible(t);
        }
    }

    /** Waits for events; for platform threads. Both segments are of native memory. */
    static int epollWaitForever(int epoll, MemorySegment event, MemorySegment errno) {
        try {
            int count = (int) EPOLL_WAIT_FOREVER.invokeExact(errno, epoll, event, 1, -1);
            return count < 0 ? -errno.get(JAVA_INT, 0) : count;
        } catch (Throwable t) {
            throw impossible(t);
        }
    }
}
