package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.assertFails;
import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.SocketAttributes;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpConnector;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.stream.BusyResourceException;
import io.bobbinet.stream.ClosedResourceException;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A UDP socket with one peer, who may be gone. */
@OnEachBackend
@DisplayName("ConnectedUdpSocketTest")
@Timeout(30)
class ConnectedUdpSocketTest {
    private UdpSocket peer;
    private ConnectedUdpSocket ours;

    @BeforeEach
    void open() throws IOException {
        peer = Udp.bind("127.0.0.1", 0);
        ours = Udp.connect("127.0.0.1", peer.localAddress().getPort());
    }

    @AfterEach
    void close() throws IOException {
        ours.close();
        peer.close();
        assertThat(Thread.interrupted()).isFalse();
    }

    private void assertTalking() throws IOException {
        ours.send(bytes("hello"));
        Datagram<InetSocketAddress> question = peer.receive();
        assertThat(text(question.data())).isEqualTo("hello");
        assertThat(question.peer()).contains(ours.localAddress());
        peer.send(question.reply(bytes("olleh")));
        Datagram<InetSocketAddress> answer = ours.receive();
        assertThat(text(answer.data())).isEqualTo("olleh");
        assertThat(answer.peer()).contains(peer.localAddress());
    }

    @Test
    @Tag("smoke")
    void whatIsSentGoesToThePeerInEveryWay() throws IOException {
        assertTalking();
        ByteBuffer buffer = ByteBuffer.allocateDirect(10).put(bytes("xxdirectxx"));
        buffer.position(2).limit(8);
        ours.send(buffer);
        assertThat(buffer.hasRemaining()).isFalse();
        ours.send(Datagram.of(bytes("datagram"), peer.localAddress()));
        DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(2, 100);
        batch.add(ByteBuffer.wrap(bytes("without")));
        batch.add(ByteBuffer.wrap(bytes("with")), peer.localAddress());
        ours.sendBatch(batch);
        ours.send(new byte[0]);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Datagram<InetSocketAddress> datagram = peer.receive();
            assertThat(datagram.peer()).contains(ours.localAddress());
            texts.add(text(datagram.data()));
        }
        assertThat(texts).containsExactly("direct", "datagram", "without", "with", "");
    }

    @Test
    void theLoopGivesWhatThePeerSends() throws IOException {
        for (String text : List.of("1", "", "2")) {
            peer.send(bytes(text), ours.localAddress());
        }
        List<String> texts = new ArrayList<>();
        ours.forEach(datagram -> {
            texts.add(text(datagram.data()));
            if (texts.size() == 3) {
                ours.close();
            }
        });
        assertThat(texts).containsExactly("1", "", "2");
    }

    @Test
    @Tag("smoke")
    void datagramsOfOthersNeverCome() throws IOException {
        try (UdpSocket stranger = Udp.bind("127.0.0.1", 0)) {
            stranger.send(bytes("from a stranger"), ours.localAddress());
            assertTalking();
            stranger.send(bytes("from a stranger"), ours.localAddress());
            peer.send(bytes("from the peer"), ours.localAddress());
            DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(10, 100);
            ours.receiveBatch(batch);
            assertThat(UdpPair.texts(batch)).containsExactly("from the peer");
            assertThat(batch.peer(0)).isEqualTo(peer.localAddress());
        }
    }

    @Test
    void nothingCanBeSentToOthers() throws IOException {
        try (UdpSocket other = Udp.bind("127.0.0.1", 0)) {
            Datagram<InetSocketAddress> datagram = Datagram.of(bytes("x"), other.localAddress());
            assertFails(IllegalArgumentException.class, () -> ours.send(datagram))
                    .hasMessageContaining("127.0.0.1:" + other.localAddress().getPort())
                    .hasMessageContaining(
                            "connected to 127.0.0.1:" + peer.localAddress().getPort());
            DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(2, 100);
            batch.add(ByteBuffer.wrap(bytes("a")));
            batch.add(ByteBuffer.wrap(bytes("b")), other.localAddress());
            assertFails(IllegalArgumentException.class, () -> ours.sendBatch(batch));
            assertThat(batch.position()).isZero(); // it is seen before anything is sent
            assertTalking();
        }
    }

    @Test
    void aDatagramThatIsTooLongIsRefusedAndTheSocketIsGood() throws IOException {
        ByteBuffer data = ByteBuffer.allocate(65_508);
        assertFails(SocketException.class, () -> ours.send(data))
                .hasMessageContaining("too long")
                .hasMessageContaining("65508 bytes")
                .hasMessageContaining("127.0.0.1:" + peer.localAddress().getPort());
        assertThat(data.remaining()).isEqualTo(65_508);
        ours.send(data.limit(65_507));
        assertThat(peer.receive().data()).hasSize(65_507);
        assertTalking();
    }

    @Test
    void addressesAreKnownAlsoAfterTheClose() throws IOException {
        for (int i = 0; i < 2; i++) {
            assertThat(ours.peerAddress()).isEqualTo(peer.localAddress());
            assertThat(ours.localAddress().getAddress()).isEqualTo(UdpPair.LOOPBACK);
            assertThat(ours.localAddress().getPort()).isPositive();
            assertThat(ours.find(SocketAttributes.LOCAL_ADDRESS)).contains(ours.localAddress());
            assertThat(ours.find(SocketAttributes.PEER_ADDRESS)).contains(peer.localAddress());
            assertThat(ours.toString())
                    .contains("127.0.0.1:" + peer.localAddress().getPort());
            ours.close();
        }
    }

    @Test
    void aSecondReceiverIsBusyAndAClosedSocketSaysSo() throws Exception {
        TaskGroup.run(group -> {
            Task<Void> task = group.fork(() -> {
                assertFails(ClosedResourceException.class, () -> ours.receive());
            });
            Blocked.await(task);
            assertFails(BusyResourceException.class, () -> ours.receive());
            assertFails(BusyResourceException.class, () -> ours.receiveBatch(DatagramBatch.allocate(1, 1)));
            assertFails(BusyResourceException.class, () -> ours.serve(datagram -> {}));
            ours.send(bytes("sending goes on"));
            peer.receive();
            ours.close();
        });
        assertFails(ClosedResourceException.class, () -> ours.receive());
        assertFails(ClosedResourceException.class, () -> ours.send(bytes("x")));
        assertFails(ClosedResourceException.class, () -> ours.send(ByteBuffer.allocate(1)));
    }

    @Test
    void aReceiveThatIsCancelledHasTakenNothing() throws Exception {
        var scope = CancelScope.create();
        Thread helper = UdpPair.whenWaiting(scope::cancel);
        assertThat(scope.run(() -> ours.receive())).isFalse();
        helper.join();
        assertTalking();
        peer.send(bytes("waiting"), ours.localAddress());
        var cancelled = CancelScope.create();
        cancelled.cancel();
        assertThat(cancelled.run(() -> ours.receive())).isFalse();
        assertThat(cancelled.isCancelled()).isTrue();
        assertThat(text(ours.receive().data())).isEqualTo("waiting");
    }

    @Test
    void closingFreesThePortBeforeItReturns() throws IOException {
        UdpConnector connector = Udp.connector(peer.localAddress()).withLocalAddress(ours.localAddress());
        ours.close();
        for (int i = 0; i < 2; i++) {
            ours = connector.connect();
            assertTalking();
            ours.close();
        }
        for (int i = 0; i < 2; i++) {
            ours = Udp.adoptConnected(
                    DatagramChannel.open().bind(ours.localAddress()).connect(peer.localAddress()));
            assertTalking();
            ours.close();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void socketsOnOnePortMayHaveDifferentPeers() throws IOException {
        try (UdpSocket other = Udp.bind("127.0.0.1", 0);
                ConnectedUdpSocket first = Udp.connector(peer.localAddress())
                        .withLocalAddress(new InetSocketAddress("127.0.0.1", 0))
                        .withReusePort()
                        .connect();
                ConnectedUdpSocket second = Udp.connector(other.localAddress())
                        .withLocalAddress(first.localAddress())
                        .withReusePort()
                        .connect()) {
            assertThat(second.localAddress()).isEqualTo(first.localAddress());
            for (int i = 0; i < 10; i++) {
                other.send(bytes("from other"), first.localAddress());
                peer.send(bytes("from peer"), first.localAddress());
                assertThat(text(first.receive().data())).isEqualTo("from peer");
                assertThat(text(second.receive().data())).isEqualTo("from other");
            }
            assertThat(first.option(StandardSocketOptions.SO_REUSEPORT)).isTrue();
        }
    }

    // -- a peer who is gone

    /** A way to find out. */
    private interface Call {
        void run() throws IOException;
    }

    private List<Call> calls() {
        DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(64, 1_500);
        DatagramBatch<InetSocketAddress> toSend = DatagramBatch.allocate(3, 100);
        toSend.add(ByteBuffer.wrap(bytes("x")));
        toSend.add(ByteBuffer.wrap(bytes("yy")));
        return List.of(
                () -> ours.receive(),
                () -> ours.receive(1),
                () -> ours.receiveBatch(batch),
                () -> ours.forEach(datagram -> {}),
                () -> ours.send(bytes("x")),
                () -> ours.sendBatch(toSend));
    }

    /** The answer of the system to a datagram comes before the send returns, on the loopback interface. */
    @Test
    @Tag("smoke")
    @EnabledOnOs(OS.LINUX)
    void thatThePeerIsGoneIsToldOnceByTheNextCallWhichEverItIs() throws IOException {
        for (Call call : calls()) {
            peer.close();
            ours.send(bytes("to nobody"));
            assertFails(PortUnreachableException.class, call::run)
                    .hasMessageContaining("127.0.0.1:" + peer.localAddress().getPort());
            peer = Udp.binder(peer.localAddress()).bind();
            assertTalking(); // told once, nothing was sent, and the peer may come back
        }
    }

    /** The JDK sends no empty datagram on a connected channel; nio does it in a way that meets no failure of this one. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void itIsToldByAnEmptySendOrTheCallAfterIt() throws IOException {
        peer.close();
        ours.send(bytes("to nobody"));
        assertFails(PortUnreachableException.class, () -> {
            ours.send(new byte[0]);
            ours.receive();
        });
        peer = Udp.binder(peer.localAddress()).bind();
        assertTalking();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void eachAnswerOfTheSystemIsToldOnceUnlessAnotherCameBefore() throws IOException {
        peer.close();
        for (int i = 0; i < 3; i++) {
            ours.send(bytes("to nobody"));
            assertFails(PortUnreachableException.class, () -> ours.receive());
        }
        for (int i = 0; i < 3; i++) {
            ours.send(bytes("to nobody"));
            assertFails(PortUnreachableException.class, () -> ours.send(bytes("not sent")));
        }
        peer = Udp.binder(peer.localAddress()).bind();
        assertTalking();
    }

    @Test
    @Tag("smoke")
    @EnabledOnOs(OS.LINUX)
    void aReceiveThatWaitsIsTold() throws Exception {
        for (Call call : calls().subList(0, 4)) {
            peer.close();
            TaskGroup.run(group -> {
                Task<Void> task = group.fork(() -> {
                    assertFails(PortUnreachableException.class, call::run);
                });
                Blocked.await(task);
                ours.send(bytes("to nobody"));
            });
            peer = Udp.binder(peer.localAddress()).bind();
            assertTalking();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatCameBeforeIsReceivedAllTheSame() throws IOException {
        peer.send(bytes("last words"), ours.localAddress());
        peer.close();
        ours.send(bytes("to nobody"));
        List<String> outcomes = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            try {
                outcomes.add(text(ours.receive().data()));
            } catch (PortUnreachableException e) {
                outcomes.add("unreachable");
            }
        }
        assertThat(outcomes).containsExactlyInAnyOrder("last words", "unreachable");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aBatchThatIsToldTellsWhatItSentBefore() throws IOException {
        peer.close();
        DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(4, 100);
        for (int i = 0; i < 4; i++) {
            batch.add(ByteBuffer.wrap(new byte[1 + i]));
        }
        int calls = 0;
        while (batch.position() < batch.size()) { // each that goes out meets nobody, and the next may be told
            try {
                calls++;
                ours.sendBatch(batch);
                assertThat(batch.position()).isEqualTo(batch.size());
            } catch (PortUnreachableException e) {
                assertThat(calls).isLessThanOrEqualTo(4);
                assertThat(batch.position()).isLessThan(batch.size());
            }
        }
        assertFails(PortUnreachableException.class, () -> ours.receive()); // of the last
        batch.clear();
        batch.add(ByteBuffer.wrap(bytes("back")));
        peer = Udp.binder(peer.localAddress()).bind();
        ours.sendBatch(batch);
        assertThat(text(peer.receive().data())).isEqualTo("back");
    }

    @Test
    void aSocketThatIsNotConnectedIsNotTold() throws IOException {
        peer.close();
        try (UdpSocket socket = Udp.bind("127.0.0.1", 0)) {
            socket.send(bytes("x"), peer.localAddress());
            socket.send(bytes("x"), peer.localAddress());
            peer = Udp.binder(peer.localAddress()).bind();
            UdpPair.assertTalking(socket, peer);
        }
    }
}
