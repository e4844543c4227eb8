package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Descriptor;
import io.bobbinet.spi.Capability;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.Peers;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a descriptor can be opened as, and who owns it when; sockets have a test of their own. */
@OnEachBackend(having = Capability.DESCRIPTORS)
@DisplayName("DescriptorTest")
@Timeout(30)
class DescriptorTest {
    @TempDir
    private Path folder;

    private long before;

    @BeforeEach
    void look() throws IOException {
        before = OpenFiles.count();
    }

    private void assertNothingIsLeftOpen() throws IOException {
        assertThat(OpenFiles.count()).isEqualTo(before);
    }

    // -- ownership

    @Test
    void aDescriptorIsClosedOnceAndForAll() throws IOException {
        Descriptor file = OpenFiles.file(folder, "x");
        assertThat(file).hasToString("Descriptor[" + file.number() + ", a regular file]");
        assertThat(OpenFiles.count()).isEqualTo(before + 1);
        file.close();
        file.close();
        assertNothingIsLeftOpen();
        assertThat(file).hasToString("Descriptor[closed]");
        assertFails(ClosedResourceException.class, file::number);
        assertFails(ClosedResourceException.class, file::release);
        assertFails(ClosedResourceException.class, file::asInputStream);
        assertFails(ClosedResourceException.class, file::asTcpListener);
    }

    @Test
    void openingMovesOwnershipOnce() throws IOException {
        Descriptor file = OpenFiles.file(folder, "content");
        try (InputStream in = file.asInputStream()) {
            assertFails(ClosedResourceException.class, file::asChannel);
            assertFails(ClosedResourceException.class, file::number);
            file.close();
            assertThat(file).hasToString("Descriptor[closed]");
            assertThat(text(in.readAllBytes())).isEqualTo("content");
        }
        assertNothingIsLeftOpen();
    }

    @Test
    void aFailedOpeningLeavesTheDescriptorToItsOwner() throws IOException {
        try (Descriptor file = OpenFiles.file(folder, "content")) {
            assertFails(IllegalArgumentException.class, file::asTcpStream)
                    .hasMessage("A TCP connection is wanted, and this is a regular file");
            assertFails(IllegalArgumentException.class, file::asTcpListener)
                    .hasMessage("A TCP listener is wanted, and this is a regular file");
            assertFails(IllegalArgumentException.class, file::asUnixStream)
                    .hasMessage("A UNIX stream connection is wanted, and this is a regular file");
            assertFails(IllegalArgumentException.class, file::asUnixListener)
                    .hasMessage("A UNIX stream listener is wanted, and this is a regular file");
            assertThat(OpenFiles.read(file)).isEqualTo("content");
        }
        assertNothingIsLeftOpen();
    }

    @Test
    void aReleasedNumberIsTheCallersAndCanBeAdoptedAgain() throws IOException {
        Descriptor file = OpenFiles.file(folder, "content");
        int number = file.release();
        file.close();
        assertThat(OpenFiles.count()).isEqualTo(before + 1);
        Descriptor again = Descriptor.adopt(number);
        assertThat(again.number()).isEqualTo(number);
        assertThat(OpenFiles.read(again)).isEqualTo("content");
        assertNothingIsLeftOpen();
    }

