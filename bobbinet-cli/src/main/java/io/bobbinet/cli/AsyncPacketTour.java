package io.bobbinet.cli;

import static io.bobbinet.cli.PacketTour.LONG;
import static io.bobbinet.cli.PacketTour.MANY;
import static io.bobbinet.cli.PacketTour.PACKET;
import static io.bobbinet.cli.PacketTour.PROTOCOL;
import static io.bobbinet.cli.PacketTour.SHORT;
import static io.bobbinet.cli.PacketTour.told;

import io.bobbinet.async.AsyncPacketClient;
import io.bobbinet.examples.packets.AdoptedSocket;
import io.bobbinet.examples.packets.AsyncAdoptedSocket;
import io.bobbinet.examples.packets.AsyncConnecting;
import io.bobbinet.examples.packets.AsyncConnectingInTime;
import io.bobbinet.examples.packets.AsyncReceiveSize;
import io.bobbinet.examples.packets.AsyncReceiving;
import io.bobbinet.examples.packets.AsyncReceivingDescriptors;
import io.bobbinet.examples.packets.AsyncReceivingMany;
import io.bobbinet.examples.packets.AsyncSending;
import io.bobbinet.examples.packets.AsyncSocketBelow;
import io.bobbinet.examples.packets.Data;
import io.bobbinet.net.LinuxOptions;
import io.bobbinet.net.Unix;
import io.bobbinet.packet.PacketClient;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.ThrowingFunction;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The rows of the tour that are about packets, in their asynchronous form; the servers are those of the blocking one. */
final class AsyncPacketTour {
    private AsyncPacketTour() {}

    /** {@return all of them} Those that the page has for several frameworks are here by several means. */
    static List<TourRow> rows() {
        return List.of(
                row("connect", AsyncConnecting.class, AsyncPacketTour::connect),
                row("connect-timeout-asyncio", AsyncConnectingInTime.class, AsyncPacketTour::connectOrTimeout),
                row("connect-timeout-trio", AsyncConnectingInTime.class, AsyncPacketTour::connectInTime),
                row("connect-timeout-backend", AsyncConnectingInTime.class, AsyncPacketTour::connectOnExecutor),
                row("adopt", AsyncAdoptedSocket.class, AsyncPacketTour::adopt),
                row("send", AsyncSending.class, AsyncPacketTour::send),
                row("send-descriptors", AsyncSending.class, AsyncPacketTour::sendWithFile),
                row("receive", AsyncReceiving.class, AsyncPacketTour::receive),
                row("receive-timeout-asyncio", AsyncReceiving.class, AsyncPacketTour::receiveOrTimeout),
                row("receive-timeout-trio", AsyncReceiving.class, AsyncPacketTour::receiveInTime),
                row("receive-timeout-backend", AsyncReceiving.class, AsyncPacketTour::receiveOnExecutor),
                row("receive-malformed-asyncio", AsyncReceiving.class, AsyncPacketTour::malformedOrTimeout),
                row("receive-malformed-trio", AsyncReceiving.class, AsyncPacketTour::malformedInTime),
                row("receive-malformed-backend", AsyncReceiving.class, AsyncPacketTour::malformedOnExecutor),
                row("receive-descriptors", AsyncReceivingDescriptors.class, AsyncPacketTour::receiveControls),
                row("receive-many-descriptors", AsyncReceivingDescriptors.class, AsyncPacketTour::receiveManyFiles),
                row("receive-available", AsyncReceivingMany.class, AsyncPacketTour::receiveAvailable),
                row("receive-budget", AsyncReceivingMany.class, AsyncPacketTour::receiveWithBudget),
                row("send-eof", AsyncSending.class, AsyncPacketTour::sendEof),
                row("credentials", AsyncSocketBelow.class, AsyncPacketTour::credentials),
                row("options", AsyncSocketBelow.class, AsyncPacketTour::options),
                row("receive-size", AsyncReceiveSize.class, AsyncPacketTour::receiveSize));
    }

    private static TourRow row(String name, Class<?> program, TourRow.Run run) {
        return new TourRow("004-async-" + name, "without waiting", program, run);
    }

