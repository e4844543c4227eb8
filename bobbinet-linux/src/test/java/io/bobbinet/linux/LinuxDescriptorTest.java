package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.F_GETFD;
import static io.bobbinet.linux.Constants.F_GETFL;
import static io.bobbinet.linux.Constants.O_NONBLOCK;
import static io.bobbinet.linux.Constants.SOCK_STREAM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bobbinet.linux.Made.Pair;
import io.bobbinet.spi.DescriptorHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class LinuxDescriptorTest {
    private final LinuxDescriptors descriptors = new LinuxDescriptors(new LinuxPollers());

    @TempDir
    private Path folder;

    private LinuxDescriptor open(Path path, OpenOption... options) throws IOException {
        return (LinuxDescriptor) descriptors.open(path, Set.of(options));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    /** One read; the empty text at the end. */
    private static String read(DescriptorHandle from) throws IOException, InterruptedException {
        ByteBuffer buffer = ByteBuffer.allocate(100_000);
        int count = from.read(buffer);
        assertThat(buffer.position()).isEqualTo(Math.max(count, 0));
        return UTF_8.decode(buffer.flip()).toString();
    }

    private static boolean isOpen(int number) {
        return Libc.fcntl(number, F_GETFD, 0) >= 0;
    }

    // -- files

    @Test
    void readsAndWritesAFileAtItsPosition() throws Exception {
        try (LinuxDescriptor file = open(folder.resolve("file"), READ, WRITE, CREATE)) {
            assertThat(file.write(bytes("Hello, world"))).isEqualTo(12);
            assertThat(file.position()).isEqualTo(12);
            assertThat(read(file)).isEmpty();
            file.position(7);
            assertThat(read(file)).isEqualTo("world");
            assertThat(file.size()).isEqualTo(12);
        }
    }

    @Test
    void readsAndWritesElsewhereWithoutMovingThePosition() throws Exception {
        try (LinuxDescriptor file = open(folder.resolve("file"), READ, WRITE, CREATE)) {
            assertThat(file.write(bytes("world"), 7)).isEqualTo(5);
            assertThat(file.write(bytes("Hello, "), 0)).isEqualTo(7);
            assertThat(file.position()).isZero();
            ByteBuffer five = ByteBuffer.allocate(5);
            assertThat(file.read(five, 7)).isEqualTo(5);
            assertThat(UTF_8.decode(five.flip()).toString()).isEqualTo("world");
            assertThat(file.read(ByteBuffer.allocate(1), 12)).isEqualTo(-1);
            assertThat(file.position()).isZero();
            file.truncate(5);
            assertThat(read(file)).isEqualTo("Hello");
        }
    }

    @Test
    void buffersOutsideTheHeapWorkToo() throws Exception {
        try (LinuxDescriptor file = open(folder.resolve("file"), READ, WRITE, CREATE)) {
            ByteBuffer direct = ByteBuffer.allocateDirect(200_000);
            for (int i = 0; i < direct.capacity(); i++) {
                direct.put((byte) (i * 7));
            }
            direct.position(10);
            assertThat(file.write(direct)).isEqualTo(199_990);
            assertThat(direct.hasRemaining()).isFalse();
            ByteBuffer back = ByteBuffer.allocateDirect(300_000).position(10);
            assertThat(file.read(back, 0)).isEqualTo(199_990);
            assertThat(back.position()).isEqualTo(200_000);
            assertThat(back.flip().position(10)).isEqualTo(direct.position(10));
        }
    }

    @Test
    void largeBuffersOfTheHeapGoInParts() throws Exception {
        Path path = folder.resolve("file");
        ByteBuffer large = ByteBuffer.allocate(150_000);
        for (int i = 0; i < large.capacity(); i++) {
            large.put(i, (byte) (i * 11));
        }
        try (LinuxDescriptor file = open(path, WRITE, CREATE)) {
            while (large.hasRemaining()) {
                assertThat(file.write(large)).isPositive();
            }
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(large.array());
    }

    @Test
    void appendingGoesToTheEnd() throws Exception {
        Path path = Files.writeString(folder.resolve("file"), "one ");
        try (LinuxDescriptor file = open(path, APPEND)) {
            file.write(bytes("two"));
        }
        assertThat(path).hasContent("one two");
    }

    @Test
    void interruptDoesNotDisturbFiles() throws Exception {
        try (LinuxDescriptor file = open(Files.writeString(folder.resolve("file"), "text"), READ)) {
            Thread.currentThread().interrupt();
            assertThat(read(file)).isEqualTo("text");
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void failuresTellTheReasonOfTheSystem() throws Exception {
        Path path = Files.writeString(folder.resolve("file"), "text");
        try (LinuxDescriptor file = open(path, READ);
                LinuxDescriptor written = open(path, WRITE);
                LinuxDescriptor directory = open(folder, READ);
                LinuxDescriptor full = open(Path.of("/dev/full"), WRITE)) {
            assertThatIOException().isThrownBy(() -> file.write(bytes("x"))).withMessage(cannot("write", file));
            assertThatIOException().isThrownBy(() -> file.write(bytes("x"), 0)).withMessage(cannot("write", file));
            assertThatIOException().isThrownBy(() -> read(written)).withMessage(cannot("read", written));
            assertThatIOException().isThrownBy(() -> file.truncate(0)).withMessageEndingWith("Invalid argument");
            assertThatIOException().isThrownBy(() -> read(directory)).withMessageEndingWith("Is a directory");
            assertThatIOException()
                    .isThrownBy(() -> full.write(bytes("x")))
                    .withMessageEndingWith("No space left on device");
            assertThatIOException().isThrownBy(directory::size).withMessageEndingWith("is a directory");
        }
    }

    private static String cannot(String what, LinuxDescriptor descriptor) {
        return "Cannot " + what + " descriptor " + descriptor.number() + ": it was not opened for that";
    }

    @Test
    void negativePositionsAreRefusedBeforeAnythingElse() throws Exception {
        LinuxDescriptor file = open(folder.resolve("file"), WRITE, CREATE);
        file.close();
        assertThatIllegalArgumentException().isThrownBy(() -> file.position(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> file.truncate(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> file.read(ByteBuffer.allocate(1), -1));
        assertThatIllegalArgumentException().isThrownBy(() -> file.write(ByteBuffer.allocate(1), -1));
    }

    // -- pipes

    @Test
    void aPipeCarriesBytesToItsEnd() throws Exception {
        try (Pair pipe = Made.pipe()) {
            pipe.second().write(bytes("one"));
            assertThat(read(pipe.first())).isEqualTo("one");
            pipe.second().close();
            assertThat(read(pipe.first())).isEmpty();
        }
    }

    @Test
    void aPipeHasNoPosition() throws Exception {
        try (Pair pipe = Made.pipe()) {
            assertThatIOException().isThrownBy(() -> pipe.first().position()).withMessageEndingWith("Illegal seek");
            assertThatIOException()
                    .isThrownBy(() -> pipe.first().read(ByteBuffer.allocate(1), 0))
                    .withMessageEndingWith("Illegal seek");
            assertThatIOException().isThrownBy(() -> pipe.first().size()).withMessageEndingWith("is a pipe");
        }
    }

    @Test
    void readWaitsForAPipe() throws Exception {
        try (Pair pipe = Made.pipe()) {
            Running<String> reader = Running.start(() -> read(pipe.first())).awaitBlocked();
            pipe.second().write(bytes("late"));
            assertThat(reader.value()).isEqualTo("late");
        }
    }

    @Test
    void readSeesTheEndOfAPipeItWaitsFor() throws Exception {
        try (Pair pipe = Made.pipe()) {
            Running<String> reader = Running.start(() -> read(pipe.first())).awaitBlocked();
            pipe.second().close();
            assertThat(reader.value()).isEmpty();
        }
    }

    @Test
    void interruptedReadOfAPipeTakesNothing() throws Exception {
        try (Pair pipe = Made.pipe()) {
            Running<String> reader = Running.start(() -> read(pipe.first())).awaitBlocked();
            reader.interrupt();
            assertThat(reader.failure()).isInstanceOf(InterruptedException.class);
            pipe.second().write(bytes("after"));
            assertThat(read(pipe.first())).isEqualTo("after");
        }
    }

    private static int fill(LinuxDescriptor pipe) throws InterruptedException {
        int[] written = new int[1];
        Running<Void> writer = Running.<Void>start(() -> {
                    while (true) {
                        written[0] += pipe.write(ByteBuffer.allocate(10_000));
                    }
                })
                .awaitBlocked();
        writer.interrupt();
        assertThat(writer.failure()).isInstanceOf(InterruptedException.class);
        return written[0];
    }

    private static int drain(LinuxDescriptor pipe, int count) throws IOException, InterruptedException {
        int read = 0;
        while (read < count) {
            read += pipe.read(ByteBuffer.allocate(count - read));
        }
        return read;
    }

    @Test
    void writeWaitsForRoomInAPipe() throws Exception {
        try (Pair pipe = Made.pipe()) {
            int full = fill(pipe.second());
            assertThat(full).isGreaterThan(50_000);
            Running<Integer> writer =
                    Running.start(() -> pipe.second().write(bytes("more"))).awaitBlocked();
            drain(pipe.first(), full);
            assertThat(writer.value()).isEqualTo(4);
            assertThat(read(pipe.first())).isEqualTo("more");
        }
    }

    @Test
    void flagsOfAPipeAreLeftAlone() throws Exception {
        try (Pair pipe = Made.pipe()) {
            fill(pipe.second());
            assertThat(Libc.fcntl(pipe.first().number(), F_GETFL, 0) & O_NONBLOCK)
                    .isZero();
            assertThat(Libc.fcntl(pipe.second().number(), F_GETFL, 0) & O_NONBLOCK)
                    .isZero();
        }
    }

    @Test
    void writeToAPipeThatNobodyReadsFails() throws Exception {
        try (Pair pipe = Made.pipe()) {
            pipe.first().close();
            assertThatIOException()
                    .isThrownBy(() -> pipe.second().write(bytes("x")))
                    .withMessageEndingWith("Broken pipe");
        }
    }

    @Test
    void writeThatWaitsFailsWhenTheReaderGoes() throws Exception {
        try (Pair pipe = Made.pipe()) {
            fill(pipe.second());
            Running<Integer> writer =
                    Running.start(() -> pipe.second().write(bytes("more"))).awaitBlocked();
            pipe.first().close();
            assertThat(writer.failure()).hasMessageEndingWith("Broken pipe");
        }
    }

    @Test
    void oneReadsAndOneWritesOfTheSameSocket() throws Exception {
        try (Pair pair = Made.socketPair(SOCK_STREAM)) {
            int full = fill(pair.first());
            Running<Integer> writer =
                    Running.start(() -> pair.first().write(bytes("more"))).awaitBlocked();
            Running<String> reader = Running.start(() -> read(pair.first())).awaitBlocked();
            pair.second().write(bytes("back"));
            assertThat(reader.value()).isEqualTo("back");
            drain(pair.second(), full);
            assertThat(writer.value()).isEqualTo(4);
        }
    }

    // -- FIFOs

    @Test
    void openingAFifoWaitsForNobody() throws Exception {
        Path fifo = Made.fifo(folder.resolve("fifo"));
        assertThatExceptionOfType(FileSystemException.class)
                .isThrownBy(() -> open(fifo, WRITE))
                .withMessage(fifo + ": No such device or address, as for a FIFO that nobody reads");
        try (LinuxDescriptor reader = open(fifo, READ);
                LinuxDescriptor writer = open(fifo, WRITE)) {
            assertThat(reader.facts().text()).isEqualTo("a pipe");
            assertThat(writer.isOpen()).isTrue();
        }
    }

    @Test
    void readOfAFifoWaitsForItsFirstWriterAndEndsWithTheLast() throws Exception {
        Path fifo = Made.fifo(folder.resolve("fifo"));
        try (LinuxDescriptor reader = open(fifo, READ)) {
            Running<String> first = Running.start(() -> read(reader)).awaitBlocked();
            try (LinuxDescriptor writer = open(fifo, WRITE)) {
                writer.write(bytes("one"));
                assertThat(first.value()).isEqualTo("one");
                Running<String> second = Running.start(() -> read(reader)).awaitBlocked();
                second.interrupt();
                assertThat(second.failure()).isInstanceOf(InterruptedException.class);
            }
            assertThat(read(reader)).isEmpty();
        }
    }

    @Test
    void writeToAFifoInBlockingModeDoesNotWaitInTheKernel() throws Exception {
        Path fifo = Made.fifo(folder.resolve("fifo"));
        try (Pair ends = new Pair(open(fifo, READ), open(fifo, WRITE))) {
            LinuxDescriptor reader = ends.first();
            LinuxDescriptor writer = ends.second();
            Made.makeBlocking(reader);
            Made.makeBlocking(writer);
            int full = fill(writer);
            Running<Integer> more =
                    Running.start(() -> writer.write(bytes("more"))).awaitBlocked();
            drain(reader, full);
            assertThat(more.value()).isEqualTo(4);
            assertThat(read(reader)).isEqualTo("more");
            Running<String> waiting = Running.start(() -> read(reader)).awaitBlocked();
            reader.close();
            assertThat(waiting.failure()).isInstanceOf(ClosedChannelException.class);
        }
    }

    // -- devices

    @Test
    void aTerminalIsReadLineByLine() throws Exception {
        try (Pair terminal = Made.terminal(descriptors)) {
            Running<String> reader =
                    Running.start(() -> read(terminal.second())).awaitBlocked();
            terminal.first().write(bytes("typed\n"));
            assertThat(reader.value()).isEqualTo("typed\n");
            Running<String> closed =
                    Running.start(() -> read(terminal.second())).awaitBlocked();
            terminal.second().close();
            assertThat(closed.failure()).isInstanceOf(ClosedChannelException.class);
        }
    }

    @Test
    void writeToATerminalThatNobodyReadsDoesNotWaitInTheKernel() throws Exception {
        try (Pair terminal = Made.terminal(descriptors)) {
            Running<Void> writer = Running.<Void>start(() -> {
                        while (true) {
                            terminal.second().write(bytes("a line\n\n\t\n".repeat(1_000)));
                        }
                    })
                    .awaitBlocked();
            writer.interrupt();
            assertThat(writer.failure()).isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void theNullDeviceTakesAllAndGivesNothing() throws Exception {
        try (LinuxDescriptor device = open(Path.of("/dev/null"), READ, WRITE)) {
            assertThat(device.write(bytes("gone"))).isEqualTo(4);
            assertThat(read(device)).isEmpty();
        }
    }

    @Test
    void anEventCounterIsReadAndWritten() throws Exception {
        try (LinuxDescriptor counter = Made.eventCounter()) {
            Running<Integer> reader =
                    Running.start(() -> counter.read(ByteBuffer.allocate(8))).awaitBlocked();
            assertThat(counter.write(ByteBuffer.allocate(8).put(0, (byte) 1))).isEqualTo(8);
            assertThat(reader.value()).isEqualTo(8);
        }
    }

    // -- the end

    @Test
    void closeWakesWhoWaits() throws Exception {
        try (Pair pipe = Made.pipe()) {
            Running<String> reader = Running.start(() -> read(pipe.first())).awaitBlocked();
            int number = pipe.first().number();
            pipe.first().close();
            assertThat(isOpen(number)).isFalse();
            assertThat(reader.failure()).isInstanceOf(ClosedChannelException.class);
        }
    }

    @Test
    void aReadThatMeetsACloseTakesNothingFromTheNextOfTheSameNumber() throws Exception {
        for (int i = 0; i < 300; i++) {
            try (Pair closed = Made.pipe()) {
                CountDownLatch begun = new CountDownLatch(1);
                Running<String> reader = Running.start(() -> {
                    begun.countDown();
                    return read(closed.first());
                });
                begun.await();
                closed.first().close();
                try (Pair next = Made.pipe()) {
                    next.second().write(bytes("mine"));
                    assertThat(reader.failure()).isInstanceOf(ClosedChannelException.class);
                    assertThat(read(next.first())).isEqualTo("mine");
                }
            }
        }
    }

    @Test
    void everyCallOnAClosedDescriptorFails() throws Exception {
        LinuxDescriptor file = open(folder.resolve("file"), READ, WRITE, CREATE);
        file.close();
        file.close();
        assertThat(file.isOpen()).isFalse();
        Class<ClosedChannelException> closed = ClosedChannelException.class;
        assertThatExceptionOfType(closed).isThrownBy(() -> read(file));
        assertThatExceptionOfType(closed).isThrownBy(() -> file.write(bytes("x")));
        assertThatExceptionOfType(closed).isThrownBy(() -> file.read(ByteBuffer.allocate(1), 0));
        assertThatExceptionOfType(closed).isThrownBy(() -> file.write(bytes("x"), 0));
        assertThatExceptionOfType(closed).isThrownBy(file::position);
        assertThatExceptionOfType(closed).isThrownBy(() -> file.position(0));
        assertThatExceptionOfType(closed).isThrownBy(file::size);
        assertThatExceptionOfType(closed).isThrownBy(() -> file.truncate(0));
        assertThatExceptionOfType(closed).isThrownBy(file::facts);
        assertThatExceptionOfType(closed).isThrownBy(file::duplicate);
        assertThatExceptionOfType(closed).isThrownBy(file::release);
    }

    @Test
    void closeWaitsForThoseWhoUseTheNumberAndKeepsTheInterruptStatus() throws Exception {
        LinuxDescriptor file = open(folder.resolve("file"), WRITE, CREATE);
        int number = file.enter();
        Thread closer = Thread.ofPlatform().start(() -> {
            Thread.currentThread().interrupt();
            try {
                file.close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        });
        while (closer.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertThat(isOpen(number)).isTrue();
        assertThat(file.isOpen()).isFalse();
        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(file::enter);
        file.leave();
        closer.join();
        assertThat(isOpen(number)).isFalse();
    }

    @Test
    void aReleasedDescriptorStaysOpenAndWakesWhoWaits() throws Exception {
        try (Pair pipe = Made.pipe()) {
            Running<String> reader = Running.start(() -> read(pipe.first())).awaitBlocked();
            int number = pipe.first().release();
            assertThat(reader.failure()).isInstanceOf(ClosedChannelException.class);
            pipe.first().close();
            assertThat(isOpen(number)).isTrue();
            try (LinuxDescriptor again = (LinuxDescriptor) descriptors.adopt(number)) {
                pipe.second().write(bytes("more"));
                assertThat(read(again)).isEqualTo("more");
            }
        }
    }

    @Test
    void aDuplicateOutlivesItsOriginal() throws Exception {
        try (Pair pipe = Made.pipe()) {
            LinuxDescriptor other = (LinuxDescriptor) pipe.second().duplicate();
            pipe.second().close();
            other.write(bytes("still"));
            assertThat(read(pipe.first())).isEqualTo("still");
            other.close();
            assertThat(read(pipe.first())).isEmpty();
        }
    }
}
