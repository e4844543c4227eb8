package io.bobbinet.bench.peer;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a process costs while nobody asks anything of it.
 *
 * @param corePercent processor time, of one core
 * @param wakeUps how often a second a thread woke that carries, polls or keeps time
 * @param virtualMachineWakeUps the same for the threads of the JVM itself, which is nobody's doing here
 */
record IdleCost(double corePercent, double wakeUps, double virtualMachineWakeUps) {

    static IdleCost measure(long pid, Duration time) throws IOException, InterruptedException {
        Totals before = Totals.of(pid);
        long start = System.nanoTime();
        Thread.sleep(time);
        Totals after = Totals.of(pid);
        double seconds = (System.nanoTime() - start) / 1e9;
        return new IdleCost(
                (after.nanos - before.nanos) / 1e9 / seconds * 100,
                (after.switches - before.switches) / seconds,
                (after.virtualMachineSwitches - before.virtualMachineSwitches) / seconds);
    }

    /** Sums over the threads of a process, from Linux's proc(5). */
    private static final class Totals {
        long nanos;
        long switches;
        long virtualMachineSwitches;

        static Totals of(long pid) throws IOException {
            Totals totals = new Totals();
            try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
                for (Path task : tasks) {
                    totals.add(task);
                }
            }
            return totals;
        }

        private void add(Path task) throws IOException {
            try {
                String name = Files.readString(task.resolve("comm"));
                nanos += Long.parseLong(
                        Files.readString(task.resolve("schedstat")).split(" ")[0]);
                long slept = Files.readAllLines(task.resolve("status")).stream()
                        .filter(line -> line.startsWith("voluntary_ctxt_switches:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum();
                if (isOfLibraries(name)) {
                    switches += slept;
                } else {
                    virtualMachineSwitches += slept;
                }
            } catch (NoSuchFileException e) {
                // The thread has ended meanwhile.
            }
        }

        private static boolean isOfLibraries(String name) {
            return name.startsWith("ForkJoinPool") || name.contains("Poller") || name.startsWith("bobbinet");
        }
    }
}
