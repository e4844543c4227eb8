package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.bytes;
import static io.bobbinet.tests.stream.StreamTesting.fails;
import static io.bobbinet.tests.stream.StreamTesting.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.FileReceiveStream;
import io.bobbinet.stream.FileSendStream;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class FileStreamTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = folder.resolve("file");
    }

    @Test
    @Tag("smoke")
    void aFileIsReceivedInPiecesAndThenTheEnd(TestReporter reporter) throws IOException {
        long seed = System.nanoTime();
        reporter.publishEntry("seed", Long.toString(seed));
        byte[] content = new byte[200_000];
        new Random(seed).nextBytes(content);
        Files.write(file, content);
        var received = new ByteArrayOutputStream();
        try (var stream = FileReceiveStream.open(file)) {
            stream.forEach(received::writeBytes);
            fails(EndOfStreamException.class, stream::receive);
            fails(EndOfStreamException.class, () -> stream.receive(1));
        }
        assertThat(received.toByteArray()).isEqualTo(content);
    }

    @Test
    void aReceiveTakesNoMoreThanItsLimit() throws IOException {
        Files.writeString(file, "Hello");
        try (var stream = FileReceiveStream.open(file)) {
            assertThat(text(stream.receive(2))).isEqualTo("He");
            ByteBuffer direct = ByteBuffer.allocateDirect(8).position(1).limit(3);
            assertThat(stream.receive(direct)).isEqualTo(2);
            assertThat(direct.get(1)).isEqualTo((byte) 'l');
            assertThat(text(stream.receive())).isEqualTo("o");
            fails(IllegalArgumentException.class, () -> stream.receive(0));
        }
    }

    @Test
    void seekMovesToAnyPlace() throws IOException {
        Files.writeString(file, "Hello, world!");
        try (var stream = FileReceiveStream.open(file)) {
            stream.seek(7);
            assertThat(stream.position()).isEqualTo(7);
            assertThat(text(stream.receive(5))).isEqualTo("world");
            assertThat(stream.position()).isEqualTo(12);
            stream.seek(stream.size() - 6);
            assertThat(text(stream.receive())).isEqualTo("world!");
            stream.seek(100);
            fails(EndOfStreamException.class, stream::receive);
            stream.seek(0);
            assertThat(text(stream.receive())).isEqualTo("Hello, world!");
            fails(IllegalArgumentException.class, () -> stream.seek(-1));
        }
    }

    @Test
    void whatIsAppendedLaterCanBeReceivedAfterTheEnd() throws IOException {
        Files.writeString(file, "log");
        try (var stream = FileReceiveStream.open(file)) {
            stream.receive();
            fails(EndOfStreamException.class, stream::receive);
            Files.writeString(file, " more", StandardOpenOption.APPEND);
            assertThat(text(stream.receive())).isEqualTo(" more");
        }
    }

    @Test
    @Tag("smoke")
    void creatingReplacesTheContentAndAppendingAddsToIt() throws IOException {
        Files.writeString(file, "something long from before");
        try (var stream = FileSendStream.create(file)) {
            stream.send(bytes("He"));
            stream.send(ByteBuffer.allocateDirect(3).put(bytes("llo")).flip());
            assertThat(file).hasContent("Hello"); // nothing is held back
        }
        try (var stream = FileSendStream.append(file)) {
            stream.send(ByteBuffer.wrap(bytes(", ")), ByteBuffer.wrap(bytes("world!")));
        }
        assertThat(file).hasContent("Hello, world!");
    }

    @Test
    void largeSendsArriveWhole() throws IOException {
        byte[] content = new byte[1_000_000];
        new Random(1).nextBytes(content);
        ByteBuffer direct =
                ByteBuffer.allocateDirect(content.length).put(content).flip();
        try (var stream = FileSendStream.create(file)) {
            stream.send(content);
            stream.send(direct);
        }
        assertThat(direct.hasRemaining()).isFalse();
        byte[] written = Files.readAllBytes(file);
        assertThat(written).hasSize(2_000_000).startsWith(content).endsWith(content);
    }

    @Test
    void closedIsClosed() throws IOException {
        Files.writeString(file, "x");
        var receiver = FileReceiveStream.open(file);
        receiver.close();
        receiver.close();
        fails(ClosedResourceException.class, receiver::receive);
        fails(ClosedResourceException.class, receiver::position);
        fails(ClosedResourceException.class, () -> receiver.seek(0));
        fails(ClosedResourceException.class, receiver::size);

        var sender = FileSendStream.append(file);
        sender.close();
        sender.close();
        fails(ClosedResourceException.class, () -> sender.send(bytes("y")));
    }

    @Test
    void aFailedOpenSaysPreciselyWhy() throws IOException {
        fails(NoSuchFileException.class, () -> FileReceiveStream.open(file));
        fails(
                NoSuchFileException.class,
                () -> FileSendStream.create(folder.resolve("no folder").resolve("file")));
        assertThatExceptionOfType(FileSystemException.class)
                .isThrownBy(() -> FileReceiveStream.open(folder))
                .withMessageContaining(folder.toString())
                .withMessageContaining("Is a directory");
        assertThatExceptionOfType(FileSystemException.class)
                .isThrownBy(() -> FileSendStream.create(folder))
                .withMessageContaining("Is a directory");
        Files.createFile(file);
        fails(
                FileAlreadyExistsException.class,
                () -> FileSendStream.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    @Test
    void anOpenForTheOtherDirectionIsRefused() {
        fails(IllegalArgumentException.class, () -> FileSendStream.open(file, StandardOpenOption.READ));
    }

    @Test
    void aFailedWriteBreaksTheStream() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "there is no /dev/full here");
        try (var stream = FileSendStream.open(full, StandardOpenOption.WRITE)) {
            assertThatExceptionOfType(BrokenResourceException.class)
                    .isThrownBy(() -> stream.send(bytes("x")))
                    .withMessageContaining("0 of 1 bytes")
                    .withCauseInstanceOf(IOException.class);
            fails(BrokenResourceException.class, () -> stream.send(new byte[0]));
        }
    }

    @Test
    void aFailedReadIsBrokenWithItsCause() throws IOException {
        Path unreadable = Path.of("/proc/self/mem"); // nothing is mapped at address 0
        assumeTrue(Files.exists(unreadable), "there is no /proc here");
        try (var stream = FileReceiveStream.open(unreadable)) {
            assertThatExceptionOfType(BrokenResourceException.class)
                    .isThrownBy(stream::receive)
                    .withCauseInstanceOf(IOException.class);
        }
    }

    @Test
    @Tag("smoke")
    void neitherCancelNorInterruptClosesAFile() throws IOException {
        Files.writeString(file, "Hello");
        try (var receiver = FileReceiveStream.open(file);
                var sender = FileSendStream.append(file)) {
            var scope = CancelScope.create();
            scope.cancel();
            scope.run(() -> {
                fails(CancelledException.class, receiver::receive);
                fails(CancelledException.class, () -> sender.send(bytes("x")));
            });
            Thread.currentThread().interrupt();
            fails(InterruptedIOException.class, receiver::receive);
            fails(InterruptedIOException.class, () -> receiver.seek(3));
            fails(InterruptedIOException.class, () -> sender.send(bytes("x")));
            assertThat(Thread.interrupted()).isTrue();

            sender.send(bytes("!"));
            assertThat(text(receiver.receive())).isEqualTo("Hello!");
        }
    }

    @Test
    void anInterruptDuringTheCallDoesNotCloseTheFile() throws Exception {
        byte[] content = new byte[1_000_000];
        try (var sender = FileSendStream.create(file)) {
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < 50; i++) {
                        sender.send(content);
                        Thread.interrupted();
                    }
                } catch (InterruptedIOException e) {
                    Thread.interrupted(); // it came between two sends
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            while (writer.isAlive()) {
                writer.interrupt();
                Thread.yield();
            }
            sender.send(bytes("end"));
        }
        assertThat(Files.size(file) % content.length).isEqualTo(3);
    }

    @Test
    void aFileKnowsItsPath() throws IOException {
        Files.createFile(file);
        try (var receiver = FileReceiveStream.open(file);
                var sender = FileSendStream.append(file)) {
            assertThat(receiver.find(Attribute.PATH)).contains(file);
            assertThat(sender.find(Attribute.PATH)).contains(file);
            assertThat(sender.find(Attribute.REMOTE_HOST)).isEmpty();
        }
    }
}
