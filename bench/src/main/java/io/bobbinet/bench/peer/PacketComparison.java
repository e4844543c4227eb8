package io.bobbinet.bench.peer;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Measures servers that echo JSON documents, one in a line: each is parsed into an object, and written from it again. The
 * codec is the same for all, so what differs is who finds the lines and calls it.
 */
final class PacketComparison {
    /** How many connections a server has at once. */
    static final int CONNECTIONS = 10;

    private final Rounds rounds;
    private final Options options;

    PacketComparison(Options options, PrintStream progress) {
        this.options = options;
        this.rounds = new Rounds(options, progress);
    }

    void run(Report report) throws IOException {
        Path folder = Files.createTempDirectory("bench");
        Path message = folder.resolve("message");
        try {
            Files.write(message, Order.line());
            report.head("Echo of JSON lines of " + Files.size(message) + " bytes over UNIX sockets, closed loop");
            try (Load load = Load.start(message.toString(), folder.toString())) {
                report.packets(rounds.of("packets", options.contestants(), c -> Driven.start(c, load, folder)));
            }
        } finally {
            Files.deleteIfExists(message);
            Files.deleteIfExists(folder);
        }
    }

    /**
     * A server and the connections to it.
     *
     * @param server the server
     * @param load drives it
     * @param opened stands for the connections
     * @param socket where it listens
     */
    private record Driven(ServerProcess server, Load load, int opened, Path socket) implements Rounds.Measured<Sample> {
        static Driven start(Contestant contestant, Load load, Path folder) throws IOException {
            ServerProcess server = ServerProcess.start(contestant, folder.toString());
            Path socket = folder.resolve(server.pid() + ".sock");
            return new Driven(server, load, load.open(server, CONNECTIONS), socket);
        }

        @Override
        public Sample run(Duration time) throws IOException {
            return load.run(opened, Duration.ZERO, time);
        }

        @Override
        public void close() {
            server.close();
            try {
                Files.deleteIfExists(socket);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
