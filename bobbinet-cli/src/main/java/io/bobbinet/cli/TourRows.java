package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.examples.tour.EndOfStream;
import io.bobbinet.examples.tour.TcpClient;
import io.bobbinet.examples.tour.TcpLineClient;
import io.bobbinet.examples.tour.TcpLineServer;
import io.bobbinet.examples.tour.TcpServer;
import io.bobbinet.examples.tour.UnixClient;
import io.bobbinet.examples.tour.UnixDescriptorClient;
import io.bobbinet.examples.tour.UnixDescriptorServer;
import io.bobbinet.examples.tour.UnixLineClient;
import io.bobbinet.examples.tour.UnixLineServer;
import io.bobbinet.examples.tour.UnixServer;
import io.bobbinet.task.Backends;
import io.bobbinet.task.Readiness;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingConsumer;
import io.bobbinet.task.ThrowingFunction;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The rows of the tour. A client runs against the server of its page; a server runs against a socket of the JDK, so that
 * not both ends are ours.
 */
final class TourRows {
    /** Loopback by number: names differ from machine to machine. */
    static final String HOST = "127.0.0.1";

    private TourRows() {}

    /** {@return all rows, in the order of the pages} */
    static List<TourRow> all() {
        TlsTour tls = new TlsTour();
        return Stream.of(
                        page000(tls),
                        DatagramTour.udp("000"),
                        DatagramTour.unix("000"),
                        page001(tls),
                        DatagramTour.udp("001"),
                        page002(),
                        DatagramTour.rowsOfFirstVersion(),
                        tls.rows(),
                        page003(tls),
                        DatagramTour.udp("003"),
                        DatagramTour.unix("003"),
                        PacketTour.rows(),
                        AsyncPacketTour.rows())
                .flatMap(List::stream)
                .toList();
    }

    private static List<TourRow> page000(TlsTour tls) {
        return List.of(
                tcpClient("000-tcp-client"),
                tls.client("000-tls-client"),
                tcpServer("000-tcp-server"),
                unixClient("000-unix-client"),
                unixServer("000-unix-listener"),
                unixDescriptors("000-unix-descriptors"),
                new TourRow("000-end-of-stream", "the end of a stream", EndOfStream.class, TourRows::runEndOfStream));
    }

    private static List<TourRow> page001(TlsTour tls) {
        return List.of(
                tcpClient("001-tcp-client"),
                tls.client("001-tls-client"),
                tcpServer("001-tcp-server"),
                unixClient("001-unix-client"),
                unixServer("001-unix-listener"));
    }

    private static List<TourRow> page002() {
        return List.of(
                new TourRow("002-tcp-client", "a TCP client, 1.x", TcpLineClient.class, TourRows::runTcpLineClient),
                new TourRow("002-tcp-server", "a TCP server, 1.x", TcpLineServer.class, TourRows::runTcpLineServer),
                new TourRow("002-unix-client", "a UNIX client, 1.x", UnixLineClient.class, TourRows::runUnixLineClient),
                new TourRow(
                        "002-unix-server", "a UNIX server, 1.x", UnixLineServer.class, TourRows::runUnixLineServer));
    }

    private static List<TourRow> page003(TlsTour tls) {
        return List.of(
                tcpClient("003-tcp-client"),
                tls.client("003-tls-client"),
                tcpServer("003-tcp-server"),
                unixClient("003-unix-client"),
                unixServer("003-unix-listener"),
                unixDescriptors("003-unix-descriptors"));
    }

    // -- rows that several pages have

    private static TourRow tcpClient(String id) {
        return new TourRow(id, "a TCP client", TcpClient.class, TourRows::runTcpClient);
    }

    private static TourRow tcpServer(String id) {
        return new TourRow(id, "a TCP server", TcpServer.class, TourRows::runTcpServer);
    }

    private static TourRow unixClient(String id) {
        return new TourRow(id, "a UNIX client", UnixClient.class, TourRows::runUnixClient);
    }

    private static TourRow unixServer(String id) {
        return new TourRow(id, "a UNIX listener", UnixServer.class, TourRows::runUnixServer);
    }

    private static TourRow unixDescriptors(String id) {
        return new TourRow(
                id,
                "passing open files",
                List.of(UnixDescriptorServer.class, UnixDescriptorClient.class),
                TourRows::runUnixDescriptors);
    }

    // -- how each is put to work

    private static String runTcpClient(Path folder) throws IOException {
        return with(TourRows::serveTcp, at -> expect("Hello, Client\n\n", TcpClient.greet(HOST, at.getPort())));
    }

