package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpStream;
import io.bobbinet.stream.EndOfStreamException;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.MemoryQueue;
import io.bobbinet.stream.TextStream;
import io.bobbinet.task.TaskGroup;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs the examples of streams, listeners, names and tasks that need nothing else. */
@Timeout(30)
class OwnStreamsTest {

    @Test
    void numbersGoOverBytes() throws Exception {
        List<Integer> received = new ArrayList<>();
        try (var pair = MemoryByteStream.pair();
                var left = new OwnStreams.Numbers(TextStream.over(pair.left(), UTF_8));
                var right = new OwnStreams.Numbers(TextStream.over(pair.right(), UTF_8))) {
            left.send(1);
            left.send(-42);
            left.sendEof();
            right.forEach(received::add);
        }
        assertThat(received).containsExactly(1, -42);
        assertThat(OwnStreams.askForDouble(21)).isEqualTo(42);
    }

    @Test
    void doorkeeperLetsInOnlyWhomItKnows() throws Exception {
        InetAddress home = InetAddress.getByName("127.0.0.1");
        var plain = Tcp.listen("127.0.0.1", 0);
        int port = plain.localAddress().getPort();
        try (var doorkeeper = new OwnStreams.Doorkeeper(plain, Set.of(home))) {
            TaskGroup.run(group -> {
                group.fork(() -> {
                    try (TcpStream stranger = Tcp.connector("127.0.0.1", port)
                                    .withLocalAddress(new java.net.InetSocketAddress("127.0.0.2", 0))
                                    .connect();
                            TcpStream friend = Tcp.connect("127.0.0.1", port)) {
                        assertThatThrownBy(stranger::receive).isInstanceOf(EndOfStreamException.class);
                        friend.send("me".getBytes(UTF_8));
                    }
                });
                try (var client = doorkeeper.accept()) {
                    assertThat(client.receive()).isEqualTo("me".getBytes(UTF_8));
                }
            });
        }
    }

    @Test
    void queueTellsHowFullItIs() throws Exception {
        var queue = MemoryQueue.<String>bounded(2);
        try (var sender = queue.sender();
                var both = OwnStreams.join(sender, queue.receiver())) {
            both.send("one");
            assertThat(OwnStreams.gauge(queue)).isEqualTo("1 of 2, 0 senders wait");
            assertThat(both.receive()).isEqualTo("one");
        }
        assertThat(new OwnStreams.Ticket().draw()).isZero();
    }

    @Test
    void textComesAndGoesInTwoCharsets() throws Exception {
        try (var pair = MemoryByteStream.pair()) {
            pair.left().send("\u00e9\n".getBytes(UTF_8));
            assertThat(OwnStreams.twoHalves(pair.right())).isEqualTo("\u00e9");
            assertThat(pair.left().receive(100)).endsWith(0xe9, '\n');
        }
    }

    @Test
    void endpointsAndNamesLeadToConnections() throws Exception {
        try (var listener = RuntimeExamples.listenBy("nio")) {
            int port = listener.localAddress().getPort();
            NetExamples.connect("tcp://localhost:" + port).close();
            NetExamples.connect("udp://localhost:" + port).close();
            var services = Map.of("billing", InetAddress.getByName("127.0.0.1"));
            try (var stream = NetExamples.byOwnNames(services, "billing", port)) {
                assertThat(NetExamples.logLine(stream)).contains("127.0.0.1").contains(String.valueOf(port));
                assertThat(NetExamples.enlarge((TcpStream) stream)).isPositive();
            }
            assertThatThrownBy(() -> NetExamples.byOwnNames(services, "no.such.host.invalid", port))
                    .isInstanceOf(UnknownHostException.class);
        }
    }

    @Test
    void tasksAndBackendsTellAboutThemselves() throws Exception {
        assertThat(RuntimeExamples.backends()).anyMatch(line -> line.startsWith("nio"));
        assertThat(RuntimeExamples.outcome(() -> 42)).isEqualTo("finished with 42");
        assertThat(RuntimeExamples.measure(() -> {})).isNotNegative();
    }
}
