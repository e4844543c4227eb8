package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.testkit.Blocked;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Two UDP sockets on the loopback address, and what their tests have in common. */
abstract class UdpPair {
    static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    UdpSocket ours;
    UdpSocket peer;

    @BeforeEach
    void open() throws IOException {
        ours = Udp.bind("127.0.0.1", 0);
        peer = Udp.bind("127.0.0.1", 0);
    }

    @AfterEach
    void close() throws IOException {
        ours.close();
        peer.close();
        assertThat(Thread.interrupted()).isFalse();
    }

    void peerSends(String text) throws IOException {
        peer.send(bytes(text), ours.localAddress());
    }

    /** Asserts that this is the next datagram from the peer: on the loopback interface, nothing is lost or overtaken. */
    void assertNext(String text) throws IOException {
        Datagram<InetSocketAddress> datagram = ours.receive();
        assertThat(text(datagram.data())).isEqualTo(text);
        assertThat(datagram.peer()).contains(peer.localAddress());
    }

    /** Asserts that both sockets send and receive, and that nothing else had come before. */
    void assertTalking() throws IOException {
        assertTalking(ours, peer);
    }

    static void assertTalking(UdpSocket one, UdpSocket other) throws IOException {
        one.send(bytes("hello"), other.localAddress());
        Datagram<InetSocketAddress> question = other.receive();
        assertThat(text(question.data())).isEqualTo("hello");
        other.send(question.reply(bytes("olleh")));
        Datagram<InetSocketAddress> answer = one.receive();
        assertThat(text(answer.data())).isEqualTo("olleh");
        assertThat(answer.peer()).contains(other.localAddress());
    }

    static DatagramBatch<InetSocketAddress> batch(InetSocketAddress to, String... texts) {
        DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(Math.max(1, texts.length), 1_000);
        for (String text : texts) {
            batch.add(ByteBuffer.wrap(bytes(text)), to);
        }
        return batch;
    }

    static List<String> texts(DatagramBatch<?> batch) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            ByteBuffer data = batch.data(i);
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            texts.add(text(bytes));
        }
        return texts;
    }

    /** Does something from another thread as soon as this one waits in a blocking call. */
    static Thread whenWaiting(ThrowingAction action) {
        Thread waiting = Thread.currentThread();
        return Thread.startVirtualThread(() -> {
            Blocked.await(waiting);
            try {
                action.run();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    interface ThrowingAction {
        void run() throws IOException;
    }
}
