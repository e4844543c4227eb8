package io.bobbinet.cli;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.net.DatagramTransport;
import io.bobbinet.net.Endpoint;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Streams;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Deadline;
import io.bobbinet.task.MoveOnScope;
import io.bobbinet.tls.TlsOptions;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code bobbinet relay}. */
@Command(
        name = "relay",
        description = {
            "Connects each client that comes to one endpoint with another, until SIGTERM or SIGINT.",
            "With --codec only packets get through.",
            "Each sender of datagrams has a socket of its own to the other endpoint, until it is quiet for two minutes"
                    + " or as long as --timeout says."
        })
final class RelayCommand implements Callable<Integer> {

    @Parameters(
            index = "0",
            paramLabel = "FROM",
            converter = EndpointConverter.class,
            description = "Where to listen: " + EndpointConverter.FORMS + ".")
    @SuppressWarnings("NullAway.Init") // picocli sets it, or complains
    private Endpoint from;

    @Parameters(
            index = "1",
            paramLabel = "TO",
            converter = EndpointConverter.class,
            description = "Where to connect to, anew for each client.")
    @SuppressWarnings("NullAway.Init") // picocli sets it, or complains
    private Endpoint to;

    @Mixin
    private PacketOptions packets = new PacketOptions();

    @Mixin
    private ConnectionOptions connections = new ConnectionOptions();

    @Mixin
    private ServerOptions serving = new ServerOptions();

    @Mixin
    private Progress progress = new Progress();

    @Mixin
    private TlsSettings tls = new TlsSettings.OfRelay();

    @Mixin
    private TlsClientSettings verifying = new TlsClientSettings();

    @Override
    public Integer call() throws IOException {
        tls.check(List.of(from, to));
        verifying.check(to);
        if (DatagramSockets.isDatagram(from) != DatagramSockets.isDatagram(to)) {
            throw new UsageException(
                    "Streams are relayed to streams, and datagrams to datagrams, not '" + from + "' to '" + to + "'");
        }
        if (DatagramSockets.isDatagram(from)) {
            relayDatagrams();
            return 0;
        }
        boolean both = TlsSettings.isTls(from) && TlsSettings.isTls(to);
        // Between two TLS endpoints we are the server that the certificate names, and know the other by the
        // authorities.
        TlsOptions accepting = (both ? tls.withoutAuthorities() : tls).forServer(List.of(from), connections.timeout());
        TlsOptions connecting = (both ? tls.withoutIdentity() : tls).forClient(to, verifying, connections.timeout());
        Target<ByteStream> target = StreamSockets.target(to, connections.timeout(), connecting);
        try (Server<ByteStream> server =
                Server.bind(List.of(from), endpoint -> StreamSockets.listen(endpoint, accepting))) {
            server.announce(System.out);
            Meter total = Meter.ofAll();
            progress.during(total, () -> server.serve(serving, connections, client -> relay(client, target, total)));
        }
        return 0;
    }

    private void join(ByteStream client, ByteStream metered, ByteStream upstream) throws IOException {
        if (packets.form().isPresent()) {
            new PacketRelay<>(packets.form().get(), connections)
                    .relay(metered, StreamSockets.peerName(client), upstream, to.toString());
        } else {
            Streams.relay(metered, upstream);
        }
    }

    private void relayDatagrams() throws IOException {
        Target<ConnectedDatagramTransport<?>> target = DatagramSockets.target(to);
        relay(DatagramSockets.bind(from), target);
    }

    private <A extends SocketAddress> void relay(
            DatagramSockets.Bound<A> bound, Target<ConnectedDatagramTransport<?>> target) throws IOException {
        try (DatagramTransport<A> senders = bound.socket()) {
            Meter total = Meter.ofAll();
            int limit = serving.maxConnectionsOr(DatagramRelay.MOST_SENDERS);
            var relay = new DatagramRelay<>(senders, target, connections, packets, limit, total);
            MoveOnScope untilStopped = CancelScope.create();
            ShutdownHook.install(grace -> {
                untilStopped.moveDeadline(Deadline.after(grace));
                relay.stop();
            });
            System.out.println("listening " + bound.endpoint());
            System.out.flush();
            untilStopped.run(() -> progress.during(total, relay::run));
        }
    }

    private void relay(ByteStream client, Target<ByteStream> target, Meter total) throws IOException {
        try (ByteStream upstream = target.connect()) {
            if (TlsSettings.isTls(to)) {
                connections.tell("connected to " + to + " for " + StreamSockets.peerName(client)
                        + StreamSockets.agreement(upstream));
            }
            try {
                connections.use(client, total, metered -> join(client, metered, upstream));
            } catch (IOException e) {
                StreamSockets.spoil(upstream);
                throw e;
            }
        } catch (IOException e) {
            // What is no orderly end on one side must not look like one on the other.
            StreamSockets.spoil(client);
            throw e;
        }
    }
}
