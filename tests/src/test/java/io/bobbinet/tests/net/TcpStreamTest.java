package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A TCP stream, against a socket of the JDK. */
@OnEachBackend
@DisplayName("TcpStreamTest")
@Timeout(30)
class TcpStreamTest {
    /** More than two socket buffers hold. */
    private static final int TOO_MUCH = 64 << 20;

    private TcpPair pair;
    private TcpStream ours;

    @BeforeEach
    void open() throws IOException {
        pair = TcpPair.open();
        ours = pair.ours();
    }

    @AfterEach
    void close() throws IOException {
        pair.close();
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    @Tag("smoke")
    void whatIsSentIsAnswered() throws IOException {
        ours.send(bytes("hello"));
        byte[] question = pair.peer().getInputStream().readNBytes(5);
        pair.peerSends(new StringBuilder(text(question)).reverse().toString());
        assertThat(text(ours.receive())).isEqualTo("olleh");
    }

    @Test
    void aMebibyteArrivesWholeAndInOrder() throws Exception {
        byte[] sent = new byte[1 << 20];
        new Random(1).nextBytes(sent);
        TaskGroup.run(group -> {
            group.fork(() -> {
                ours.send(sent);
                ours.sendEof();
            });
            assertThat(Arrays.equals(pair.peer().getInputStream().readAllBytes(), sent))
                    .isTrue();
        });
    }

    @Test
    void severalBuffersAreSentInTheirOrder() throws Exception {
        var random = new Random(2);
        ByteBuffer[] parts = new ByteBuffer[40];
        var sent = ByteBuffer.allocate(4 << 20);
        for (int i = 0; i < parts.length; i++) {
            byte[] part = new byte[i % 7 == 0 ? 0 : random.nextInt(100_000)];
            random.nextBytes(part);
            sent.put(part);
            parts[i] = i % 2 == 0
                    ? ByteBuffer.wrap(part)
                    : ByteBuffer.allocateDirect(part.length).put(part).flip();
        }
        TaskGroup.run(group -> {
            group.fork(() -> {
                ours.send(parts);
                ours.sendEof();
            });
            byte[] received = pair.peer().getInputStream().readAllBytes();
            assertThat(Arrays.equals(received, Arrays.copyOf(sent.array(), sent.position())))
                    .isTrue();
        });
        assertThat(parts).noneMatch(ByteBuffer::hasRemaining);
    }

    // -- ends

    @Test
    @Tag("smoke")
    void theEndOfSendingReachesThePeerAndItsAnswerReachesUs() throws IOException {
        ours.send(bytes("question"));
        ours.sendEof();
        assertThat(pair.peer().getInputStream().readAllBytes()).isEqualTo(bytes("question"));
        pair.peerSends("answer");
        assertThat(text(ours.receive())).isEqualTo("answer");
    }

    @Test
    void sendingMayEndWhileAReceiveWaits() throws Exception {
        TaskGroup.run(group -> {
            Task<byte[]> receiver = group.fork(() -> ours.receive());
            Blocked.await(receiver);
            ours.sendEof();
            assertThat(pair.peer().getInputStream().read()).isEqualTo(-1);
            pair.peerSends("x");
            assertThat(text(receiver.join())).isEqualTo("x");
        });
    }

    @Test
    void endingTheSendingTwiceIsHarmless() throws IOException {
        ours.sendEof();
        ours.sendEof();
        assertThat(pair.peer().getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void endingTheSendingAfterCloseIsClosed() throws IOException {
        ours.close();
        assertFails(ClosedResourceException.class, () -> ours.sendEof());
    }

    @Test
    void sendingAfterTheEndOfSendingIsClosed() throws IOException {
        ours.sendEof();
        assertFails(ClosedResourceException.class, () -> ours.send(bytes("x"))).hasMessageContaining("sendEof");
    }

    @Test
    void piecesComeUntilThePeerCloses() throws IOException {
        pair.peerSends("abc");
        List<String> pieces = new ArrayList<>();
        ours.forEach(piece -> {
            pieces.add(text(piece));
            if (pieces.size() == 1) {
                pair.peerSends("def");
            } else {
                pair.peer().close();
            }
        });
        assertThat(pieces).containsExactly("abc", "def");
    }

    @Test
    @Tag("smoke")
    void anOrderlyEndStaysAnEndUntilWeClose() throws IOException {
        pair.peer().close();
        for (int i = 0; i < 3; i++) {
            assertFails(EndOfStreamException.class, () -> ours.receive())
                    .hasMessageContaining("127.0.0.1:" + ours.peerAddress().getPort());
            assertFails(EndOfStreamException.class, () -> ours.receive(ByteBuffer.allocate(1)));
        }
        ours.close();
        assertFails(ClosedResourceException.class, () -> ours.receive());
    }

    @Test
    void aReceiveOfFewBytesLeavesTheRest() throws IOException {
        pair.peerSends("abcdef");
        assertThat(text(ours.receive(2))).isEqualTo("ab");
        ByteBuffer three = ByteBuffer.allocate(5).position(1).limit(4);
        assertThat(ours.receive(three)).isEqualTo(3);
        assertThat(three.position()).isEqualTo(4);
        assertThat(text(Arrays.copyOfRange(three.array(), 1, 4))).isEqualTo("cde");
        assertThat(text(ours.receive())).isEqualTo("f");
    }

    // -- one at a time

    @Test
    void aSecondReceiverIsBusyAndDisturbsNobody() throws Exception {
        TaskGroup.run(group -> {
            Task<byte[]> first = group.fork(() -> ours.receive());
            Blocked.await(first);
            assertFails(BusyResourceException.class, () -> ours.receive()).hasMessageContaining("receiving from");
            assertFails(BusyResourceException.class, () -> ours.awaitReceivable());
            pair.peerSends("x");
            assertThat(text(first.join())).isEqualTo("x");
        });
        pair.peerSends("y");
        assertThat(text(ours.receive())).isEqualTo("y");
    }

    @Test
    void aSecondSenderIsBusyAndDisturbsNobody() throws Exception {
        TaskGroup.run(group -> {
            Task<?> first = group.fork(() -> {
                ours.send(new byte[TOO_MUCH]);
                ours.sendEof();
            });
            Blocked.await(first);
            assertFails(BusyResourceException.class, () -> ours.send(bytes("x")))
                    .hasMessageContaining("sending to");
            assertFails(BusyResourceException.class, () -> ours.sendEof());
            assertThat(pair.peer().getInputStream().transferTo(OutputStream.nullOutputStream()))
                    .isEqualTo(TOO_MUCH);
        });
    }

    // -- closing

    @Test
    @Tag("smoke")
    void closingWakesABlockedReceive() throws Exception {
        TaskGroup.run(group -> {
            Task<?> receiver = group.fork(() -> {
                assertFails(ClosedResourceException.class, () -> ours.receive());
            });
            Blocked.await(receiver);
            ours.close();
            receiver.join();
        });
    }

    @Test
    void closingWakesABlockedSendAndThePeerDoesNotTakeThePartForTheWhole() throws Exception {
        TaskGroup.run(group -> {
            Task<?> sender = group.fork(() -> {
                assertFails(ClosedResourceException.class, () -> ours.send(new byte[TOO_MUCH]));
            });
            Blocked.await(sender);
            ours.close();
            sender.join();
        });
        assertThatThrownBy(() -> pair.peer().getInputStream().readAllBytes()).isInstanceOf(SocketException.class);
    }

    @Test
    void closedComesBeforeWhatHasArrived() throws IOException {
        pair.peerSends("abc");
        ours.awaitReceivable();
        ours.close();
        assertFails(ClosedResourceException.class, () -> ours.receive());
        assertFails(ClosedResourceException.class, () -> ours.receive(ByteBuffer.allocate(8)));
        assertFails(ClosedResourceException.class, () -> ours.awaitReceivable());
        assertFails(ClosedResourceException.class, () -> ours.send(bytes("x")));
        assertFails(ClosedResourceException.class, () -> ours.option(StandardSocketOptions.SO_RCVBUF));
    }

    @Test
    void closedComesBeforeBroken() throws IOException {
        pair.peerResets();
        assertThatThrownBy(() -> ours.receive()).hasMessageContaining("reset");
        ours.close();
        assertFails(ClosedResourceException.class, () -> ours.receive());
        assertFails(ClosedResourceException.class, () -> ours.send(bytes("x")));
    }

    @Test
    void aBlockThatIsCutShortClosesItsStream() throws Exception {
        TaskGroup.run(group -> {
            Task<?> body = group.fork(() -> {
                try (TcpStream stream = ours) {
                    stream.receive();
                }
            });
            Blocked.await(body);
            body.cancel();
            assertThat(pair.peer().getInputStream().read()).isEqualTo(-1);
        });
    }

    @Test
    void closingWithDataUnreadMakesThePeerSeeAReset() throws Exception {
        TaskGroup.run(group -> {
            Task<?> waiter = group.fork(() -> ours.awaitReceivable());
            Blocked.await(waiter);
            pair.peerSends("abc");
            waiter.join();
        });
        ours.close();
        assertThatThrownBy(() -> pair.peer().getInputStream().read()).isInstanceOf(SocketException.class);
    }

    @Test
    void closingInACancelledScopeClosesAndThrowsNothing() throws IOException {
        var scope = CancelScope.create();
        scope.cancel();
        scope.run(() -> ours.close());
        assertThat(pair.peer().getInputStream().read()).isEqualTo(-1);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void theDescriptorIsReleasedWhenCloseReturns() throws Exception {
        long before = Sockets.openSockets();
        TaskGroup.run(group -> {
            Task<?> receiver = group.fork(() -> {
                assertFails(ClosedResourceException.class, () -> ours.receive());
            });
            Blocked.await(receiver);
            Task<?> other = group.fork(() -> {
                ours.close();
                assertThat(Sockets.openSockets()).isEqualTo(before - 1);
            });
            ours.close();
            assertThat(Sockets.openSockets()).isEqualTo(before - 1);
            other.join();
        });
    }

    // -- cancelling

    @Test
    void aTightLoopOfReceivesIsCancelled() throws Exception {
        TaskGroup.run(group -> {
            group.fork(() -> {
                try {
                    while (true) {
                        pair.peerSends("abcdefgh");
                    }
                } catch (SocketException e) {
                    // Closed below.
                }
            });
            var scope = CancelScope.create();
            AtomicInteger received = new AtomicInteger();
            boolean ended = scope.run(() -> {
                while (true) {
                    ours.receive(1);
                    if (received.incrementAndGet() == 1000) {
                        scope.cancel();
                    }
                }
            });
            assertThat(ended).isFalse();
            assertThat(received).hasValue(1000);
            assertThat(text(ours.receive(1))).hasSize(1);
            pair.peer().close();
        });
    }

    @Test
    void aSendCutOffInItsMiddlePoisonsTheSending() throws Exception {
        var scope = CancelScope.create();
        TaskGroup.run(group -> {
            Task<Boolean> sender = group.fork(() -> scope.run(() -> ours.send(new byte[TOO_MUCH])));
            Blocked.await(sender);
            scope.cancel();
            assertThat(sender.join()).isFalse();
        });
        assertFails(BrokenResourceException.class, () -> ours.send(bytes("more")))
                .hasMessageMatching(".*cut off after [1-9]\\d* of its " + TOO_MUCH + " bytes");
        assertFails(BrokenResourceException.class, () -> ours.sendEof());
        pair.peerSends("still heard");
        assertThat(text(ours.receive())).isEqualTo("still heard");
        ours.close();
        assertThatThrownBy(() -> pair.peer().getInputStream().readAllBytes()).isInstanceOf(SocketException.class);
    }

    @Test
    void aSendCancelledBeforeItsFirstByteLeavesTheStreamAsItWas() throws IOException {
        var scope = CancelScope.create();
        scope.cancel();
        assertThat(scope.run(() -> ours.send(bytes("never")))).isFalse();
        ours.send(bytes("sent"));
        ours.close();
        assertThat(pair.peer().getInputStream().readAllBytes()).isEqualTo(bytes("sent"));
    }

    @Test
    void anEmptySendDoesNoMoreThanCheck() throws IOException {
        ours.send(new byte[0]);
        ours.send(ByteBuffer.allocate(0), ByteBuffer.allocate(0));
        var scope = CancelScope.create();
        scope.run(() -> {
            scope.cancel();
            assertFails(CancelledException.class, () -> ours.send(new byte[0]));
        });
        ours.sendEof();
        assertFails(ClosedResourceException.class, () -> ours.send(new byte[0]));
        ours.close();
        assertFails(ClosedResourceException.class, () -> ours.send(new byte[0]));
        assertThat(pair.peer().getInputStream().read()).isEqualTo(-1);
    }

    // -- the rest

    @Test
    void nothingIsReadBeforeAReceive() throws IOException {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0);
                SocketChannel client = SocketChannel.open(listener.localAddress());
                TcpStream accepted = listener.accept()) {
            client.configureBlocking(false);
            ByteBuffer data = ByteBuffer.allocate(1 << 16);
            long total = 0;
            for (int refused = 0; refused < 1000 && total < TOO_MUCH; ) {
                int count = client.write(data.clear());
                total += count;
                refused = count == 0 ? refused + 1 : 0;
                Thread.yield();
            }
            assertThat(total).isLessThan(TOO_MUCH);
            assertThat(accepted.receive(1)).hasSize(1);
        }
    }

    @Test
    void addressesAreKnownAfterResetAndClose() throws IOException {
        var local = ours.localAddress();
        assertThat(local).isEqualTo(pair.peer().getRemoteSocketAddress());
        assertThat(ours.peerAddress()).isEqualTo(pair.peer().getLocalSocketAddress());
        var peer = ours.peerAddress();
        pair.peerResets();
        assertThatThrownBy(() -> ours.receive()).isInstanceOf(IOException.class);
        assertThat(ours.peerAddress()).isEqualTo(peer);
        ours.close();
        assertThat(ours.localAddress()).isEqualTo(local);
        assertThat(ours.peerAddress()).isEqualTo(peer);
        assertThat(ours.find(SocketAttributes.PEER_ADDRESS)).contains(peer);
    }

    @Test
    void badArgumentsAreRefusedBeforeAnythingElse() throws IOException {
        ours.close();
        assertFails(IllegalArgumentException.class, () -> ours.receive(0));
        assertFails(IllegalArgumentException.class, () -> ours.receive(-1));
        assertFails(IllegalArgumentException.class, () -> ours.receive(ByteBuffer.allocate(0)));
        assertFails(
                IllegalArgumentException.class,
                () -> ours.receive(ByteBuffer.allocate(1).asReadOnlyBuffer()));
    }

    @Test
    void optionsCanBeSetAndAskedFor() throws IOException {
        ours.setOption(StandardSocketOptions.TCP_NODELAY, false);
        assertThat(ours.option(StandardSocketOptions.TCP_NODELAY)).isFalse();
        assertThat(ours.supportedOptions()).contains(StandardSocketOptions.SO_KEEPALIVE);
    }
}
