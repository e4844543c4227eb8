package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bobbinet.examples.NetExamples;
import io.bobbinet.examples.PacketExamples;
import io.bobbinet.examples.PacketExamples.Order;
import io.bobbinet.examples.PacketExamples.ShortTexts;
import io.bobbinet.examples.PacketExamples.Temperatures;
import io.bobbinet.jackson.Cbor;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.TcpListener;
import io.bobbinet.net.TcpStream;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.packet.Converter;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketServer;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.stream.MemoryByteStream;
import io.bobbinet.stream.StreamPair;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples of packets do what they say. */
@OnEachBackend
@DisplayName("PacketExamplesTest")
@Timeout(30)
class PacketExamplesTest {
    private static final StreamProtocol<String, String> TEXTS = StreamProtocol.of(new ShortTexts());

    @TempDir
    private Path folder;

    @Test
    @Tag("smoke")
    void anOrderIsAnswered() throws IOException {
        assertThat(answerOf(shop -> shop.send("You ordered " + shop.receive().item())))
                .isEqualTo("You ordered a lamp");
    }

    private interface Shop {
        void serve(PacketClient<String, Order> customer) throws IOException;
    }

    private static String answerOf(Shop shop) throws IOException {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0)) {
            return TaskGroup.call(group -> {
                group.fork(() -> {
                    try (PacketClient<String, Order> customer =
                            PacketClient.over(listener.accept(), PacketExamples.SHOP)) {
                        shop.serve(customer);
                    }
                });
                return PacketExamples.order("127.0.0.1", listener.localAddress().getPort(), new Order(1, "a lamp"));
            });
        }
    }

    @Test
    void whatIsNoOrderIsToldAndTheNextIsTaken() throws IOException {
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
        try (PacketClient<String, String> rude = PacketClient.over(pair.left(), TEXTS);
                PacketClient<String, Order> shop = PacketClient.over(pair.right(), PacketExamples.SHOP)) {
            rude.send("give me all");
            rude.send("7 a lamp");
            assertThatThrownBy(shop::receive)
                    .isInstanceOf(MalformedPacketException.class)
                    .hasMessage("orders: no order: give me all");
            assertThat(shop.receive()).isEqualTo(new Order(7, "a lamp"));
        }
    }

    @Test
    void aTextThatIsNotShortIsRefusedAndNothingIsSent() throws IOException {
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
        try (PacketClient<String, String> left = PacketClient.over(pair.left(), TEXTS);
                PacketClient<String, String> right = PacketClient.over(pair.right(), TEXTS)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> left.send("x".repeat(256)))
                    .withMessageContaining("longer than 255");
            left.send("x".repeat(255));
            assertThat(right.receive()).hasSize(255);
        }
    }

    @Test
    void whatIsNoTextIsToldAndNotReplaced() throws IOException {
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
        try (MemoryByteStream left = pair.left();
                PacketClient<String, String> right = PacketClient.over(pair.right(), TEXTS)) {
            left.send(new byte[] {1, (byte) 0xff, 1, 'a'});
            assertThatThrownBy(right::receive).isInstanceOf(MalformedPacketException.class);
            assertThat(right.receive()).isEqualTo("a");
            assertThatIllegalArgumentException().isThrownBy(() -> right.send("\ud800"));
        }
    }

    @Test
    void whatHasComeIsTakenTogether() throws IOException {
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
        try (PacketClient<String, String> left = PacketClient.over(pair.left(), TEXTS);
                PacketClient<String, String> right = PacketClient.over(pair.right(), TEXTS)) {
            left.send("a");
            left.send("b");
            List<String> shown = new ArrayList<>();
            assertThat(PacketExamples.take(right, shown::add)).contains(List.of("a", "b"));
            left.sendEof();
            assertThat(PacketExamples.take(right, shown::add)).isEmpty();
            assertThat(shown).containsExactly("a", "b");
        }
    }

    @Test
    void aLoopSkipsWhatIsMalformedAndEndsWithTheStream() throws IOException {
        StreamPair<MemoryByteStream> pair = MemoryByteStream.pair();
        var out = new ByteArrayOutputStream();
        var orders = StreamProtocol.of(
                PacketExamples.orders().converted(Converter.of(PacketExamplesTest::order, Order::item)));
        try (PacketClient<String, String> left = PacketClient.over(pair.left(), TEXTS);
                PacketClient<String, String> right = PacketClient.over(pair.right(), orders)) {
            left.send("1 lamp");
            left.send("lamp");
            left.send("2 desk");
            left.sendEof();
            PacketExamples.print(right, new PrintStream(out, true, UTF_8));
        }
        assertThat(out.toString(UTF_8).lines()).containsExactly("lamp", "skipped 5 bytes: no order: lamp", "desk");
    }

    private static Order order(String item) {
        return new Order(1, item);
    }

    @Test
    void aTemperatureIsMeasured() throws IOException {
        try (UdpSocket sensor = Udp.bind("127.0.0.1", 0)) {
            var degrees = TaskGroup.call(group -> {
                var serving =
                        group.fork(() -> sensor.forEach(question -> sensor.send(question.reply(encoded(-12.34)))));
                var measured = PacketExamples.measure(
                        "127.0.0.1", sensor.localAddress().getPort());
                serving.cancel();
                return measured;
            });
            assertThat(degrees).contains(-12.34);
        }
    }

    private static byte[] encoded(double degrees) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new Temperatures().encode(degrees, bytes);
        return bytes.toByteArray();
    }

    @Test
    void aTemperatureHasTwoBytes() throws IOException {
        assertThat(new Temperatures().decode(encoded(21.5))).isEqualTo(21.5);
        assertThatThrownBy(() -> new Temperatures().decode(new byte[3]))
                .isInstanceOf(MalformedPacketException.class)
                .hasMessage("temperatures: 3 bytes are no temperature");
        assertThatIllegalArgumentException().isThrownBy(() -> encoded(1000));
    }

    @Test
    void theSocketBelowIsFound() throws IOException {
        try (TcpListener listener = Tcp.listen("127.0.0.1", 0);
                TcpStream client = Tcp.connector(listener.localAddress()).connect()) {
            client.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            assertThat(NetExamples.withoutProbes(client)).isFalse();
        }
    }

    // -- JSON and CBOR

    @Test
    void anOrderTravelsAsJson() throws IOException {
        List<String> heard = LinePeer.serve(
                folder.resolve("socket"),
                peer -> {
                    String order = peer.hear();
                    peer.say(order);
                    return List.of(order);
                },
                path -> assertThat(PacketExamples.orderByJson(path, new Order(1, "a lamp")))
                        .isEqualTo(new Order(1, "a lamp")));
        assertThat(heard).containsExactly("{\"number\":1,\"item\":\"a lamp\"}");
    }

    @Test
    void aTreeNeedsNoClassAndADocumentNoLineEnd() throws IOException {
        LinePeer.serve(
                folder.resolve("socket"),
                peer -> {
                    peer.say("{\"item\":", "[]} {\"item\":\"a lamp\"}");
                    return peer.hearAll();
                },
                path -> assertThat(PacketExamples.orderedItem(path)).isEqualTo("nothing"));
    }

    @Test
    void anOrderTravelsInADatagram() throws IOException {
        try (UdpSocket shop = Udp.bind("127.0.0.1", 0)) {
            PacketExamples.orderByDatagram("127.0.0.1", shop.localAddress().getPort(), new Order(1, "a lamp"));
            assertThat(Cbor.of(Order.class).decode(shop.receive().data())).isEqualTo(new Order(1, "a lamp"));
        }
    }

    // -- servers

    @Test
    @Tag("smoke")
    void aServerAnswersOrdersAndWhatIsNone() throws IOException {
        try (PacketServer<String, Order> server = PacketExamples.open("127.0.0.1", 0)) {
            int port = ((InetSocketAddress) server.localAddress()).getPort();
            TaskGroup.run(group -> {
                var serving = group.fork(() -> PacketExamples.run(server));
                assertThat(PacketExamples.order("127.0.0.1", port, new Order(1, "a lamp")))
                        .isEqualTo("You ordered a lamp");
                try (PacketClient<String, String> rude =
                        PacketClient.connect(Tcp.connector("127.0.0.1", port), TEXTS)) {
                    rude.send("give me all");
                    assertThat(rude.receive()).isEqualTo("That is no order: no order: give me all");
                    rude.send("2 a desk");
                    assertThat(rude.receive()).isEqualTo("You ordered a desk");
                }
                server.drain(Duration.ofSeconds(20));
                serving.join();
            });
        }
    }

    @Test
    void aShopGreetsAndClosesAfterTheLastOrder() throws IOException {
        Path book = folder.resolve("orders");
        try (PacketServer<String, Order> server = PacketExamples.open("127.0.0.1", 0)) {
            int port = ((InetSocketAddress) server.localAddress()).getPort();
            TaskGroup.run(group -> {
                var serving = group.fork(() -> server.serve(new PacketExamples.Shop(book)));
                for (String item : List.of("a lamp", "the last one")) {
                    try (PacketClient<Order, String> customer =
                            PacketClient.connect(Tcp.connector("127.0.0.1", port), PacketExamples.CUSTOMER)) {
                        assertThat(customer.receive()).isEqualTo("Welcome");
                        customer.send(new Order(1, item));
                        assertThat(customer.receive()).startsWith(item + " for one of ");
                    }
                }
                serving.join();
            });
        }
        assertThat(book).hasContent("a lamp\nthe last one\n");
    }

    @Test
    void aThermometerTellsWhoeverAsks() throws IOException {
        UdpSocket socket = Udp.bind("127.0.0.1", 0);
        TaskGroup.run(group -> {
            var serving = group.fork(() -> PacketExamples.tell(socket, () -> 21.5));
            for (int i = 0; i < 2; i++) {
                assertThat(PacketExamples.measure(
                                "127.0.0.1", socket.localAddress().getPort()))
                        .contains(21.5);
            }
            serving.cancel();
        });
    }
}
