package io.bobbinet.examples;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static java.util.Objects.requireNonNull;

import io.bobbinet.jackson.Cbor;
import io.bobbinet.jackson.Json;
import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.Tcp;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.net.Unix;
import io.bobbinet.packet.Arrivals;
import io.bobbinet.packet.Codec;
import io.bobbinet.packet.Converter;
import io.bobbinet.packet.DatagramClient;
import io.bobbinet.packet.DatagramProtocol;
import io.bobbinet.packet.DatagramServer;
import io.bobbinet.packet.DatagramServerOptions;
import io.bobbinet.packet.FramedCodec;
import io.bobbinet.packet.MalformedPacketException;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketHandler;
import io.bobbinet.packet.PacketServer;
import io.bobbinet.packet.PacketServerOptions;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.packet.codec.Text;
import io.bobbinet.stream.BufferedReceiveStream;
import io.bobbinet.task.TimedOutException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Packets: codecs of one's own, and what can be done with them. */
public final class PacketExamples {
    private PacketExamples() {}

    // @start region="codec"
    /** Temperatures in hundredths of a degree, two bytes each: what fits a datagram. */
    public static final class Temperatures implements Codec<Double> {
        /** Makes the codec. */
        public Temperatures() {}

        @Override
        public void encode(Double degrees, OutputStream target) throws IOException {
            long hundredths = Math.round(degrees * 100);
            if (hundredths != (short) hundredths) {
                throw new IllegalArgumentException("Too hot or too cold: " + degrees);
            }
            target.write(ByteBuffer.allocate(2).putShort((short) hundredths).array());
        }

        @Override
        public Double decode(byte[] data) throws MalformedPacketException {
            if (data.length != 2) {
                throw new MalformedPacketException(toString(), data.length + " bytes are no temperature");
            }
            return ByteBuffer.wrap(data).getShort() / 100.0;
        }

        @Override
        public String toString() {
            return "temperatures";
        }
    }
    // @end region="codec"

    // @start region="framed"
    /** Short texts, each behind a byte that tells its length: what fits a stream. */
    public static final class ShortTexts implements FramedCodec<String> {
        private static final Codec<String> TEXT =
                Text.utf8().withLimit(255); // replaces nothing: what is no text is told

        /** Makes the codec. */
        public ShortTexts() {}

        @Override
        public void encodeFrame(String text, OutputStream target) throws IOException {
            var bytes = new ByteArrayOutputStream();
            TEXT.encode(text, bytes);
            target.write(bytes.size());
            bytes.writeTo(target);
        }

        @Override
        public String decodeFrame(BufferedReceiveStream stream) throws IOException {
            int length = stream.receiveExactly(1)[0] & 0xff; // waits for it, as any receive does
            byte[] bytes = stream.receiveExactly(length);
            // If it fails, the next packet is behind it.
            return FramedCodec.decodeContent(TEXT, () -> TEXT.decode(bytes));
        }

        @Override
        public String toString() {
            return "short texts";
        }
    }
    // @end region="framed"

    /** What is ordered. */
    public record Order(int number, String item) {}

    private static final Pattern ORDER = Pattern.compile("(\\d{1,9}) (.+)");

    /** {@return a codec of orders} */
    public static FramedCodec<Order> orders() {
        // @start region="converter"
        var orders = new ShortTexts()
                .converted(Converter.<Order, String>of(order -> order.number() + " " + order.item(), text -> {
                    var parts = ORDER.matcher(text);
                    if (!parts.matches()) {
                        throw new MalformedPacketException("orders", "no order: " + text);
                    }
                    return new Order(Integer.parseInt(parts.group(1)), parts.group(2));
                }));
        // @end region="converter"
        return orders;
    }

    // @start region="protocol"
    /** What a customer of a shop speaks: orders out, texts in. */
    public static final StreamProtocol<Order, String> CUSTOMER = StreamProtocol.of(orders(), new ShortTexts());

    /** What the shop itself speaks: the same the other way round. */
    public static final StreamProtocol<String, Order> SHOP = StreamProtocol.of(new ShortTexts(), orders());
    // @end region="protocol"

    /** Orders something. */
    public static String order(String host, int port, Order order) throws IOException {
        // @start region="client"
        try (var shop = PacketClient.connect(Tcp.connector(host, port), CUSTOMER)) {
            shop.send(order);
            return shop.receive(ofSeconds(30));
        } catch (TimedOutException e) {
            return "The shop is busy"; // nothing is lost: a client that lives on gets the answer by its next receive
        } catch (MalformedPacketException e) {
            return "The shop talks nonsense: " + e.reason();
        }
        // @end region="client"
    }

    /** Orders something by JSON. */
    public static Order orderByJson(Path path, Order order) throws IOException {
        // @start region="json"
        var orders = StreamProtocol.of(Json.lines(Order.class)); // {"number":1,"item":"a lamp"}
        try (var shop = PacketClient.connect(Unix.connector(path), orders)) {
            shop.send(order);
            return shop.receive(ofSeconds(30));
        }
        // @end region="json"
    }

    /** {@return what is said to be ordered, without a class for it} */
    public static String orderedItem(Path path) throws IOException {
        // @start region="json-trees"
        var anything = StreamProtocol.of(Json.documents().withLimit(1 << 20)); // that need no line ends
        try (var shop = PacketClient.connect(Unix.connector(path), anything)) {
            return shop.receive().path("item").asString("nothing");
        }
        // @end region="json-trees"
    }

