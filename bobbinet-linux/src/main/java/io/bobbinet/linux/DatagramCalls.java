package io.bobbinet.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The system calls for datagrams, by the names of libc; conventions as in {@link Libc}.
 *
 * <p>Those for one datagram are critical functions, but for one to a path: that leads through file systems. Those for many may take a
 * millisecond together. The collector should not wait for these: all that they use is native memory.
 */
final class DatagramCalls {
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
    private static final Linker.Option CRITICAL = Linker.Option.critical(true);

    private static final MethodHandle RECVFROM = Libc.link(
            "recvfrom",
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS),
            CAPTURE,
            CRITICAL);
    private static final MethodHandle SENDTO = Libc.link(
            "sendto",
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT),
            CAPTURE,
            CRITICAL);
    private static final MethodHandle RECVMMSG = Libc.link(
            "recvmmsg", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS), CAPTURE);
    private static final MethodHandle SENDMMSG =
            Libc.link("sendmmsg", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), CAPTURE);

    private static final MethodHandle SENDMSG =
            Libc.link("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT), CAPTURE);

    private DatagramCalls() {}

    /** The length has one element: the size of the array for the address, and then that of the address. */
    static long recvfrom(int fd, byte[] target, int size, int flags, byte[] address, int[] length, int[] errno) {
        try {
            long count = (long) RECVFROM.invokeExact(
                    MemorySegment.ofArray(errno),
                    fd,
                    MemorySegment.ofArray(target),
                    (long) size,
                    flags,
                    MemorySegment.ofArray(address),
                    MemorySegment.ofArray(length));
            return count < 0 ? -errno[0] : count;
        } catch (Throwable t) {
            throw Libc.impossible(t);
        }
    }

    static long sendto(int fd, MemorySegment source, int flags, byte[] address, int[] errno) {
        try {
            long count = (long) SENDTO.invokeExact(
                    MemorySegment.ofArray(errno),
                    fd,
                    source,
                    source.byteSize(),
                    flags,
                    MemorySegment.ofArray(address),
                    address.length);
            return count < 0 ? -errno[0] : count;
        } catch (Throwable t) {
            throw Libc.impossible(t);
        }
    }

    /** As {@link Libc#sendmsg}, to a path. Both segments are of native memory. */
    static long sendmsg(int fd, MemorySegment message, int flags, MemorySegment errno) {
        try {
            long count = (long) SENDMSG.invokeExact(errno, fd, message, flags);
            return count < 0 ? -errno.get(JAVA_INT, 0) : count;
        } catch (Throwable t) {
            throw Libc.impossible(t);
        }
    }

    /** The messages are an array of {@code struct mmsghdr}. Both segments are of native memory. */
    static int recvmmsg(int fd, MemorySegment messages, int count, int flags, MemorySegment errno) {
        try {
            int received = (int) RECVMMSG.invokeExact(errno, fd, messages, count, flags, MemorySegment.NULL);
            return received < 0 ? -errno.get(JAVA_INT, 0) : received;
        } catch (Throwable t) {
            throw Libc.impossible(t);
        }
    }

    /** As {@link #recvmmsg}. */
    static int sendmmsg(int fd, MemorySegment messages, int count, int flags, MemorySegment errno) {
        try {
            int sent = (int) SENDMMSG.invokeExact(errno, fd, messages, count, flags);
            return sent < 0 ? -errno.get(JAVA_INT, 0) : sent;
        } catch (Throwable t) {
            throw Libc.impossible(t);
        }
    }
}
