package io.bobbinet.bench.peer;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures one TLS 1.3 connection of each library: how much goes through it, and what that costs.
 *
 * <p>Sender and receiver are two processes of the same library, as on two machines, so that both have a heap, a compiler
 * and cores as they want; processor time is the sum of both, since one can spare at the cost of the other. Rounds as in
 * {@link Comparison}: each library once, one right after the other, each first in its turn. A round is over when the
 * receiver has decrypted the last byte. Each kind of work gets processes of its own, which know no other.
 */
final class TlsComparison {
    private final Options options;
    private final PrintStream progress;

    TlsComparison(Options options, PrintStream progress) {
        this.options = options;
        this.progress = progress;
    }

    void run(Report report) throws IOException, InterruptedException {
        report.head("one TLS connection on loopback, %s, %s".formatted(TlsPeer.PROTOCOL, TlsPeer.CIPHER_SUITE));
        Path folder = Files.createTempDirectory("bobbinet-bench");
        Path keys = TlsKeys.make(folder);
        try {
            for (TlsWork work : options.works()) {
                report.tls(work, rounds(work, keys));
            }
        } finally {
            Files.delete(keys);
            Files.delete(folder);
        }
    }

    private Map<Contestant, List<TlsSample>> rounds(TlsWork work, Path keys) throws IOException {
        List<Pair> pairs = new ArrayList<>();
        Map<Contestant, List<TlsSample>> samples = new LinkedHashMap<>();
        try {
            for (Contestant contestant : options.contestants()) {
                progress.printf("\r\033[K%s, %s warms up ", work, contestant.name());
                Pair pair = Pair.start(contestant, work, keys);
                pairs.add(pair);
                samples.put(contestant, new ArrayList<>());
                pair.run(options.warmUp());
            }
            for (int round = 0; round < options.rounds(); round++) {
                progress.printf("\r\033[K%s, round %d of %d ", work, round + 1, options.rounds());
                for (int i = 0; i < pairs.size(); i++) {
                    Pair pair = pairs.get((i + round) % pairs.size());
                    pair.run(options.settling());
                    samples.get(pair.sender.contestant()).add(pair.run(options.measured()));
                }
            }
        } finally {
            progress.print("\r\033[K");
            pairs.forEach(Pair::close);
        }
        return samples;
    }

    /** Two processes of a contestant and the connection between them. */
    private static final class Pair implements AutoCloseable {
        final ServerProcess receiver;
        final ServerProcess sender;
        private final TlsWork work;
        private long sent;

        private Pair(ServerProcess receiver, ServerProcess sender, TlsWork work) {
            this.receiver = receiver;
            this.sender = sender;
            this.work = work;
        }

        static Pair start(Contestant contestant, TlsWork work, Path keys) throws IOException {
            ServerProcess receiver = ServerProcess.start(contestant, keys.toString(), work.name());
            ServerProcess sender = ServerProcess.start(contestant, keys.toString(), work.name());
            String negotiated = sender.ask("connect " + receiver.port(), "connected");
            if (!negotiated.equals(TlsPeer.PROTOCOL + " " + TlsPeer.CIPHER_SUITE)) {
                throw new IOException(contestant.name() + " negotiated " + negotiated);
            }
            return new Pair(receiver, sender, work);
        }

        TlsSample run(Duration time) throws IOException {
            CpuTime senderBefore = CpuTime.of(sender.pid());
            CpuTime receiverBefore = CpuTime.of(receiver.pid());
            long start = System.nanoTime();
            double messages = Long.parseLong(sender.ask("run " + time.toMillis(), "ran"));
            sent += (long) messages * work.size();
            receiver.ask("await " + sent, "received");
            double seconds = (System.nanoTime() - start) / 1e9;
            return new TlsSample(
                    messages / seconds,
                    CpuTime.of(sender.pid()).since(senderBefore) / 1e3 / messages,
                    CpuTime.of(receiver.pid()).since(receiverBefore) / 1e3 / messages);
        }

        @Override
        public void close() {
            sender.close();
            receiver.close();
        }
    }
}
