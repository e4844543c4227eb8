package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.examples.packets.AdoptedSocket;
import io.bobbinet.examples.packets.Connecting;
import io.bobbinet.examples.packets.ConnectingInTime;
import io.bobbinet.examples.packets.Data;
import io.bobbinet.examples.packets.ReceiveSize;
import io.bobbinet.examples.packets.Receiving;
import io.bobbinet.examples.packets.ReceivingDescriptors;
import io.bobbinet.examples.packets.ReceivingMany;
import io.bobbinet.examples.packets.Sending;
import io.bobbinet.examples.packets.SocketBelow;
import io.bobbinet.jackson.Json;
import io.bobbinet.net.ControlMessage;
import io.bobbinet.net.Descriptor;
import io.bobbinet.net.LinuxOptions;
import io.bobbinet.net.Unix;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.task.Backends;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingFunction;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;

/**
 * The rows of the tour that are about packets, in their blocking form. The server is the JDK's own, which writes and reads plain
 * lines; but for what the JDK has not.
 */
final class PacketTour {
    /** What the page sends. */
    static final String PACKET = "{\"data\":42}";

    static final StreamProtocol<Data, Data> PROTOCOL = StreamProtocol.of(Json.lines(Data.class));
    static final Duration SHORT = Duration.ofMillis(50);
    static final Duration LONG = Duration.ofSeconds(5);
    static final int MANY = 128;

    private PacketTour() {}

    /** {@return all of them} */
    static List<TourRow> rows() {
        return List.of(
                row("connect", "a client of packets", Connecting.class, PacketTour::connect),
                row("connect-timeout", "connecting in time", ConnectingInTime.class, PacketTour::connectInTime),
                row("adopt", "a socket of others", AdoptedSocket.class, PacketTour::adopt),
                row("send", "sending a packet", Sending.class, PacketTour::send),
                row("send-descriptors", "a file beside it", Sending.class, PacketTour::sendWithFile),
                row("receive", "receiving a packet", Receiving.class, PacketTour::receive),
                row("receive-timeout", "receiving in time", Receiving.class, PacketTour::receiveInTime),
                row("receive-malformed", "what is no packet", Receiving.class, PacketTour::receiveMalformed),
                row(
                        "receive-descriptors",
                        "what is beside it",
                        ReceivingDescriptors.class,
                        PacketTour::receiveControls),
                row("receive-many-descriptors", "128 files", ReceivingDescriptors.class, PacketTour::receiveManyFiles),
                row("receive-available", "what has come", ReceivingMany.class, PacketTour::receiveAvailable),
                row("receive-budget", "what comes in time", ReceivingMany.class, PacketTour::receiveWithBudget),
                row("send-eof", "ending the sending", Sending.class, PacketTour::sendEof),
                row("credentials", "who the peer is", SocketBelow.class, PacketTour::credentials),
                row("options", "an option of the socket", SocketBelow.class, PacketTour::options),
                row("receive-size", "small receives", ReceiveSize.class, PacketTour::receiveSize));
    }

    private static TourRow row(String name, String title, Class<?> program, TourRow.Run run) {
        return new TourRow("004-" + name, title, program, run);
    }

    // -- connecting

    private static String connect(Path folder) throws IOException {
        return TourPeer.serve(folder, TourPeer::hearAll, path -> told(path, Connecting.connect(path)));
    }

    static String told(Path path, String told) throws IOException {
        return told("Remote address: " + path, told);
    }

    /** {@return what a program told, which must be what is expected} */
    static String told(String expected, String told) throws IOException {
        if (!told.equals(expected)) {
            throw new IOException("Told was " + TourRows.quote(told) + " instead of " + TourRows.quote(expected));
        }
        return told;
    }

    private static String adopt(Path folder) throws IOException {
        return TourPeer.serve(
                folder,
                TourPeer::hearAll,
                path -> told(path, AdoptedSocket.adopt(AdoptedSocket.obtainConnectedSocket(path))));
    }

