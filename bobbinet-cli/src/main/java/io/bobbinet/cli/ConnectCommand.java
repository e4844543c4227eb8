package io.bobbinet.cli;

import io.bobbinet.net.Endpoint;
import io.bobbinet.stream.ByteStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code bobbinet connect}. */
@Command(
        name = "connect",
        description = {
            "Connects, and joins the connection to standard input and output.",
            "The end of the input ends the sending; the end of the connection ends the command."
        })
final class ConnectCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "URI",
            converter = EndpointConverter.class,
            description = "Where to connect to: " + EndpointConverter.FORMS + ".")
    @SuppressWarnings("NullAway.Init") // picocli sets it, or complains
    private Endpoint endpoint;

    @Mixin
    private ConnectionOptions connections = new ConnectionOptions();

    @Mixin
    private Progress progress = new Progress();

    @Mixin
    private TlsSettings tls = new TlsSettings.OfClient();

    @Mixin
    private TlsClientSettings verifying = new TlsClientSettings();

    @Override
    public Integer call() throws IOException {
        tls.check(List.of(endpoint));
        verifying.check(endpoint);
        Target<ByteStream> target = StreamSockets.target(
                endpoint, connections.timeout(), tls.forClient(endpoint, verifying, connections.timeout()));
        try (ByteStream server = target.connect()) {
            Meter total = Meter.ofAll();
            StandardJoin join = new StandardJoin();
            progress.during(total, () -> connections.use(server, total, join::join));
        }
        return 0;
    }
}
