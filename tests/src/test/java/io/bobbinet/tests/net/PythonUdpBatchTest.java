package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.spi.Capability;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Batches between us and Python, which sends and receives one at a time, or as segments of one. */
@OnEachBackend(having = Capability.UDP)
@DisplayName("PythonUdpBatchTest")
@Timeout(60)
class PythonUdpBatchTest {
    private PythonShell python;
    private int theirs;

    @BeforeEach
    void start() throws IOException {
        python = PythonShell.start();
        python.run("s = socket(AF_INET, SOCK_DGRAM); s.bind(('127.0.0.1', 0))");
        theirs = python.number("s.getsockname()[1]");
    }

    @AfterEach
    void stop() {
        python.close();
    }

    private InetSocketAddress peer() {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), theirs);
    }

    /** Datagrams that differ from each other. */
    private static byte[] content(int index, int length) {
        byte[] content = new byte[length];
        Arrays.fill(content, (byte) ('a' + index % 26));
        return content;
    }

    /** What Python says of datagrams of these lengths, one after the other. */
    private static String lengthsAndLetters(int... lengths) {
        return IntStream.range(0, lengths.length)
                .mapToObj(i -> "(" + lengths[i] + ", '" + (lengths[i] == 0 ? "" : (char) ('a' + i % 26)) + "')")
                .toList()
                .toString();
    }

    private String received(int count) throws IOException {
        return python.ask(
                "[(len(d), ''.join(sorted(set(d.decode())))) for d in (s.recv(70000) for _ in range(" + count + "))]");
    }

    @Test
    void pythonReceivesTheDatagramsOfABatchOneByOne() throws IOException {
        // Two runs of one length to one peer, which may go through the system as one each, and others between them.
        int[] lengths = new int[45];
        Arrays.fill(lengths, 0, 20, 1200);
        lengths[20] = 700;
        lengths[21] = 0;
        lengths[22] = 0;
        lengths[23] = 1;
        Arrays.fill(lengths, 24, 45, 1000);
        DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(lengths.length, 1200);
        for (int i = 0; i < lengths.length; i++) {
            batch.add(ByteBuffer.wrap(content(i, lengths[i])), peer());
        }
        try (UdpSocket socket = Udp.bind("127.0.0.1", 0)) {
            socket.sendBatch(batch);
            assertThat(batch.position()).isEqualTo(lengths.length);
            assertThat(received(lengths.length)).isEqualTo(lengthsAndLetters(lengths));
        }
        try (ConnectedUdpSocket socket = Udp.connector(peer()).connect()) {
            batch.clear();
            for (int i = 0; i < lengths.length; i++) {
                batch.add(ByteBuffer.wrap(content(i, lengths[i])));
            }
            socket.sendBatch(batch);
            assertThat(batch.position()).isEqualTo(lengths.length);
            assertThat(received(lengths.length)).isEqualTo(lengthsAndLetters(lengths));
        }
    }

    @Test
    void aBatchGoesToSeveralPeers() throws IOException {
        python.run("t = socket(AF_INET, SOCK_DGRAM); t.bind(('127.0.0.1', 0))");
        InetSocketAddress other =
                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), python.number("t.getsockname()[1]"));
        DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(30, 10);
        for (int i = 0; i < 30; i++) {
            batch.add(ByteBuffer.wrap(bytes("n" + i)), i % 3 == 0 ? other : peer());
        }
        try (UdpSocket socket = Udp.bind("127.0.0.1", 0)) {
            socket.sendBatch(batch);
            assertThat(python.ask("all(s.recv(100) == b'n%d' % i for i in range(30) if i % 3)"))
                    .isEqualTo("True");
            assertThat(python.ask("all(t.recv(100) == b'n%d' % i for i in range(0, 30, 3))"))
                    .isEqualTo("True");
        }
    }

    /** Receives datagrams in batches. */
    private List<String> receive(UdpSocket socket, DatagramBatch<InetSocketAddress> batch, int count)
            throws IOException {
        List<String> received = new ArrayList<>();
        while (received.size() < count) {
            socket.receiveBatch(batch);
            assertThat(batch.size()).isPositive();
            for (int i = 0; i < batch.size(); i++) {
                ByteBuffer data = batch.data(i);
                byte[] bytes = new byte[data.remaining()];
                data.get(bytes);
                received.add(text(bytes));
                assertThat(batch.peer(i)).isEqualTo(peer());
                assertThat(batch.isTruncated(i)).isFalse();
                assertThat(batch.length(i)).hasValue(bytes.length);
            }
        }
        return received;
    }

    @Test
    void weReceiveInBatchesWhatPythonSendsOneByOne() throws IOException {
        try (UdpSocket socket = Udp.bind("127.0.0.1", 0)) {
            for (int size : new int[] {100, 4096}) { // with and without coalescing
                python.run("for i in range(60): s.sendto(b'%d' % i * (i % 3), ('127.0.0.1', "
                        + socket.localAddress().getPort() + "))");
                assertThat(receive(socket, DatagramBatch.allocate(32, size), 60))
                        .containsExactlyElementsOf(IntStream.range(0, 60)
                                .mapToObj(i -> Integer.toString(i).repeat(i % 3))
                                .toList());
            }
        }
    }

    @Test
    void segmentsOfPythonArriveAsSingleDatagrams() throws IOException {
        try (UdpSocket socket = Udp.bind("127.0.0.1", 0)) {
            int ours = socket.localAddress().getPort();
            python.run("data = b''.join(b'%c' % (97 + i) * 1000 for i in range(10)) + b'z' * 300");
            for (int size : new int[] {1000, 8192}) { // with and without coalescing
                python.run("s.setsockopt(IPPROTO_UDP, UDP_SEGMENT, 1000)");
                assertThat(python.ask("s.sendto(data, ('127.0.0.1', " + ours + "))"))
                        .isEqualTo("10300");
                python.run("s.setsockopt(IPPROTO_UDP, UDP_SEGMENT, 0)");
                List<String> expected = new ArrayList<>(IntStream.range(0, 10)
                        .mapToObj(i -> text(content(i, 1000)))
                        .toList());
                expected.add("z".repeat(300));
                assertThat(receive(socket, DatagramBatch.allocate(16, size), 11))
                        .containsExactlyElementsOf(expected);
            }
            // Once a socket coalesces, a plain receive still gives one datagram.
            python.run("s.setsockopt(IPPROTO_UDP, UDP_SEGMENT, 1000)");
            python.run("s.sendto(data, ('127.0.0.1', " + ours + "))");
            for (int i = 0; i < 10; i++) {
                assertThat(text(socket.receive().data())).isEqualTo(text(content(i, 1000)));
            }
            assertThat(text(socket.receive().data())).isEqualTo("z".repeat(300));
        }
    }

    @Test
    void whatPythonSentIsSentBackAsOneBatch() throws IOException {
        try (UdpSocket socket = Udp.bind("127.0.0.1", 0)) {
            python.run("for i in range(40): s.sendto(b'%d' % i, ('127.0.0.1', "
                    + socket.localAddress().getPort() + "))");
            DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(64, 2048);
            for (int n = 0; n < 40; n += batch.size()) {
                socket.receiveBatch(batch);
                socket.sendBatch(batch);
            }
            assertThat(python.ask("all(s.recv(100) == b'%d' % i for i in range(40))"))
                    .isEqualTo("True");
        }
    }
}
