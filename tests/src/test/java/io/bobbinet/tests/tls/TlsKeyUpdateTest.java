package io.bobbinet.tests.tls;

import static io.bobbinet.tests.tls.TlsSides.bytes;
import static io.bobbinet.tests.tls.TlsSides.text;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testkit.Blocked;
import io.bobbinet.testkit.VirtualTime;
import io.bobbinet.tls.TlsStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshake messages behind the handshake: key updates of TLS 1.3, and the renegotiation that was before. */
@Timeout(30)
class TlsKeyUpdateTest {
    @FunctionalInterface
    private interface Body {
        void run(TaskGroup group, TlsStream ours, EnginePeer peer) throws IOException;
    }

    private static void converse(String version, boolean server, int capacity, Body body) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair(capacity);
        TaskGroup.run(group -> {
            Task<TlsStream> ours =
                    group.fork(() -> TlsSides.over(below.left(), server, TlsSides.options(server, version)));
            EnginePeer peer = new EnginePeer(below.right(), !server, version).handshaken();
            try (TlsStream stream = ours.join()) {
                body.run(group, stream, peer);
            }
        });
    }

    /** Key updates that want an answer, one behind the other. */
    private static byte[] keyUpdates(EnginePeer peer, int count) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            byte[] update = peer.handshakeAgain();
            assertThat(update).as("key update %d", i).isNotEmpty();
            all.write(update);
        }
        return all.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("smoke")
    void keyUpdatesInTheTrafficAreAnswered(boolean server) throws IOException {
        converse(TlsSides.TLS_1_3, server, 65_536, (group, ours, peer) -> {
            for (int i = 0; i < 200; i++) {
                peer.transport.send(keyUpdates(peer, 1));
                peer.send("question " + i);
                assertThat(text(ours.receive())).isEqualTo("question " + i);
                ours.send(bytes("answer " + i));
                assertThat(text(peer.receive())).isEqualTo("answer " + i);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aKeyUpdateIsAnsweredWithoutASend(boolean server) throws IOException {
        converse(TlsSides.TLS_1_3, server, 65_536, (group, ours, peer) -> {
            Task<byte[]> receive = group.fork(() -> ours.receive());
            Blocked.await(receive);
            peer.transport.send(keyUpdates(peer, 1));
            Task<byte[]> raw = group.fork(() -> peer.transport.receive());
            assertThat(raw.join()).as("the answer, a record").startsWith(23, 3, 3);
            peer.send("done");
            assertThat(text(receive.join())).isEqualTo("done");
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sixteenKeyUpdatesAtOnceAreBorne(boolean server) throws IOException {
        converse(TlsSides.TLS_1_3, server, 65_536, (group, ours, peer) -> {
            peer.transport.send(keyUpdates(peer, 16));
            peer.send("question");
            assertThat(text(ours.receive())).isEqualTo("question");
            ours.send(bytes("answer"));
            assertThat(text(peer.receive())).isEqualTo("answer");
        });
    }

    /** What came while nobody received, with a peer that would have read the answers. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void keyUpdatesAmongDataThatWaitedLongAreNoFlood(boolean server) throws IOException {
        converse(TlsSides.TLS_1_3, server, 65_536, (group, ours, peer) -> {
            for (int i = 0; i < 100; i++) {
                peer.transport.send(keyUpdates(peer, 1));
                peer.send("question " + i);
            }
            for (int i = 0; i < 100; i++) {
                assertThat(text(ours.receive())).isEqualTo("question " + i);
            }
            ours.send(bytes("answer"));
            assertThat(text(peer.receive())).isEqualTo("answer");
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFloodFromAPeerThatReadsNoAnswersBreaksTheConnection(boolean server) throws IOException {
        VirtualTime.run(time -> converse(TlsSides.TLS_1_3, server, 3_000, (group, ours, peer) -> {
            MoveOnScope sending = CancelScope.create();
            Task<Boolean> send = group.fork(() -> sending.run(() -> ours.send(new byte[10_000])));
            Blocked.await(send);
            peer.transport.send(keyUpdates(peer, 17));
            Task<Void> receive = group.fork(() -> {
                assertThatThrownBy(() -> ours.receive())
                        .isExactlyInstanceOf(BrokenResourceException.class)
                        .hasMessageContaining("key updates")
                        .hasCauseInstanceOf(SSLException.class);
                assertThatThrownBy(() -> ours.receive()).isExactlyInstanceOf(BrokenResourceException.class);
            });
            while (receive.status() == Task.Status.PENDING) {
                time.advance(ofSeconds(1)); // it waits for its answers to be sent, and then for its alert
                Thread.yield();
            }
            receive.join();
            assertThat(time.elapsed()).isGreaterThanOrEqualTo(ofSeconds(5));
            assertThat(send.status()).isEqualTo(Task.Status.PENDING);
            sending.cancel();
            assertThat(send.join()).isFalse();
        }));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFloodThatEndsBeforeTheLimitIsAnsweredBehindTheSend(boolean server) throws IOException {
        converse(TlsSides.TLS_1_3, server, 3_000, (group, ours, peer) -> {
            Task<Void> send = group.fork(() -> ours.send(new byte[10_000]));
            Blocked.await(send);
            Task<byte[]> receive = group.fork(() -> ours.receive());
            peer.transport.send(keyUpdates(peer, 15));
            peer.send("and now I read");
            assertThat(text(receive.join())).isEqualTo("and now I read");
            for (int count = 0; count < 10_000; ) {
                count += peer.receive().length;
            }
            send.join();
            ours.send(bytes("answer"));
            assertThat(text(peer.receive())).isEqualTo("answer");
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("smoke")
    void aRenegotiationIsRefused(boolean server) throws IOException {
        converse(TlsSides.TLS_1_2, server, 65_536, (group, ours, peer) -> {
            peer.send("before");
            peer.transport.send(peer.handshakeAgain());
            assertThat(text(ours.receive())).isEqualTo("before");
            assertThatThrownBy(() -> ours.receive())
                    .isExactlyInstanceOf(BrokenResourceException.class)
                    .hasMessageContaining("renegotiation");
            assertThatThrownBy(() -> ours.send(new byte[1])).isExactlyInstanceOf(BrokenResourceException.class);
            assertThatThrownBy(peer::receive).isInstanceOf(SSLException.class).hasMessageContaining("fatal alert");
        });
    }

    // -- warnings

    @ParameterizedTest
    @CsvSource({"TLSv1.2, false", "TLSv1.2, true", "TLSv1.3, false", "TLSv1.3, true"})
    void aFloodOfWarningsMakesNoHandshake(String version, boolean server) throws IOException {
        StreamPair<MemoryByteStream> below = MemoryByteStream.pair();
        byte[] warning = {21, 3, 3, 0, 2, 1, 90}; // user_canceled
        TaskGroup.run(group -> {
            Task<Void> ours = group.fork(() -> {
                assertThatThrownBy(() -> TlsSides.over(below.left(), server, TlsSides.options(server, version)))
                        .isInstanceOfAny(SSLException.class, BrokenResourceException.class);
            });
            for (int i = 0; i < 1_000; i++) {
                try {
                    below.right().send(warning);
                } catch (BrokenResourceException e) {
                    break;
                }
            }
            below.right().sendEof();
            ours.join();
        });
    }
}