    /** Waits for what a program has begun: the tour itself may wait. */
    private static <T> T done(CompletableFuture<T> future) throws IOException {
        try {
            return future.get();
        } catch (InterruptedException e) {
            throw CancelScope.interrupted(e);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            switch (cause) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                default -> throw new IOException(cause);
            }
        }
    }

    // -- connecting

    private static String connect(Path folder) throws IOException {
        return TourPeer.serve(
                folder, TourPeer::hearAll, path -> PacketTour.told(path, done(AsyncConnecting.connect(path))));
    }

    private static String connectOrTimeout(Path folder) throws IOException {
        return PacketTour.withoutRoom(folder, (path, limit) -> done(AsyncConnectingInTime.connect(path, limit)));
    }

    private static String connectInTime(Path folder) throws IOException {
        return PacketTour.withoutRoom(
                folder, (path, limit) -> done(AsyncConnectingInTime.connect(path, limit, Runnable::run)));
    }

    /** All that follows runs on the only thread of an executor. */
    private static String connectOnExecutor(Path folder) throws IOException {
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            return PacketTour.withoutRoom(
                    folder, (path, limit) -> done(AsyncConnectingInTime.connect(path, limit, executor)));
        }
    }

    private static String adopt(Path folder) throws IOException {
        return TourPeer.serve(
                folder,
                TourPeer::hearAll,
                path -> PacketTour.told(
                        path, done(AsyncAdoptedSocket.adopt(AdoptedSocket.obtainConnectedSocket(path)))));
    }

    // -- sending

    /** Runs a program with a client that is not connected yet. */
    private static String with(
            Path folder,
            TourPeer.Conversation conversation,
            ThrowingFunction<AsyncPacketClient<Data, Data>, String, IOException> program)
            throws IOException {
        return TourPeer.serve(folder, conversation, path -> {
            try (var client = AsyncPacketClient.of(Unix.connector(path), PROTOCOL)) {
                return program.apply(client);
            }
        });
    }

    private static String send(Path folder) throws IOException {
        return with(folder, peer -> told(PACKET, peer.hear()), client -> {
            done(AsyncSending.send(client));
            return "sent a packet";
        });
    }

    private static String sendEof(Path folder) throws IOException {
        return with(folder, PacketTour::answerAtTheEnd, client -> {
            var sent = AsyncSending.send(client);
            var ended = AsyncSending.end(client); // goes out behind it
            done(CompletableFuture.allOf(sent, ended));
            return told("Received packet: Data[data=42]", done(AsyncReceiving.receive(client)));
        });
    }

    // -- receiving

    private static String receive(Path folder) throws IOException {
        return with(folder, PacketTour::sayThree, client -> {
            var first = AsyncReceiving.receive(client);
            var second = AsyncReceiving.receive(client);
            var third = AsyncReceiving.receive(client);
            return done(first) + ", " + done(second) + ", " + told("Received packet: Data[data=3]", done(third));
        });
    }

    /** Receives within a time. */
    private interface ReceiveInTime {
        CompletableFuture<String> receive(AsyncPacketClient<Data, Data> client, Duration limit);
    }

    private static String receiveInTime(Path folder) throws IOException {
        return with(folder, PacketTour::answer, client -> late(client, AsyncReceiving::receiveInTime));
    }

    private static String receiveOrTimeout(Path folder) throws IOException {
        return with(folder, PacketTour::answer, client -> late(client, AsyncReceiving::receiveOrTimeout));
    }

    private static String receiveOnExecutor(Path folder) throws IOException {
        return onExecutor(folder, PacketTour::answer, client -> late(client, AsyncReceiving::receiveInTime));
    }

    private static String late(AsyncPacketClient<Data, Data> client, ReceiveInTime program) throws IOException {
        done(client.connect());
        String late = told("Timed out", done(program.receive(client, SHORT)));
        done(AsyncSending.send(client));
        return late + ", then " + told("Received packet: Data[data=42]", done(program.receive(client, LONG)));
    }

    private static String malformedInTime(Path folder) throws IOException {
        return with(folder, PacketTour::sayNonsense, client -> malformed(client, AsyncReceiving::receiveInTime));
    }

    private static String malformedOrTimeout(Path folder) throws IOException {
        return with(folder, PacketTour::sayNonsense, client -> malformed(client, AsyncReceiving::receiveOrTimeout));
    }

    private static String malformedOnExecutor(Path folder) throws IOException {
        return onExecutor(folder, PacketTour::sayNonsense, client -> malformed(client, AsyncReceiving::receiveInTime));
    }

    private static String malformed(AsyncPacketClient<Data, Data> client, ReceiveInTime program) throws IOException {
        return told("Received something invalid", done(program.receive(client, LONG))) + ", then "
                + told("Received packet: Data[data=42]", done(program.receive(client, LONG)));
    }

    private static String onExecutor(
            Path folder,
            TourPeer.Conversation conversation,
            ThrowingFunction<AsyncPacketClient<Data, Data>, String, IOException> program)
            throws IOException {
        try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
            return TourPeer.serve(folder, conversation, path -> {
                try (var client = AsyncPacketClient.of(Unix.connector(path), PROTOCOL, executor)) {
                    return program.apply(client);
                }
            });
        }
    }

    private static String receiveAvailable(Path folder) throws IOException {
        return with(folder, PacketTour::sayThree, client -> {
            String first = done(AsyncReceiving.receive(client));
            return first + ", then "
                    + told("Received packets: [Data[data=2], Data[data=3]]", done(AsyncReceivingMany.receive(client)));
        });
    }

    private static String receiveWithBudget(Path folder) throws IOException {
        return with(
                folder,
                PacketTour::sayThree,
                client -> told(
                        "Received packets: [Data[data=1], Data[data=2], Data[data=3]], then END_OF_STREAM",
                        done(AsyncReceivingMany.receive(client, LONG))));
    }

    private static String receiveSize(Path folder) throws IOException {
        return TourPeer.serve(
                folder,
                PacketTour::sayThree,
                path -> told("Received packet: Data[data=1]", done(AsyncReceiveSize.receive(path))));
    }

    // -- what only UNIX sockets have, and the backend linux

    private static String withDescriptors(
            Path folder,
            ThrowingFunction<PacketClient<Data, Data>, String, IOException> server,
            ThrowingFunction<AsyncPacketClient<Data, Data>, String, IOException> program)
            throws IOException {
        return PacketTour.withBothEnds(folder, server, path -> {
            try (var client = AsyncPacketClient.of(Unix.connector(path).withDescriptors(), PROTOCOL)) {
                return program.apply(client);
            }
        });
    }

    private static String sendWithFile(Path folder) throws IOException {
        Path file = PacketTour.file(folder);
        return withDescriptors(folder, PacketTour::readFile, client -> {
            done(AsyncSending.sendWithFile(client, file));
            return "sent a packet and " + file.getFileName();
        });
    }

    private static String receiveControls(Path folder) throws IOException {
        Path file = PacketTour.file(folder);
        return withDescriptors(folder, peer -> PacketTour.sendFiles(peer, file, 1), client -> {
            done(client.connect());
            client.socket().setOption(LinuxOptions.SO_PASSCRED, true);
            done(AsyncSending.send(client)); // now it may answer
            return String.join(", ", done(AsyncReceivingDescriptors.receive(client)));
        });
    }

    private static String receiveManyFiles(Path folder) throws IOException {
        Path file = PacketTour.file(folder);
        return withDescriptors(folder, peer -> PacketTour.sendFiles(peer, file, MANY), client -> {
            done(AsyncSending.send(client));
            return told(
                    "Received packet: Data[data=42] and 128 files",
                    done(AsyncReceivingDescriptors.receiveMany(client)));
        });
    }

    private static String credentials(Path folder) throws IOException {
        return with(folder, TourPeer::hearAll, client -> {
            done(client.connect());
            return PacketTour.toldOfThisProcess(AsyncSocketBelow.credentials(client));
        });
    }

    private static String options(Path folder) throws IOException {
        return with(folder, TourPeer::hearAll, client -> {
            done(client.connect());
            return "SO_KEEPALIVE is " + AsyncSocketBelow.withoutProbes(client);
        });
    }
}
