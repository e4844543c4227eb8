package io.bobbinet.examples.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Udp;
import java.io.IOException;

/** Sends packets to one destination, which need not be named each time. */
public final class UdpClient {
    private UdpClient() {}

    /** Runs the program. */
    public static void main(String[] args) throws IOException {
        sayHi("localhost", 1234);
    }

    /** Sends a packet. */
    public static void sayHi(String host, int port) throws IOException {
        try (var udp = Udp.connect(host, port)) {
            udp.send("Hi there!\n".getBytes(UTF_8));
        }
    }
}
