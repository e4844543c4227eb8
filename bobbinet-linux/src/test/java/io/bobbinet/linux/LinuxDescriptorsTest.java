package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.AF_UNIX;
import static io.bobbinet.linux.Constants.FD_CLOEXEC;
import static io.bobbinet.linux.Constants.F_GETFD;
import static io.bobbinet.linux.Constants.F_GETFL;
import static io.bobbinet.linux.Constants.F_SETFD;
import static io.bobbinet.linux.Constants.O_NONBLOCK;
import static io.bobbinet.linux.Constants.SOCK_DGRAM;
import static io.bobbinet.linux.Constants.SOCK_STREAM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.bobbinet.linux.Made.Pair;
import io.bobbinet.spi.DescriptorHandle;
import io.bobbinet.spi.ListenerHandle;
import io.bobbinet.spi.StreamHandle;
import io.bobbinet.spi.UnixName;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class LinuxDescriptorsTest {
    private static final int BAD = 1_000_000;

    private final LinuxBackend backend = new LinuxBackend();
    private final LinuxDescriptors descriptors = (LinuxDescriptors) backend.descriptors();

    @TempDir
    private Path folder;

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static String read(DescriptorHandle from) throws IOException, InterruptedException {
        ByteBuffer buffer = ByteBuffer.allocate(100);
        from.read(buffer);
        return UTF_8.decode(buffer.flip()).toString();
    }

    // -- taking over

    @Test
    void anAdoptedDescriptorIsCloseOnExec() throws IOException {
        try (Pair pipe = Made.pipe()) {
            int number = ((LinuxDescriptor) pipe.first().duplicate()).release();
            Libc.fcntl(number, F_SETFD, 0);
            try (LinuxDescriptor adopted = (LinuxDescriptor) descriptors.adopt(number)) {
                assertThat(adopted.number()).isEqualTo(number);
                assertThat(Libc.fcntl(number, F_GETFD, 0)).isEqualTo(FD_CLOEXEC);
            }
            assertThat(Libc.fcntl(number, F_GETFD, 0)).isNegative();
        }
    }

    @Test
    void numbersThatNoDescriptorHasAreRefused() {
        for (int number : new int[] {-1, Integer.MIN_VALUE, BAD}) {
            assertThatIOException()
                    .isThrownBy(() -> descriptors.adopt(number))
                    .withMessage("No descriptor has the number " + number + ": Bad file descriptor");
        }
    }

    @Test
    void anAdoptedStreamWorksAndLeavesTheFlagsAlone() throws Exception {
        try (Pair pair = Made.socketPair(SOCK_STREAM)) {
            StreamHandle stream = descriptors.adoptStream(pair.first());
            assertThat(pair.first().isOpen()).isFalse();
            pair.second().write(bytes("one"));
            assertThat(stream.read(100)).isEqualTo("one".getBytes(UTF_8));
            Running<byte[]> reader = Running.start(() -> stream.read(100)).awaitBlocked();
            stream.write(bytes("back"));
            assertThat(read(pair.second())).isEqualTo("back");
            pair.second().write(bytes("two"));
            assertThat(reader.value()).isEqualTo("two".getBytes(UTF_8));
            assertThat(Libc.fcntl(pair.first().number(), F_GETFL, 0) & O_NONBLOCK)
                    .isZero();
            stream.close();
            assertThat(read(pair.second())).isEmpty();
        }
    }

    @Test
    void anAdoptedListenerWorksInBlockingModeToo() throws Exception {
        for (boolean blocking : new boolean[] {false, true}) {
            UnixName name = UnixName.of(folder.resolve("socket" + blocking));
            ListenerHandle first = backend.openListener(StandardProtocolFamily.UNIX);
            first.listen(name, 5);
            LinuxDescriptor copy = (LinuxDescriptor) first.duplicate();
            first.close();
            if (blocking) {
                Made.makeBlocking(copy);
            }
            ListenerHandle listener = descriptors.adoptListener(copy);
            Running<StreamHandle> acceptor = Running.start(listener::accept).awaitBlocked();
            StreamHandle client = backend.openStream(StandardProtocolFamily.UNIX);
            client.connect(name);
            acceptor.value().close();
            assertThat(client.read(1)).isEmpty();
            client.close();
            assertThat((Libc.fcntl(copy.number(), F_GETFL, 0) & O_NONBLOCK) == 0)
                    .isEqualTo(blocking);
            listener.close();
        }
    }

    @Test
    void aRefusedAdoptionLeavesTheDescriptorItsOwner() throws Exception {
        try (Pair pipe = Made.pipe();
                LinuxDescriptor netlink = Made.socket(16, SOCK_DGRAM)) {
            assertThatIOException()
                    .isThrownBy(() -> descriptors.adoptStream(pipe.first()))
                    .withMessage("Socket operation on non-socket");
            assertThatIOException().isThrownBy(() -> descriptors.adoptListener(pipe.first()));
            assertThatIllegalArgumentException().isThrownBy(() -> descriptors.adoptStream(netlink));
            assertThat(pipe.first().isOpen()).isTrue();
            pipe.second().write(bytes("still"));
            assertThat(read(pipe.first())).isEqualTo("still");
            pipe.second().close();
            assertThatExceptionOfType(ClosedChannelException.class)
                    .isThrownBy(() -> descriptors.adoptStream(pipe.second()));
        }
    }

    // -- waiting

    @Test
    void waitsUntilReadableAndWritable() throws Exception {
        try (Pair pipe = Made.pipe()) {
            descriptors.awaitWritable(pipe.second().number());
            Running<Void> wait = awaitReadable(pipe.first()).awaitBlocked();
            pipe.second().write(bytes("x"));
            wait.value();
            descriptors.awaitReadable(pipe.first().number());
            assertThat(read(pipe.first())).isEqualTo("x");
            Running<Void> end = awaitReadable(pipe.first()).awaitBlocked();
            pipe.second().close();
            end.value();
        }
    }

    private Running<Void> awaitReadable(LinuxDescriptor descriptor) {
        return Running.start(() -> {
            descriptors.awaitReadable(descriptor.number());
            return null;
        });
    }

    private Running<Void> awaitWritable(LinuxDescriptor descriptor) {
        return Running.start(() -> {
            descriptors.awaitWritable(descriptor.number());
            return null;
        });
    }

    @Test
    void aReaderAndAWriterWaitTogether() throws Exception {
        try (Pair pair = Made.socketPair(SOCK_STREAM)) {
            int full = fill(pair.first());
            Running<Void> writer = awaitWritable(pair.first()).awaitBlocked();
            Running<Void> reader = awaitReadable(pair.first()).awaitBlocked();
            pair.second().write(bytes("x"));
            reader.value();
            writer.awaitBlocked();
            Running<Void> again = awaitReadable(pair.first());
            again.value();
            int read = 0;
            while (read < full) {
                read += pair.second().read(ByteBuffer.allocate(full));
            }
            writer.value();
        }
    }

    private static int fill(LinuxDescriptor socket) throws InterruptedException {
        int[] written = new int[1];
        Running<Void> writer = Running.<Void>start(() -> {
                    while (true) {
                        written[0] += socket.write(ByteBuffer.allocate(10_000));
                    }
                })
                .awaitBlocked();
        writer.interrupt();
        assertThat(writer.failure()).isInstanceOf(InterruptedException.class);
        return written[0];
    }

    @Test
    void aSecondWaiterInOneDirectionIsRefusedAndDoesNotDisturbTheFirst() throws Exception {
        try (Pair pipe = Made.pipe()) {
            int number = pipe.first().number();
            Running<Void> first = awaitReadable(pipe.first()).awaitBlocked();
            assertThatIllegalStateException()
                    .isThrownBy(() -> descriptors.awaitReadable(number))
                    .withMessage("Another thread waits already until descriptor " + number + " is readable");
            pipe.second().write(bytes("x"));
            first.value();
        }
    }

    @Test
    void waitingAgainAfterAnInterruptIsPossible() throws Exception {
        try (Pair pipe = Made.pipe()) {
            for (int i = 0; i < 3; i++) {
                Running<Void> wait = awaitReadable(pipe.first()).awaitBlocked();
                wait.interrupt();
                assertThat(wait.failure()).isInstanceOf(InterruptedException.class);
            }
            Running<Void> wait = awaitReadable(pipe.first()).awaitBlocked();
            pipe.second().write(bytes("x"));
            wait.value();
        }
    }

    @Test
    void notifyClosingEndsBothWaits() throws Exception {
        try (Pair pair = Made.socketPair(SOCK_STREAM)) {
            fill(pair.first());
            Running<Void> writer = awaitWritable(pair.first()).awaitBlocked();
            Running<Void> reader = awaitReadable(pair.first()).awaitBlocked();
            descriptors.notifyClosing(pair.first().number());
            assertThat(writer.failure()).isInstanceOf(AsynchronousCloseException.class);
            assertThat(reader.failure()).isInstanceOf(AsynchronousCloseException.class);
            descriptors.notifyClosing(pair.first().number());
            descriptors.notifyClosing(BAD);
            descriptors.notifyClosing(-1);
        }
    }

    @Test
    void aNumberThatIsUsedAgainIsWaitedForAnew() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Pair pipe = Made.pipe()) {
                Running<Void> wait = awaitReadable(pipe.first()).awaitBlocked();
                if (i % 2 == 0) {
                    pipe.first().close(); // which notifies
                    assertThat(wait.failure()).isInstanceOf(AsynchronousCloseException.class);
                } else {
                    pipe.second().close();
                    wait.value();
                }
            }
        }
    }

    @Test
    void filesAndBadNumbersCannotBeWaitedFor() throws Exception {
        Path path = Files.createFile(folder.resolve("file"));
        try (LinuxDescriptor file = (LinuxDescriptor) descriptors.open(path, Set.of())) {
            assertThatExceptionOfType(FileSystemException.class)
                    .isThrownBy(() -> descriptors.awaitReadable(file.number()))
                    .withMessage("descriptor " + file.number() + ": It is a file or the like, which is always ready:"
                            + " Operation not permitted");
            assertThatExceptionOfType(FileSystemException.class)
                    .isThrownBy(() -> descriptors.awaitWritable(file.number()));
        }
        for (int number : new int[] {BAD, -1}) {
            assertThatIOException()
                    .isThrownBy(() -> descriptors.awaitReadable(number))
                    .withMessage("No descriptor has the number " + number + ": Bad file descriptor");
        }
    }

    @Test
    void theDescriptorOfAHandleCanBeWaitedForBesideTheHandle() throws Exception {
        int[] ends = new int[2];
        Libc.socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
        StreamHandle first = descriptors.adoptStream(descriptors.adopt(ends[0]));
        StreamHandle second = descriptors.adoptStream(descriptors.adopt(ends[1]));
        Running<byte[]> reader = Running.start(() -> first.read(10)).awaitBlocked();
        Running<Void> waiter = Running.<Void>start(() -> {
                    descriptors.awaitReadable(ends[0]);
                    return null;
                })
                .awaitBlocked();
        second.write(bytes("both"));
        assertThat(reader.value()).isEqualTo("both".getBytes(UTF_8));
        second.close();
        waiter.value();
        first.close();
    }
}
