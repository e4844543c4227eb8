package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.bytes;
import static io.bobbinet.tests.stream.StreamTesting.fails;
import static io.bobbinet.tests.stream.StreamTesting.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class MemoryByteStreamTest {
    @Test
    @Tag("smoke")
    void whatOneEndSendsTheOtherReceives() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            pair.left().send(bytes("to the right"));
            pair.right().send(bytes("to the left"));

            assertThat(text(pair.right().receive())).isEqualTo("to the right");
            assertThat(text(pair.left().receive())).isEqualTo("to the left");
        }
    }

    @Test
    @Tag("smoke")
    void sendWaitsForRoom() throws IOException {
        var pair = MemoryByteStream.pair(4);
        TaskGroup.run(group -> {
            Task<Void> send = group.fork(() -> pair.left().send(bytes("0123456789")));

            assertThat(Blocked.await(send).operation()).isEqualTo("send");
            assertThat(text(pair.right().receive())).isEqualTo("0123");
            Blocked.await(send);
            assertThat(text(pair.right().receive(3))).isEqualTo("456");
            send.join();
            assertThat(text(pair.right().receive())).isEqualTo("789");
        });
    }

    @Test
    void receiveWaitsForData() throws IOException {
        var pair = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            Task<byte[]> receive = group.fork(() -> pair.right().receive());

            assertThat(Blocked.await(receive).operation()).isEqualTo("receive");
            pair.left().send(bytes("x"));
            assertThat(text(receive.join())).isEqualTo("x");
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1000, 65_536})
    @Tag("smoke")
    void everyByteArrivesOnceAndInOrder(int capacity, TestReporter reporter) throws IOException {
        long seed = System.nanoTime();
        reporter.publishEntry("seed", Long.toString(seed));
        byte[] data = new byte[20_000];
        new Random(seed).nextBytes(data);
        var pair = MemoryByteStream.pair(capacity);
        var arrived = new ByteArrayOutputStream();
        TaskGroup.run(group -> {
            group.fork(() -> {
                Random random = new Random(seed + 1);
                ByteBuffer rest = ByteBuffer.wrap(data);
                while (rest.hasRemaining()) {
                    int size = Math.min(rest.remaining(), 1 + random.nextInt(3000));
                    pair.left().send(rest.slice(rest.position(), size));
                    rest.position(rest.position() + size);
                }
                pair.left().sendEof();
            });
            pair.right().forEach(arrived::writeBytes);
        });
        assertThat(arrived.toByteArray()).isEqualTo(data);
    }

    @Test
    void directAndPartlyFilledBuffersWork() throws IOException {
        try (var pair = MemoryByteStream.pair(5)) {
            pair.left()
                    .send(ByteBuffer.allocateDirect(3).put(bytes("abc")).flip().asReadOnlyBuffer());
            ByteBuffer target = ByteBuffer.allocateDirect(10).position(2).limit(4);

            assertThat(pair.right().receive(target)).isEqualTo(2);
            assertThat(target.position()).isEqualTo(4);
            assertThat(target.get(2)).isEqualTo((byte) 'a');
            assertThat(text(pair.right().receive(9))).isEqualTo("c");
        }
    }

    @Test
    void gatheringSendIsOneSend() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            ByteBuffer first = ByteBuffer.wrap(bytes("ab"));
            ByteBuffer second = ByteBuffer.wrap(bytes("cd"));
            pair.left().send(first, ByteBuffer.allocate(0), second);

            assertThat(text(pair.right().receive())).isEqualTo("abcd");
            assertThat(first.hasRemaining() || second.hasRemaining()).isFalse();
        }
    }

    @Test
    void closingLetsThePeerReceiveWhatIsOnItsWayAndThenTheEnd() throws IOException {
        var pair = MemoryByteStream.pair();
        pair.left().send(bytes("last words"));
        pair.left().close();

        assertThat(text(pair.right().receive())).isEqualTo("last words");
        fails(EndOfStreamException.class, () -> pair.right().receive());
        fails(EndOfStreamException.class, () -> pair.right().receive());
    }

    @Test
    void sendToAClosedPeerIsBroken() throws IOException {
        var pair = MemoryByteStream.pair();
        pair.right().close();

        fails(BrokenResourceException.class, () -> pair.left().send(bytes("x")));
    }

    @Test
    void blockedSendIsBrokenWhenThePeerCloses() throws IOException {
        var pair = MemoryByteStream.pair(1);
        TaskGroup.run(group -> {
            Task<Void> send = group.fork(
                    () -> fails(BrokenResourceException.class, () -> pair.left().send(bytes("xy"))));
            Blocked.await(send);
            pair.right().close();
        });
    }

    @Test
    void aBrokenPipeSeenByASendIsNoOrderlyEndForReceives() throws IOException {
        var pair = MemoryByteStream.pair();
        pair.right().send(bytes("data"));
        pair.right().close();
        fails(BrokenResourceException.class, () -> pair.left().send(bytes("x")));

        assertThat(text(pair.left().receive())).isEqualTo("data");
        fails(BrokenResourceException.class, () -> pair.left().receive());
        fails(BrokenResourceException.class, () -> pair.left().receive(ByteBuffer.allocate(1)));
    }

    @Test
    void anEndThatWasReceivedIsNotTakenBack() throws IOException {
        var pair = MemoryByteStream.pair();
        pair.right().close();
        fails(EndOfStreamException.class, () -> pair.left().receive());
        fails(BrokenResourceException.class, () -> pair.left().send(bytes("x")));

        fails(EndOfStreamException.class, () -> pair.left().receive());
    }

    @Test
    void sendEofEndsOneDirectionOnly() throws IOException {
        var pair = MemoryByteStream.pair();
        pair.left().send(bytes("question"));
        pair.left().sendEof();
        pair.left().sendEof();

        assertThat(text(pair.right().receive())).isEqualTo("question");
        fails(EndOfStreamException.class, () -> pair.right().receive());
        pair.right().send(bytes("answer"));
        assertThat(text(pair.left().receive())).isEqualTo("answer");
        fails(ClosedResourceException.class, () -> pair.left().send(bytes("x")));
    }

    @Test
    void sendEofWakesThePeer() throws IOException {
        var pair = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            Task<Void> receive = group.fork(
                    () -> fails(EndOfStreamException.class, () -> pair.right().receive()));
            Blocked.await(receive);
            pair.left().sendEof();
        });
    }

    @Test
    void closeWakesItsOwnBlockedCalls() throws IOException {
        var pair = MemoryByteStream.pair(1);
        TaskGroup.run(group -> {
            Task<Void> receive = group.fork(
                    () -> fails(ClosedResourceException.class, () -> pair.left().receive()));
            Task<Void> send = group.fork(
                    () -> fails(ClosedResourceException.class, () -> pair.left().send(bytes("xy"))));
            Blocked.await(receive);
            Blocked.await(send);
            pair.left().close();
        });
    }

    @Test
    void closedWinsOverBrokenAndEnded() throws IOException {
        var pair = MemoryByteStream.pair();
        pair.right().close();
        fails(BrokenResourceException.class, () -> pair.left().send(bytes("x")));
        pair.left().close();
        pair.left().close();

        fails(ClosedResourceException.class, () -> pair.left().receive());
        fails(ClosedResourceException.class, () -> pair.left().receive(ByteBuffer.allocate(1)));
        fails(ClosedResourceException.class, () -> pair.left().awaitReceivable());
        fails(ClosedResourceException.class, () -> pair.left().send(bytes("x")));
        fails(ClosedResourceException.class, () -> pair.left().sendEof());
    }

    @Test
    void aSecondReceiverOrSenderIsBusyAndDisturbsNobody() throws IOException {
        var pair = MemoryByteStream.pair(1);
        TaskGroup.run(group -> {
            Task<byte[]> receive = group.fork(() -> pair.left().receive());
            Task<Void> send = group.fork(() -> pair.left().send(bytes("xy")));
            Blocked.await(receive);
            Blocked.await(send);

            fails(BusyResourceException.class, () -> pair.left().receive());
            fails(BusyResourceException.class, () -> pair.left().send(bytes("z")));
            fails(BusyResourceException.class, () -> pair.left().sendEof());

            pair.right().send(bytes("a"));
            assertThat(text(receive.join())).isEqualTo("a");
            assertThat(text(pair.right().receive())).isEqualTo("x");
            assertThat(text(pair.right().receive())).isEqualTo("y");
        });
    }

    @Test
    @Tag("smoke")
    void aCancelledReceiveHasTakenNothing() throws IOException {
        var pair = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            Task<byte[]> receive = group.fork(() -> pair.right().receive());
            Blocked.await(receive);
            receive.cancel();
            receive.await();

            pair.left().send(bytes("whole"));
            assertThat(text(pair.right().receive())).isEqualTo("whole");
        });
    }

    @Test
    void inACancelledScopeNothingIsSentOrReceived() throws IOException {
        var pair = MemoryByteStream.pair();
        pair.left().send(bytes("there"));
        var scope = CancelScope.create();
        scope.cancel();
        scope.run(() -> {
            fails(CancelledException.class, () -> pair.right().receive());
            fails(CancelledException.class, () -> pair.right().awaitReceivable());
            fails(CancelledException.class, () -> pair.left().send(bytes("not")));
            fails(CancelledException.class, () -> pair.left().send(new byte[0]));
            fails(CancelledException.class, () -> pair.left().sendEof());
        });
        pair.left().send(bytes(" and sound"));

        assertThat(text(pair.right().receive())).isEqualTo("there and sound");
    }

    @Test
    void aSendCancelledBeforeItsFirstByteLeavesTheStreamAsItWas() throws IOException {
        var pair = MemoryByteStream.pair(2);
        pair.left().send(bytes("ab"));
        ByteBuffer unsent = ByteBuffer.wrap(bytes("cd"));
        TaskGroup.run(group -> {
            Task<Void> send = group.fork(() -> pair.left().send(unsent));
            Blocked.await(send);
            send.cancel();
            send.await();

            assertThat(unsent.remaining()).isEqualTo(2);
            assertThat(text(pair.right().receive())).isEqualTo("ab");
            pair.left().send(unsent);
            pair.left().close();
            assertThat(text(pair.right().receive())).isEqualTo("cd");
            fails(EndOfStreamException.class, () -> pair.right().receive());
        });
    }

    @Test
    @Tag("smoke")
    void aSendCutOffInItsMiddleBreaksTheSending() throws IOException {
        var pair = MemoryByteStream.pair(3);
        ByteBuffer message = ByteBuffer.wrap(bytes("message"));
        TaskGroup.run(group -> {
            Task<Void> send = group.fork(() -> pair.left().send(message));
            Blocked.await(send);
            send.cancel();
            send.await();
            assertThat(send.status()).isEqualTo(Task.Status.CANCELLED);
        });
        assertThat(message.position()).isEqualTo(3);

        assertThatExceptionOfType(BrokenResourceException.class)
                .isThrownBy(() -> pair.left().send(bytes("x")))
                .withMessageContaining("3 of 7 bytes");
        fails(BrokenResourceException.class, () -> pair.left().sendEof());
        pair.right().send(bytes("yes"));
        assertThat(text(pair.left().receive())).isEqualTo("yes");
        assertThat(text(pair.right().receive())).isEqualTo("mes");
        pair.left().close();
        assertThatExceptionOfType(BrokenResourceException.class)
                .isThrownBy(() -> pair.right().receive())
                .withMessageContaining("3 of 7 bytes");
        fails(BrokenResourceException.class, () -> pair.right().receive());
    }

    @Test
    void closingUnderASendThatIsHalfDoneIsNoOrderlyEnd() throws IOException {
        var pair = MemoryByteStream.pair(3);
        TaskGroup.run(group -> {
            Task<Void> send = group.fork(
                    () -> fails(ClosedResourceException.class, () -> pair.left().send(bytes("message"))));
            Blocked.await(send);
            pair.left().close();
        });

        assertThat(text(pair.right().receive())).isEqualTo("mes");
        fails(BrokenResourceException.class, () -> pair.right().receive());
    }

    @Test
    void aUsersInterruptLeavesTheStreamOpenAndTheStatusSet() throws Exception {
        var pair = MemoryByteStream.pair();
        var interrupted = new FutureTask<Boolean>(() -> {
            fails(InterruptedIOException.class, () -> pair.right().receive());
            return Thread.interrupted();
        });
        Thread receiver = Thread.ofVirtual().start(interrupted);
        Blocked.await(receiver);
        receiver.interrupt();

        assertThat(interrupted.get()).isTrue();
        pair.left().send(bytes("after it"));
        assertThat(text(pair.right().receive())).isEqualTo("after it");
    }

    @Test
    void aCallThatFindsTheInterruptStatusSetDoesNothing() throws IOException {
        var pair = MemoryByteStream.pair();
        pair.left().send(bytes("x"));
        Thread.currentThread().interrupt();
        try {
            fails(InterruptedIOException.class, () -> pair.right().receive());
            fails(InterruptedIOException.class, () -> pair.left().send(bytes("y")));
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(text(pair.right().receive())).isEqualTo("x");
    }

    @Test
    void closeWorksInACancelledScopeAndWithTheInterruptStatusSet() throws IOException {
        var pair = MemoryByteStream.pair();
        var scope = CancelScope.create();
        scope.cancel();
        scope.run(() -> pair.left().close());
        Thread.currentThread().interrupt();
        pair.right().close();

        assertThat(Thread.interrupted()).isTrue();
        fails(ClosedResourceException.class, () -> pair.left().receive());
        fails(ClosedResourceException.class, () -> pair.right().receive());
    }

    @Test
    void awaitReceivableTakesNothingAndLeavesTheEndToTheReceive() throws IOException {
        var pair = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            Task<Void> wait = group.fork(() -> pair.right().awaitReceivable());
            Blocked.await(wait);
            pair.left().send(bytes("x"));
            wait.join();
        });
        assertThat(text(pair.right().receive())).isEqualTo("x");
        pair.left().close();
        pair.right().awaitReceivable();
        fails(EndOfStreamException.class, () -> pair.right().receive());
    }

    @Test
    void badArgumentsAreRefusedBeforeAnythingElse() throws IOException {
        var pair = MemoryByteStream.pair();
        pair.close();

        fails(IllegalArgumentException.class, () -> pair.left().receive(0));
        fails(IllegalArgumentException.class, () -> pair.left().receive(ByteBuffer.allocate(0)));
        fails(
                IllegalArgumentException.class,
                () -> pair.left().receive(ByteBuffer.allocate(1).asReadOnlyBuffer()));
        fails(IllegalArgumentException.class, () -> MemoryByteStream.pair(0));
    }

    @Test
    void closingThePairClosesBothEnds() throws IOException {
        var pair = MemoryByteStream.pair();
        pair.close();

        fails(ClosedResourceException.class, () -> pair.left().receive());
        fails(ClosedResourceException.class, () -> pair.right().receive());
    }
}
