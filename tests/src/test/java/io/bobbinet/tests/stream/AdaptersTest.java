package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.bytes;
import static io.bobbinet.tests.stream.StreamTesting.fails;
import static io.bobbinet.tests.stream.StreamTesting.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ByteReceiveStream;
import io.bobbinet.stream.ByteSendStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamAdapters;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingRunnable;
import io.bobbinet.testkit.Blocked;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AdaptersTest {
    private final StreamPair<MemoryByteStream> pair = MemoryByteStream.pair(16);

    private static <X extends Throwable> void inCancelledScope(ThrowingRunnable<X> body) throws X {
        var scope = CancelScope.create();
        scope.cancel();
        assertThat(scope.run(body)).isTrue();
    }

    // -- as streams of the JDK

    @Test
    @Tag("smoke")
    void anInputStreamReadsWhatIsReceived() throws IOException {
        InputStream in = StreamAdapters.asInputStream(pair.left());
        pair.right().send(bytes("Hello"));
        byte[] target = new byte[10];

        assertThat(in.read()).isEqualTo('H');
        assertThat(in.read(target, 2, 3)).isEqualTo(3);
        assertThat(new String(target, 2, 3, UTF_8)).isEqualTo("ell");
        assertThat(in.read(target, 0, 0)).isZero();
        pair.right().close();
        assertThat(in.readAllBytes()).isEqualTo(bytes("o"));
        assertThat(in.read()).isEqualTo(-1);
        assertThat(in.read(target)).isEqualTo(-1);
        fails(IndexOutOfBoundsException.class, () -> in.read(target, 8, 3));
        in.close();
        fails(ClosedResourceException.class, () -> pair.left().receive());
    }

    @Test
    void bytesAbove127AreNoEnd() throws IOException {
        InputStream in = StreamAdapters.asInputStream(pair.left());
        pair.right().send(new byte[] {-1});
        assertThat(in.read()).isEqualTo(255);
    }

    @Test
    @Tag("smoke")
    void anOutputStreamSendsWhatIsWritten() throws IOException {
        OutputStream out = StreamAdapters.asOutputStream(pair.left());
        out.write('H');
        out.write(bytes("_ello_"), 1, 4);
        out.flush();

        assertThat(text(pair.right().receive())).isEqualTo("Hello");
        fails(IndexOutOfBoundsException.class, () -> out.write(new byte[2], 1, 2));
        out.close();
        fails(EndOfStreamException.class, () -> pair.right().receive());
    }

    @Test
    void aCancelledReadHasTakenNothingAndTheNextGoesOn() throws IOException {
        InputStream in = StreamAdapters.asInputStream(pair.left());
        TaskGroup.run(group -> {
            Task<Integer> read = group.fork(() -> in.read());
            Blocked.await(read);
            read.cancel();
            read.await();
            assertThat(read.status()).isEqualTo(Task.Status.CANCELLED);
        });
        pair.right().send(bytes("x"));
        assertThat(in.read()).isEqualTo('x');
    }

    // -- as channels of the JDK

    @Test
    @Tag("smoke")
    void channelsReadAndWrite() throws IOException {
        ReadableByteChannel readable = StreamAdapters.asReadableChannel(pair.left());
        WritableByteChannel writable = StreamAdapters.asWritableChannel(pair.right());
        assertThat(writable.write(ByteBuffer.wrap(bytes("Hello")))).isEqualTo(5);
        assertThat(writable.write(ByteBuffer.allocate(0))).isZero();
        ByteBuffer target = ByteBuffer.allocate(9);

        assertThat(readable.read(ByteBuffer.allocate(0))).isZero();
        assertThat(readable.read(target)).isEqualTo(5);
        writable.close();
        assertThat(readable.read(target)).isEqualTo(-1);
        assertThat(readable.isOpen()).isTrue();
        readable.close();
        assertThat(readable.isOpen() || writable.isOpen()).isFalse();
        fails(ClosedChannelException.class, () -> readable.read(target));
        fails(ClosedChannelException.class, () -> writable.write(target));
    }

    @Test
    void aChannelWhoseCallWasCancelledIsOpen() throws IOException {
        ReadableByteChannel readable = StreamAdapters.asReadableChannel(pair.left());
        WritableByteChannel writable = StreamAdapters.asWritableChannel(pair.left());
        pair.left().send(new byte[16]);
        TaskGroup.run(group -> {
            Task<Integer> read = group.fork(() -> readable.read(ByteBuffer.allocate(1)));
            Task<Integer> write = group.fork(() -> writable.write(ByteBuffer.allocate(1)));
            Blocked.await(read);
            Blocked.await(write);
            read.cancel();
            write.cancel();
        });
        assertThat(readable.isOpen() && writable.isOpen()).isTrue();
        pair.right().send(bytes("x"));
        pair.right().receive();
        assertThat(readable.read(ByteBuffer.allocate(1))).isEqualTo(1);
        assertThat(writable.write(ByteBuffer.allocate(1))).isEqualTo(1);
    }

    @Test
    void aChannelWhoseStreamIsClosedUnderACallIsClosed() throws IOException {
        ReadableByteChannel readable = StreamAdapters.asReadableChannel(pair.left());
        WritableByteChannel writable = StreamAdapters.asWritableChannel(pair.left());
        TaskGroup.run(group -> {
            Task<Void> read =
                    group.fork(() -> fails(ClosedChannelException.class, () -> readable.read(ByteBuffer.allocate(1))));
            Task<Void> write = group.fork(
                    () -> fails(ClosedChannelException.class, () -> writable.write(ByteBuffer.allocate(17))));
            Blocked.await(read);
            Blocked.await(write);
            pair.left().close();
        });
        assertThat(readable.isOpen() || writable.isOpen()).isFalse();
    }

    @Test
    void jdkWrappersOfTheChannelsWork() throws IOException {
        try (var writer = Channels.newWriter(StreamAdapters.asWritableChannel(pair.right()), UTF_8)) {
            writer.write("Grüße");
        }
        assertThat(Channels.newInputStream(StreamAdapters.asReadableChannel(pair.left()))
                        .readAllBytes())
                .isEqualTo(bytes("Grüße"));
    }

    // -- from the JDK

    @Test
    @Tag("smoke")
    void anInputStreamIsReceivedToItsEnd() throws IOException {
        ByteReceiveStream stream = StreamAdapters.asReceiveStream(new ByteArrayInputStream(bytes("Hello")));
        ByteBuffer direct = ByteBuffer.allocateDirect(2);

        assertThat(text(stream.receive(2))).isEqualTo("He");
        assertThat(stream.receive(direct)).isEqualTo(2);
        assertThat(direct.get(0)).isEqualTo((byte) 'l');
        assertThat(text(stream.receive())).isEqualTo("o");
        fails(EndOfStreamException.class, stream::receive);
        fails(EndOfStreamException.class, stream::receive);
        fails(IllegalArgumentException.class, () -> stream.receive(0));
        stream.close();
        fails(ClosedResourceException.class, stream::receive);
    }

    @Test
    @Tag("smoke")
    void anOutputStreamIsSentToAndFlushed() throws IOException {
        var target = new ByteArrayOutputStream();
        ByteSendStream stream = StreamAdapters.asSendStream(new BufferedOutputStream(target));
        stream.send(bytes("He"));
        stream.send(ByteBuffer.allocateDirect(3).put(bytes("llo")).flip());

        assertThat(target.toString(UTF_8)).isEqualTo("Hello");
        stream.close();
        fails(ClosedResourceException.class, () -> stream.send(bytes("x")));
    }

    @Test
    void jdkChannelsAreReceivedFromAndSentTo() throws IOException {
        var pipe = Pipe.open();
        try (var receiver = StreamAdapters.asReceiveStream(pipe.source());
                var sender = StreamAdapters.asSendStream(pipe.sink())) {
            sender.send(bytes("Hello"));
            assertThat(text(receiver.receive())).isEqualTo("Hello");
        }
        assertThat(pipe.source().isOpen() || pipe.sink().isOpen()).isFalse();
    }

    @Test
    void aChannelInNonBlockingModeIsRefused() throws IOException {
        var pipe = Pipe.open();
        try (var source = pipe.source();
                var sink = pipe.sink()) {
            source.configureBlocking(false);
            sink.configureBlocking(false);
            fails(IllegalBlockingModeException.class, () -> StreamAdapters.asReceiveStream(source));
            fails(IllegalBlockingModeException.class, () -> StreamAdapters.asSendStream(sink));
        }
    }

    @Test
    void cancellationIsNoticedBeforeTheJdkIsCalled() throws Exception {
        var in = new ByteArrayInputStream(bytes("x"));
        var out = new ByteArrayOutputStream();
        ByteReceiveStream receiver = StreamAdapters.asReceiveStream(in);
        ByteSendStream sender = StreamAdapters.asSendStream(out);
        inCancelledScope(() -> {
            fails(CancelledException.class, receiver::receive);
            fails(CancelledException.class, () -> sender.send(bytes("y")));
        });
        assertThat(out.size()).isZero();
        sender.send(bytes("z"));
        assertThat(text(receiver.receive())).isEqualTo("x");
    }

    /** Says when somebody begins to wait in a pipe of the JDK, where no blocker tells. */
    private static final class WatchedPipe extends PipedInputStream {
        final Semaphore reads = new Semaphore(0);

        @Override
        public synchronized int read(byte[] target, int offset, int length) throws IOException {
            reads.release();
            return super.read(target, offset, length);
        }
    }

    @Test
    void aPipeWhoseReadWasCancelledIsUsable() throws Exception {
        var pipe = new WatchedPipe();
        var feed = new PipedOutputStream(pipe);
        ByteReceiveStream stream = StreamAdapters.asReceiveStream(pipe);
        var scope = CancelScope.create();
        TaskGroup.run(group -> {
            Task<byte[]> receive = group.fork(() -> {
                assertThat(scope.run(() -> stream.receive())).isFalse();
                return stream.receive();
            });
            pipe.reads.acquire();
            scope.cancel();
            pipe.reads.acquire();
            feed.write(bytes("x"));
            feed.flush();
            assertThat(text(receive.join())).isEqualTo("x");
        });
        stream.close();
    }

    @Test
    void aUsersInterruptOfAPipeLeavesItUsableAndTheStatusSet() throws Exception {
        var pipe = new WatchedPipe();
        var feed = new PipedOutputStream(pipe);
        ByteReceiveStream stream = StreamAdapters.asReceiveStream(pipe);
        var receiving = new FutureTask<>(() -> {
            fails(InterruptedIOException.class, stream::receive);
            assertThat(Thread.interrupted()).isTrue();
            return stream.receive();
        });
        Thread receiver = Thread.ofVirtual().start(receiving);
        pipe.reads.acquire();
        receiver.interrupt();
        pipe.reads.acquire();
        feed.write(bytes("x"));
        feed.flush();
        assertThat(text(receiving.get())).isEqualTo("x");
        stream.close();
    }

    @Test
    void closeWakesABlockedReadAndLeavesNoInterruptBehind() throws Exception {
        var pipe = new WatchedPipe();
        var feed = new PipedOutputStream(pipe);
        ByteReceiveStream stream = StreamAdapters.asReceiveStream(pipe);
        var receiving = new FutureTask<Boolean>(() -> {
            fails(ClosedResourceException.class, stream::receive);
            return Thread.interrupted();
        });
        Thread.ofVirtual().start(receiving);
        pipe.reads.acquire();
        stream.close();
        assertThat(receiving.get()).isFalse();
        feed.close();
    }

    @Test
    void aSecondReceiverIsBusy() throws Exception {
        var pipe = new WatchedPipe();
        var feed = new PipedOutputStream(pipe);
        ByteReceiveStream stream = StreamAdapters.asReceiveStream(pipe);
        TaskGroup.run(group -> {
            Task<byte[]> receive = group.fork(() -> stream.receive());
            pipe.reads.acquire();
            fails(BusyResourceException.class, stream::receive);
            feed.write(bytes("x"));
            feed.flush();
            assertThat(text(receive.join())).isEqualTo("x");
        });
        stream.close();
    }

    /** Says when somebody begins to read; from then on an interrupt closes the channel. */
    private record WatchedChannel(ReadableByteChannel under, CountDownLatch reading) implements ReadableByteChannel {
        @Override
        public int read(ByteBuffer target) throws IOException {
            reading.countDown();
            return under.read(target);
        }

        @Override
        public boolean isOpen() {
            return under.isOpen();
        }

        @Override
        public void close() throws IOException {
            under.close();
        }
    }

    @Test
    void aChannelThatACancelHasClosedIsBrokenAfterwards() throws Exception {
        var pipe = Pipe.open();
        var channel = new WatchedChannel(pipe.source(), new CountDownLatch(1));
        var stream = StreamAdapters.asReceiveStream(channel);
        TaskGroup.run(group -> {
            Task<byte[]> receive = group.fork(() -> stream.receive());
            channel.reading.await();
            receive.cancel();
            receive.await();
            assertThat(receive.status()).isEqualTo(Task.Status.CANCELLED);
            assertThat(receive.failure()).isEmpty();
        });
        assertThat(channel.isOpen()).isFalse();
        fails(BrokenResourceException.class, stream::receive);
        stream.close();
        fails(ClosedResourceException.class, stream::receive);
        pipe.sink().close();
    }

    @Test
    void aReadThatFailsIsBrokenWithItsCauseAndStaysSo() {
        var failure = new IOException("the disk is gone");
        ByteReceiveStream stream = StreamAdapters.asReceiveStream(new InputStream() {
            @Override
            public int read() throws IOException {
                throw failure;
            }
        });
        assertThatExceptionOfType(BrokenResourceException.class)
                .isThrownBy(stream::receive)
                .withCause(failure);
        assertThatExceptionOfType(BrokenResourceException.class)
                .isThrownBy(stream::receive)
                .withCause(failure);
    }

    @Test
    void aSendToAnOutputStreamThatFailedIsTakenAsCutOff() {
        var stream = StreamAdapters.asSendStream(new FilterOutputStream(OutputStream.nullOutputStream()) {
            @Override
            public void write(byte[] source, int offset, int length) throws IOException {
                throw new InterruptedIOException("as many libraries do");
            }
        });
        fails(InterruptedIOException.class, () -> stream.send(bytes("xyz")));
        assertThat(Thread.interrupted()).isTrue();
        assertThatExceptionOfType(BrokenResourceException.class)
                .isThrownBy(() -> stream.send(bytes("x")))
                .withMessageContaining("of 3 bytes");
    }

    @Test
    void closingInACancelledScopeWritesOutWhatTheJdkHasBuffered() throws Exception {
        var pipe = Pipe.open();
        try (var source = pipe.source()) {
            var buffered = new BufferedOutputStream(Channels.newOutputStream(pipe.sink()));
            var stream = StreamAdapters.asSendStream(buffered);
            buffered.write(bytes("rest"));
            inCancelledScope(stream::close);
            ByteBuffer target = ByteBuffer.allocate(10);
            assertThat(source.read(target)).isEqualTo(4);
            assertThat(source.read(target)).isEqualTo(-1);
        }
    }
}
