package io.bobbinet.bench.peer;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures echo servers side by side: processor time of the server for a message of 64 bytes.
 *
 * <p>A machine is never quiet enough for two figures from two times of day to be compared. So every round drives each
 * server once, one right after the other, each first in its turn, and a server's figure counts only as a ratio to the
 * reference's figure of the same round; the median over the rounds is the result.
 */
final class Comparison {
    private final Options options;
    private final Load load;
    private final List<ServerProcess> servers;
    private final PrintStream progress;

    private Comparison(Options options, Load load, List<ServerProcess> servers, PrintStream progress) {
        this.options = options;
        this.load = load;
        this.servers = servers;
        this.progress = progress;
    }

    public static void main(String[] arguments) throws Exception {
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println("bench: " + e.getMessage());
            System.err.print(Options.USAGE);
            usage("Servers", Contestant.all());
            usage("Servers with --tls", Contestant.tls());
            usage("Servers with --udp", Contestant.udp());
            usage("Servers with --packets", Contestant.packets());
            System.exit(2);
            return;
        }
        switch (options.load()) {
            case ECHO -> echo(options);
            case TLS -> new TlsComparison(options, System.err).run(new Report(options, System.out));
            case PACKETS -> new PacketComparison(options, System.err).run(new Report(options, System.out));
            case UDP -> new UdpComparison(options, System.err).run(new Report(options, System.out));
        }
    }

    private static void echo(Options options) throws Exception {
        List<ServerProcess> servers = new ArrayList<>();
        try (Load load = Load.start()) {
            for (Contestant contestant : options.contestants()) {
                servers.add(ServerProcess.start(contestant));
            }
            new Comparison(options, load, servers, System.err).run(new Report(options, System.out));
        } finally {
            servers.forEach(ServerProcess::close);
        }
    }

    private static void usage(String heading, List<Contestant> contestants) {
        System.err.printf("%n%s:%n", heading);
        contestants.forEach(c -> System.err.printf("  %-11s %s%n", c.name(), c.meaning()));
    }

    private void run(Report report) throws IOException, InterruptedException {
        report.head("64-byte echo on loopback, closed loop");
        for (int connections : options.connections()) {
            report.throughput(connections, rounds(connections));
        }
        if (options.measuresIdle()) {
            int connections = options.connections().stream().reduce(1, Math::max);
            Map<Contestant, IdleCost> costs = new LinkedHashMap<>();
            for (ServerProcess server : servers) {
                costs.put(server.contestant(), idle(server, connections));
            }
            report.idle(connections, costs);
        }
    }

    private Map<Contestant, List<Sample>> rounds(int connections) throws IOException {
        Map<Contestant, List<Sample>> samples = new LinkedHashMap<>();
        int[] opened = new int[servers.size()];
        for (int i = 0; i < opened.length; i++) {
            ServerProcess server = servers.get(i);
            samples.put(server.contestant(), new ArrayList<>());
            opened[i] = load.open(server, connections);
            load.run(opened[i], options.warmUp(), Duration.ZERO);
        }
        for (int round = 0; round < options.rounds(); round++) {
            progress.printf("\r%d connections, round %d of %d ", connections, round + 1, options.rounds());
            for (int i = 0; i < opened.length; i++) {
                int turn = (i + round) % opened.length;
                Sample sample = load.run(opened[turn], options.settling(), options.measured());
                samples.get(servers.get(turn).contestant()).add(sample);
            }
        }
        progress.print("\r\033[K");
        for (int each : opened) {
            load.close(each);
        }
        return samples;
    }

    private IdleCost idle(ServerProcess server, int connections) throws IOException, InterruptedException {
        int opened = load.open(server, connections);
        load.run(opened, options.settling(), Duration.ZERO);
        progress.print("idle ");
        // What a JVM does after work, such as freeing memory, is to be over; so are carriers that were too many.
        Thread.sleep(options.idleTime());
        IdleCost cost = IdleCost.measure(server.pid(), options.idleTime());
        progress.print("\r\033[K");
        load.close(opened);
        return cost;
    }
}
