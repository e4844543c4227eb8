package io.bobbinet.cli;

import io.bobbinet.net.ConnectedDatagramTransport;
import io.bobbinet.net.Endpoint;
import io.bobbinet.stream.ByteStream;
import io.bobbinet.task.ThrowingConsumer;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bobbinet connect}. */
@Command(
        name = "connect",
        description = {
            "Connects, and joins the connection to standard input and output.",
            "The end of the input ends the sending; the end of the connection ends the command.",
            "With --codec each line is a packet. Of datagrams each is a line; the command ends when the input has"
                    + " ended and no more answers come (--wait)."
        })
final class ConnectCommand implements Callable<Integer> {
    private static final Duration DEFAULT_WAIT = Duration.ofSeconds(1);

    @Parameters(
            paramLabel = "URI",
            converter = EndpointConverter.class,
            description = "Where to connect to: " + EndpointConverter.FORMS + ".")
    @SuppressWarnings("NullAway.Init") // picocli sets it, or complains
    private Endpoint endpoint;

    @Mixin
    private PacketOptions packets = new PacketOptions();

    @Mixin
    private ConnectionOptions connections = new ConnectionOptions();

    @Mixin
    private Progress progress = new Progress();

    @Mixin
    private TlsSettings tls = new TlsSettings.OfClient();

    @Mixin
    private TlsClientSettings verifying = new TlsClientSettings();

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "Datagrams: how long to wait for a further one after the end of the input; 1s if not said.")
    private Optional<Duration> wait = Optional.empty();

    @Override
    public Integer call() throws IOException {
        tls.check(List.of(endpoint));
        verifying.check(endpoint);
        if (DatagramSockets.isDatagram(endpoint)) {
            exchangeDatagrams();
            return 0;
        }
        if (wait.isPresent()) {
            throw new UsageException("--wait is for datagrams, and '" + endpoint + "' has a connection, which ends");
        }
        Target<ByteStream> target = StreamSockets.target(
                endpoint, connections.timeout(), tls.forClient(endpoint, verifying, connections.timeout()));
        try (ByteStream server = target.connect()) {
            Meter total = Meter.ofAll();
            ThrowingConsumer<ByteStream, IOException> join = join();
            progress.during(total, () -> connections.use(server, total, join));
        }
        return 0;
    }

    private ThrowingConsumer<ByteStream, IOException> join() {
        return packets.form()
                .<ThrowingConsumer<ByteStream, IOException>>map(form -> new PacketJoin<>(form)::join)
                .orElseGet(() -> new StandardJoin()::join);
    }

    private void exchangeDatagrams() throws IOException {
        try (ConnectedDatagramTransport<?> peer =
                DatagramSockets.target(endpoint).connect()) {
            Meter total = Meter.ofAll();
            var lines = new StandardLines(packets.form());
            var join = new DatagramJoin(peer, lines, total, connections.timeout(), wait.orElse(DEFAULT_WAIT));
            progress.during(total, () -> connections.tellOf("exchange with " + endpoint, "", total, () -> join(join)));
        }
    }

    private void join(DatagramJoin join) throws IOException {
        try {
            join.run();
        } catch (SocketException | FileSystemException e) {
            throw DatagramSockets.failure(endpoint, e);
        }
    }
}
