package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.UnixAddress;
import io.bobbinet.net.UnixStream;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A UNIX stream, against a channel of the JDK. */
@OnEachBackend
@DisplayName("UnixStreamTest")
@Timeout(30)
class UnixStreamTest {
    /** More than two socket buffers hold. */
    private static final int TOO_MUCH = 16 << 20;

    @TempDir
    private Path folder;

    private Path path;
    private UnixPair pair;
    private UnixStream ours;

    @BeforeEach
    void open() throws IOException {
        path = folder.resolve("socket");
        pair = UnixPair.open(path);
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
        assertThat(Channels.newInputStream(pair.peer()).readNBytes(5)).isEqualTo(bytes("hello"));
        pair.peerSends("olleh");
        assertThat(text(ours.receive())).isEqualTo("olleh");
    }

    @Test
    void addressesAreKnownAlsoWhenClosed() throws IOException {
        for (int i = 0; i < 2; i++) {
            assertThat(ours.localAddress()).isEqualTo(UnixAddress.unnamed());
            assertThat(ours.peerAddress()).isEqualTo(UnixAddress.of(path)).hasToString(path.toString());
            assertThat(ours.find(SocketAttributes.PEER_ADDRESS)).contains(UnixAddress.of(path));
            ours.close();
        }
    }

    @Test
    void aMebibyteArrivesWholeBothWays() throws Exception {
        byte[] data = new byte[1 << 20];
        new Random(3).nextBytes(data);
        TaskGroup.run(group -> {
            group.fork(() -> {
                ours.send(data);
                ours.sendEof();
            });
            assertThat(Arrays.equals(pair.peerReceivesAll(), data)).isTrue();
        });
        TaskGroup.run(group -> {
            group.fork(() -> {
                ByteBuffer source = ByteBuffer.wrap(data);
                while (source.hasRemaining()) {
                    pair.peer().write(source);
                }
                pair.peer().shutdownOutput();
            });
            var received = ByteBuffer.allocate(data.length);
            ours.forEach(received::put);
            assertThat(Arrays.equals(received.array(), data)).isTrue();
        });
    }

    @Test
    void piecesComeUntilTheEndAndAreBounded() throws IOException {
        assertFails(IllegalArgumentException.class, () -> ours.receive(0));
        pair.peerSends("abcdef");
        pair.peer().shutdownOutput();
        assertThat(text(ours.receive(2))).isEqualTo("ab");
        List<String> pieces = new ArrayList<>();
        ours.forEach(piece -> pieces.add(text(piece)));
        assertThat(pieces).containsExactly("cdef");
        ours.send(bytes("still"));
        ours.sendEof();
        assertThat(pair.peerReceivesAll()).isEqualTo(bytes("still"));
    }

    @Test
    void aSecondReceiverOrSenderIsBusyAndDisturbsNobody() throws Exception {
        TaskGroup.run(group -> {
            Task<byte[]> receiver = group.fork(() -> ours.receive());
            Task<?> sender = group.fork(() -> {
                ours.send(new byte[TOO_MUCH]);
                ours.sendEof();
            });
            Blocked.await(receiver);
            Blocked.await(sender);
            assertFails(BusyResourceException.class, () -> ours.receive());
            assertFails(BusyResourceException.class, () -> ours.send(bytes("x")));
            assertFails(BusyResourceException.class, () -> ours.sendEof());
            assertThat(pair.peerReceivesAll()).hasSize(TOO_MUCH);
            pair.peerSends("x");
            assertThat(text(receiver.join())).isEqualTo("x");
        });
    }

    @Test
    @Tag("smoke")
    void closingWakesABlockedReceiveAndABlockedSend() throws Exception {
        TaskGroup.run(group -> {
            Task<?> receiver = group.fork(() -> {
                assertFails(ClosedResourceException.class, () -> ours.receive());
            });
            Task<?> sender = group.fork(() -> {
                assertFails(ClosedResourceException.class, () -> ours.send(new byte[TOO_MUCH]));
            });
            Blocked.await(receiver);
            Blocked.await(sender);
            ours.close();
        });
    }

    @Test
    void closingAfterACancelledReceiveAndSendIsQuiet() throws Exception {
        TaskGroup.run(group -> {
            Task<byte[]> receiver = group.fork(() -> ours.receive());
            Task<?> sender = group.fork(() -> ours.send(new byte[TOO_MUCH]));
            Blocked.await(receiver);
            Blocked.await(sender);
            receiver.cancel();
            sender.cancel();
            receiver.await();
            sender.await();
            ours.close();
        });
        assertThat(ours.peerAddress()).isEqualTo(UnixAddress.of(path));
    }

    @Test
    void afterCloseEverythingIsClosed() throws IOException {
        pair.peerSends("unread");
        ours.close();
        ours.close();
        assertFails(ClosedResourceException.class, () -> ours.receive());
        assertFails(ClosedResourceException.class, () -> ours.send(bytes("x")));
        assertFails(ClosedResourceException.class, () -> ours.sendEof());
    }

    @Test
    void afterTheEndOfSendingSendsAreClosed() throws IOException {
        ours.sendEof();
        ours.sendEof();
        assertFails(ClosedResourceException.class, () -> ours.send(bytes("x")));
    }

    @Test
    void aPeerThatClosesWithDataUnreadBreaksTheStream() throws IOException {
        ours.send(bytes("unread"));
        pair.peer().close();
        for (int i = 0; i < 3; i++) {
            assertFails(BrokenResourceException.class, () -> ours.receive()).hasCauseInstanceOf(IOException.class);
        }
    }

    @Test
    void aPeerThatClosesInOrderEndsTheStreamAndBreaksSends() throws IOException {
        pair.peer().close();
        assertFails(EndOfStreamException.class, () -> ours.receive());
        assertFails(BrokenResourceException.class, () -> ours.send(bytes("x")))
                .hasMessageContaining(path.toString())
                .hasMessageContaining("0 of 1 bytes");
        assertFails(EndOfStreamException.class, () -> ours.receive());
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
        // A UNIX stream cannot say more to its peer than that it ends.
        assertThat(pair.peerReceivesAll().length).isBetween(1, TOO_MUCH - 1);
    }
}
