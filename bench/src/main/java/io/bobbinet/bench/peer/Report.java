package io.bobbinet.bench.peer;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
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
    void head() {
        out.printf("Machine: %s, %d cores%n", processor(), Runtime.getRuntime().availableProcessors());
        out.printf("Kernel:  %s %s%n", System.getProperty("os.name"), System.getProperty("os.version"));
        out.printf("JDK:     %s (%s)%n", Runtime.version(), System.getProperty("java.vendor"));
        out.printf(
                "Date:    %s%n",
                ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'")));
        out.printf(
                "Load:    64-byte echo on loopback, closed loop, %d rounds of %d ms for each server%n",
                options.rounds(), options.measured().toMillis());
        out.println("Servers:");
        options.contestants().forEach(c -> out.printf("  %-10s %s%n", c.name(), c.meaning()));
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
            Spread ratio = Spread.of(IntStream.range(0, own.size())
                    .mapToDouble(i -> own.get(i).cpu() / reference.get(i).cpu()));
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

    private static double median(List<Sample> samples, ToDoubleFunction<Sample> figure) {
        return Spread.of(samples.stream().mapToDouble(figure)).median();
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
