package io.bobbinet.cli;

import io.bobbinet.net.Endpoint;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.stream.Streams;
import io.bobbinet.tls.TlsOptions;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code bobbinet echo}. */
@Command(
        name = "echo",
        description = "Sends back what each client sends, and each datagram to its sender, until SIGTERM or SIGINT.")
final class EchoCommand implements Callable<Integer> {

    @Parameters(paramLabel = "URI", arity = "1..*", description = "Where to listen: " + EndpointConverter.FORMS + ".")
    private List<String> uris = List.of();

    @Mixin
    private PacketOptions packets = new PacketOptions();

    @Mixin
    private ConnectionOptions connections = new ConnectionOptions();

    @Mixin
    private ServerOptions serving = new ServerOptions();

    @Mixin
    private TlsSettings tls = new TlsSettings.OfServer();

    @Override
    public Integer call() throws IOException {
        List<Endpoint> endpoints = EndpointConverter.all(uris);
        tls.check(endpoints);
        serving.check(endpoints);
        TlsOptions secure = tls.forServer(endpoints, connections.timeout());
        try (EchoServer server = EchoServer.bind(endpoints, secure, connections, packets)) {
            server.announce(System.out);
            Meter total = Meter.ofAll();
            server.serve(serving, client -> connections.use(client, total, metered -> echo(client, metered)));
        }
        return 0;
    }

    private void echo(ByteStream client, ByteStream metered) throws IOException {
        if (packets.form().isPresent()) {
            String peer = StreamSockets.peerName(client);
            new PacketRelay<>(packets.form().get(), connections).echo(metered, peer);
        } else {
            echo(metered);
        }
    }

    private static void echo(ByteStream client) throws IOException {
        try {
            Streams.copy(client, client);
        } catch (UnsupportedOperationException e) {
            // TLS 1.2 cannot end the sending alone: it ends with the connection, now.
        }
    }
}
