package io.bobbinet.bench.peer;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Measures one TLS 1.3 connection of each library: how much goes through it, and what that costs.
 *
 * <p>Sender and receiver are two processes of the same library, as on two machines, so that both have a heap, a compiler
 * and cores as they want; processor time is the sum of both, since one can spare at the cost of the other. Rounds as in
 * {@link Rounds}. A round is over when the
 * receiver has decrypted the last byte. Each kind of work gets processes of its own, which know no other.
 */
final class TlsComparison {
    private final Options options;
    private final Rounds rounds;

    TlsComparison(Options options, PrintStream progress) {
        this.options = options;
        this.rounds = new Rounds(options, progress);
    }

    void run(Report report) throws IOException, InterruptedException {
        report.head("one TLS connection on loopback, %s, %s".formatted(TlsPeer.PROTOCOL, TlsPeer.CIPHER_SUITE));
        Path folder = Files.createTempDirectory("bobbinet-bench");
        Path keys = TlsKeys.make(folder);
        try {
            for (TlsWork work : options.works()) {
                report.tls(work, rounds.of(work.toString(), options.contestants(), c -> Pair.start(c, work, keys)));
            }
        } finally {
            Files.delete(keys);
            Files.delete(folder);
        }
    }

    /** Two processes of a contestant and the connection between them. */
    private static final class Pair implements Rounds.Measured<TlsSample> {
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

        @Override
        public TlsSample run(Duration time) throws IOException {
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
