package io.bobbinet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bobbinet.net.Endpoint;
import io.bobbinet.net.UnixDescriptorStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code bobbinet pass}. */
@Command(
        name = "pass",
        description = {
            "Passes open files to each client, all in one message, until SIGTERM or SIGINT. Linux only.",
            "The message is the names of the files, each in a line. Each client reads a file from its beginning;"
                    + " FIFOs and devices are shared by all."
        })
final class PassCommand implements Callable<Integer> {
    /** {@code SCM_MAX_FD}, unix(7). */
    private static final int MOST_FILES = 253;

    @Parameters(
            index = "0",
            paramLabel = "URI",
            converter = EndpointConverter.class,
            description = "Where to listen: unix:///PATH or unix:@NAME.")
    @SuppressWarnings("NullAway.Init") // picocli sets it, or complains
    private Endpoint endpoint;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "FILE", description = "What to open, for reading.")
    private List<Path> files = List.of();

    @Mixin
    private ConnectionOptions connections = new ConnectionOptions();

    @Mixin
    private ServerOptions serving = new ServerOptions();

    private final Meter total = Meter.ofAll();

    @Override
    public Integer call() throws IOException {
        if (files.size() > MOST_FILES) {
            throw new UsageException("At most " + MOST_FILES + " files fit in a message, not " + files.size());
        }
        DescriptorSockets.check(endpoint);
        List<PassedFile> passed = new ArrayList<>();
        for (Path file : files) {
            passed.add(PassedFile.of(file));
        }
        PassedFile.openAll(passed, descriptors -> {}); // whether they can be open all at once, as for a client
        byte[] names = files.stream()
                .map(file -> Complaints.oneLine(file.toString()) + "\n")
                .collect(Collectors.joining())
                .getBytes(UTF_8);
        try (Server<UnixDescriptorStream> server = Server.bind(List.of(endpoint), DescriptorSockets::listen)) {
            server.announce(System.out);
            server.serve(serving, connections, client -> pass(client, names, passed));
        }
        return 0;
    }

    private void pass(UnixDescriptorStream client, byte[] names, List<PassedFile> passed) throws IOException {
        connections.useCounting(
                client,
                total,
                meter -> PassedFile.openAll(passed, descriptors -> {
                    client.sendMessage(names, descriptors);
                    meter.sent(names.length);
                }));
    }
}