    private static String connectInTime(Path folder) throws IOException {
        return withoutRoom(folder, ConnectingInTime::connect);
    }

    /** Connects within a time. */
    interface ConnectInTime {
        String connect(Path path, Duration limit) throws IOException;
    }

    /** Runs a program while a server has no room for it, and again when it has. */
    static String withoutRoom(Path folder, ConnectInTime program) throws IOException {
        Path path = folder.resolve("socket");
        var address = UnixDomainSocketAddress.of(path);
        try (var listener =
                        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address, 1);
                var _ = SocketChannel.open(address);
                var _ = SocketChannel.open(address)) { // Linux takes one more than it is told
            String late = told("Could not connect in time", program.connect(path, SHORT));
            listener.accept().close();
            return late + ", then " + told(path, program.connect(path, LONG));
        }
    }

    // -- sending

    /** Runs a program with a connected client. */
    private static String with(
            Path folder,
            TourPeer.Conversation conversation,
            ThrowingFunction<PacketClient<Data, Data>, String, IOException> program)
            throws IOException {
        return TourPeer.serve(folder, conversation, path -> {
            try (var client = PacketClient.connect(Unix.connector(path), PROTOCOL)) {
                return program.apply(client);
            }
        });
    }

    private static String send(Path folder) throws IOException {
        return with(folder, peer -> told(PACKET, peer.hear()), client -> {
            Sending.send(client);
            return "sent a packet";
        });
    }

    private static String sendEof(Path folder) throws IOException {
        return with(folder, PacketTour::answerAtTheEnd, client -> {
            Sending.send(client);
            Sending.end(client);
            return told("Received packet: Data[data=42]", Receiving.receive(client));
        });
    }

    static String answerAtTheEnd(TourPeer peer) throws IOException {
        String heard = peer.hearAll();
        peer.say(PACKET);
        return heard + ", then the end";
    }

    // -- receiving

    private static String receive(Path folder) throws IOException {
        return with(
                folder,
                PacketTour::sayThree,
                client -> Receiving.receive(client) + ", " + Receiving.receive(client) + ", "
                        + told("Received packet: Data[data=3]", Receiving.receive(client)));
    }

    static String sayThree(TourPeer peer) throws IOException {
        peer.say("{\"data\":1}", "{\"data\":2}", "{\"data\":3}");
        return "";
    }

    private static String receiveInTime(Path folder) throws IOException {
        return with(folder, PacketTour::answer, client -> {
            String late = told("Timed out", Receiving.receiveInTime(client, SHORT));
            Sending.send(client);
            return late + ", then " + told("Received packet: Data[data=42]", Receiving.receiveInTime(client, LONG));
        });
    }

    static String answer(TourPeer peer) throws IOException {
        peer.say(peer.hear());
        return "";
    }

    private static String receiveMalformed(Path folder) throws IOException {
        return with(
                folder,
                PacketTour::sayNonsense,
                client -> told("Received something invalid", Receiving.receiveOrTell(client, LONG))
                        + ", then "
                        + told("Received packet: Data[data=42]", Receiving.receiveOrTell(client, LONG)));
    }

    static String sayNonsense(TourPeer peer) throws IOException {
        peer.say("{\"data\": forty-two}", PACKET);
        return "";
    }

    /** What was said in one go has come with the first of it. */
    private static String receiveAvailable(Path folder) throws IOException {
        return with(folder, PacketTour::sayThree, client -> {
            String first = Receiving.receive(client);
            return first + ", then "
                    + told("Received packets: [Data[data=2], Data[data=3]]", ReceivingMany.receive(client));
        });
    }

    private static String receiveWithBudget(Path folder) throws IOException {
        return with(
                folder,
                PacketTour::sayThree,
                client -> told(
                        "Received packets: [Data[data=1], Data[data=2], Data[data=3]], then END_OF_STREAM",
                        ReceivingMany.receive(client, LONG)));
    }

    private static String receiveSize(Path folder) throws IOException {
        return TourPeer.serve(
                folder, PacketTour::sayThree, path -> told("Received packet: Data[data=1]", ReceiveSize.receive(path)));
    }

    // -- what only UNIX sockets have, and the backend linux: both ends are ours

    /** Runs a program with a connected client, and another with the server's end of it. */
    static String withBothEnds(
            Path folder,
            ThrowingFunction<PacketClient<Data, Data>, String, IOException> server,
            ThrowingFunction<Path, String, IOException> client)
            throws IOException {
        Backends.current().descriptors(); // first of all: or else the server would fail in its task
        Path path = folder.resolve("socket");
        try (var listener = Unix.binder(path).withDeleteOnClose().listen()) {
            return TaskGroup.call(group -> {
                var serving = group.fork(() -> {
                    try (var peer = PacketClient.over(listener.withDescriptors().accept(), PROTOCOL)) {
                        return server.apply(peer);
                    }
                });
                String told = client.apply(path);
                String heard = serving.join();
                return heard.isEmpty() ? told : told + "; the server heard " + heard;
            });
        }
    }

    private static String withDescriptors(
            Path folder,
            ThrowingFunction<PacketClient<Data, Data>, String, IOException> server,
            ThrowingFunction<PacketClient<Data, Data>, String, IOException> program)
            throws IOException {
        return withBothEnds(folder, server, path -> {
            try (var client = PacketClient.connect(Unix.connector(path).withDescriptors(), PROTOCOL)) {
                return program.apply(client);
            }
        });
    }

    private static String sendWithFile(Path folder) throws IOException {
        Path file = file(folder);
        return withDescriptors(folder, PacketTour::readFile, client -> {
            Sending.sendWithFile(client, file);
            return "sent a packet and " + file.getFileName();
        });
    }

    static Path file(Path folder) throws IOException {
        return Files.writeString(folder.resolve("examplefile"), "Test file");
    }

    static String readFile(PacketClient<Data, Data> peer) throws IOException {
        try (var message = peer.receiveMessage();
                var file = message.descriptors().getFirst().asInputStream()) {
            return message.packet() + " and " + TourRows.quote(new String(file.readAllBytes(), UTF_8));
        }
    }

    private static String receiveControls(Path folder) throws IOException {
        Path file = file(folder);
        return withDescriptors(folder, peer -> sendFiles(peer, file, 1), client -> {
            client.socket().setOption(LinuxOptions.SO_PASSCRED, true);
            Sending.send(client); // now it may answer
            return String.join(", ", ReceivingDescriptors.receive(client));
        });
    }

    /** Waits for a packet, and answers with files. */
    static String sendFiles(PacketClient<Data, Data> peer, Path path, int count) throws IOException {
        Data packet = peer.receive();
        try (var file = Descriptor.open(path)) {
            peer.sendMessage(packet, new ControlMessage.Rights(Collections.nCopies(count, file)));
        }
        return "";
    }

    private static String receiveManyFiles(Path folder) throws IOException {
        Path file = file(folder);
        return withDescriptors(folder, peer -> sendFiles(peer, file, MANY), client -> {
            Sending.send(client);
            return told("Received packet: Data[data=42] and 128 files", ReceivingDescriptors.receiveMany(client));
        });
    }

    private static String credentials(Path folder) throws IOException {
        return with(folder, TourPeer::hearAll, client -> toldOfThisProcess(SocketBelow.credentials(client)));
    }

    static String toldOfThisProcess(String credentials) throws IOException {
        if (!credentials.startsWith("pid=" + ProcessHandle.current().pid() + ", ")) {
            throw new IOException("The peer is not this process: " + credentials);
        }
        return credentials;
    }

    private static String options(Path folder) throws IOException {
        return with(folder, TourPeer::hearAll, client -> "SO_KEEPALIVE is " + SocketBelow.withoutProbes(client));
    }
}