    private static String runTcpServer(Path folder) throws IOException {
        return with(TourRows::serveTcp, at -> expect("Hello, JDK\n\n", askTcp(at)));
    }

    private static String runTcpLineClient(Path folder) throws IOException {
        return with(TourRows::serveTcpLines, at -> expect("Hello, Client", TcpLineClient.greet(HOST, at.getPort())));
    }

    private static String runTcpLineServer(Path folder) throws IOException {
        return with(TourRows::serveTcpLines, at -> expect("Hello, JDK\n", askTcp(at)));
    }

    private static String runUnixClient(Path folder) throws IOException {
        return with(socketIn(folder, UnixServer::serve), at -> expect("Hello, Client\n\n", UnixClient.greet(at)));
    }

    private static String runUnixServer(Path folder) throws IOException {
        return with(socketIn(folder, UnixServer::serve), at -> expect("Hello, JDK\n\n", askUnix(at)));
    }

    private static String runUnixLineClient(Path folder) throws IOException {
        return with(socketIn(folder, UnixLineServer::serve), at -> expect("Hello, Client", UnixLineClient.greet(at)));
    }

    private static String runUnixLineServer(Path folder) throws IOException {
        return with(socketIn(folder, UnixLineServer::serve), at -> expect("Hello, JDK\n", askUnix(at)));
    }

    private static String runEndOfStream(Path folder) throws IOException {
        return with(TourRows::serveTcp, at -> {
            String told = EndOfStream.receiveAll(HOST, at.getPort());
            if (!told.startsWith("Hello, Client\n\nthen io.bobbinet.stream.EndOfStreamException")) {
                throw new IOException("The end was not told as it should be: " + quote(told));
            }
            return quote(told);
        });
    }

    /** The client is another process, which is what descriptors are passed for. */
    private static String runUnixDescriptors(Path folder) throws IOException {
        Backends.current().descriptors(); // first of all: or else the server would fail in its task
        Path file = Files.writeString(folder.resolve("examplefile"), "Test file");
        return with(socketIn(folder, (path, readiness) -> UnixDescriptorServer.serve(path, file, readiness)), at -> {
            SecondProcess.Result client = SecondProcess.run(UnixDescriptorClient.class, folder, at.toString());
            expect("Test file\n", client.output());
            long here = ProcessHandle.current().pid();
            return "the server, process " + here + ", passed " + file.getFileName() + ", and the client, process "
                    + client.pid() + ", printed " + quote(client.output());
        });
    }

    // -- servers

    private static void serveTcp(Readiness<InetSocketAddress> readiness) throws IOException {
        TcpServer.serve(HOST, 0, readiness);
    }

    private static void serveTcpLines(Readiness<InetSocketAddress> readiness) throws IOException {
        TcpLineServer.serve(HOST, 0, readiness);
    }

    /** A server on a path. */
    private interface PathServer {
        void serve(Path path, Readiness<Path> readiness) throws IOException;
    }

    private static ThrowingConsumer<Readiness<Path>, IOException> socketIn(Path folder, PathServer server) {
        return readiness -> server.serve(folder.resolve("socket"), readiness);
    }

    /** Runs a server, then a client that is told where it listens, and ends the server. */
    static <A> String with(ThrowingConsumer<Readiness<A>, ?> server, ThrowingFunction<A, String, IOException> client)
            throws IOException {
        return TaskGroup.call(group -> {
            var started = group.<A>start(server);
            String done = client.apply(started.value());
            started.task().cancel();
            return done;
        });
    }

    // -- foreign clients

    private static String askTcp(InetSocketAddress address) throws IOException {
        try (Socket socket = new Socket(HOST, address.getPort())) {
            socket.getOutputStream().write("JDK\n".getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private static String askUnix(Path path) throws IOException {
        SocketAddress address = UnixDomainSocketAddress.of(path);
        try (SocketChannel channel = SocketChannel.open(address)) {
            channel.write(ByteBuffer.wrap("JDK\n".getBytes(UTF_8)));
            return new String(Channels.newInputStream(channel).readAllBytes(), UTF_8);
        }
    }

    static String expect(String expected, String actual) throws IOException {
        if (!actual.equals(expected)) {
            throw new IOException("The answer was " + quote(actual) + " instead of " + quote(expected));
        }
        return "the answer was " + quote(actual);
    }

    static String quote(String text) {
        return '"' + text.replace("\n", "\\n") + '"';
    }
}
