package io.bobbinet.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.tls.TlsStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both directions of a connection whose transport holds next to nothing, with peers that do not read while they send. */
@Timeout(30)
class TlsDeadlockTest {
    private static final int SIZE = 200_000;

    private static void send(ByteStream stream, int size) throws IOException {
        for (int sent = 0; sent < size; ) {
            int count = Math.min(size - sent, 1 + sent % 20_000);
            stream.send(Counted.bytes(sent, count));
            sent += count;
        }
    }

    private static void receive(ByteStream stream, int size) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(30_000);
        for (int received = 0; received < size; ) {
            stream.receive(target.clear());
            Counted.check(target.flip(), received);
            received += target.remaining();
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3, 10", "TLSv1.3, 100", "TLSv1.3, 1000", "TLSv1.2, 1", "TLSv1.2, 100", "TLSv1.2, 1000"})
    @Tag("smoke")
    void bothSidesSendAndReceiveAtOnce(String version, int capacity) throws IOException {
        int size = capacity > 10 ? SIZE : 5_000;
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair(capacity);
        StreamPair<TlsStream> pair = TlsSides.pair(below.left(), below.right(), version);
        TaskGroup.run(group -> {
            group.fork(() -> send(pair.left(), size));
            group.fork(() -> send(pair.right(), size));
            group.fork(() -> receive(pair.left(), size));
            group.fork(() -> receive(pair.right(), size));
        });
        TaskGroup.run(group -> {
            group.fork(() -> pair.left().close());
            group.fork(() -> TlsSides.drained(pair.right()));
        });
        pair.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {TlsSides.TLS_1_2, TlsSides.TLS_1_3})
    void aBlockedSendDoesNotKeepUsFromReceiving(String version) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair(1_000);
        try (StreamPair<TlsStream> pair = TlsSides.pair(below.left(), below.right(), version)) {
            TaskGroup.run(group -> {
                Task<Void> send = group.fork(() -> send(pair.left(), SIZE));
                Blocked.await(send);
                Task<Void> reply = group.fork(() -> send(pair.right(), SIZE)); // which reads nothing before
                receive(pair.left(), SIZE);
                reply.join();
                assertThat(send.status()).isEqualTo(Task.Status.PENDING);
                receive(pair.right(), SIZE);
                send.join();
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TlsSides.TLS_1_2, TlsSides.TLS_1_3})
    void aBlockedReceiveDoesNotKeepUsFromSending(String version) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair(1_000);
        try (StreamPair<TlsStream> pair = TlsSides.pair(below.left(), below.right(), version)) {
            TaskGroup.run(group -> {
                Task<byte[]> receive = group.fork(() -> pair.left().receive());
                Blocked.await(receive);
                Task<Void> send = group.fork(() -> send(pair.left(), SIZE));
                receive(pair.right(), SIZE);
                send.join();
                pair.right().send(new byte[] {1});
                assertThat(receive.join()).containsExactly(1);
            });
        }
    }

    /** A peer that asks for key updates all the time, while both sides' sends fill the transport. */
    @ParameterizedTest
    @CsvSource({"false, 100", "true, 100", "false, 1000", "true, 1000"})
    @Tag("smoke")
    void keyUpdatesInTheMiddleOfFullTransportsBlockNobody(boolean server, int capacity) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair(capacity);
        int updates = 200;
        int piece = 700;
        TaskGroup.run(group -> {
            Task<TlsStream> making =
                    group.fork(() -> TlsSides.over(below.left(), server, TlsSides.options(server, TlsSides.TLS_1_3)));
            // Begun early for the session tickets, which are more than the transport holds.
            Task<Void> receive = group.fork(() -> receive(making.join(), updates * piece));
            EnginePeer peer = new EnginePeer(below.right(), !server, TlsSides.TLS_1_3).handshaken();
            TlsStream ours = making.join();
            Task<Void> send = group.fork(() -> send(ours, SIZE));
            Task<Void> peerReceives = group.fork(() -> receive(peer, SIZE));
            for (int i = 0; i < updates; i++) {
                below.right().send(peer.handshakeAgain());
                below.right().send(peer.record(Counted.bytes((long) i * piece, piece)));
            }
            receive.join();
            send.join();
            ours.close();
            peerReceives.join();
        });
        below.close();
    }

    /** Receives all there is until the close_notify, answers to key updates included. */
    private static void receive(EnginePeer peer, int size) throws IOException {
        int received = 0;
        for (byte[] data = peer.receive(); data.length > 0; data = peer.receive()) {
            Counted.check(ByteBuffer.wrap(data), received);
            received += data.length;
        }
        assertThat(received).isEqualTo(size);
    }

    /** One that never reads, with fewer key updates than are too many. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPeerThatOnlySendsIsHeard(boolean server) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair(300);
        TaskGroup.run(group -> {
            Task<TlsStream> making =
                    group.fork(() -> TlsSides.over(below.left(), server, TlsSides.options(server, TlsSides.TLS_1_3)));
            EnginePeer peer = new EnginePeer(below.right(), !server, TlsSides.TLS_1_3).handshaken();
            TlsStream ours = making.join();
            Task<Void> send = group.fork(() -> send(ours, SIZE));
            Blocked.await(send);
            Task<Void> receive = group.fork(() -> receive(ours, 16 * 10_000));
            for (int i = 0; i < 16; i++) {
                below.right().send(peer.handshakeAgain());
                below.right().send(peer.record(Counted.bytes(i * 10_000L, 10_000)));
            }
            receive.join();
            assertThat(send.status()).isEqualTo(Task.Status.PENDING);
            for (int received = 0; received < SIZE; ) {
                received += peer.receive().length;
            }
            send.join();
        });
        below.close();
    }
}
