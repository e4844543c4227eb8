package io.bobbinet.cli;

import io.bobbinet.net.Endpoint;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingConsumer;
import io.bobbinet.tls.TlsOptions;
import java.io.Closeable;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** The endpoints of {@code echo}, those of streams and those of datagrams, until the process is told to end. */
final class EchoServer implements Closeable {
    private final List<Endpoint> wanted;
    private final ConnectionOptions connections;
    private final PacketOptions packets;
    private final List<DatagramEcho<?>> datagrams = new ArrayList<>();
    private Optional<Server<ByteStream>> streams = Optional.empty();

    private EchoServer(List<Endpoint> wanted, ConnectionOptions connections, PacketOptions packets) {
        this.packets = packets;
        this.wanted = wanted;
        this.connections = connections;
    }

    /** Binds all endpoints, or none. From here on SIGTERM and SIGINT drain them. */
    static EchoServer bind(
            List<Endpoint> endpoints, TlsOptions secure, ConnectionOptions connections, PacketOptions packets)
            throws IOException {
        EchoServer server = new EchoServer(endpoints, connections, packets);
        try {
            server.open(secure);
        } catch (Throwable t) {
            try {
                server.close();
            } catch (IOException e) {
                t.addSuppressed(e);
            }
            throw t;
        }
        ShutdownHook.install(server::drain);
        return server;
    }

    private void open(TlsOptions secure) throws IOException {
        for (Endpoint endpoint : wanted) {
            if (DatagramSockets.isDatagram(endpoint)) {
                datagrams.add(DatagramEcho.bind(endpoint, connections, packets));
            }
        }
        List<Endpoint> ofStreams = wanted.stream()
                .filter(endpoint -> !DatagramSockets.isDatagram(endpoint))
                .toList();
        if (!ofStreams.isEmpty()) {
            streams = Optional.of(Server.open(ofStreams, endpoint -> StreamSockets.listen(endpoint, secure)));
        }
    }

    /** Tells where it can be reached, in the order of the command line. */
    void announce(PrintStream out) {
        Iterator<Endpoint> ofStreams =
                streams.map(Server::endpoints).orElse(List.of()).iterator();
        Iterator<Endpoint> ofDatagrams =
                datagrams.stream().map(DatagramEcho::endpoint).iterator();
        for (Endpoint endpoint : wanted) {
            out.println("listening " + (DatagramSockets.isDatagram(endpoint) ? ofDatagrams.next() : ofStreams.next()));
        }
        out.flush();
    }

    /** Serves until SIGTERM or SIGINT, and then until the handlers have ended. */
    void serve(ServerOptions options, ThrowingConsumer<ByteStream, IOException> handler) throws IOException {
        TaskGroup.run(group -> {
            for (DatagramEcho<?> each : datagrams) {
                group.fork(each::serve);
            }
            if (streams.isPresent()) {
                streams.get().serve(options, connections, handler);
            }
        });
    }

    private void drain(Duration grace) {
        streams.ifPresent(server -> server.drain(grace));
        for (DatagramEcho<?> each : datagrams) {
            try {
                each.drain(grace);
            } catch (IOException e) {
                Complaints.say(Complaints.describe(e));
            }
        }
    }

    @Override
    public void close() throws IOException {
        TaskGroup.run(group -> {
            // All are closed, whatever closing one reports.
            for (DatagramEcho<?> each : datagrams) {
                group.fork(each::close);
            }
            if (streams.isPresent()) {
                streams.get().close();
            }
        });
    }
}
