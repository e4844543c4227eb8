package io.bobbinet.tests.tls;

import static io.bobbinet.tests.tls.TlsSides.bytes;
import static io.bobbinet.tests.tls.TlsSides.drained;
import static io.bobbinet.tests.tls.TlsSides.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.spi.WaitPoint;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.stream.Connector;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.CancelledException;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingRunnable;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.MemoryListener;
import io.bobbinet.tls.Tls;
import io.bobbinet.tls.TlsStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that are cancelled or interrupted: what they leave behind, on this side and on the other. */
@Timeout(30)
class TlsCancelTest {

    /** Runs a call until it waits, and cancels it there. */
    private static void cancelWhenItWaits(TaskGroup group, ThrowingRunnable<IOException> call) throws IOException {
        MoveOnScope scope = CancelScope.create();
        Task<Boolean> task = group.fork(() -> scope.run(call));
        Blocked.await(task);
        scope.cancel();
        assertThat(task.join()).as("it was not cut short").isFalse();
    }

    // -- receiving

    @ParameterizedTest
    @CsvSource({"TLSv1.3, false", "TLSv1.3, true", "TLSv1.2, false", "TLSv1.2, true"})
    @Tag("smoke")
    void aReceiveCancelledAtEachByteOfARecordLosesNothing(String version, boolean server) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            Task<TlsStream> making =
                    group.fork(() -> TlsSides.over(below.left(), server, TlsSides.options(server, version)));
            EnginePeer peer = new EnginePeer(below.right(), !server, version).handshaken();
            try (TlsStream ours = making.join()) {
                for (byte b : peer.record(bytes("every byte of it"))) {
                    cancelWhenItWaits(group, () -> ours.receive());
                    below.right().send(new byte[] {b});
                }
                assertThat(text(ours.receive(5))).isEqualTo("every");
                assertThat(text(ours.receive())).isEqualTo(" byte of it");
                ours.send(bytes("thanks"));
                assertThat(text(peer.receive())).isEqualTo("thanks");
            }
        });
    }

    @Test
    void aReceiveInACancelledScopeTakesNothingThatIsThere() throws IOException {
        try (StreamPair<TlsStream> pair = TlsSides.pair(TlsSides.TLS_1_3)) {
            pair.left().send(bytes("kept"));
            MoveOnScope scope = CancelScope.create();
            scope.cancel();
            assertThat(scope.run(() -> pair.right().receive())).isFalse();
            assertThat(text(pair.right().receive(2))).isEqualTo("ke");
            MoveOnScope again = CancelScope.create();
            again.cancel();
            assertThat(again.run(() -> pair.right().receive()))
                    .as("decrypted already")
                    .isFalse();
            assertThat(text(pair.right().receive())).isEqualTo("pt");
        }
    }

    // -- sending

    @ParameterizedTest
    @ValueSource(strings = {TlsSides.TLS_1_2, TlsSides.TLS_1_3})
    @Tag("smoke")
    void aCancelledSendPoisonsTheSendingAlone(String version) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair(5_000);
        StreamPair<TlsStream> pair = TlsSides.pair(below.left(), below.right(), version);
        TlsStream ours = pair.left();
        TaskGroup.run(group -> {
            cancelWhenItWaits(group, () -> ours.send(new byte[100_000]));
            assertThatThrownBy(() -> ours.send(bytes("more")))
                    .isExactlyInstanceOf(BrokenResourceException.class)
                    .hasMessageMatching(".*cut off after \\d+ of its 100000 bytes.*");
            if (version.equals(TlsSides.TLS_1_3)) {
                assertThatThrownBy(ours::sendEof).isExactlyInstanceOf(BrokenResourceException.class);
            }
            pair.right().send(bytes("still heard"));
            assertThat(text(ours.receive())).isEqualTo("still heard");
            ours.close();
            // Whole records before the cut one, if any, and then no end that looks like one.
            assertThatThrownBy(() -> drained(pair.right())).isExactlyInstanceOf(BrokenResourceException.class);
        });
        pair.close();
    }

    /** A record is numbered when it is encrypted: the transport has taken nothing, and still none may follow. */
    @Test
    void aSendCancelledBehindTheEncryptionPoisonsTheSending() throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        GateStream gate = new GateStream(below.left());
        StreamPair<TlsStream> pair = TlsSides.pair(gate, below.right(), TlsSides.TLS_1_3);
        TaskGroup.run(group -> {
            gate.shut();
            cancelWhenItWaits(group, () -> pair.left().send(bytes("encrypted")));
            gate.open();
            assertThatThrownBy(() -> pair.left().send(bytes("more")))
                    .isExactlyInstanceOf(BrokenResourceException.class)
                    .hasMessageContaining("cut off after 9 of its 9 bytes");
            pair.left().close();
            assertThatThrownBy(() -> pair.right().receive()).isExactlyInstanceOf(BrokenResourceException.class);
        });
        pair.close();
    }

    @Test
    void aSendInACancelledScopeLeavesTheStreamAsItWas() throws IOException {
        try (StreamPair<TlsStream> pair = TlsSides.pair(TlsSides.TLS_1_3)) {
            MoveOnScope scope = CancelScope.create();
            scope.cancel();
            assertThat(scope.run(() -> pair.left().send(bytes("never said")))).isFalse();
            pair.left().send(bytes("said"));
            assertThat(text(pair.right().receive())).isEqualTo("said");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TlsSides.TLS_1_2, TlsSides.TLS_1_3})
    @Tag("smoke")
    void aBusySendHasEncryptedNothing(String version) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair(5_000);
        try (StreamPair<TlsStream> pair = TlsSides.pair(below.left(), below.right(), version)) {
            TaskGroup.run(group -> {
                byte[] large = new byte[50_000];
                Task<Void> first = group.fork(() -> pair.left().send(large));
                Blocked.await(first);
                assertThatThrownBy(() -> pair.left().send(bytes("refused")))
                        .isExactlyInstanceOf(BusyResourceException.class);
                assertThatThrownBy(() -> pair.left().sendEof()).isExactlyInstanceOf(BusyResourceException.class);
                for (int count = 0; count < large.length; ) {
                    count += pair.right().receive().length;
                }
                first.join();
                pair.left().send(bytes("and on it goes"));
                assertThat(text(pair.right().receive())).isEqualTo("and on it goes");
            });
        }
    }

    @Test
    void aBusyReceiveDisturbsNobody() throws IOException {
        try (StreamPair<TlsStream> pair = TlsSides.pair(TlsSides.TLS_1_3)) {
            TaskGroup.run(group -> {
                Task<byte[]> first = group.fork(() -> pair.left().receive());
                Blocked.await(first);
                assertThatThrownBy(() -> pair.left().receive()).isExactlyInstanceOf(BusyResourceException.class);
                assertThatThrownBy(() -> pair.left().unwrap()).isExactlyInstanceOf(BusyResourceException.class);
                pair.right().send(bytes("for the first"));
                assertThat(text(first.join())).isEqualTo("for the first");
            });
        }
    }

    // -- the handshake

    @ParameterizedTest
    @ValueSource(strings = {TlsSides.TLS_1_2, TlsSides.TLS_1_3})
    @Tag("smoke")
    void aCancelledHandshakeIsGoneOnWith(String version) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TlsStream server = Tls.listener(new OneConnection(below.right()), TlsSides.server(version))
                .accept();
        TaskGroup.run(group -> {
            EnginePeer client = new EnginePeer(below.left(), false, version);
            boolean turn = false;
            for (byte b : client.handshakeAgain()) {
                cancelWhenItWaits(group, turn ? () -> server.receive() : () -> server.send(new byte[1]));
                below.left().send(new byte[] {b});
                turn = !turn;
            }
            cancelWhenItWaits(group, server::handshake);
            Task<Void> answer = group.fork(() -> server.send(server.receive()));
            client.handshaken().send("after all");
            assertThat(text(client.receive())).isEqualTo("after all");
            answer.join();
        });
        server.close();
    }

    /** The last send of a handshake is cut short: the next call does not begin another one. */
    @ParameterizedTest
    @ValueSource(strings = {TlsSides.TLS_1_2, TlsSides.TLS_1_3})
    void aHandshakeCancelledInItsLastSendIsGoneOnWith(String version) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        GateStream gate = new GateStream(below.right());
        TlsStream server =
                Tls.listener(new OneConnection(gate), TlsSides.server(version)).accept();
        TaskGroup.run(group -> {
            EnginePeer client = new EnginePeer(below.left(), false, version);
            Task<Boolean> stalled = group.fork(() -> client.stall(1, all -> 0));
            MoveOnScope first = CancelScope.create();
            Task<Boolean> handshake = group.fork(() -> first.run(server::handshake));
            assertThat(stalled.join()).isTrue();
            Blocked.await(handshake);
            gate.shut();
            below.left().send(client.held());
            Blocked.await(handshake, "receive");
            first.cancel();
            handshake.join();
            gate.open();
            Task<byte[]> receive = group.fork(() -> server.receive());
            client.handshaken().send("hello");
            assertThat(text(receive.join())).isEqualTo("hello");
            server.send(bytes("good"));
            assertThat(text(client.receive())).isEqualTo("good");
        });
        server.close();
    }

    @Test
    void aCancelledWrapClosesTheTransport() throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            cancelWhenItWaits(group, () -> Tls.client(below.left(), TlsSides.client()));
            assertThat(drained(below.right())).as("the hello, and then the end").startsWith(22);
            assertThatThrownBy(() -> below.left().receive()).isInstanceOf(ClosedResourceException.class);
        });
    }

    @Test
    void aCancelledServerWrapClosesTheTransport() throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TaskGroup.run(group -> {
            cancelWhenItWaits(group, () -> Tls.server(below.left(), TlsSides.server()));
            assertThat(drained(below.right())).isEmpty();
        });
    }

    @Test
    void aCancelledConnectClosesTheConnectionBelow() throws IOException {
        try (MemoryListener listener = MemoryListener.open()) {
            Connector<TlsStream> connector = Tls.connector(listener.connector(), TlsSides.client());
            TaskGroup.run(group -> {
                cancelWhenItWaits(group, () -> connector.connect());
                try (ByteStream accepted = listener.accept()) {
                    assertThat(drained(accepted)).startsWith(22);
                }
            });
        }
    }

    // -- without waiting

    @Test
    void aHandshakeOfTheOtherDirectionIsNotWaitedForIfThatIsRefused() throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TlsStream server = Tls.listener(new OneConnection(below.right()), TlsSides.server())
                .accept();
        TaskGroup.run(group -> {
            Task<Void> send = group.fork(() -> server.send(bytes("after all")));
            Blocked.await(send);
            assertThat(CancelScope.withoutWaiting().run(() -> server.receive())).isFalse();
            assertThat(text(new EnginePeer(below.left(), false, TlsSides.TLS_1_3)
                            .handshaken()
                            .receive()))
                    .isEqualTo("after all");
            send.join();
        });
        server.close();
    }

    @Test
    void anAnswerOnItsWayIsNotWaitedForIfThatIsRefused() throws Exception {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        GateStream gate = new GateStream(below.left());
        TaskGroup.<Exception>run(group -> {
            Task<TlsStream> making = group.fork(() -> Tls.client(gate, TlsSides.client(TlsSides.TLS_1_3)));
            EnginePeer peer = new EnginePeer(below.right(), true, TlsSides.TLS_1_3).handshaken();
            TlsStream ours = making.join();
            gate.shut();
            below.right().send(peer.handshakeAgain());
            below.right().send(peer.record(bytes("heard")));
            assertThat(text(ours.receive())).isEqualTo("heard");
            gate.awaitSender();
            assertThat(CancelScope.withoutWaiting().run(() -> ours.send(bytes("no"))))
                    .isFalse();
            gate.open();
            ours.send(bytes("good"));
            assertThat(text(peer.receive())).isEqualTo("good");
            ours.close();
        });
    }

    /** A transport that has to ask the system for something to tell whether there is data, which the system may not have. */
    private record Poor(ByteStream below) implements ByteStream {
        @Override
        public int receive(ByteBuffer target) throws IOException {
            return below.receive(target);
        }

        @Override
        public void awaitReceivable() throws IOException {
            if (WaitPoint.isWaitingRefused()) {
                throw new IOException("Too many open files");
            }
            below.awaitReceivable();
        }

        @Override
        public void send(ByteBuffer source) throws IOException {
            below.send(source);
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
    void whatIsThereIsTriedAndNotAskedFor() throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        try (var pair = TlsSides.pair(below.left(), new Poor(below.right()), TlsSides.TLS_1_3)) {
            assertThat(CancelScope.withoutWaiting().run(() -> pair.right().receive()))
                    .isFalse();
            for (int size = 1; size < 20_000; size *= 2) {
                pair.left().send(new byte[size]);
                for (int received = 0; received < size; ) {
                    received += CancelScope.withoutWaiting()
                            .call(() -> pair.right().receive())
                            .orElseThrow()
                            .length;
                }
            }
        }
    }

    // -- interrupts

    @Test
    void anInterruptedReceiveLeavesTheStreamUsable() throws Exception {
        try (StreamPair<TlsStream> pair = TlsSides.pair(TlsSides.TLS_1_3)) {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread thread = Thread.startVirtualThread(() -> {
                try {
                    pair.left().receive();
                } catch (IOException e) {
                    thrown.set(Thread.currentThread().isInterrupted() ? e : new AssertionError("status lost", e));
                }
            });
            Blocked.await(thread);
            thread.interrupt();
            thread.join();
            assertThat(thrown.get()).isExactlyInstanceOf(InterruptedIOException.class);
            pair.right().send(bytes("go on"));
            assertThat(text(pair.left().receive())).isEqualTo("go on");
        }
    }

    @Test
    void anInterruptedHandshakeIsGoneOnWith() throws Exception {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        TlsStream server = Tls.listener(new OneConnection(below.right()), TlsSides.server())
                .accept();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = Thread.startVirtualThread(() -> {
            try {
                server.handshake();
            } catch (IOException e) {
                thrown.set(e);
            }
        });
        Blocked.await(thread);
        thread.interrupt();
        thread.join();
        assertThat(thrown.get()).isExactlyInstanceOf(InterruptedIOException.class);
        TaskGroup.run(group -> {
            Task<byte[]> receive = group.fork(() -> server.receive());
            try (TlsStream client = Tls.client(below.left(), TlsSides.client())) {
                client.send(bytes("go on"));
                assertThat(text(receive.join())).isEqualTo("go on");
            }
        });
        server.close();
    }

    @Test
    void aCancelledUnwrapMayBeRepeated() throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        StreamPair<TlsStream> pair = TlsSides.pair(below.left(), below.right(), TlsSides.TLS_1_3);
        TaskGroup.run(group -> {
            cancelWhenItWaits(group, () -> pair.left().unwrap());
            Task<ByteStream> left = group.fork(() -> pair.left().unwrap());
            ByteStream right = pair.right().unwrap();
            right.send(bytes("plain"));
            assertThat(text(left.join().receive())).isEqualTo("plain");
        });
        below.close();
    }

    @Test
    void anythingInACancelledScopeIsCancelled() throws IOException {
        try (StreamPair<TlsStream> pair = TlsSides.pair(TlsSides.TLS_1_3)) {
            MoveOnScope scope = CancelScope.create();
            scope.cancel();
            scope.run(() -> {
                assertThatThrownBy(() -> pair.left().receive()).isInstanceOf(CancelledException.class);
                assertThatThrownBy(() -> pair.left().send(new byte[1])).isInstanceOf(CancelledException.class);
                assertThatThrownBy(() -> pair.left().sendEof()).isInstanceOf(CancelledException.class);
                assertThatThrownBy(() -> pair.left().unwrap()).isInstanceOf(CancelledException.class);
                assertThatThrownBy(() -> pair.left().handshake()).isInstanceOf(CancelledException.class);
            });
            pair.left().send(bytes("as if nothing had been"));
            assertThat(text(pair.right().receive())).isEqualTo("as if nothing had been");
        }
    }
}
