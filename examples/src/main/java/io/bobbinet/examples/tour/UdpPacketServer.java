package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Udp;
import io.bobbinet.task.Readiness;
import java.io.IOException;
import java.net.InetSocketAddress;

/** A UDP "hello" service on all addresses of the machine that takes at most 1,024 bytes of each packet. */
public final class UdpPacketServer {
    private UdpPacketServer() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        serve(1234, address -> System.out.println("listening on " + address));
    }

    /** Serves until it is cancelled, and tells where once packets are received. */
    public static void serve(int port, Readiness<InetSocketAddress> readiness) throws IOException {
        try (var udp = Udp.bind(port)) {
            readiness.ready(udp.localAddress());
            while (true) {
                var packet = udp.receive(1024);
                var name = new String(packet.data(), UTF_8);
                udp.send(packet.reply(("Hello, " + name).getBytes(UTF_8)));
            }
        }
    }
}
