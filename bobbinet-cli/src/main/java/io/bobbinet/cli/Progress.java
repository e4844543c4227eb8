package io.bobbinet.cli;

import io.bobbinet.task.CancelScope;
import io.bobbinet.task.Task;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.ThrowingRunnable;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The line on standard error that tells how far a long transfer has come. */
final class Progress {
    /** A transfer that is over by then was not long. */
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    @Option(
            names = "--progress",
            description = "Show how far a transfer has come, also if standard error is not a terminal.")
    private boolean wanted;

    private final PrintStream out = System.err;

    /** Runs a body and shows meanwhile, if that is wanted or there is a terminal for it, what a meter says. */
    void during(Meter meter, ThrowingRunnable<IOException> body) throws IOException {
        boolean terminal = Terminal.ERROR.isConnected();
        // Who types and reads in a terminal has no use for a line that moves in between.
        boolean talking = Terminal.INPUT.isConnected() && Terminal.OUTPUT.isConnected();
        if (!wanted && (!terminal || talking)) {
            body.run();
            return;
        }
        TaskGroup.run(group -> {
            Task<?> display = group.fork(() -> show(meter, terminal));
            try {
                body.run();
            } finally {
                display.cancel();
            }
        });
    }

    private void show(Meter meter, boolean terminal) throws IOException {
        long start = System.nanoTime();
        long moved = 0;
        boolean shown = false;
        try {
            while (true) {
                CancelScope.sleep(INTERVAL);
                long now = meter.received() + meter.sent();
                if (now != moved || shown) {
                    print(line(meter, now - moved, start), terminal);
                    shown = true;
                }
                moved = now;
            }
        } finally {
            if (shown) {
                print(line(meter, 0, start), terminal);
                if (terminal) {
                    out.println();
                }
            }
        }
    }

    private static String line(Meter meter, long lately, long start) {
        long seconds = (System.nanoTime() - start) / 1_000_000_000;
        return meter.summary() + ", " + Meter.bytes(lately / INTERVAL.toSeconds()) + "/s, " + seconds + " s";
    }

    private void print(String line, boolean terminal) {
        if (terminal) {
            // To the start of the line, over the old one, and nothing of it left behind.
            out.print("\r" + line + "\u001b[K");
            out.flush();
        } else {
            out.println(line);
        }
    }
}
