package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.TcpStream;
import io.bobbinet.stream.BrokenResourceException;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A TCP stream whose peer goes away without an end. */
@OnEachBackend
@DisplayName("BrokenTcpStreamTest")
@Timeout(30)
class BrokenTcpStreamTest {
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
    }

    @Test
    @Tag("smoke")
    void aReceiveMeetsTheResetAndTellsItsCause() throws IOException {
        pair.peerResets();
        for (int i = 0; i < 3; i++) {
            assertFails(BrokenResourceException.class, () -> ours.receive())
                    .hasMessageContaining("127.0.0.1:" + ours.peerAddress().getPort())
                    .cause()
                    .isInstanceOf(IOException.class);
        }
        assertFails(BrokenResourceException.class, () -> ours.send(bytes("x"))).hasCauseInstanceOf(IOException.class);
        assertFails(BrokenResourceException.class, () -> ours.sendEof());
    }

    @Test
    void aSendMeetsTheResetAndTellsItsCause() throws IOException {
        pair.peerResets();
        assertThatThrownBy(this::sendUntilItFails)
                .isExactlyInstanceOf(BrokenResourceException.class)
                .hasMessageContaining("of 1 bytes")
                .hasCauseInstanceOf(IOException.class);
        assertFails(BrokenResourceException.class, () -> ours.send(bytes("x"))).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void aBlockedReceiveMeetsTheResetAfterOurSend() throws Exception {
        TaskGroup.run(group -> {
            ours.send(bytes("request"));
            Task<?> receiver = group.fork(() -> {
                assertFails(BrokenResourceException.class, () -> ours.receive());
            });
            Blocked.await(receiver);
            pair.peerResets();
            receiver.join();
        });
    }

    @Test
    void aBlockedSendFails() throws Exception {
        TaskGroup.run(group -> {
            Task<?> sender = group.fork(() -> {
                assertFails(BrokenResourceException.class, () -> ours.send(new byte[TOO_MUCH]))
                        .hasMessageMatching(".*after [1-9]\\d* of " + TOO_MUCH + " bytes.*");
            });
            Blocked.await(sender);
            pair.peerResets();
            sender.join();
        });
    }

    @Test
    void sendingToAPeerThatClosedBreaks() throws IOException {
        pair.peer().close();
        assertThatThrownBy(this::sendUntilItFails).isExactlyInstanceOf(BrokenResourceException.class);
    }

    @Test
    void dataBeforeTheResetIsReceivedAndThenTheStreamStaysBroken() throws IOException {
        pair.peerSends("last words");
        ours.awaitReceivable();
        pair.peerResets();
        assertThat(text(ours.receive(4))).isEqualTo("last");
        assertThat(text(ours.receive())).isEqualTo(" words");
        for (int i = 0; i < 3; i++) {
            assertFails(BrokenResourceException.class, () -> ours.receive());
        }
    }

    @Test
    void aResetThatASendMetIsNoEndForReceives() throws IOException {
        pair.peerSends("last words");
        ours.awaitReceivable();
        pair.peerResets();
        assertThatThrownBy(this::sendUntilItFails).isExactlyInstanceOf(BrokenResourceException.class);
        ours.awaitReceivable();
        assertThat(text(ours.receive())).isEqualTo("last words");
        for (int i = 0; i < 3; i++) {
            assertFails(BrokenResourceException.class, () -> ours.receive()).hasCauseInstanceOf(IOException.class);
        }
    }

    @Test
    void theLoopOverPiecesIsLeftByAReset() throws IOException {
        pair.peerSends("last words");
        List<String> pieces = new ArrayList<>();
        assertFails(
                BrokenResourceException.class,
                () -> ours.forEach(piece -> {
                    pieces.add(text(piece));
                    pair.peerResets();
                }));
        assertThat(pieces).containsExactly("last words");
    }

    @Test
    void anEndOnceReceivedStaysOne() throws IOException {
        pair.peer().close();
        assertFails(EndOfStreamException.class, () -> ours.receive());
        assertThatThrownBy(this::sendUntilItFails).isExactlyInstanceOf(BrokenResourceException.class);
        assertFails(EndOfStreamException.class, () -> ours.receive());
    }

    @RepeatedTest(50)
    void aResetUnderASendAndAReceiveIsAnEndForNeither() throws Exception {
        TaskGroup.run(group -> {
            Task<?> receiver = group.fork(() -> {
                assertFails(BrokenResourceException.class, () -> ours.receive());
            });
            Task<?> sender = group.fork(() -> {
                assertFails(BrokenResourceException.class, () -> ours.send(new byte[TOO_MUCH]));
            });
            Blocked.await(receiver);
            Blocked.await(sender);
            pair.peerResets();
        });
    }

    private void sendUntilItFails() throws IOException {
        for (int i = 0; i < 100_000; i++) {
            ours.send(bytes("x"));
        }
    }
}
