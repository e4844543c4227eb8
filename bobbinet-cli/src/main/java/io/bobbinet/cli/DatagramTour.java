package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.examples.tour.UdpClient;
import io.bobbinet.examples.tour.UdpPacketServer;
import io.bobbinet.examples.tour.UdpServer;
import io.bobbinet.examples.tour.UnixDatagramClient;
import io.bobbinet.examples.tour.UnixDatagramServer;
import io.bobbinet.net.UnixDatagram;
import io.bobbinet.task.Readiness;
import io.bobbinet.task.ThrowingConsumer;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/** The rows of the tour that are about datagrams, with peers that are the JDK's own where that has such sockets. */
final class DatagramTour {
    private static final int LONGEST = 1 << 16;
    private static final int PATIENCE_MILLIS = 5_000;

    private DatagramTour() {}

    /** {@return the rows of a page that has UDP alone} */
    static List<TourRow> udp(String page) {
        return List.of(
                new TourRow(page + "-udp-server", "a UDP service", UdpServer.class, DatagramTour::runServer),
                client(page));
    }

    /** {@return the rows of a page that has UNIX datagrams too} */
    static List<TourRow> unix(String page) {
        return List.of(
                new TourRow(
                        page + "-unixgram-server",
                        "a UNIX datagram server",
                        UnixDatagramServer.class,
                        DatagramTour::runUnixServer),
                new TourRow(
                        page + "-unixgram-client",
                        "connected to a log",
                        UnixDatagramClient.class,
                        DatagramTour::runUnixClient));
    }

    /** {@return the rows of AnyIO 1.x} */
    static List<TourRow> rowsOfFirstVersion() {
        return List.of(
                new TourRow(
                        "002-udp-server", "a UDP service, 1.x", UdpPacketServer.class, DatagramTour::runPacketServer),
                client("002"));
    }

    private static TourRow client(String page) {
        return new TourRow(page + "-udp-client", "a connected UDP socket", UdpClient.class, DatagramTour::runClient);
    }

    // -- how each is put to work

    private static String runServer(Path folder) throws IOException {
        return runUdp(readiness -> UdpServer.serve(TourRows.HOST, 0, readiness));
    }

    private static String runPacketServer(Path folder) throws IOException {
        return runUdp(readiness -> UdpPacketServer.serve(0, readiness));
    }

    private static String runUdp(ThrowingConsumer<Readiness<InetSocketAddress>, IOException> server)
            throws IOException {
        return TourRows.with(server, at -> TourRows.expect("Hello, JDK", ask(at.getPort())));
    }

    private static String runClient(Path folder) throws IOException {
        try (DatagramSocket receiver = new DatagramSocket(0, InetAddress.ofLiteral(TourRows.HOST))) {
            UdpClient.sayHi(TourRows.HOST, receiver.getLocalPort());
            return expectHi(receive(receiver));
        }
    }

    private static String runUnixServer(Path folder) throws IOException {
        ThrowingConsumer<Readiness<Path>, IOException> server =
                readiness -> UnixDatagramServer.serve(folder.resolve("socket"), readiness);
        return TourRows.with(server, at -> {
            try (var client = UnixDatagram.connect(at)) { // the JDK has no such sockets
                client.send("Client".getBytes(UTF_8));
                String answer = new String(client.receive().data(), UTF_8);
                return TourRows.expect("Hello, Client", answer);
            }
        });
    }

    /** A log of its own, in place of the system's. */
    private static String runUnixClient(Path folder) throws IOException {
        Path path = folder.resolve("log");
        try (var log = UnixDatagram.binder(path).withDeleteOnClose().bind()) {
            UnixDatagramClient.sayHi(path);
            return expectHi(new String(log.receive().data(), UTF_8));
        }
    }

    private static String expectHi(String received) throws IOException {
        if (!received.equals("Hi there!\n")) {
            throw new IOException("Received was " + TourRows.quote(received));
        }
        return "received was " + TourRows.quote(received);
    }

    // -- the JDK's own sockets

    private static String ask(int port) throws IOException {
        byte[] question = "JDK".getBytes(UTF_8);
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral(TourRows.HOST))) {
            socket.send(new DatagramPacket(question, question.length, InetAddress.ofLiteral(TourRows.HOST), port));
            return receive(socket);
        }
    }

    private static String receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[LONGEST], LONGEST);
        socket.setSoTimeout(PATIENCE_MILLIS); // no scope ends a wait of such a socket
        socket.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), UTF_8);
    }
}
