package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.bytes;
import static io.bobbinet.tests.stream.StreamTesting.fails;
import static io.bobbinet.tests.stream.StreamTesting.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.bobbinet.examples.BufferedExamples;
import io.bobbinet.stream.Attribute;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.IncompleteReadException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several receives as one, and the exchange of the layer below. */
@Timeout(30)
class BufferedUpgradeTest {
    private static final byte[] LF = {'\n'};

    private static BufferedReceiveStream over(String... pieces) {
        return BufferedReceiveStream.over(Pieces.of(pieces));
    }

    private static void failsLate(BufferedReceiveStream stream) {
        fails(BusyResourceException.class, () -> stream.receiveExactly(1));
    }

    // -- transactions

    @Test
    void transactionThatFailsPutsBackAllItHasTaken() throws IOException {
        var stream = over("\0\0\0\5", "he", "llo");
        IOException own = new IOException("changed my mind");

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> stream.transact(() -> {
                    stream.receiveExactly(4);
                    stream.receive(1);
                    stream.receive(ByteBuffer.allocate(1));
                    throw own;
                }))
                .isSameAs(own);

        assertThat(text(BufferedExamples.frames(stream))).isEqualTo("hello");
    }

    @Test
    void transactionLeftWithAReceiveUnderWayEndsAfterIt() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var stream = BufferedByteStream.over(pair.right());
            IOException own = new IOException("changed my mind");
            pair.left().send(bytes("ab"));
            TaskGroup.run(group -> {
                List<Task<?>> left = new ArrayList<>();
                assertThatExceptionOfType(IOException.class)
                        .isThrownBy(() -> stream.transact(() -> {
                            stream.receiveExactly(2);
                            left.add(group.fork(() -> failsLate(stream)));
                            Blocked.await(left.getFirst());
                            throw own;
                        }))
                        .isSameAs(own)
                        .satisfies(
                                e -> assertThat(e.getSuppressed()).hasOnlyElementsOfType(BusyResourceException.class));
                pair.left().send(bytes("c"));
                left.getFirst().join();
            });

            assertThat(text(stream.receiveExactly(3))).isEqualTo("abc");
            stream.pushBack(bytes("no transaction"));
        }
    }

    @Test
    void transactionThatReturnsWithAReceiveUnderWayIsRefusedAndPutBackAfterIt() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var stream = BufferedByteStream.over(pair.right());
            pair.left().send(bytes("ab"));
            TaskGroup.run(group -> {
                List<Task<?>> left = new ArrayList<>();
                assertThatExceptionOfType(BusyResourceException.class)
                        .isThrownBy(() -> stream.transact(() -> {
                            stream.receiveExactly(2);
                            left.add(group.fork(() -> failsLate(stream)));
                            Blocked.await(left.getFirst());
                            return "done";
                        }));
                pair.left().send(bytes("c"));
                left.getFirst().join();
            });

            assertThat(text(stream.receiveExactly(3))).isEqualTo("abc");
            stream.pushBack(bytes("no transaction"));
        }
    }

    @Test
    void transactionThatMeetsTheEndBetweenItsPartsIsIncomplete() throws IOException {
        var stream = over("\0\0\0\5");

        assertThatExceptionOfType(IncompleteReadException.class)
                .isThrownBy(() -> stream.transact(() -> {
                    int length = ByteBuffer.wrap(stream.receiveExactly(4)).getInt();
                    return stream.receiveExactly(length);
                }));
        assertThat(stream.buffered()).isEqualTo(4);
    }

    @Test
    void innerTransactionThatFailsLeavesTheOuterOneWhereItWas() throws IOException {
        var stream = over("ab", "cd");

        String joined = stream.transact(() -> {
            String first = text(stream.receiveExactly(1));
            assertThatExceptionOfType(IncompleteReadException.class)
                    .isThrownBy(() -> stream.transact(() -> {
                        stream.receiveExactly(2);
                        return stream.receiveExactly(2);
                    }));
            return first + text(stream.receiveExactly(3));
        });

        assertThat(joined).isEqualTo("abcd");
        assertThat(stream.buffered()).isZero();
    }

    @Test
    void transactionRefusesWhatItCouldNotTakeBack() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var stream = BufferedByteStream.over(pair.right());

            assertThatIllegalStateException()
                    .isThrownBy(() -> stream.transact(() -> {
                        stream.pushBack(LF);
                        return 1;
                    }));
            assertThatIllegalStateException().isThrownBy(() -> stream.transact(() -> stream.upgrade(below -> below)));
            pair.left().send(LF);
            assertThat(stream.receive()).isEqualTo(LF);
        }
    }

    // -- upgrade

    /** Turns every byte round, in both directions: what can be seen of a cipher. */
    private record Flipped(ByteStream below) implements ByteStream {
        private static ByteBuffer flip(ByteBuffer from) {
            ByteBuffer flipped = ByteBuffer.allocate(from.remaining());
            while (from.hasRemaining()) {
                flipped.put((byte) ~from.get());
            }
            return flipped.flip();
        }

        @Override
        public int receive(ByteBuffer target) throws IOException {
            byte[] bytes = below.receive(target.remaining());
            target.put(flip(ByteBuffer.wrap(bytes)));
            return bytes.length;
        }

        @Override
        public void send(ByteBuffer source) throws IOException {
            below.send(flip(source));
        }

        @Override
        public void sendEof() throws IOException {
            below.sendEof();
        }

        @Override
        public void close() throws IOException {
            below.close();
        }
    }

    @Test
    @Tag("smoke")
    void loopGoesOnOverTheUpgradedLayerWhichGetsTheUnreadBytes() throws IOException {
        try (var pair = MemoryByteStream.pair();
                var server = BufferedByteStream.over(pair.right())) {
            Flipped client = new Flipped(pair.left());
            // What comes behind the command in the same piece belongs to the new layer.
            pair.left().send(bytes("HELO\r\nSTARTTLS\r\n"));
            client.send(bytes("MAIL\r\n"));
            client.sendEof();

            BufferedExamples.upgrade(server, Flipped::new);

            byte[] plain = bytes("250 ok\r\n220 go ahead\r\n");
            var answers = BufferedReceiveStream.over(pair.left());
            assertThat(answers.receiveExactly(plain.length)).isEqualTo(plain);
            assertThat(text(Flipped.flip(ByteBuffer.wrap(answers.receive())).array()))
                    .isEqualTo("250 ok\r\n");
        }
    }

    @Test
    void plaintextBehindTheCommandIsNeverDataOfTheUpgradedStream() throws IOException {
        try (var pair = MemoryByteStream.pair();
                var server = BufferedByteStream.over(pair.right())) {
            pair.left().send(bytes("STARTTLS\nINJECTED\n"));
            server.receiveUntil(LF, 100);
            List<String> seen = new ArrayList<>();

            server.upgrade(below -> {
                seen.add(text(below.receiveUntil(LF, 100)));
                return new Flipped(below);
            });

            assertThat(seen).containsExactly("INJECTED");
            assertThat(server.buffered()).isZero();
        }
    }

    @Test
    void upgradeThatFailsClosesBothStreams() throws IOException {
        var pair = MemoryByteStream.pair();
        var stream = BufferedByteStream.over(pair.right());
        IOException own = new IOException("no handshake");

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> stream.upgrade(below -> {
                    throw own;
                }))
                .isSameAs(own);

        assertThatExceptionOfType(ClosedResourceException.class).isThrownBy(() -> stream.receive());
        assertThatExceptionOfType(ClosedResourceException.class)
                .isThrownBy(() -> pair.right().receive());
        assertThatExceptionOfType(EndOfStreamException.class)
                .isThrownBy(() -> pair.left().receive());
    }

    @Test
    void upgradeInACancelledScopeChangesNothing() throws IOException {
        try (var pair = MemoryByteStream.pair()) {
            var stream = BufferedByteStream.over(pair.right());
            CancelScope.create().run(() -> {
                CancelScope.current().orElseThrow().cancel();
                assertThatExceptionOfType(CancelledException.class)
                        .isThrownBy(() -> stream.upgrade(below -> {
                            throw new AssertionError("called");
                        }));
            });
            pair.left().send(LF);

            assertThat(stream.receive()).isEqualTo(LF);
        }
    }

    private static ByteStream handshake(ByteStream below) throws IOException {
        below.receive();
        return new Flipped(below);
    }

    @Test
    void cancelledUpgradeClosesBothStreams() throws IOException {
        var pair = MemoryByteStream.pair();
        var stream = BufferedByteStream.over(pair.right());
        TaskGroup.run(group -> {
            Task<Void> upgrade = group.fork(() -> {
                stream.upgrade(
                        below -> new Flipped(BufferedByteStream.over(below)).below.receive(1) == LF ? below : below);
            });
            Blocked.await(upgrade);
            upgrade.cancel();
            upgrade.await();
        });

        assertThatExceptionOfType(ClosedResourceException.class).isThrownBy(() -> stream.send(LF));
        assertThatExceptionOfType(EndOfStreamException.class)
                .isThrownBy(() -> pair.left().receive());
    }

    @Test
    void otherCallsAreBusyDuringAnUpgradeAndCloseEndsIt() throws IOException {
        var pair = MemoryByteStream.pair();
        var stream = BufferedByteStream.over(pair.right());
        TaskGroup.run(group -> {
            Task<Void> upgrade = group.fork(
                    () -> fails(ClosedResourceException.class, () -> stream.upgrade(BufferedUpgradeTest::handshake)));
            Blocked.await(upgrade);
            assertThatExceptionOfType(BusyResourceException.class).isThrownBy(() -> stream.receive());
            assertThatExceptionOfType(BusyResourceException.class).isThrownBy(() -> stream.send(LF));
            assertThatExceptionOfType(BusyResourceException.class).isThrownBy(stream::sendEof);
            stream.close();
            upgrade.join();
        });
        assertThatExceptionOfType(EndOfStreamException.class)
                .isThrownBy(() -> pair.left().receive());
    }

    @Test
    void newLayerIsClosedIfTheStreamWasClosedMeanwhile() throws IOException {
        var pair = MemoryByteStream.pair();
        var other = MemoryByteStream.pair();
        var stream = BufferedByteStream.over(pair.right());

        assertThatExceptionOfType(ClosedResourceException.class)
                .isThrownBy(() -> stream.upgrade(below -> {
                    stream.close();
                    return other.right();
                }));

        assertThatExceptionOfType(EndOfStreamException.class)
                .isThrownBy(() -> other.left().receive());
    }

    @Test
    void upgradeGivesTheNewLayerAndItsAttributes() throws IOException {
        Attribute<String> cipher = Attribute.of("cipher");
        try (var pair = MemoryByteStream.pair()) {
            var stream = BufferedByteStream.over(pair.right());
            Flipped flipped = stream.upgrade(Flipped::new);

            assertThat(flipped.below()).isInstanceOf(BufferedByteStream.class);
            assertThat(stream.find(cipher)).isEmpty();
        }
    }
}
