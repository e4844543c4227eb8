package io.bobbinet.bench.peer;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** The tables, as Markdown, so that they can be kept as they are. */
final class Report {
    private final Options options;
    private final PrintStream out;

    Report(Options options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /** What was measured where and when: without it the figures mean nothing. */
    void head(String load) {
        out.printf("Machine: %s, %d cores%n", processor(), Runtime.getRuntime().availableProcessors());
        out.printf("Kernel:  %s %s%n", System.getProperty("os.name"), System.getProperty("os.version"));
        out.printf("JDK:     %s (%s)%n", Runtime.version(), System.getProperty("java.vendor"));
        out.printf(
                "Date:    %s%n",
                ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'")));
        out.printf(
                "Load:    %s, %d rounds of %d ms for each server%n",
                load, options.rounds(), options.measured().toMillis());
        out.println("Servers:");
        options.contestants().forEach(c -> out.printf("  %-11s %s%n", c.name(), c.meaning()));
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }

    /** Processor time of the servers for a message; the ratio is that of each round to the reference in that round. */
    void throughput(int connections, Map<Contestant, List<Sample>> samples) {
        List<Sample> reference = samples.get(Contestant.REFERENCE);
        out.printf("%n%d connections, server CPU in microseconds a message (medians)%n%n", connections);
        out.printf("| server     |    CPU |   user | system | messages/s | ratio | quartiles   | extremes    |%n");
        out.printf("|------------|-------:|-------:|-------:|-----------:|------:|-------------|-------------|%n");
        samples.forEach((contestant, own) -> {
            Spread ratio = ratio(own, reference, Sample::cpu);
            out.printf(
                    "| %-10s | %6.2f | %6.2f | %6.2f | %10.0f | %5.2f | %.2f - %.2f | %.2f - %.2f |%n",
                    contestant.name(),
                    median(own, Sample::cpu),
                    median(own, Sample::user),
                    median(own, Sample::system),
                    median(own, Sample::rate),
                    ratio.median(),
                    ratio.lowerQuartile(),
                    ratio.upperQuartile(),
                    ratio.least(),
                    ratio.most());
        });
        out.flush();
    }

    /** Rate and the server's processor time for a packet; each ratio is that of a round to Netty in that round. */
    void packets(Map<Contestant, List<Sample>> samples) {
        List<Sample> netty = best(samples, c -> c.mainClass() == NettyPackets.class, Sample::rate, true);
        out.printf("%n%d connections, server CPU in microseconds a packet (medians)%n%n", PacketComparison.CONNECTIONS);
        out.printf("| server      |  packets/s | ratio | quartiles   | extremes    |    CPU | ratio | quartiles   |%n");
        out.printf("|-------------|-----------:|------:|-------------|-------------|-------:|------:|-------------|%n");
        samples.forEach((contestant, own) -> {
            Spread rate = ratio(own, netty, Sample::rate);
            Spread cpu = ratio(own, netty, Sample::cpu);
            out.printf(
                    "| %-11s | %10.0f | %5.2f | %.2f - %.2f | %.2f - %.2f | %6.2f | %5.2f | %.2f - %.2f |%n",
                    contestant.name(),
                    median(own, Sample::rate),
                    rate.median(),
                    rate.lowerQuartile(),
                    rate.upperQuartile(),
                    rate.least(),
                    rate.most(),
                    median(own, Sample::cpu),
                    cpu.median(),
                    cpu.lowerQuartile(),
                    cpu.upperQuartile());
        });
        out.flush();
    }

    private static <T> double median(List<T> samples, ToDoubleFunction<T> figure) {
        return Spread.of(samples.stream().mapToDouble(figure)).median();
    }

    /**
     * Rate and processor time of both ends, for a message; each ratio is that of a round to Netty in that round, namely
     * to the better of its transports: the one with the better median of that figure.
     */
    void tls(TlsWork work, Map<Contestant, List<TlsSample>> samples) {
        List<TlsSample> fastest = best(samples, c -> c.mainClass() == NettyTls.class, TlsSample::rate, true);
        List<TlsSample> cheapest = best(samples, c -> c.mainClass() == NettyTls.class, TlsSample::cpu, false);
        out.printf("%n%s: %s; CPU in microseconds a message (medians)%n%n", work.name(), work.meaning());
        out.printf("| server      | messages/s |   MB/s | ratio | quartiles   |    CPU | sender | receiver | ratio |"
                + " quartiles   |%n");
        out.printf(
                "|-------------|-----------:|-------:|------:|-------------|-------:|-------:|---------:|------:|-------------|%n");
        samples.forEach((contestant, own) -> {
            double rate = median(own, TlsSample::rate);
            Spread faster = ratio(own, fastest, TlsSample::rate);
            Spread dearer = ratio(own, cheapest, TlsSample::cpu);
            out.printf(
                    "| %-11s | %10.0f | %6.1f | %5.2f | %.2f - %.2f | %6.2f | %6.2f | %8.2f | %5.2f | %.2f - %.2f |%n",
                    contestant.name(),
                    rate,
                    rate * work.size() / 1e6,
                    faster.median(),
                    faster.lowerQuartile(),
                    faster.upperQuartile(),
                    median(own, TlsSample::cpu),
                    median(own, TlsSample::sender),
                    median(own, TlsSample::receiver),
                    dearer.median(),
                    dearer.lowerQuartile(),
                    dearer.upperQuartile());
        });
        out.flush();
    }

    /** The samples of the reference with the better median; of all, if none takes part. */
    private static <T> List<T> best(
            Map<Contestant, List<T>> samples,
            Predicate<Contestant> reference,
            ToDoubleFunction<T> figure,
            boolean most) {
        Comparator<List<T>> byMedian = Comparator.comparingDouble(own -> median(own, figure));
        List<List<T>> references = samples.entrySet().stream()
                .filter(e -> reference.test(e.getKey()))
                .map(Map.Entry::getValue)
                .toList();
        return (references.isEmpty() ? List.copyOf(samples.values()) : references)
                .stream().max(most ? byMedian : byMedian.reversed()).orElseThrow();
    }

    /**
     * What arrived, and what it cost both ends; each ratio is that of a round to the JDK's channel on platform threads
     * in that round, namely to the better of its forms: the one with the better median of that figure.
     */
    void udp(UdpWork work, int size, Map<Contestant, List<UdpSample>> samples) {
        List<UdpSample> fastest = best(samples, ChannelUdp::isReference, UdpSample::rate, true);
        List<UdpSample> cheapest = best(samples, ChannelUdp::isReference, UdpSample::cpu, false);
        out.printf(
                "%n%s, %d bytes: %s; CPU in microseconds, heap in bytes, a datagram (medians)%n%n",
                work.name(), size, work.meaning());
        out.printf(
                "| sockets    | received/s |     sent/s | lost %% | ratio | quartiles     | sender CPU | receiver CPU |"
                        + " ratio | quartiles   | sender heap | receiver heap |%n");
        out.printf(
                "|------------|-----------:|-----------:|-------:|------:|---------------|-----------:|-------------:|"
                        + "------:|-------------|------------:|--------------:|%n");
        samples.forEach((contestant, own) -> {
            Spread faster = ratio(own, fastest, UdpSample::rate);
            Spread dearer = ratio(own, cheapest, UdpSample::cpu);
            out.printf(
                    "| %-10s | %10.0f | %10.0f | %6.1f | %5.2f | %5.2f - %5.2f | %10.3f | %12.3f | %5.2f | %.2f - %.2f"
                            + " | %11.1f | %13.1f |%n",
                    contestant.name(),
                    median(own, UdpSample::rate),
                    median(own, UdpSample::sentRate),
                    median(own, UdpSample::lost),
                    faster.median(),
                    faster.lowerQuartile(),
                    faster.upperQuartile(),
                    median(own, UdpSample::sender),
                    median(own, UdpSample::receiver),
                    dearer.median(),
                    dearer.lowerQuartile(),
                    dearer.upperQuartile(),
                    median(own, UdpSample::senderHeap),
                    median(own, UdpSample::receiverHeap));
        });
        out.flush();
    }

    private static <T> Spread ratio(List<T> own, List<T> reference, ToDoubleFunction<T> figure) {
        return Spread.of(IntStream.range(0, own.size())
                .mapToDouble(i -> figure.applyAsDouble(own.get(i)) / figure.applyAsDouble(reference.get(i))));
    }

    /** What the servers cost while their connections are open and silent. */
    void idle(int connections, Map<Contestant, IdleCost> costs) {
        out.printf(
                "%n%d idle connections, for %d s%n%n",
                connections, options.idleTime().toSeconds());
        out.printf("| server     | %% of a core | wake-ups/s of carriers, pollers, timers | of the JVM itself |%n");
        out.printf("|------------|------------:|----------------------------------------:|------------------:|%n");
        costs.forEach((contestant, cost) -> out.printf(
                "| %-10s | %11.3f | %39.2f | %17.2f |%n",
                contestant.name(), cost.corePercent(), cost.wakeUps(), cost.virtualMachineWakeUps()));
        out.flush();
    }
}
