package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.F_GETFL;
import static io.bobbinet.linux.Constants.O_NONBLOCK;
import static io.bobbinet.linux.Constants.PIPE_BUF;
import static io.bobbinet.linux.Constants.POLLIN;
import static io.bobbinet.linux.Constants.POLLOUT;
import static io.bobbinet.linux.Constants.RWF_NOWAIT;
import static io.bobbinet.linux.Constants.S_IFBLK;
import static io.bobbinet.linux.Constants.S_IFCHR;
import static io.bobbinet.linux.Constants.S_IFDIR;
import static io.bobbinet.linux.Constants.S_IFIFO;
import static io.bobbinet.linux.Constants.S_IFREG;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * How bytes get in and out of a descriptor of a kind, without waiting in the kernel for a peer.
 *
 * <p>Others may share the open file description, so it is not made non-blocking. Instead:
 *
 * <ul>
 *   <li>Regular files, directories and block devices know no such wait: {@code read} and {@code write}.
 *   <li>Pipes of pipe(2), sockets and some devices understand {@code RWF_NOWAIT}, preadv2(2): what cannot go on fails with
 *       {@code EAGAIN}, and a write that fits in part is cut. So it is on Linux 6.18; where it is not, and on FIFOs,
 *       terminals and event counters today, the call fails with {@code EOPNOTSUPP} and has done nothing.
 *   <li>Those are asked by poll(2) first. A pipe that is writable takes {@code PIPE_BUF} bytes at once, pipe(7). A
 *       pseudo-terminal has room in steps of 256 bytes then, of which each of its steps takes one: so it gets either one
 *       byte that it may turn into others, or a short run of bytes that it does not. If somebody else with the same FIFO
 *       or terminal is quicker, the call waits in the kernel after all; but only if the description is in blocking mode,
 *       and those that we open are not.
 * </ul>
 *
 * <p>A write to a pipe or socket that nobody reads raises {@code SIGPIPE}, which the JVM ignores.
 */
final class Transfer {
    private static final int MOST_TO_TERMINAL = 128;

    private enum Kind {
        /** Calls do not wait for a peer. */
        DIRECT,
        PIPE,
        TERMINAL,
        OTHER
    }

    private final int fd;
    private final Kind kind;

    /** Until the system says that it does not know the flag here. Owned by the reader. */
    private boolean readsWithFlag = true;

    /** Until the system says that it does not know the flag here. Owned by the writer. */
    private boolean writesWithFlag = true;

    private Transfer(int fd, Kind kind) {
        this.fd = fd;
        this.kind = kind;
    }

    static Transfer of(int fd) throws IOException {
        return new Transfer(
                fd,
                switch (FileCalls.status(fd).type()) {
                    case S_IFREG, S_IFDIR, S_IFBLK -> Kind.DIRECT;
                    case S_IFIFO -> Kind.PIPE;
                    case S_IFCHR -> FileCalls.isTerminal(fd) ? Kind.TERMINAL : Kind.OTHER;
                    default -> Kind.OTHER;
                });
    }

    /** One call of the system, with native memory. */
    private interface Call {
        long on(MemorySegment memory);
    }

    /** Gives what the system gave; the position of the target is moved by it. */
    long read(ByteBuffer target) {
        return intoBuffer(target, this::read);
    }

    /** Gives what the system gave; the position of the source is moved by it. */
    long write(ByteBuffer source) {
        return fromBuffer(source, this::write);
    }

    static long read(int fd, ByteBuffer target, long position) {
        return intoBuffer(target, memory -> FileCalls.pread(fd, memory, position));
    }

    static long write(int fd, ByteBuffer source, long position) {
        return fromBuffer(source, memory -> FileCalls.pwrite(fd, memory, position));
    }

    private long read(MemorySegment target) {
        if (kind != Kind.DIRECT) {
            if (readsWithFlag) {
                long count = FileCalls.readWithFlags(fd, target, RWF_NOWAIT);
                if (!isUnknownFlag(count)) {
                    return count;
                }
                readsWithFlag = false;
            }
            if (Libc.poll(fd, POLLIN) == 0) {
                return Errno.EAGAIN.result();
            }
        }
        return FileCalls.read(fd, target);
    }

    private long write(MemorySegment source) {
        if (kind == Kind.DIRECT) {
            return FileCalls.write(fd, source);
        }
        if (writesWithFlag) {
            long count = FileCalls.writeWithFlags(fd, source, RWF_NOWAIT);
            if (!isUnknownFlag(count)) {
                return count;
            }
            writesWithFlag = false;
        }
        if (Libc.poll(fd, POLLOUT) == 0) {
            return Errno.EAGAIN.result();
        }
        return FileCalls.write(fd, source.asSlice(0, mostAtOnce(source)));
    }

    private long mostAtOnce(MemorySegment source) {
        int flags = Libc.fcntl(fd, F_GETFL, 0);
        if (kind == Kind.OTHER || flags >= 0 && (flags & O_NONBLOCK) != 0) {
            return source.byteSize();
        }
        if (kind == Kind.PIPE) {
            return Math.min(source.byteSize(), PIPE_BUF);
        }
        long most = Math.min(source.byteSize(), MOST_TO_TERMINAL);
        long run = 0;
        while (run < most && !mayBecomeOthers(source.get(JAVA_BYTE, run))) {
            run++;
        }
        return Math.max(run, 1);
    }

    /** Whether a terminal may put out something else for a byte, {@code c_oflag} of termios(3): BS, HT, LF, CR. */
    private static boolean mayBecomeOthers(byte b) {
        return b >= '\b' && b <= '\r';
    }

    /** {@code EINVAL}: from kernels before 4.13. */
    private static boolean isUnknownFlag(long result) {
        return Errno.EOPNOTSUPP.is(result) || Errno.EINVAL.is(result);
    }

    // -- buffers

    private static long intoBuffer(ByteBuffer target, Call call) {
        if (target.isDirect()) {
            long count = again(call, MemorySegment.ofBuffer(target));
            target.position(target.position() + (int) Math.max(count, 0));
            return count;
        }
        MemorySegment memory = NativeBuffers.take();
        try {
            MemorySegment part = memory.asSlice(0, Math.min(target.remaining(), NativeBuffers.SIZE));
            long count = again(call, part);
            if (count > 0) {
                target.put(part.asSlice(0, count).asByteBuffer());
            }
            return count;
        } finally {
            NativeBuffers.give(memory);
        }
    }

    private static long fromBuffer(ByteBuffer source, Call call) {
        long count;
        if (source.isDirect()) {
            count = again(call, MemorySegment.ofBuffer(source));
        } else {
            MemorySegment memory = NativeBuffers.take();
            try {
                int size = Math.min(source.remaining(), NativeBuffers.SIZE);
                MemorySegment.copy(MemorySegment.ofBuffer(source), 0, memory, 0, size);
                count = again(call, memory.asSlice(0, size));
            } finally {
                NativeBuffers.give(memory);
            }
        }
        source.position(source.position() + (int) Math.max(count, 0));
        return count;
    }

    /** A call that a signal of the JVM interrupts has done nothing. */
    private static long again(Call call, MemorySegment memory) {
        long result = call.on(memory);
        while (Errno.EINTR.is(result)) {
            result = call.on(memory);
        }
        return result;
    }
}
