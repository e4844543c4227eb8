package io.bobbinet.bench.peer;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Drives contestants as {@link Comparison} says: in a round each once, one right after the other, each first in its turn. */
final class Rounds {
    private final Options options;
    private final PrintStream progress;

    Rounds(Options options, PrintStream progress) {
        this.options = options;
        this.progress = progress;
    }

    /** A contestant that runs and waits to be driven. */
    interface Measured<S> extends AutoCloseable {
        S run(Duration time) throws IOException;

        @Override
        void close();
    }

    /** Starts a contestant. */
    interface Starter<S> {
        Measured<S> start(Contestant contestant) throws IOException;
    }

    /** Starts the contestants, warms them up, gives what each round brought, and ends them. */
    <S> Map<Contestant, List<S>> of(String work, List<Contestant> contestants, Starter<S> starter) throws IOException {
        Map<Contestant, Measured<S>> running = new LinkedHashMap<>();
        Map<Contestant, List<S>> samples = new LinkedHashMap<>();
        try {
            for (Contestant contestant : contestants) {
                progress.printf("\r\033[K%s, %s warms up ", work, contestant.name());
                Measured<S> measured = starter.start(contestant);
                running.put(contestant, measured);
                samples.put(contestant, new ArrayList<>());
                measured.run(options.warmUp());
            }
            for (int round = 0; round < options.rounds(); round++) {
                progress.printf("\r\033[K%s, round %d of %d ", work, round + 1, options.rounds());
                for (int i = 0; i < contestants.size(); i++) {
                    Contestant contestant = contestants.get((i + round) % contestants.size());
                    running.get(contestant).run(options.settling());
                    samples.get(contestant).add(running.get(contestant).run(options.measured()));
                }
            }
        } finally {
            progress.print("\r\033[K");
            running.values().forEach(Measured::close);
        }
        return samples;
    }
}
