package io.bobbinet.tests.packet;

import static java.time.Duration.ofSeconds;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.packet.DatagramClient;
import io.bobbinet.packet.DatagramHandler;
import io.bobbinet.packet.DatagramPeer;
import io.bobbinet.packet.DatagramProtocol;
import io.bobbinet.packet.DatagramServer;
import io.bobbinet.packet.DatagramServerOptions;
import io.bobbinet.packet.codec.Lines;
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

/** What tests of datagram servers have in common: texts, a server of them, and its peers. */
abstract class DatagramsServed {
    static final DatagramProtocol<String, String> TEXTS = DatagramProtocol.of(Lines.utf8());

    /** What the server has reported. */
    final LinkedBlockingQueue<Throwable> reports = new LinkedBlockingQueue<>();

    /** For whom. */
    final LinkedBlockingQueue<Object> reported = new LinkedBlockingQueue<>();

    final DatagramServerOptions options = DatagramServerOptions.defaults().withFailureReporter((peer, failure) -> {
        reported.add(peer);
        reports.add(failure);
    });

    @TempDir
    Path folder;

    interface Scenario {
        void run(Session session) throws Exception;
    }

    /** A server that serves, and peers of it, which are closed in the end. */
    static final class Session implements Closeable {
        final DatagramServer<String, String> server;
        final Task<Void> serving;
        private final Connector<? extends ConnectedDatagramTransport<?>> connector;
        private final Deque<Closeable> clients = new ArrayDeque<>();

        Session(
                DatagramServer<String, String> server,
                Task<Void> serving,
                Connector<? extends ConnectedDatagramTransport<?>> connector) {
            this.server = server;
            this.serving = serving;
            this.connector = connector;
        }

        DatagramClient<String, String> connect() throws IOException {
            return DatagramClient.over(connectRaw(), TEXTS);
        }

        /** A peer that sends what it likes. */
        ConnectedDatagramTransport<?> connectRaw() throws IOException {
            ConnectedDatagramTransport<?> client = connector.connect();
            clients.add(client);
            return client;
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
            DatagramKind kind, DatagramServerOptions with, DatagramHandler<String, String> handler, Scenario scenario)
            throws Exception {
        DatagramKind.Place place = kind.open(folder);
        try (DatagramServer<String, String> server = DatagramServer.over(place.transport(), TEXTS, with)) {
            TaskGroup.<Exception>run(group -> {
                Task<Void> serving = group.fork(() -> server.serve(handler));
                try (Session session = new Session(server, serving, place.connector())) {
                    scenario.run(session);
                    server.drain(ofSeconds(20));
                    serving.await();
                }
            });
        }
    }

    final void serve(DatagramKind kind, DatagramHandler<String, String> handler, Scenario scenario) throws Exception {
        serve(kind, options, handler, scenario);
    }

    /** Looks until a condition holds that nobody tells of. */
    static void until(BooleanSupplier condition) throws InterruptedException {
        PacketServing.until(condition);
    }

    static void echo(DatagramPeer<String, String> peer) throws IOException {
        peer.forEach(peer::send, malformed -> peer.send("malformed"));
    }

    static String ask(DatagramClient<String, String> client, String question) throws IOException {
        client.send(question);
        return client.receive();
    }
}
