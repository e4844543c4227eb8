package io.bobbinet.tests.tls;

import static io.bobbinet.tests.tls.TlsSides.bytes;
import static io.bobbinet.tests.tls.TlsSides.drained;
import static io.bobbinet.tests.tls.TlsSides.text;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsEnd;
import io.bobbinet.tls.TlsStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of a connection with a peer that does not do its part, and a close that strikes where others wait. */
@Timeout(30)
class TlsCloseTest {

    // -- the peer's end

    @ParameterizedTest
    @CsvSource({
        "TLSv1.3, false, STRICT", "TLSv1.3, true, STRICT", "TLSv1.2, false, STRICT", "TLSv1.2, true, STRICT",
        "TLSv1.3, false, LENIENT", "TLSv1.3, true, LENIENT", "TLSv1.2, false, LENIENT", "TLSv1.2, true, LENIENT"
    })
    @Tag("smoke")
    void aPeerThatLeavesWithoutSayingSo(String version, boolean server, TlsEnd reading) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            Task<TlsStream> making = group.fork(() -> TlsSides.over(
                    below.left(), server, TlsSides.options(server, version).withEnd(reading)));
            EnginePeer peer = new EnginePeer(below.right(), !server, version).handshaken();
            TlsStream ours = making.join();
            peer.send("a message that may be cut");
            peer.close();
            assertThat(text(ours.receive())).isEqualTo("a message that may be cut");
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> ours.receive())
                        .isExactlyInstanceOf(
                                reading == TlsEnd.STRICT ? BrokenResourceException.class : EndOfStreamException.class);
            }
            ours.close();
            assertThatThrownBy(() -> ours.receive()).isExactlyInstanceOf(ClosedResourceException.class);
            ours.close();
        });
    }

    /** What stands behind the end belongs to nobody: no more data, no failure. */
    @ParameterizedTest
    @CsvSource({"TLSv1.3, false", "TLSv1.3, true", "TLSv1.2, false", "TLSv1.2, true"})
    void dataBehindACloseNotifyIsNotReceived(String version, boolean server) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            Task<TlsStream> making =
                    group.fork(() -> TlsSides.over(below.left(), server, TlsSides.options(server, version)));
            EnginePeer peer = new EnginePeer(below.right(), !server, version).handshaken();
            TlsStream ours = making.join();
            peer.send("before");
            byte[] end = peer.closeNotify();
            assertThat(end).isNotEmpty();
            below.right().send(end);
            below.right().send(end);
            below.right().send(bytes("plaintext behind the end"));
            assertThat(text(ours.receive())).isEqualTo("before");
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> ours.receive()).isExactlyInstanceOf(EndOfStreamException.class);
            }
            ours.close();
        });
    }

    @Test
    void afterThePeersEndTls13MaySendOn() throws IOException {
        try (StreamPair<TlsStream> pair = TlsSides.pair(TlsSides.TLS_1_3)) {
            pair.left().sendEof();
            assertThatThrownBy(() -> pair.right().receive()).isExactlyInstanceOf(EndOfStreamException.class);
            pair.right().send(bytes("the answer"));
            assertThat(text(pair.left().receive())).isEqualTo("the answer");
        }
    }

    @Test
    void afterThePeersEndASendOfTls12IsBroken() throws IOException {
        try (StreamPair<TlsStream> pair = TlsSides.pair(TlsSides.TLS_1_2)) {
            pair.left().close();
            assertThatThrownBy(() -> pair.right().receive()).isExactlyInstanceOf(EndOfStreamException.class);
            assertThatThrownBy(() -> pair.right().send(new byte[1])).isExactlyInstanceOf(BrokenResourceException.class);
        }
    }

    // -- our close

    @ParameterizedTest
    @ValueSource(strings = {TlsSides.TLS_1_2, TlsSides.TLS_1_3})
    @Tag("smoke")
    void closeTellsThePeerAndDoesNotWaitForItsAnswer(String version) throws IOException {
        try (StreamPair<TlsStream> pair = TlsSides.pair(version)) {
            pair.left().send(bytes("last words"));
            pair.right().send(bytes("which nobody receives"));
            pair.left().close();
            assertThat(text(drained(pair.right()))).isEqualTo("last words");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TlsSides.TLS_1_2, TlsSides.TLS_1_3})
    void closeWaitsFiveSecondsForAPeerThatDoesNotRead(String version) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        VirtualTime.run(time -> TaskGroup.run(group -> {
            StreamPair<TlsStream> pair = stuck(below, version);
            Task<Void> close = group.fork(() -> pair.left().close());
            Blocked.await(close);
            time.advance(ofMillis(4_999));
            Blocked.await(close);
            time.advance(ofMillis(1));
            close.join();
            assertThatThrownBy(() -> below.left().receive()).isExactlyInstanceOf(ClosedResourceException.class);
            assertThatThrownBy(() -> drained(pair.right())).isExactlyInstanceOf(BrokenResourceException.class);
        }));
    }

    /** A connection whose left side cannot send anything more. */
    private static StreamPair<TlsStream> stuck(StreamPair<MemoryByteStream> below, String version) throws IOException {
        GateStream gate = new GateStream(below.left());
        StreamPair<TlsStream> pair = TlsSides.pair(gate, below.right(), version);
        gate.shut();
        return pair;
    }

    @ParameterizedTest
    @ValueSource(strings = {TlsSides.TLS_1_2, TlsSides.TLS_1_3})
    @Tag("smoke")
    void closeInACancelledScopeDoesNotWaitAndThePeerSeesACut(String version) throws IOException {
        StreamPair<TlsStream> pair = TlsSides.pair(version);
        pair.left().send(bytes("half a mess"));
        MoveOnScope scope = CancelScope.create();
        scope.cancel();
        boolean finished = scope.run(() -> pair.left().close());
        assertThat(finished).as("close does not throw").isTrue();
        assertThat(text(pair.right().receive())).isEqualTo("half a mess");
        assertThatThrownBy(() -> pair.right().receive()).isExactlyInstanceOf(BrokenResourceException.class);
        pair.right().close();
    }

    @Test
    void closeCancelledWhileItWaitsClosesTheTransportAtOnce() throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            StreamPair<TlsStream> pair = stuck(below, TlsSides.TLS_1_3);
            MoveOnScope scope = CancelScope.create();
            Task<Boolean> close = group.fork(() -> scope.run(() -> pair.left().close()));
            Blocked.await(close);
            scope.cancel();
            close.join();
            assertThatThrownBy(() -> below.left().receive()).isExactlyInstanceOf(ClosedResourceException.class);
            assertThatThrownBy(() -> drained(pair.right())).isExactlyInstanceOf(BrokenResourceException.class);
        });
    }

    @Test
    void closeWithTheInterruptStatusSetReleasesTheTransport() throws Exception {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        StreamPair<TlsStream> pair = stuck(below, TlsSides.TLS_1_3);
        Thread thread = Thread.startVirtualThread(() -> {
            Thread.currentThread().interrupt();
            try {
                pair.left().close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        thread.join();
        assertThatThrownBy(() -> below.left().receive()).isExactlyInstanceOf(ClosedResourceException.class);
        pair.right().close();
    }

    @ParameterizedTest
    @ValueSource(strings = {TlsSides.TLS_1_2, TlsSides.TLS_1_3})
    @Tag("smoke")
    void closeWakesABlockedReceiveAndThePeerSeesTheEnd(String version) throws IOException {
        try (StreamPair<TlsStream> pair = TlsSides.pair(version)) {
            TaskGroup.run(group -> {
                Task<Void> receive = group.fork(() -> {
                    assertThatThrownBy(() -> pair.left().receive()).isExactlyInstanceOf(ClosedResourceException.class);
                });
                Blocked.await(receive);
                pair.left().close();
                receive.join();
                assertThat(drained(pair.right())).isEmpty();
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TlsSides.TLS_1_2, TlsSides.TLS_1_3})
    @Tag("smoke")
    void closeWakesABlockedSendAndThePeerSeesACut(String version) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair(5_000);
        try (StreamPair<TlsStream> pair = TlsSides.pair(below.left(), below.right(), version)) {
            TaskGroup.run(group -> {
                Task<Void> send = group.fork(() -> {
                    assertThatThrownBy(() -> pair.left().send(new byte[100_000]))
                            .isExactlyInstanceOf(ClosedResourceException.class);
                });
                Blocked.await(send);
                pair.left().close();
                send.join();
                assertThatThrownBy(() -> drained(pair.right())).isExactlyInstanceOf(BrokenResourceException.class);
            });
        }
    }

    @Test
    void closeWakesABlockedHandshake() throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TlsStream stream =
                Tls.listener(new OneConnection(below.left()), TlsSides.server()).accept();
        TaskGroup.run(group -> {
            Task<Void> receive = group.fork(() -> {
                assertThatThrownBy(() -> stream.receive()).isExactlyInstanceOf(ClosedResourceException.class);
            });
            Blocked.await(receive);
            stream.close();
            receive.join();
            assertThat(drained(below.right())).isEmpty();
        });
    }

    @Test
    void closeOfAStreamThatHasNotBegunSaysNothing() throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TlsStream stream =
                Tls.listener(new OneConnection(below.left()), TlsSides.server()).accept();
        stream.close();
        assertThat(drained(below.right())).isEmpty();
        assertThatThrownBy(stream::handshake).isExactlyInstanceOf(ClosedResourceException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {TlsSides.TLS_1_2, TlsSides.TLS_1_3})
    void bothSidesMayCloseAtOnceAndEachFromTwoThreads(String version) throws IOException {
        for (int i = 0; i < 50; i++) {
            StreamPair<TlsStream> pair = TlsSides.pair(version);
            TaskGroup.run(group -> {
                for (TlsStream side : new TlsStream[] {pair.left(), pair.right(), pair.left(), pair.right()}) {
                    group.fork(() -> side.close());
                }
            });
            assertThatThrownBy(() -> pair.left().receive()).isExactlyInstanceOf(ClosedResourceException.class);
            assertThatThrownBy(() -> pair.right().send(new byte[1])).isExactlyInstanceOf(ClosedResourceException.class);
        }
    }

    /** Or else the peer of two closers would see a connection that was cut. */
    @Test
    void aSecondCloseWaitsForTheFirstToHaveSaidSo() throws Exception {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        GateStream gate = new GateStream(below.left());
        StreamPair<TlsStream> pair = TlsSides.pair(gate, below.right(), TlsSides.TLS_1_3);
        gate.shut();
        Thread second = Thread.ofPlatform().unstarted(() -> {
            try {
                pair.left().close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        TaskGroup.run(group -> {
            Task<Void> first = group.fork(() -> pair.left().close());
            Blocked.await(first);
            second.start();
            while (second.getState() != Thread.State.WAITING && second.isAlive()) {
                Thread.onSpinWait();
            }
            gate.open();
            first.join();
        });
        second.join();
        assertThatThrownBy(() -> pair.right().receive()).isExactlyInstanceOf(EndOfStreamException.class);
        pair.right().close();
    }

    @Test
    void aSecondCloseInACancelledScopeEndsTheWaitOfTheFirst() throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        VirtualTime.run(time -> TaskGroup.run(group -> {
            StreamPair<TlsStream> pair = stuck(below, TlsSides.TLS_1_3);
            Task<Void> first = group.fork(() -> pair.left().close());
            Blocked.await(first);
            var scope = CancelScope.create();
            scope.run(() -> {
                scope.cancel();
                pair.left().close();
            });
            first.join();
            assertThat(time.elapsed()).isZero();
            pair.right().close();
        }));
    }

    @ParameterizedTest
    @ValueSource(strings = {TlsSides.TLS_1_2, TlsSides.TLS_1_3})
    void closeAfterABrokenConnectionIsQuiet(String version) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        StreamPair<TlsStream> pair = TlsSides.pair(below.left(), below.right(), version);
        below.right().close();
        assertThatThrownBy(() -> pair.left().receive()).isExactlyInstanceOf(BrokenResourceException.class);
        pair.left().close();
        pair.left().close();
        assertThatThrownBy(() -> pair.left().send(new byte[1])).isExactlyInstanceOf(ClosedResourceException.class);
    }

    @Test
    void unwrapDiscardsWhatWasNotReceivedAndGivesBackWhatCameBehindTheEnd() throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            Task<TlsStream> making = group.fork(() -> Tls.server(below.left(), TlsSides.server(TlsSides.TLS_1_3)));
            EnginePeer peer = new EnginePeer(below.right(), false, TlsSides.TLS_1_3).handshaken();
            TlsStream ours = making.join();
            peer.send("not received");
            below.right().send(peer.closeNotify());
            below.right().send(bytes("plain again"));
            ByteStream plain = ours.unwrap();
            assertThat(text(plain.receive())).isEqualTo("plain again");
            assertThatThrownBy(() -> ours.receive()).isExactlyInstanceOf(ClosedResourceException.class);
            ours.close();
            plain.send(bytes("still open"));
            assertThat(peer.receive()).as("our close_notify").isEmpty();
            plain.close();
        });
    }

    @Test
    void unwrapFromAPeerThatStaysSilentIsForTheCallerToLimit() throws IOException {
        VirtualTime.run(time -> TaskGroup.run(group -> {
            StreamPair<TlsStream> pair = TlsSides.pair(TlsSides.TLS_1_3);
            Task<Boolean> unwrap = group.fork(() ->
                    CancelScope.moveOnAfter(ofSeconds(3)).run(() -> pair.left().unwrap()));
            Blocked.await(unwrap);
            time.advance(ofSeconds(3));
            assertThat(unwrap.join()).isFalse();
            pair.close();
        }));
    }
}
