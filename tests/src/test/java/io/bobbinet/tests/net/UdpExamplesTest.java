package io.bobbinet.tests.net;

import static io.bobbinet.tests.net.Sockets.bytes;
import static io.bobbinet.tests.net.Sockets.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.examples.CountedDatagrams;
import io.bobbinet.examples.UdpExamples;
import io.bobbinet.net.ConnectedUdpSocket;
import io.bobbinet.net.Datagram;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingConsumer;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The examples of UDP do what they say. */
@OnEachBackend
@DisplayName("UdpExamplesTest")
@Timeout(30)
class UdpExamplesTest {
    private static final String HOST = "127.0.0.1";

    /** Runs a server, asks it, and ends it. */
    private static void with(
            ThrowingConsumer<UdpSocket, IOException> server, ThrowingConsumer<Integer, IOException> client)
            throws IOException {
        try (UdpSocket udp = Udp.bind(HOST, 0)) {
            TaskGroup.run(group -> {
                Task<?> serving = group.fork(() -> server.accept(udp));
                client.accept(udp.localAddress().getPort());
                serving.cancel();
            });
        }
    }

    @Test
    void theGreeterGreets() throws IOException {
        with(UdpExamples::greet, port -> assertThat(UdpExamples.ask(HOST, port)).hasValue("Hello, Client"));
    }

    @Test
    void aQuestionThatWasLostIsAskedAgain() throws IOException {
        with(
                udp -> {
                    udp.receive();
                    udp.send(udp.receive().reply(bytes("at last")));
                },
                port -> assertThat(UdpExamples.ask(HOST, port)).hasValue("at last"));
    }

    @Test
    void batchesAreEchoed() throws IOException {
        with(UdpExamples::echo, port -> {
            try (ConnectedUdpSocket first = Udp.connect(HOST, port);
                    ConnectedUdpSocket second = Udp.connect(HOST, port)) {
                for (ConnectedUdpSocket client : List.of(first, second)) {
                    client.send(bytes("one of " + client));
                    client.send(bytes("two"));
                }
                for (ConnectedUdpSocket client : List.of(first, second)) {
                    assertThat(text(client.receive().data())).isEqualTo("one of " + client);
                    assertThat(text(client.receive().data())).isEqualTo("two");
                }
            }
        });
    }

    @Test
    void valuesAreReportedInBatches() throws IOException {
        long[] values = LongStream.range(0, 150).toArray();
        try (UdpSocket collector = Udp.bind(HOST, 0);
                UdpSocket sender = Udp.bind(HOST, 0)) {
            UdpExamples.report(sender, collector.localAddress(), values);
            for (long value : values) {
                assertThat(collector.receive().data()).endsWith((byte) value).hasSize(8);
            }
        }
    }

    @Test
    void batchesAreReadWithTheirSenders() throws IOException {
        try (UdpSocket udp = Udp.bind(HOST, 0);
                ConnectedUdpSocket client = Udp.connect(HOST, udp.localAddress().getPort())) {
            client.send(bytes("short"));
            client.send(bytes("x".repeat(2000)));
            String from = client.localAddress() + ": ";
            assertThat(UdpExamples.receiveAll(udp, 2)).containsExactly(from + "short", from + "x".repeat(1500) + "...");
        }
    }

    @Test
    void aGroupIsJoinedAndSentTo() throws IOException {
        NetworkInterface loopback = NetworkInterface.getByInetAddress(InetAddress.ofLiteral(HOST));
        InetAddress group = InetAddress.ofLiteral("239.255.7.9");
        try (UdpSocket udp = UdpExamples.join(group, 0, loopback)) {
            UdpExamples.announce(group, udp.localAddress().getPort(), loopback);
            assertThat(text(udp.receive().data())).isEqualTo("here I am");
            udp.leave(group, loopback);
        }
    }

    @Test
    void allOnANetworkAreCalled() throws IOException {
        try (UdpSocket udp =
                Udp.binder(0).withFamily(StandardProtocolFamily.INET).bind()) {
            UdpExamples.call(
                    new InetSocketAddress("127.255.255.255", udp.localAddress().getPort()));
            assertThat(text(udp.receive().data())).isEqualTo("who is there?");
        }
    }

    @Test
    void aHostIsToldByName() throws IOException {
        try (UdpSocket udp = Udp.bind(0);
                UdpSocket sender = Udp.open()) {
            UdpExamples.tell(sender, "localhost", udp.localAddress().getPort(), "by name");
            assertThat(text(udp.receive().data())).isEqualTo("by name");
        }
    }

    @Test
    void aPortIsShared() throws IOException {
        int port;
        try (UdpSocket free = Udp.bind("localhost", 0)) {
            port = free.localAddress().getPort();
        }
        List<UdpSocket> sockets = UdpExamples.share(port, 3);
        try {
            assertThat(sockets)
                    .hasSize(3)
                    .allSatisfy(socket ->
                            assertThat(socket.localAddress().getPort()).isEqualTo(port));
        } finally {
            for (UdpSocket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void aCutDatagramIsFlagged() throws IOException {
        try (UdpSocket udp = Udp.bind(HOST, 0);
                UdpSocket sender = Udp.open()) {
            sender.send(bytes("0123456789"), udp.localAddress());
            sender.send(bytes("0123"), udp.localAddress());
            assertThat(UdpExamples.begin(udp, 4)).startsWith("0123... of ");
            assertThat(UdpExamples.begin(udp, 4)).isEqualTo("0123");
        }
    }

    @Test
    void aTransportOfOnesOwnIsServedAndDrained() throws IOException {
        var counted = new CountedDatagrams<>(Udp.bind(HOST, 0));
        TaskGroup.run(group -> {
            Task<?> serving = group.fork(() -> counted.serve(packet -> counted.send(packet.reply(packet.data()))));
            try (ConnectedUdpSocket client =
                    Udp.connect(HOST, counted.localAddress().getPort())) {
                for (int i = 0; i < 3; i++) {
                    client.send(bytes("" + i));
                    assertThat(text(client.receive().data())).isEqualTo("" + i);
                }
            }
            counted.drain(Duration.ofSeconds(5));
            serving.await(); // by itself, without a failure
        });
        assertThat(counted.summary()).isEqualTo("3 received, 3 sent");
    }

    @Test
    void batchesThatAreCountedAreEchoed() throws IOException {
        try (var counted = new CountedDatagrams<>(Udp.bind(HOST, 0))) {
            TaskGroup.run(group -> {
                Task<?> serving = group.fork(() -> UdpExamples.echo(counted));
                try (ConnectedUdpSocket client =
                        Udp.connect(HOST, counted.localAddress().getPort())) {
                    client.send(bytes("one"));
                    assertThat(text(client.receive().data())).isEqualTo("one");
                }
                serving.cancel();
            });
            assertThat(counted.summary()).isEqualTo("1 received, 1 sent");
        }
    }

    @Test
    void theLastWordEndsTheServing() throws IOException {
        TaskGroup.run(group -> {
            UdpSocket udp = Udp.bind(HOST, 0);
            Task<?> serving = group.fork(() -> UdpExamples.serveUntil(udp, "stop"));
            try (ConnectedUdpSocket client =
                    Udp.connect(HOST, udp.localAddress().getPort())) {
                for (String word : List.of("go on", "stop")) {
                    client.send(bytes(word));
                    Datagram<InetSocketAddress> answer = client.receive();
                    assertThat(text(answer.data())).isEqualTo(word);
                }
            }
            serving.await(); // by itself, without a failure
        });
    }
}
