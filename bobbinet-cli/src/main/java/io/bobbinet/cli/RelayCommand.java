package io.bobbinet.cli;

import io.bobbinet.net.Endpoint;
import io.bobbinet.net.SocketStream;
import io.bobbinet.stream.Streams;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code bobbinet relay}. */
@Command(
        name = "relay",
        description = "Connects each client that comes to one endpoint with another, until SIGTERM or SIGINT.")
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
    private ConnectionOptions connections = new ConnectionOptions();

    @Mixin
    private ServerOptions serving = new ServerOptions();

    @Mixin
    private Progress progress = new Progress();

    @Override
    public Integer call() throws IOException {
        Target<SocketStream> target = StreamSockets.target(to, connections.timeout());
        try (Server<SocketStream> server = Server.bind(List.of(from), StreamSockets::listen)) {
            server.announce(System.out);
            Meter total = Meter.ofAll();
            progress.during(total, () -> server.serve(serving, connections, client -> relay(client, target, total)));
        }
        return 0;
    }

    private void relay(SocketStream client, Target<SocketStream> target, Meter total) throws IOException {
        try (SocketStream upstream = target.connect()) {
            try {
                connections.use(client, total, metered -> Streams.relay(metered, upstream));
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
