package io.bobbinet.tests.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;

import io.bobbinet.packet.PacketClient;
import io.bobbinet.packet.PacketHandler;
import io.bobbinet.packet.PacketServer;
import io.bobbinet.packet.PacketServerOptions;
import io.bobbinet.packet.StreamProtocol;
import io.bobbinet.packet.codec.Lines;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Connector;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.io.TempDir;

/** What tests of packet servers have in common: lines of text, a server of them, and its clients. */
abstract class PacketServing {
    static final StreamProtocol<String, String> LINES = StreamProtocol.of(Lines.utf8());

    /** What the server has reported. */
    final LinkedBlockingQueue<Throwable> reports = new LinkedBlockingQueue<>();

    final PacketServerOptions options =
            PacketServerOptions.defaults().withFailureReporter((connection, failure) -> reports.add(failure));

    @TempDir
    Path folder;

    interface Scenario {
        void run(Session session) throws Exception;
    }

    /** A server that serves, and clients of it, which are closed in the end. */
    static final class Session implements Closeable {
        final PacketServer<String, String> server;
        final TaskGroup group;
        final Task<Void> serving;
        private final Connector<? extends ByteStream> connector;
        private final Deque<Closeable> clients = new ArrayDeque<>();

        Session(
                PacketServer<String, String> server,
                TaskGroup group,
                Task<Void> serving,
                Connector<? extends ByteStream> connector) {
            this.server = server;
            this.group = group;
            this.serving = serving;
            this.connector = connector;
        }

        PacketClient<String, String> connect() throws IOException {
            PacketClient<String, String> client = PacketClient.connect(connector, LINES);
            clients.add(client);
            return client;
        }

        /** A client that the caller closes. */
        PacketClient<String, String> connectUntracked() throws IOException {
            return PacketClient.connect(connector, LINES);
        }

        /** A client that sends what it likes. */
        ByteStream connectRaw() throws IOException {
            ByteStream client = connector.connect();
            clients.add(client);
            return client;
        }

        static void send(ByteStream client, String text) throws IOException {
            client.send(text.getBytes(UTF_8));
        }

        @Override
        public void close() throws IOException {
            for (Closeable client : clients) {
                client.close();
            }
        }
    }

    /** Serves, runs a scenario and drains the server; what the serving ends by leaves this. */
    final void serve(
            ServerKind kind, PacketServerOptions with, PacketHandler<String, String> handler, Scenario scenario)
            throws Exception {
        serve(kind, LINES, with, handler, scenario);
    }

    /** The same with packets that are received in another way than as lines. */
    final void serve(
            ServerKind kind,
            StreamProtocol<String, String> protocol,
            PacketServerOptions with,
            PacketHandler<String, String> handler,
            Scenario scenario)
            throws Exception {
        ServerKind.Place place = kind.open(folder);
        try (PacketServer<String, String> server = PacketServer.over(place.listener(), protocol, with)) {
            TaskGroup.<Exception>run(group -> {
                Task<Void> serving = group.fork(() -> server.serve(handler));
                try (Session session = new Session(server, group, serving, place.connector())) {
                    scenario.run(session);
                    server.drain(ofSeconds(20));
                }
                serving.await();
            });
        }
    }

    final void serve(ServerKind kind, PacketHandler<String, String> handler, Scenario scenario) throws Exception {
        serve(kind, options, handler, scenario);
    }

    /** Looks until a condition holds that nobody tells of. */
    static void until(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            Thread.yield();
        }
    }

    static void echo(PacketClient<String, String> client) throws IOException {
        client.forEach(client::send);
    }

    static String ask(PacketClient<String, String> client, String question) throws IOException {
        client.send(question);
        return client.receive();
    }
}
