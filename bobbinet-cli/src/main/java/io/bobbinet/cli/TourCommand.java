package io.bobbinet.cli;

import io.bobbinet.examples.ProgramSource;
import io.bobbinet.task.CancelScope;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code bobbinet tour}. */
@Command(
        name = "tour",
        description = "Runs the programs of the documents that the library started from, live on this machine.")
final class TourCommand implements Callable<Integer> {
    /** Each takes some milliseconds; one that hangs must not hang the tour. */
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final PrintStream out = System.out;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
    private Main main;

    @ArgGroup
    private Instead instead = new Instead();

    /** What can be done instead of running the programs. */
    static final class Instead {
        @Option(names = "--list", description = "List the programs.")
        private boolean list;

        @Option(names = "--show", paramLabel = "ID", description = "Print a program.")
        private Optional<String> show = Optional.empty();
    }

    private enum Status {
        OK("ok"),
        UNAVAILABLE("not on this backend"),
        FAILED("failed");

        private final String words;

        Status(String words) {
            this.words = words;
        }
    }

    private record Outcome(TourRow row, Status status, long millis) {}

    @Override
    public Integer call() throws IOException {
        List<TourRow> rows = TourRows.all();
        if (instead.list) {
            rows.forEach(row -> out.printf("%-36s %s%n", row.id(), row.title()));
            return 0;
        }
        if (instead.show.isPresent()) {
            show(rows, instead.show.get());
            return 0;
        }
        return tour(rows);
    }

    private void show(List<TourRow> rows, String id) {
        TourRow wanted = rows.stream()
                .filter(row -> row.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new UsageException("No program is named '" + id + "'; --list lists them"));
        out.print(wanted.programs().stream().map(ProgramSource::of).collect(Collectors.joining("\n")));
        out.flush();
    }

    private int tour(List<TourRow> rows) throws IOException {
        List<Outcome> outcomes = new ArrayList<>();
        Path folder = Files.createTempDirectory("tour");
        try {
            for (TourRow row : rows) {
                // A short name: the path of a UNIX socket has 107 bytes at most, and the folder's own may be long.
                Path own = folder.resolve(Integer.toString(outcomes.size()));
                outcomes.add(run(row, Files.createDirectory(own)));
            }
        } finally {
            delete(folder);
        }
        out.println();
        outcomes.forEach(outcome -> out.printf(
                "%-36s %-26s %-20s %5d ms%n",
                outcome.row().id(), outcome.row().title(), outcome.status().words, outcome.millis()));
        out.println();
        long unavailable = count(outcomes, Status.UNAVAILABLE);
        long failed = count(outcomes, Status.FAILED);
        out.println((outcomes.size() - unavailable) + " ran, " + unavailable + " unavailable, " + failed + " failed");
        out.flush();
        return failed == 0 ? 0 : Complaints.FAILED;
    }

    private static long count(List<Outcome> outcomes, Status status) {
        return outcomes.stream().filter(outcome -> outcome.status() == status).count();
    }

    private Outcome run(TourRow row, Path folder) {
        long start = System.nanoTime();
        Status status;
        String told;
        try {
            told = CancelScope.failAfter(LIMIT, row.id())
                    .<String, Exception>call(() -> row.run().run(folder));
            status = Status.OK;
        } catch (UnsupportedOperationException e) {
            told = e.getMessage();
            status = Status.UNAVAILABLE;
        } catch (Exception e) {
            told = e.toString();
            status = Status.FAILED;
            if (main.isDebugged()) {
                e.printStackTrace();
            }
        }
        out.println(row.id() + ": " + row.title() + ", " + row.names() + ": " + told);
        return new Outcome(row, status, (System.nanoTime() - start) / 1_000_000);
    }

    private static void delete(Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> tree = Files.walk(folder)) {
            all = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : all) {
            Files.delete(each);
        }
    }
}
