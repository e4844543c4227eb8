package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_UNIX;
import static io.bobbinet.linux.Constants.F_GETFL;
import static io.bobbinet.linux.Constants.F_SETFL;
import static io.bobbinet.linux.Constants.O_CLOEXEC;
import static io.bobbinet.linux.Constants.O_NONBLOCK;
import static io.bobbinet.linux.Constants.SOCK_CLOEXEC;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** Makes descriptors of kinds that the backend has no calls for. */
final class Made {
    private static final int TIOCSPTLCK = 0x40045431;
    private static final int TIOCGPTN = 0x80045430;

    private static final MethodHandle PIPE2 = Libc.link("pipe2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle MKFIFO = Libc.link("mkfifo", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle EVENTFD =
            Libc.link("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle IOCTL = Libc.link(
            "ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), Linker.Option.firstVariadicArg(2));

    private Made() {}

    /** Two descriptors that belong together. */
    record Pair(LinuxDescriptor first, LinuxDescriptor second) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            first.close();
            second.close();
        }
    }

    /** The reading and the writing end of a pipe. */
    static Pair pipe() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(8, 4);
            if ((int) PIPE2.invokeExact(ends, O_CLOEXEC) < 0) {
                throw new IOException("pipe2");
            }
            return new Pair(new LinuxDescriptor(ends.get(JAVA_INT, 0)), new LinuxDescriptor(ends.get(JAVA_INT, 4)));
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    static Pair socketPair(int type) throws IOException {
        int[] ends = new int[2];
        Errno.check(Libc.socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends));
        return new Pair(new LinuxDescriptor(ends[0]), new LinuxDescriptor(ends[1]));
    }

    static LinuxDescriptor socket(int domain, int type) throws IOException {
        return new LinuxDescriptor(Errno.check(Libc.socket(domain, type | SOCK_CLOEXEC, 0)));
    }

    static LinuxDescriptor eventCounter() {
        try {
            return new LinuxDescriptor((int) EVENTFD.invokeExact(0, O_CLOEXEC));
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    static Path fifo(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            if ((int) MKFIFO.invokeExact(arena.allocateFrom(path.toString()), 0600) < 0) {
                throw new IOException("mkfifo " + path);
            }
            return path;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** The side of the screen, and the side of programs, which is in blocking mode. */
    static Pair terminal(LinuxDescriptors descriptors) {
        try (Arena arena = Arena.ofConfined()) {
            Set<StandardOpenOption> both = Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
            LinuxDescriptor screen = (LinuxDescriptor) descriptors.open(Path.of("/dev/ptmx"), both);
            MemorySegment number = arena.allocate(JAVA_INT);
            int unlocked = (int) IOCTL.invokeExact(screen.number(), (long) TIOCSPTLCK, number);
            int named = (int) IOCTL.invokeExact(screen.number(), TIOCGPTN & 0xffffffffL, number);
            if (unlocked < 0 || named < 0) {
                throw new IOException("ptmx");
            }
            Path name = Path.of("/dev/pts/" + number.get(JAVA_INT, 0));
            LinuxDescriptor program = (LinuxDescriptor) descriptors.open(name, both);
            makeBlocking(program);
            return new Pair(screen, program);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    static void makeBlocking(LinuxDescriptor descriptor) throws IOException {
        int flags = Errno.check(Libc.fcntl(descriptor.number(), F_GETFL, 0));
        Errno.check(Libc.fcntl(descriptor.number(), F_SETFL, flags & ~O_NONBLOCK));
    }
}
