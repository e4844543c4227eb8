package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AT_EMPTY_PATH;
import static io.bobbinet.linux.Constants.AT_FDCWD;
import static io.bobbinet.linux.Constants.STATX_BASIC_STATS;
import static io.bobbinet.linux.Constants.S_IFMT;
import static io.bobbinet.linux.Constants.TCGETS;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * System calls that may take their time, by the names of libc. Conventions as in {@link Libc}, but buffers are of native
 * memory: the collector would have to wait for an array of the heap.
 */
final class FileCalls {
    private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");

    private static final MethodHandle CLOSE = slow("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle OPENAT = Libc.link(
            "openat",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
            CAPTURE,
            Linker.Option.firstVariadicArg(3));
    private static final MethodHandle STATX = slow("statx", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle FCHMOD = slow("fchmod", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND = slow("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle CONNECT = slow("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle ACCEPT4 = slow("accept4", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    private static final MethodHandle READ = slow("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle WRITE = slow("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
    private static final MethodHandle PREAD = slow("pread", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle PWRITE = slow("pwrite", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);

    /** Not in musl before 1.2.5. */
    private static final @Nullable MethodHandle PREADV2 = vectored("preadv2");

    private static final @Nullable MethodHandle PWRITEV2 = vectored("pwritev2");
    private static final MethodHandle LSEEK = slow("lseek", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle FTRUNCATE = slow("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle IOCTL = Libc.link(
            "ioctl",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
            CAPTURE,
            Linker.Option.firstVariadicArg(2));

    // struct statx of <linux/stat.h>
    private static final int STATX_SIZE = 256;
    private static final int STX_MODE = 28;
    private static final int STX_SIZE = 40;

    /** As the headers of the kernel have it; those of libc have a larger one. */
    private static final int TERMIOS_SIZE = 64;

    private static final int IOVEC_SIZE = 16;

    private FileCalls() {}

    private static MethodHandle slow(String name, MemoryLayout result, MemoryLayout... parameters) {
        return Libc.link(name, FunctionDescriptor.of(result, parameters), CAPTURE);
    }

    private static @Nullable MethodHandle vectored(String name) {
        return Libc.has(name) ? slow(name, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG, JAVA_INT) : null;
    }

    /** A call, with a place for the error number and for what else it needs in native memory. */
    private interface Call {
        long call(MemorySegment errno, Arena arena) throws Throwable;
    }

    private static long run(Call call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment errno = arena.allocate(JAVA_INT);
            long result = call.call(errno, arena);
            return result < 0 ? -errno.get(JAVA_INT, 0) : result;
        } catch (Throwable t) {
            throw Libc.impossible(t);
        }
    }

    // -- opening and closing

    /** The path is as the system has it, without a zero byte at the end. */
    static int open(byte[] path, int flags, int mode) {
        return (int) run((errno, arena) -> {
            MemorySegment text = arena.allocate(path.length + 1L);
            MemorySegment.copy(path, 0, text, JAVA_BYTE, 0, path.length);
            return (int) OPENAT.invokeExact(errno, AT_FDCWD, text, flags, mode);
        });
    }

    /** Closes a descriptor, which is gone afterwards in any case. */
    static void close(int fd) throws IOException {
        long result = run((errno, arena) -> (int) CLOSE.invokeExact(errno, fd));
        if (result < 0) {
            throw new IOException("Closing a descriptor failed: " + Errno.text(result));
        }
    }

    /** Closes a descriptor that nobody has used. */
    static void closeQuietly(int fd) {
        try {
            close(fd);
        } catch (IOException e) {
            // It is gone all the same, and nothing was written to it.
        }
    }

    /** Of a socket that is not bound yet: what the permissions of its file are made of, together with the umask. */
    static int fchmod(int fd, int mode) {
        return (int) run((errno, arena) -> (int) FCHMOD.invokeExact(errno, fd, mode));
    }

    /** As {@link Libc#bind}, for UNIX sockets, whose paths lead through file systems. */
    static int bind(int fd, byte[] address) {
        return (int) run((errno, arena) -> (int) BIND.invokeExact(errno, fd, copy(arena, address), address.length));
    }

    /** As {@link Libc#connect}, for UNIX sockets, whose paths lead through file systems. */
    static int connect(int fd, byte[] address) {
        return (int) run((errno, arena) -> (int) CONNECT.invokeExact(errno, fd, copy(arena, address), address.length));
    }

    private static MemorySegment copy(Arena arena, byte[] bytes) {
        return arena.allocateFrom(JAVA_BYTE, bytes);
    }

    /** As {@link Libc#accept4}, for sockets in blocking mode. */
    static int accept4(int fd, int flags) {
        return (int) run(
                (errno, arena) -> (int) ACCEPT4.invokeExact(errno, fd, MemorySegment.NULL, MemorySegment.NULL, flags));
    }

    // -- what it is

    /**
     * What statx(2) says.
     *
     * @param type one of {@code S_IFREG} and so on
     * @param size of a file, in bytes
     */
    record Status(int type, long size) {}

    static Status status(int fd) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment empty = arena.allocate(1);
            MemorySegment statx = arena.allocate(STATX_SIZE, 8);
            long result = run((errno, unused) ->
                    (int) STATX.invokeExact(errno, fd, empty, AT_EMPTY_PATH, STATX_BASIC_STATS, statx));
            if (result < 0) {
                throw new IOException("The system does not tell what a descriptor is: " + Errno.text(result));
            }
            return new Status(
                    Short.toUnsignedInt(statx.get(JAVA_SHORT, STX_MODE)) & S_IFMT, statx.get(JAVA_LONG, STX_SIZE));
        }
    }

    /** Whether it is a terminal, isatty(3). */
    static boolean isTerminal(int fd) {
        return run((errno, arena) -> (int) IOCTL.invokeExact(errno, fd, TCGETS, arena.allocate(TERMIOS_SIZE, 8))) >= 0;
    }

    // -- bytes

    static long read(int fd, MemorySegment target) {
        return run((errno, arena) -> (long) READ.invokeExact(errno, fd, target, target.byteSize()));
    }

    static long write(int fd, MemorySegment source) {
        return run((errno, arena) -> (long) WRITE.invokeExact(errno, fd, source, source.byteSize()));
    }

    static long pread(int fd, MemorySegment target, long position) {
        return run((errno, arena) -> (long) PREAD.invokeExact(errno, fd, target, target.byteSize(), position));
    }

    static long pwrite(int fd, MemorySegment source, long position) {
        return run((errno, arena) -> (long) PWRITE.invokeExact(errno, fd, source, source.byteSize(), position));
    }

    /** Reads at the current position. */
    static long readWithFlags(int fd, MemorySegment target, int flags) {
        MethodHandle preadv2 = PREADV2;
        if (preadv2 == null) {
            return Errno.EOPNOTSUPP.result();
        }
        return run((errno, arena) -> (long) preadv2.invokeExact(errno, fd, vector(arena, target), 1, -1L, flags));
    }

    /** Writes at the current position. */
    static long writeWithFlags(int fd, MemorySegment source, int flags) {
        MethodHandle pwritev2 = PWRITEV2;
        if (pwritev2 == null) {
            return Errno.EOPNOTSUPP.result();
        }
        return run((errno, arena) -> (long) pwritev2.invokeExact(errno, fd, vector(arena, source), 1, -1L, flags));
    }

    /** A {@code struct iovec}. */
    private static MemorySegment vector(Arena arena, MemorySegment memory) {
        MemorySegment vector = arena.allocate(IOVEC_SIZE, 8);
        vector.set(ADDRESS, 0, memory);
        vector.set(JAVA_LONG, 8, memory.byteSize());
        return vector;
    }

    // -- position and size

    static long lseek(int fd, long offset, int whence) {
        return run((errno, arena) -> (long) LSEEK.invokeExact(errno, fd, offset, whence));
    }

    static long ftruncate(int fd, long size) {
        return run((errno, arena) -> (int) FTRUNCATE.invokeExact(errno, fd, size));
    }
}
