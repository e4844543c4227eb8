package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Udp;
import io.bobbinet.task.Readiness;
import java.io.IOException;
import java.net.InetSocketAddress;

/** A UDP "hello" service: sends each packet back to its sender, with a greeting in front. */
public final class UdpServer {
    private UdpServer() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        serve("localhost", 1234, address -> System.out.println("listening on " + address));
    }

    /** Serves until it is cancelled, and tells where once packets are received. */
    public static void serve(String host, int port, Readiness<InetSocketAddress> readiness) throws IOException {
        try (var udp = Udp.bind(host, port)) {
            readiness.ready(udp.localAddress());
            udp.forEach(packet -> {
                var name = new String(packet.data(), UTF_8);
                udp.send(packet.reply(("Hello, " + name).getBytes(UTF_8)));
            });
        }
    }
}