    /** Orders something by a datagram. */
    public static void orderByDatagram(String host, int port, Order order) throws IOException {
        // @start region="cbor"
        var protocol = DatagramProtocol.of(Cbor.of(Order.class));
        try (var shop = DatagramClient.connect(Udp.connector(host, port), protocol)) {
            shop.send(order);
        }
        // @end region="cbor"
    }

    /** {@return the next packet, and what came beside it, in words} */
    public static List<String> describe(PacketClient<?, String> client) throws IOException {
        // @start region="message"
        try (var message = client.receiveMessage()) { // closes the descriptors that nobody opened
            var words = new ArrayList<>(List.of(message.packet()));
            for (var beside : message.controls()) {
                words.add(
                        switch (beside) {
                            case ControlMessage.Rights rights ->
                                rights.descriptors().size() + " descriptors";
                            case ControlMessage.Credentials sender -> "from " + sender.credentials();
                        });
            }
            return words;
        }
        // @end region="message"
    }

    /** {@return the packets that come within a moment; empty if the peer will send no more} */
    public static Optional<List<String>> take(PacketClient<?, String> client, Consumer<String> screen)
            throws IOException {
        // @start region="available"
        var arrived = client.available(ofMillis(100)); // available() takes what is there and does not wait
        arrived.packets().forEach(screen);
        boolean over = arrived.end() == Arrivals.End.END_OF_STREAM;
        // @end region="available"
        return over && arrived.packets().isEmpty() ? Optional.empty() : Optional.of(arrived.packets());
    }

    /** Goes on until the peer ends the stream. */
    public static void print(PacketClient<?, String> client, PrintStream out) throws IOException {
        // @start region="for-each"
        client.forEach(
                out::println,
                malformed -> out.println("skipped " + malformed.consumed() + " bytes: " + malformed.reason()));
        // @end region="for-each"
    }

    /** {@return how warm it is} */
    public static Optional<Double> measure(String host, int port) throws IOException {
        // @start region="datagram-client"
        var protocol = DatagramProtocol.of(new Temperatures());
        try (var sensor = DatagramClient.connect(Udp.connector(host, port), protocol)) {
            for (int attempt = 0; attempt < 3; attempt++) {
                sensor.send(0.0); // any packet is a question
                try {
                    return Optional.of(sensor.receive(ofSeconds(1)));
                } catch (TimedOutException e) {
                    // a datagram may be lost
                }
            }
            return Optional.empty();
        }
        // @end region="datagram-client"
    }

    // -- servers

    /** Runs a shop until its server is drained. */
    public static void run(PacketServer<String, Order> server) throws IOException {
        // @start region="server"
        server.serve(
                customer -> { // each in a task of its own
                    while (true) {
                        try {
                            customer.send("You ordered " + customer.receive().item());
                        } catch (MalformedPacketException e) {
                            customer.send("That is no order: " + e.reason());
                        }
                    } // the end of the customer ends this loop
                });
        // @end region="server"
    }

    /** {@return a shop at a port} */
    public static PacketServer<String, Order> open(String host, int port) throws IOException {
        // @start region="server-options"
        var options = PacketServerOptions.defaults()
                .withMaxConnections(1_000) // others wait at the door
                .withIdleTimeout(ofMinutes(5)) // for receives that have no limit of their own
                .withWriteTimeout(ofSeconds(10)); // for customers who do not listen
        return PacketServer.over(Tcp.listen(host, port), SHOP, options);
        // @end region="server-options"
    }

    // @start region="hooks"
    /** Greets its customers, and closes when the last order is taken. */
    public static final class Shop implements PacketHandler<String, Order> {
        private final Set<PacketClient<String, Order>> present = ConcurrentHashMap.newKeySet();
        private final Path book;
        private @Nullable PrintWriter orders;
        private @Nullable PacketServer<String, Order> server;

        /** Makes a shop that writes its orders into a file. */
        public Shop(Path book) {
            this.book = book;
        }

        @Override
        public void start(PacketServer<String, Order> server) throws IOException {
            this.server = server;
            this.orders = new PrintWriter(Files.newBufferedWriter(book));
        }

        @Override
        public void connected(PacketClient<String, Order> customer) throws IOException {
            customer.send("Welcome"); // if this fails, nobody has come
            present.add(customer);
        }

        @Override
        public void handle(PacketClient<String, Order> customer) throws IOException {
            var order = customer.receive(ofSeconds(30));
            requireNonNull(orders).println(order.item());
            customer.send(order.item() + " for one of " + present.size());
            if (order.item().equals("the last one")) {
                requireNonNull(server).drain(ofSeconds(5)); // nobody more comes in; who is here may finish
            }
        }

        @Override
        public void disconnected(PacketClient<String, Order> customer) {
            present.remove(customer);
        }

        @Override
        public void stop() {
            requireNonNull(orders).close(); // nobody is here any more
        }
    }
    // @end region="hooks"

    /** Tells how warm it is, until the socket is closed. */
    public static void tell(UdpSocket socket, DoubleSupplier thermometer) throws IOException {
        // @start region="datagram-server"
        var options = DatagramServerOptions.defaults().withMaxPeers(100).withIdleTimeout(ofMinutes(1));
        try (var server = DatagramServer.over(socket, DatagramProtocol.of(new Temperatures()), options)) {
            server.serve(
                    peer -> { // one at a time for each peer, whose datagrams come in order
                        while (true) {
                            double unused = peer.receive(); // a peer that is silent for too long ends the loop
                            peer.send(thermometer.getAsDouble());
                        }
                    });
        }
        // @end region="datagram-server"
    }
}
