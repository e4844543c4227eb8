package io.bobbinet.cli;

import io.bobbinet.net.Endpoint;
import io.bobbinet.net.SocketStream;
import java.io.IOException;
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

    @Override
    public Integer call() throws IOException {
        try (SocketStream server =
                StreamSockets.target(endpoint, connections.timeout()).connect()) {
            Meter total = Meter.ofAll();
            StandardJoin join = new StandardJoin();
            progress.during(total, () -> connections.use(server, total, join::join));
        }
        return 0;
    }
}
