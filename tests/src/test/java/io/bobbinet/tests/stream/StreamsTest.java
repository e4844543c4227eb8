package io.bobbinet.tests.stream;

import static io.bobbinet.tests.stream.StreamTesting.bytes;
import static io.bobbinet.tests.stream.StreamTesting.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bobbinet.examples.RelayExamples;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BufferedByteStream;
import io.bobbinet.stream.ByteSendStream;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.Streams;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.HostileStreams;
import io.bobbinet.testkit.MemoryListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StreamsTest {
    // -- copy

    @Test
    @Tag("smoke")
    void copyCopiesToTheEndAndEndsTheSending() throws IOException {
        try (var target = MemoryByteStream.pair()) {
            assertThat(Streams.copy(Pieces.of("one ", "two"), target.left())).isEqualTo(7);

            assertThat(text(target.right().receive())).isEqualTo("one two");
            assertThatExceptionOfType(EndOfStreamException.class)
                    .isThrownBy(() -> target.right().receive());
            target.right().send(bytes("closed it is not"));
            assertThat(target.left().receive()).isNotEmpty();
        }
    }

    @Test
    void copyToAMereSendStreamLeavesItOpen() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteSendStream target = new ByteSendStream() {
            @Override
            public void send(ByteBuffer source) {
                while (source.hasRemaining()) {
                    all.write(source.get());
                }
            }

            @Override
            public void close() {
                throw new AssertionError("closed");
            }
        };

        assertThat(Streams.copy(Pieces.of("abc"), target)).isEqualTo(3);
        assertThat(text(all.toByteArray())).isEqualTo("abc");
    }

    @Test
    void copyTakesMoreThanABufferful() throws IOException {
        byte[] large = new byte[1_000_000];
        new Random(3).nextBytes(large);
        try (var source = MemoryByteStream.pair();
                var target = MemoryByteStream.pair()) {
            TaskGroup.run(group -> {
                group.fork(() -> {
                    source.left().send(large);
                    source.left().sendEof();
                });
                Task<Long> copy = group.fork(() -> Streams.copy(source.right(), target.left()));
                assertThat(BufferedByteStream.over(target.right()).receiveExactly(large.length))
                        .isEqualTo(large);
                assertThat(copy.join()).isEqualTo(large.length);
            });
        }
    }

    @Test
    void copyThatIsCancelledWhileItWaitsLosesNothing() throws IOException {
        try (var source = MemoryByteStream.pair();
                var target = MemoryByteStream.pair()) {
            source.left().send(bytes("first "));
            TaskGroup.run(group -> {
                Task<Long> copy = group.fork(() -> Streams.copy(source.right(), target.left()));
                assertThat(text(target.right().receive())).isEqualTo("first ");
                Blocked.await(copy);
                copy.cancel();
                copy.await();
            });
            source.left().send(bytes("second"));
            source.left().sendEof();
            Streams.copy(source.right(), target.left());

            assertThat(text(target.right().receive())).isEqualTo("second");
        }
    }

    @Test
    void copyPassesFailuresOn() throws IOException {
        IOException own = new IOException("after 3");
        try (var source = MemoryByteStream.pair();
                var target = MemoryByteStream.pair()) {
            source.left().send(bytes("abcdef"));

            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(
                            () -> Streams.copy(HostileStreams.failingReceive(source.right(), 3, own), target.left()))
                    .isSameAs(own);
            assertThat(text(target.right().receive())).isEqualTo("abc");
        }
    }

    // -- relay

    @Test
    @Tag("smoke")
    void relayCarriesBothDirectionsAndTheirEnds() throws IOException {
        try (var client = MemoryByteStream.pair();
                var server = MemoryByteStream.pair()) {
            TaskGroup.run(group -> {
                Task<Void> relay = group.fork(() -> Streams.relay(client.right(), server.left()));
                client.left().send(bytes("question"));
                assertThat(text(server.right().receive())).isEqualTo("question");
                client.left().sendEof();
                assertThatExceptionOfType(EndOfStreamException.class)
                        .isThrownBy(() -> server.right().receive());
                server.right().send(bytes("answer, after the end of the question"));
                assertThat(text(client.left().receive())).startsWith("answer");
                assertThat(relay.status()).isEqualTo(Task.Status.PENDING);
                server.right().sendEof();
                assertThatExceptionOfType(EndOfStreamException.class)
                        .isThrownBy(() -> client.left().receive());
                relay.join();
            });
            // It has closed neither: the ends here are half-closed, not broken.
            client.left().sendEof();
        }
    }

    @Test
    void relayOfLargeTransfersBothWaysAtOnceLosesNothing() throws IOException {
        byte[] there = new byte[500_000];
        byte[] back = new byte[700_000];
        new Random(5).nextBytes(there);
        new Random(6).nextBytes(back);
        try (var client = MemoryByteStream.pair();
                var server = MemoryByteStream.pair()) {
            TaskGroup.run(group -> {
                group.fork(() -> Streams.relay(
                        HostileStreams.randomChunks(client.right(), 11),
                        HostileStreams.randomChunks(server.left(), 12)));
                group.fork(() -> {
                    client.left().send(there);
                    client.left().sendEof();
                });
                group.fork(() -> {
                    server.right().send(back);
                    server.right().sendEof();
                });
                Task<byte[]> received =
                        group.fork(() -> BufferedByteStream.over(server.right()).receiveExactly(there.length));
                assertThat(BufferedByteStream.over(client.left()).receiveExactly(back.length))
                        .isEqualTo(back);
                assertThat(received.join()).isEqualTo(there);
            });
        }
    }

    @Test
    void failureOfOneDirectionCancelsTheOtherAndLeaves() throws IOException {
        IOException own = new IOException("cable cut");
        try (var client = MemoryByteStream.pair();
                var server = MemoryByteStream.pair()) {
            client.left().send(bytes("abcdef"));

            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(
                            () -> Streams.relay(HostileStreams.failingReceive(client.right(), 3, own), server.left()))
                    .isSameAs(own);
            assertThat(text(server.right().receive())).isEqualTo("abc");
            // The other direction, which was waiting, has ended and taken nothing.
            server.right().send(bytes("late"));
            assertThat(text(server.left().receive())).isEqualTo("late");
        }
    }

    @Test
    void failureOfTheForkedDirectionLeavesAsItIs() throws IOException {
        try (var client = MemoryByteStream.pair();
                var server = MemoryByteStream.pair()) {
            client.left().close();
            client.right().close();
            server.right().send(bytes("to nobody"));

            assertThatExceptionOfType(IOException.class).isThrownBy(() -> Streams.relay(server.left(), client.right()));
        }
    }

    @Test
    void peerThatIsGoneBreaksTheRelay() throws IOException {
        try (var client = MemoryByteStream.pair();
                var server = MemoryByteStream.pair()) {
            client.left().send(bytes("to nobody"));
            server.right().close();

            assertThatExceptionOfType(BrokenResourceException.class)
                    .isThrownBy(() -> Streams.relay(client.right(), server.left()));
        }
    }

    @Test
    void cancelledRelayEndsBothDirections() throws IOException {
        try (var client = MemoryByteStream.pair();
                var server = MemoryByteStream.pair()) {
            TaskGroup.run(group -> {
                Task<Void> relay = group.fork(() -> Streams.relay(client.right(), server.left()));
                Blocked.await(relay);
                relay.cancel();
                relay.await();
                assertThat(relay.status()).isEqualTo(Task.Status.CANCELLED);
            });
            client.left().send(bytes("x"));
            assertThat(text(client.right().receive())).isEqualTo("x");
        }
    }

    /** Cannot end its sending alone, like TLS 1.2. */
    private record NoHalfClose(ByteStream below) implements ByteStream {
        @Override
        public int receive(ByteBuffer target) throws IOException {
            return below.receive(target);
        }

        @Override
        public void awaitReceivable() throws IOException {
            below.awaitReceivable();
        }

        @Override
        public void send(ByteBuffer source) throws IOException {
            below.send(source);
        }

        @Override
        public void sendEof() {
            throw new UnsupportedOperationException("no half-close");
        }

        @Override
        public void close() throws IOException {
            below.close();
        }
    }

    @Test
    void sideThatCannotHalfCloseStaysOpenUntilTheOtherEnds() throws IOException {
        try (var client = MemoryByteStream.pair();
                var server = MemoryByteStream.pair()) {
            TaskGroup.run(group -> {
                Task<Void> relay = group.fork(() -> Streams.relay(client.right(), new NoHalfClose(server.left())));
                client.left().send(bytes("question"));
                client.left().sendEof();
                assertThat(text(server.right().receive())).isEqualTo("question");
                server.right().send(bytes("answer"));
                assertThat(text(client.left().receive())).isEqualTo("answer");
                server.right().sendEof();
                relay.join();
            });
        }
    }

    @Test
    void exampleRelaysEachConnection() throws IOException {
        try (var front = MemoryListener.open();
                var back = MemoryListener.open()) {
            TaskGroup.run(group -> {
                group.fork(() -> RelayExamples.relay(front, back.connector()));
                try (var client = front.connector().connect();
                        var server = back.accept()) {
                    client.send(bytes("hi"));
                    assertThat(text(server.receive())).isEqualTo("hi");
                }
                group.cancel();
            });
        }
    }
}
