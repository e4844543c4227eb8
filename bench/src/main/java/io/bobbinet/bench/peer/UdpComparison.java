package io.bobbinet.bench.peer;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * Measures datagrams on loopback: how many of them arrive in a second, and what that costs.
 *
 * <p>Sender and receiver are two processes, as in {@link TlsComparison}, and the sender sends as fast as it can: nothing holds
 * it back, since UDP on loopback has no flow control. What the receiver is too slow for is lost, and does not count. A round
 * begins with the first send and is over when nothing more arrives. The kernel does most of the receiver's work in the
 * sender's system call. Each kind of work gets processes of its own, which know no other.
 */
final class UdpComparison {
    private final Options options;
    private final Rounds rounds;

    UdpComparison(Options options, PrintStream progress) {
        this.options = options;
        this.rounds = new Rounds(options, progress);
    }

    void run(Report report) throws IOException {
        report.head("UDP on loopback, one sender, one receiver, batches of " + UdpWork.BATCH);
        for (int size : options.sizes()) {
            for (UdpWork work : options.udpWorks()) {
                List<Contestant> contestants = options.contestants().stream()
                        .filter(c -> takesPart(c, work))
                        .toList();
                report.udp(work, size, rounds.of(work + " " + size, contestants, c -> Pair.start(c, work, size)));
            }
        }
    }

    /** One at a time the channel is compared in one of its forms; with batches in both. */
    private static boolean takesPart(Contestant contestant, UdpWork work) {
        if (contestant.mainClass() != ChannelUdp.class) {
            return true;
        }
        boolean connected = contestant.options().contains(ChannelUdp.CONNECTED);
        boolean virtual = contestant.options().contains(ChannelUdp.VIRTUAL);
        return work.isSentInBatches() ? !virtual : connected == (work == UdpWork.CONNECTED);
    }

    /** Two processes, one of which sends to the other. */
    private static final class Pair implements Rounds.Measured<UdpSample> {
        private final ServerProcess receiver;
        private final ServerProcess sender;
        private long received;
        private long senderHeap;
        private long receiverHeap;

        private Pair(ServerProcess receiver, ServerProcess sender) {
            this.receiver = receiver;
            this.sender = sender;
        }

        static Pair start(Contestant contestant, UdpWork work, int size) throws IOException {
            String[] arguments = {work.name(), Integer.toString(size)};
            ServerProcess sender = ServerProcess.start(contestant, arguments);
            ServerProcess receiver = ServerProcess.start(
                    work.isReceivedByChannel() && contestant.mainClass() != ChannelUdp.class
                            ? Contestant.udp().getFirst()
                            : contestant,
                    arguments);
            String port = sender.ask("connect " + receiver.port(), "connected");
            receiver.ask("connect " + port, "connected");
            receiver.ask("receive 0", "receiving");
            return new Pair(receiver, sender);
        }

        @Override
        public UdpSample run(Duration time) throws IOException {
            CpuTime senderBefore = CpuTime.of(sender.pid());
            CpuTime receiverBefore = CpuTime.of(receiver.pid());
            long[] sending = numbers(sender.ask("run " + time.toMillis(), "ran"));
            double sendingCpu = CpuTime.of(sender.pid()).since(senderBefore) / 1e3;
            long[] receiving = numbers(receiver.ask("await 0", "received"));
            double receivingCpu = CpuTime.of(receiver.pid()).since(receiverBefore) / 1e3;
            double sent = sending[0];
            double arrived = receiving[0] - received;
            double seconds = (receiving[1] - sending[1]) / 1e9;
            UdpSample sample = new UdpSample(
                    arrived / seconds,
                    sent / seconds,
                    sendingCpu / sent,
                    receivingCpu / arrived,
                    (sending[2] - senderHeap) / sent,
                    (receiving[2] - receiverHeap) / arrived);
            received = receiving[0];
            senderHeap = sending[2];
            receiverHeap = receiving[2];
            return sample;
        }

        private static long[] numbers(String words) {
            return Arrays.stream(words.split(" ")).mapToLong(Long::parseLong).toArray();
        }

        @Override
        public void close() {
            sender.close();
            receiver.close();
        }
    }
}
