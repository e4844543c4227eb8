package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.bytes;
import static io.bobbinet.tests.stream.StreamTesting.fails;
import static io.bobbinet.tests.stream.StreamTesting.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.Connector;
import io.bobbinet.stream.DelimiterNotFoundException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.FileReceiveStream;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BufferedByteStreamTest {
    private static final byte[] LF = {'\n'};

    private static BufferedReceiveStream over(String... pieces) {
        return BufferedReceiveStream.over(Pieces.of(pieces));
    }

    // -- exact counts

    @Test
    @Tag("smoke")
    void exactReceiveJoinsPiecesAndKeepsTheRest() throws IOException {
        var stream = over("abc", "de", "fgh");

        assertThat(text(stream.receiveExactly(6))).isEqualTo("abcdef");
        assertThat(text(stream.receive())).isEqualTo("gh");
    }

    @Test
    void exactReceiveGivesTheCallersOwnArray() throws IOException {
        var stream = over("abcdef");

        byte[] first = stream.receiveExactly(3);
        Arrays.fill(first, (byte) '-');

        assertThat(text(stream.receiveExactly(3))).isEqualTo("def");
        assertThat(text(first)).isEqualTo("---");
    }

    @Test
    void wholeBufferGivenAwayIsNotTouchedAgain() throws IOException {
        var stream = over("abc", "def");

        byte[] first = stream.peek(3);
        byte[] second = stream.receiveExactly(3);
        Arrays.fill(first, (byte) '-');
        stream.receive();

        assertThat(text(second)).isEqualTo("abc");
    }

    @Test
    void exactReceiveAtTheEndIsIncompleteAndKeepsWhatCame() throws IOException {
        var stream = over("abc");

        assertThatExceptionOfType(IncompleteReadException.class)
                .isThrownBy(() -> stream.receiveExactly(10))
                .withMessageContaining("3")
                .withMessageContaining("10")
                .withCauseInstanceOf(EndOfStreamException.class);
        assertThat(text(stream.receive())).isEqualTo("abc");
        assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(() -> stream.receiveExactly(10));
    }

    @Test
    void exactReceiveOfNothingIsEmptyAndLessIsRefused() throws IOException {
        var stream = over();

        assertThat(stream.receiveExactly(0)).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> stream.receiveExactly(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> stream.peek(-1));
    }

    @Test
    void largeExactReceiveAsksForNoMoreThanIsMissing() throws IOException {
        var pieces = new Pieces();
        byte[] large = new byte[300_000];
        new Random(1).nextBytes(large);
        for (int i = 0; i < large.length; i += 1000) {
            pieces.add(Arrays.copyOfRange(large, i, i + 1000));
        }
        pieces.add(bytes("rest"));
        var stream = BufferedReceiveStream.over(pieces);

        assertThat(stream.receiveExactly(large.length)).isEqualTo(large);
        assertThat(stream.buffered()).isZero();
        assertThat(pieces.mostAsked()).isLessThan(large.length);
    }

    @Test
    void hugeLengthOfAPeerThatSendsLittleCostsLittle() {
        var stream = over("x");

        assertThatExceptionOfType(IncompleteReadException.class)
                .isThrownBy(() -> stream.receiveExactly(Integer.MAX_VALUE));
    }

    // -- the buffer first

    @Test
    void receiveServesTheBufferWithoutTouchingTheWrappedStream() throws IOException {
        var pieces = Pieces.of("abcdef", "more");
        var stream = BufferedReceiveStream.over(pieces);
        stream.receiveExactly(1);

        assertThat(text(stream.receive(2))).isEqualTo("bc");
        stream.awaitReceivable();
        ByteBuffer target = ByteBuffer.allocate(10);
        assertThat(stream.receive(target)).isEqualTo(3);
        assertThat(text(Arrays.copyOf(target.array(), 3))).isEqualTo("def");
        assertThat(pieces.receives()).isEqualTo(1);
        assertThat(text(stream.receive())).isEqualTo("more");
    }

    @Test
    void peekTakesNothing() throws IOException {
        var stream = over("ab", "cd");

        assertThat(text(stream.peek(3))).isEqualTo("abc");
        assertThat(stream.buffered()).isEqualTo(4);
        assertThat(text(stream.peek(stream.buffered()))).isEqualTo("abcd");
        assertThat(text(stream.receiveExactly(4))).isEqualTo("abcd");
        assertThat(stream.buffered()).isZero();
        assertThatExceptionOfType(EndOfStreamException.class).isThrownBy(() -> stream.peek(1));
    }

    @Test
    void pushedBackBytesComeFirstTheLastOnesBeforeTheOthers() throws IOException {
        var stream = over("three", "four");
        byte[] two = bytes("two ");

        stream.pushBack(two);
        two[0] = '!';
        stream.pushBack(bytes("one "));
        assertThat(text(stream.receiveExactly(9))).isEqualTo("one two t");
        stream.pushBack(bytes("t"));

        assertThat(text(stream.receiveExactly(9))).isEqualTo("threefour");
    }

    @Test
    void pushedBackBytesAreSearchedToo() throws IOException {
        var stream = over("abc\n");
        assertThatExceptionOfType(DelimiterNotFoundException.class).isThrownBy(() -> stream.receiveUntil(LF, 1));

        stream.pushBack(bytes("x\n"));

        assertThat(text(stream.receiveUntil(LF, 10))).isEqualTo("x");
        assertThat(text(stream.receiveUntil(LF, 10))).isEqualTo("abc");
    }

    // -- cut short

    @Test
    @Tag("smoke")
    void cancelledExactReceiveKeepsEverything() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var stream = BufferedByteStream.over(pair.right());
            pair.left().send(bytes("abc"));
            TaskGroup.run(group -> {
                Task<byte[]> receive = group.fork(() -> stream.receiveExactly(6));
                awaitBuffered(stream, 3);
                Blocked.await(receive);
                receive.cancel();
                receive.await();
            });
            pair.left().send(bytes("def"));

            assertThat(text(stream.receiveExactly(6))).isEqualTo("abcdef");
        }
    }

    @Test
    void cancelledDelimitedReceiveKeepsEverything() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var stream = BufferedByteStream.over(pair.right());
            pair.left().send(bytes("abc"));
            TaskGroup.run(group -> {
                Task<byte[]> receive = group.fork(() -> stream.receiveUntil(LF, 100));
                awaitBuffered(stream, 3);
                Blocked.await(receive);
                receive.cancel();
                receive.await();
            });
            pair.left().send(bytes("def\n"));

            assertThat(text(stream.receiveUntil(LF, 100))).isEqualTo("abcdef");
        }
    }

    private static void awaitBuffered(BufferedReceiveStream stream, int count) {
        while (stream.buffered() < count) {
            Thread.onSpinWait();
        }
    }

    @Test
    void timedOutReceiveLeavesTheStreamUsable() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var stream = BufferedByteStream.over(pair.right());
            pair.left().send(bytes("ab"));
            VirtualTime.run(time -> TaskGroup.run(group -> {
                Task<Void> receive = group.fork(() -> fails(
                        TimedOutException.class,
                        () -> CancelScope.failAfter(Duration.ofSeconds(1)).call(() -> stream.receiveUntil(LF, 100))));
                awaitBuffered(stream, 2);
                Blocked.await(receive);
                time.advance(Duration.ofSeconds(1));
                receive.join();
            }));
            pair.left().send(bytes("c\n"));

            assertThat(text(stream.receiveUntil(LF, 100))).isEqualTo("abc");
        }
    }

    @Test
    void cancelledScopeTakesNothingFromTheBuffer() throws IOException {
        var stream = over("ab\ncd");
        stream.peek(5);
        CancelScope.create().run(() -> {
            CancelScope.current().orElseThrow().cancel();
            for (int i = 0; i < 2; i++) {
                assertThatExceptionOfType(CancelledException.class).isThrownBy(() -> stream.receive());
                assertThatExceptionOfType(CancelledException.class).isThrownBy(() -> stream.receiveExactly(1));
                assertThatExceptionOfType(CancelledException.class).isThrownBy(() -> stream.receiveUntil(LF, 9));
                assertThatExceptionOfType(CancelledException.class).isThrownBy(() -> stream.peek(1));
                assertThatExceptionOfType(CancelledException.class).isThrownBy(stream::awaitReceivable);
            }
        });

        assertThat(text(stream.receive())).isEqualTo("ab\ncd");
    }

    @Test
    void everyReceivingCallIsBusyWhileAnotherThreadReceives() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var stream = BufferedByteStream.over(pair.right());
            TaskGroup.run(group -> {
                Task<byte[]> first = group.fork(() -> stream.receiveExactly(3));
                Blocked.await(first);
                assertThatExceptionOfType(BusyResourceException.class).isThrownBy(() -> stream.receive());
                assertThatExceptionOfType(BusyResourceException.class).isThrownBy(() -> stream.receiveUntil(LF, 1));
                assertThatExceptionOfType(BusyResourceException.class).isThrownBy(() -> stream.pushBack(LF));
                assertThatExceptionOfType(BusyResourceException.class).isThrownBy(() -> stream.transact(() -> 1));
                assertThatExceptionOfType(BusyResourceException.class).isThrownBy(() -> stream.upgrade(below -> below));
                pair.left().send(bytes("abc"));
                assertThat(text(first.join())).isEqualTo("abc");
            });
        }
    }

    // -- closing, breaking, passing on

    @Test
    void everythingIsClosedAfterClose() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var stream = BufferedByteStream.over(pair.right());
            pair.left().send(bytes("abc\n"));
            stream.peek(4);
            stream.close();

            assertThat(stream.buffered()).isZero();
            assertThatExceptionOfType(ClosedResourceException.class).isThrownBy(() -> stream.receive());
            assertThatExceptionOfType(ClosedResourceException.class).isThrownBy(() -> stream.receiveExactly(1));
            assertThatExceptionOfType(ClosedResourceException.class).isThrownBy(() -> stream.receiveExactly(0));
            assertThatExceptionOfType(ClosedResourceException.class).isThrownBy(() -> stream.receiveUntil(LF, 9));
            assertThatExceptionOfType(ClosedResourceException.class).isThrownBy(() -> stream.peek(1));
            assertThatExceptionOfType(ClosedResourceException.class).isThrownBy(() -> stream.pushBack(LF));
            assertThatExceptionOfType(ClosedResourceException.class).isThrownBy(() -> stream.upgrade(b -> b));
            assertThatExceptionOfType(ClosedResourceException.class)
                    .isThrownBy(() -> pair.right().receive());
            assertThatExceptionOfType(BrokenResourceException.class)
                    .isThrownBy(() -> pair.left().send(LF));
        }
    }

    @Test
    void leavingItsBlockClosesTheStreamAlsoByFailureAndCancellation() throws IOException {
        var failed = MemoryByteStream.pair();
        assertThatIllegalStateException().isThrownBy(() -> {
            try (var stream = BufferedByteStream.over(failed.right())) {
                throw new IllegalStateException("within " + stream);
            }
        });
        var cancelled = MemoryByteStream.pair();
        CancelScope.create().run(() -> {
            CancelScope.current().orElseThrow().cancel();
            try (var stream = BufferedByteStream.over(cancelled.right())) {
                stream.receive();
            }
        });

        for (var pair : List.of(failed, cancelled)) {
            assertThatExceptionOfType(EndOfStreamException.class)
                    .isThrownBy(() -> pair.left().receive());
        }
    }

    @Test
    void attributesPassThrough() throws IOException {
        Path path = Files.createTempFile("bobbinet", ".txt");
        try (var stream = BufferedReceiveStream.over(FileReceiveStream.open(path))) {
            assertThat(stream.find(Attribute.PATH)).contains(path);
            StreamTesting.fails(EndOfStreamException.class, () -> stream.receive());
        } finally {
            Files.delete(path);
        }
    }

    @Test
    void brokenStreamGivesWhatCameFirst() throws IOException {
        try (var pair = MemoryByteStream.pair(4)) {
            var stream = BufferedByteStream.over(pair.right());
            TaskGroup.run(group -> {
                Task<Void> cut = group.fork(() -> pair.left().send(bytes("abcdefgh")));
                Blocked.await(cut);
                cut.cancel();
                cut.await();
            });
            pair.left().close();

            assertThatExceptionOfType(BrokenResourceException.class).isThrownBy(() -> stream.receiveExactly(6));
            assertThat(text(stream.receive())).isEqualTo("abcd");
            assertThatExceptionOfType(BrokenResourceException.class).isThrownBy(() -> stream.receive());
        }
    }

    @Test
    void sendsAndSendEofPassStraightThrough() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var stream = BufferedByteStream.over(pair.right());
            stream.send(bytes("ab"));
            stream.send(ByteBuffer.wrap(bytes("cd")), ByteBuffer.wrap(bytes("ef")));
            stream.sendEof();

            assertThat(text(pair.left().receive())).isEqualTo("abcdef");
            assertThatExceptionOfType(EndOfStreamException.class)
                    .isThrownBy(() -> pair.left().receive());
            pair.left().send(bytes("answer"));
            assertThat(text(stream.receive())).isEqualTo("answer");
        }
    }

    @Test
    void connectorGivesBufferedStreamsAndKeepsItsAttributes() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            Connector<ByteStream> plain = new Connector<>() {
                @Override
                public ByteStream connect() {
                    return pair.right();
                }

                @Override
                public <T> Optional<T> find(Attribute<T> attribute) {
                    return Attribute.REMOTE_HOST.match(attribute, "example.org");
                }
            };
            Connector<BufferedByteStream> buffered = BufferedByteStream.connector(plain);
            pair.left().send(bytes("line\n"));

            assertThat(buffered.find(Attribute.REMOTE_HOST)).contains("example.org");
            assertThat(text(buffered.connect().receiveUntil(LF, 10))).isEqualTo("line");
        }
    }
}