    @Test
    void numbersThatNoDescriptorHasAreRefused() {
        assertFails(IllegalArgumentException.class, () -> Descriptor.adopt(-1)).hasMessageContaining("-1");
        assertThat(Path.of("/proc/self/fd/1000000")).doesNotExist();
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> Descriptor.adopt(1_000_000))
                .isInstanceOf(IOException.class);
    }

    @Test
    void directoriesHaveADescriptorButNoBytes() throws IOException {
        try (Descriptor directory = Descriptor.open(folder)) {
            assertFails(IllegalArgumentException.class, directory::asInputStream)
                    .hasMessageContaining("this is a directory");
            assertFails(IllegalArgumentException.class, directory::asChannel)
                    .hasMessage("A regular file is wanted, and this is a directory");
        }
    }

    @Test
    void filesAreOpenedAsTheOptionsSay() throws IOException {
        Path path = folder.resolve("new");
        assertFails(NoSuchFileException.class, () -> Descriptor.open(path));
        try (OutputStream out = Descriptor.open(path, CREATE_NEW, WRITE).asOutputStream()) {
            out.write('a');
            out.write(bytes("bc"), 0, 2);
        }
        assertThat(path).hasContent("abc");
        assertFails(FileAlreadyExistsException.class, () -> Descriptor.open(path, CREATE_NEW, WRITE));
    }

    // -- channels of files

    @Test
    void aChannelReadsAndWritesAnywhere() throws IOException {
        Path path = Files.writeString(folder.resolve("file"), "0123456789");
        try (SeekableByteChannel channel = Descriptor.open(path, READ, WRITE).asChannel()) {
            assertThat(channel.position()).isZero();
            assertThat(channel.size()).isEqualTo(10);
            ByteBuffer three = ByteBuffer.allocate(3);
            assertThat(channel.position(4).read(three)).isEqualTo(3);
            assertThat(text(three.array())).isEqualTo("456");
            assertThat(channel.position()).isEqualTo(7);
            assertThat(channel.write(ByteBuffer.wrap(bytes("abcdef")))).isEqualTo(6);
            assertThat(channel.size()).isEqualTo(13);
            assertThat(channel.read(three.clear())).isEqualTo(-1);
            assertThat(channel.read(ByteBuffer.allocate(0))).isZero();
        }
        assertThat(path).hasContent("0123456abcdef");
    }

    @Test
    void truncatingFollowsTheContractOfChannels() throws IOException {
        Path path = Files.writeString(folder.resolve("file"), "0123456789");
        try (SeekableByteChannel channel = Descriptor.open(path, READ, WRITE).asChannel()) {
            channel.position(8);
            assertThat(channel.truncate(20).size()).isEqualTo(10);
            assertThat(channel.position()).isEqualTo(8);
            assertThat(channel.truncate(5).size()).isEqualTo(5);
            assertThat(channel.position()).isEqualTo(5);
            assertFails(IllegalArgumentException.class, () -> channel.truncate(-1));
            assertFails(IllegalArgumentException.class, () -> channel.position(-1));
        }
        assertThat(path).hasContent("01234");
    }

    @Test
    void aClosedChannelIsClosed() throws IOException {
        SeekableByteChannel channel = OpenFiles.file(folder, "x").asChannel();
        assertThat(channel.isOpen()).isTrue();
        channel.close();
        channel.close();
        assertThat(channel.isOpen()).isFalse();
        assertFails(ClosedChannelException.class, () -> channel.read(ByteBuffer.allocate(1)));
        assertFails(ClosedChannelException.class, () -> channel.write(ByteBuffer.allocate(1)));
        assertFails(ClosedChannelException.class, channel::position);
        assertFails(ClosedChannelException.class, channel::size);
        assertFails(ClosedChannelException.class, () -> channel.truncate(0));
    }

    @Test
    void whatTheFileWasNotOpenedForFails() throws IOException {
        try (SeekableByteChannel channel = OpenFiles.file(folder, "x").asChannel()) {
            assertFails(IOException.class, () -> channel.write(ByteBuffer.allocate(1)));
            assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(1);
        }
    }

    @Test
    void aCancelOrInterruptDoesNotCloseAChannel() throws IOException {
        try (SeekableByteChannel channel = OpenFiles.file(folder, "xyz").asChannel()) {
            var scope = CancelScope.create();
            scope.cancel();
            scope.run(() -> assertFails(CancelledException.class, () -> channel.read(ByteBuffer.allocate(1))));
            Thread.currentThread().interrupt();
            assertFails(InterruptedIOException.class, () -> channel.read(ByteBuffer.allocate(1)));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(channel.isOpen()).isTrue();
            assertThat(channel.position()).isZero();
        }
    }

    // -- streams of pipes

    /** A FIFO in the file system, opened at both ends. */
    private record Pipe(InputStream in, OutputStream out) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            try (in;
                    out) {
                // Both, whatever happens to one.
            }
        }
    }

    private Pipe pipe() throws Exception {
        Path path = folder.resolve("fifo");
        Files.deleteIfExists(path);
        assertThat(new ProcessBuilder(Peers.program("mkfifo"), path.toString())
                        .start()
                        .waitFor())
                .isZero();
        InputStream in = Descriptor.open(path).asInputStream(); // does not wait for a writer
        return new Pipe(in, Descriptor.open(path, WRITE).asOutputStream());
    }

    @Test
    @Tag("smoke")
    void aPipeCarriesBytesUntilItsEnd() throws Exception {
        try (Pipe pipe = pipe()) {
            TaskGroup.run(group -> {
                Task<String> reader = group.fork(() -> text(pipe.in().readAllBytes()));
                Blocked.await(reader);
                pipe.out().write(bytes("through"));
                pipe.out().write(bytes(" the pipe"));
                pipe.out().close();
                assertThat(reader.join()).isEqualTo("through the pipe");
            });
        }
        assertNothingIsLeftOpen();
    }

    @Test
    void aCancelledReadHasReadNothing() throws Exception {
        try (Pipe pipe = pipe()) {
            TaskGroup.run(group -> {
                Task<Integer> reader = group.fork(() -> pipe.in().read());
                Blocked.await(reader);
                reader.cancel();
                reader.await();
            });
            pipe.out().write('x');
            assertThat(pipe.in().read()).isEqualTo('x');
        }
    }

    @Test
    void anInterruptedReadKeepsTheStatusAndThePipe() throws Exception {
        try (Pipe pipe = pipe()) {
            AtomicReference<Thread> thread = new AtomicReference<>();
            TaskGroup.run(group -> {
                Task<?> reader = group.fork(() -> {
                    thread.set(Thread.currentThread());
                    assertFails(InterruptedIOException.class, () -> pipe.in().read());
                    assertThat(Thread.interrupted()).isTrue();
                });
                Blocked.await(reader);
                thread.get().interrupt();
                reader.join();
            });
            pipe.out().write('x');
            assertThat(pipe.in().read()).isEqualTo('x');
        }
    }

    @Test
    void aFullPipeMakesAWriteWaitWhichACancelEnds() throws Exception {
        try (Pipe pipe = pipe()) {
            TaskGroup.run(group -> {
                Task<?> writer = group.fork(() -> pipe.out().write(new byte[1 << 20]));
                Blocked.await(writer);
                writer.cancel();
                writer.await();
            });
            pipe.out().close();
            assertThat(pipe.in().readAllBytes().length).isBetween(4_096, (1 << 20) - 1);
        }
    }

    @Test
    void closingWakesABlockedRead() throws Exception {
        try (Pipe pipe = pipe()) {
            TaskGroup.run(group -> {
                Task<?> reader = group.fork(() -> {
                    assertFails(ClosedResourceException.class, () -> pipe.in().read());
                });
                Blocked.await(reader);
                pipe.in().close();
            });
            assertFails(ClosedResourceException.class, () -> pipe.in().read());
            pipe.out().close();
            assertFails(ClosedResourceException.class, () -> pipe.out().write(1));
        }
    }

    @Test
    void aSecondReaderIsBusy() throws Exception {
        try (Pipe pipe = pipe()) {
            TaskGroup.run(group -> {
                Task<Integer> reader = group.fork(() -> pipe.in().read());
                Blocked.await(reader);
                assertFails(BusyResourceException.class, () -> pipe.in().read());
                pipe.out().write('x');
                assertThat(reader.join()).isEqualTo('x');
            });
        }
    }

    @Test
    void rangesAreChecked() throws IOException {
        try (InputStream in = OpenFiles.file(folder, "abc").asInputStream()) {
            assertFails(IndexOutOfBoundsException.class, () -> in.read(new byte[2], 1, 2));
            assertThat(in.read(new byte[2], 2, 0)).isZero();
            byte[] target = new byte[4];
            assertThat(in.read(target, 1, 2)).isEqualTo(2);
            assertThat(target).isEqualTo(new byte[] {0, 'a', 'b', 0});
            assertThat(in.read()).isEqualTo('c');
            assertThat(in.read()).isEqualTo(-1);
        }
    }
}
