package io.bobbinet.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;

import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.DatagramTransport;
import io.bobbinet.net.LinuxOptions;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpBinder;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.stream.ServeOptions;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** UDP: one datagram at a time and many in one go, to one and to all. */
public final class UdpExamples {
    private UdpExamples() {}

    /** Greets whoever sends a name, until the socket is drained. */
    public static void greet(UdpSocket udp) throws IOException {
        // @start region="serve"
        udp.serve(
                packet -> { // each in a task of its own
                    var name = new String(packet.data(), UTF_8);
                    udp.send(packet.reply(("Hello, " + name).getBytes(UTF_8)));
                });
        // @end region="serve"
    }

    /** {@return what a server answers, if it does: the question may be lost, and so may the answer} */
    public static Optional<String> ask(String host, int port) throws IOException {
        // @start region="connect"
        try (var server = Udp.connect(host, port)) { // one peer: nobody else is heard
            for (int attempt = 0; attempt < 3; attempt++) {
                server.send("Client".getBytes(UTF_8));
                var answer = CancelScope.moveOnAfter(ofSeconds(1)).call(() -> server.receive());
                if (answer.isPresent()) {
                    return answer.map(packet -> new String(packet.data(), UTF_8));
                }
            }
            return Optional.empty();
        }
        // @end region="connect"
    }

    /** Sends back everything, as it came, until the socket is closed. */
    public static void echo(DatagramTransport<InetSocketAddress> udp) throws IOException {
        // @start region="batch-echo"
        var batch = DatagramBatch.<InetSocketAddress>allocate(64, 2048); // used again and again
        while (true) {
            udp.receiveBatch(batch); // at least one, and as many more as are there
            udp.sendBatch(batch); // each goes back to its sender
        }
        // @end region="batch-echo"
    }

    /** Sends measured values to a collector, 64 in one go. */
    public static void report(UdpSocket udp, InetSocketAddress collector, long[] values) throws IOException {
        // @start region="batch-send"
        var batch = DatagramBatch.<InetSocketAddress>allocate(64, Long.BYTES);
        for (int i = 0; i < values.length; i++) {
            batch.add(Long.BYTES, collector).putLong(values[i]); // written where it is sent from
            if (batch.size() == 64 || i == values.length - 1) {
                udp.sendBatch(batch);
                batch.clear();
            }
        }
        // @end region="batch-send"
    }

    /** {@return the text of the next datagrams, and who has sent each} */
    public static List<String> receiveAll(UdpSocket udp, int count) throws IOException {
        // @start region="batch-receive"
        var batch = DatagramBatch.<InetSocketAddress>allocate(64, 1500);
        var texts = new ArrayList<String>();
        while (texts.size() < count) {
            udp.receiveBatch(batch);
            for (int i = 0; i < batch.size(); i++) {
                var text = UTF_8.decode(batch.data(i)).toString(); // a view: gone with the next receive
                texts.add(batch.peer(i) + ": " + text + (batch.isTruncated(i) ? "..." : ""));
            }
        }
        // @end region="batch-receive"
        return texts;
    }

    /** {@return a socket that gets what is sent to a group} */
    public static UdpSocket join(InetAddress group, int port, NetworkInterface on) throws IOException {
        // @start region="multicast"
        var udp = Udp.binder(port)
                .withFamily(StandardProtocolFamily.INET)
                .withOption(StandardSocketOptions.SO_REUSEADDR, true) // for others on this machine to join too
                .bind();
        udp.join(group, on);
        return udp;
        // @end region="multicast"
    }

    /** Sends to a group, no further than the next routers let it. */
    public static void announce(InetAddress group, int port, NetworkInterface on) throws IOException {
        // @start region="multicast-send"
        try (var udp = Udp.binder(0)
                .withFamily(StandardProtocolFamily.INET)
                .withOption(StandardSocketOptions.IP_MULTICAST_IF, on)
                .withOption(StandardSocketOptions.IP_MULTICAST_TTL, 4)
                .bind()) {
            udp.send("here I am".getBytes(UTF_8), new InetSocketAddress(group, port));
        }
        // @end region="multicast-send"
    }

    /** Sends to all on a network, if its routers are willing. */
    public static void call(InetSocketAddress all) throws IOException {
        // @start region="broadcast"
        try (var udp = Udp.binder(0)
                .withFamily(StandardProtocolFamily.INET)
                .withOption(StandardSocketOptions.SO_BROADCAST, true)
                .bind()) {
            udp.send("who is there?".getBytes(UTF_8), all); // such as 192.168.1.255
        }
        // @end region="broadcast"
    }

    /** Sends to a host by its name. */
    public static void tell(UdpSocket udp, String host, int port, String text) throws IOException {
        // @start region="by-name"
        udp.send(text.getBytes(UTF_8), host, port); // looked up each time, by the socket's resolver
        // @end region="by-name"
    }

    /** Serves on all addresses of this machine, and answers from the one that was asked. */
    public static UdpSocket bindEverywhere(int port) throws IOException {
        // @start region="destination"
        var udp = Udp.binder(port).withDestination().bind(); // packet.reply(...) goes out from packet.destination()
        // @end region="destination"
        return udp;
    }

    /** {@return sockets that share a port, to be served by a task each} */
    public static List<UdpSocket> share(int port, int count) throws IOException {
        var sockets = new ArrayList<UdpSocket>();
        // @start region="reuse-port"
        UdpBinder binder = Udp.binder("localhost", port).withReusePort();
        for (int i = 0; i < count; i++) {
            sockets.add(binder.bind()); // the system spreads senders over them
        }
        // @end region="reuse-port"
        return sockets;
    }

    /** {@return the beginning of the next datagram, and how much is missing} */
    public static String begin(UdpSocket udp, int max) throws IOException {
        // @start region="truncated"
        Datagram<InetSocketAddress> packet = udp.receive(max);
        if (packet.isTruncated()) { // a flag, no failure
            return new String(packet.data(), UTF_8) + "... of "
                    + packet.length().orElse(-1); // nio: empty
        }
        // @end region="truncated"
        return new String(packet.data(), UTF_8);
    }

    /** Serves at most 1,000 at the same time, until a handler has heard the last word. */
    public static void serveUntil(UdpSocket udp, String lastWord) throws IOException {
        // @start region="bound"
        udp.serve(
                packet -> {
                    udp.send(packet.reply(packet.data()));
                    if (new String(packet.data(), UTF_8).equals(lastWord)) {
                        udp.drain(ofSeconds(5)); // no more is received; what is being handled may still answer
                    }
                },
                ServeOptions.defaults().withMaxConnections(1_000));
        // @end region="bound"
    }

    /** {@return a socket whose datagrams get no further than the next router} */
    public static UdpSocket openNear() throws IOException {
        // @start region="ttl"
        return Udp.binder(0).withOption(LinuxOptions.IP_TTL, 1).bind();
        // @end region="ttl"
    }
}
