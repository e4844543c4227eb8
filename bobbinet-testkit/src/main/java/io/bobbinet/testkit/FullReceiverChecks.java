package io.bobbinet.testkit;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.DatagramVector;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** A UNIX datagram waits for room at its receiver; UDP would drop it. */
final class FullReceiverChecks {
    private FullReceiverChecks() {}

    static void addTo(BackendContract contract) {
        contract.addFor(DatagramKind.UNIX, "sendToAFullReceiverWaits", FullReceiverChecks::sendWaits);
        contract.addFor(DatagramKind.UNIX, "fullReceiverHoldsUpNoOther", FullReceiverChecks::holdsUpNoOther);
        contract.addFor(DatagramKind.UNIX, "interruptedSendHasSentNothing", FullReceiverChecks::interruptedSend);
        contract.addFor(DatagramKind.UNIX, "interruptedBatchTellsHowFarItCame", FullReceiverChecks::interruptedBatch);
        contract.addFor(DatagramKind.UNIX, "interruptedSendsLoseNoDatagram", FullReceiverChecks::interruptedSends);
        contract.addFor(DatagramKind.UNIX, "closeEndsAllSendsThatWait", FullReceiverChecks::closeEndsAllSends);
        contract.addFor(DatagramKind.UNIX, "closeOfTheReceiverEndsASendThatWaits", FullReceiverChecks::receiverCloses);
    }

    /** Both ways to a receiver. */
    private static List<DatagramSetting.Pair> pairs(DatagramSetting s) throws IOException {
        return List.of(s.pair(), s.connected());
    }

    /** Sends numbered datagrams without end, as far as there is room; counts those that went out. */
    private static Background<Boolean> fill(DatagramSetting s, DatagramSetting.Pair pair, AtomicInteger sent)
            throws IOException {
        SocketAddress target = pair.other().localAddress();
        Background<Boolean> filler = s.start(() -> {
            while (true) {
                pair.one().send(numbered(sent.get()), target);
                sent.incrementAndGet();
            }
        });
        filler.awaitBlocked();
        return filler;
    }

    private static ByteBuffer numbered(int number) {
        return ByteBuffer.allocate(4).putInt(0, number);
    }

    private static void expect(DatagramSetting.Pair pair, int from, int to) throws IOException, InterruptedException {
        for (int i = from; i < to; i++) {
            Expect.value(ByteBuffer.wrap(pair.other().receive(10).data()), numbered(i), "The datagram " + i);
        }
    }

    private static void sendWaits(DatagramSetting s) throws IOException, InterruptedException {
        for (DatagramSetting.Pair pair : pairs(s)) {
            AtomicInteger sent = new AtomicInteger();
            Background<Boolean> filler = fill(s, pair, sent);
            expect(pair, 0, 2_000); // more than there is room for, by far
            Expect.that(sent.get() >= 1_999, "All that was received was sent");
            pair.one().close();
            filler.failure(ClosedChannelException.class);
        }
    }

    private static void holdsUpNoOther(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair full = s.pair();
        fill(s, full, new AtomicInteger());
        DatagramSetting.Pair other = new DatagramSetting.Pair(full.one(), s.bound());
        for (int i = 0; i < 100; i++) {
            other.send(i);
            other.expect(i);
            other.turned().send(i);
            other.turned().expect(i);
        }
        AtomicInteger sentToOther = new AtomicInteger();
        Background<Boolean> second = fill(s, other, sentToOther);
        expect(other, 0, 1_000);
        full.one().close();
        second.failure(ClosedChannelException.class);
    }

    private static void interruptedSend(DatagramSetting s) throws IOException, InterruptedException {
        for (DatagramSetting.Pair pair : pairs(s)) {
            AtomicInteger sent = new AtomicInteger();
            for (int i = 0; i < 3; i++) {
                Background<Boolean> filler = fill(s, pair, sent);
                filler.interrupt();
                filler.failure(InterruptedException.class);
                Expect.that(!filler.endedInterrupted(), "InterruptedException must clear the interrupt status");
            }
            expect(pair, 0, sent.get());
            pair.send(1);
            pair.expect(1); // not the one that was interrupted
        }
    }

    private static DatagramVector numberedBatch(int from, int count, SocketAddress target) {
        DatagramVector batch = new DatagramVector(count, 4);
        for (int i = 0; i < count; i++) {
            batch.memory().putInt(4 * i, from + i);
            batch.add(4 * i, 4, 4, target);
        }
        return batch;
    }

    private static void interruptedBatch(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        int count = 20_000;
        DatagramVector batch = numberedBatch(0, count, pair.other().localAddress());
        for (int i = 0; i < 2; i++) {
            Background<Boolean> sender = sendAll(s, pair.one(), batch);
            sender.awaitBlocked();
            sender.interrupt();
            sender.failure(InterruptedException.class);
            Expect.that(batch.position() > 0 && batch.position() < count, "The position is " + batch.position());
        }
        int gone = batch.position();
        expect(pair, 0, gone);
        pair.send(1);
        pair.expect(1);
        Background<Boolean> rest = sendAll(s, pair.one(), batch);
        expect(pair, gone, count);
        rest.value();
        Expect.value(batch.position(), count, "The position at the end");
    }

    private static Background<Boolean> sendAll(DatagramSetting s, DatagramHandle handle, DatagramVector batch) {
        return s.start(() -> {
            handle.send(batch);
            return true;
        });
    }

    private static void interruptedSends(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        SocketAddress target = pair.other().localAddress();
        int total = 10_000;
        AtomicInteger interrupts = new AtomicInteger();
        Background<Boolean> sender = s.start(() -> {
            for (int i = 0; i < total; ) {
                try {
                    pair.one().send(numbered(i), target);
                    i++;
                } catch (InterruptedException e) {
                    interrupts.incrementAndGet();
                }
            }
            return true;
        });
        sender.awaitBlocked();
        long seed = s.random.nextLong();
        Background<Integer> pest = s.startAside(() -> InterruptChecks.pester(sender, new Random(seed)));
        InterruptChecks.awaitStrike(interrupts);
        expect(pair, 0, total);
        sender.value();
        pest.value();
    }

    private static void closeEndsAllSends(DatagramSetting s) throws IOException, InterruptedException {
        for (DatagramSetting.Pair pair : pairs(s)) {
            SocketAddress target = pair.other().localAddress();
            List<Background<Boolean>> waiting = new ArrayList<>();
            waiting.add(fill(s, pair, new AtomicInteger()));
            for (int i = 0; i < 3; i++) {
                Background<Boolean> sender = s.start(() -> {
                    pair.one().send(numbered(0), target);
                    return true;
                });
                sender.awaitBlocked();
                waiting.add(sender);
            }
            DatagramVector batch = numberedBatch(0, 10, target);
            Background<Boolean> sender = sendAll(s, pair.one(), batch);
            sender.awaitBlocked();
            pair.one().close();
            waiting.forEach(b -> b.failure(ClosedChannelException.class));
            sender.failure(ClosedChannelException.class);
            Expect.value(batch.position(), 0, "The position");
        }
    }

    private static void receiverCloses(DatagramSetting s) throws IOException, InterruptedException {
        for (DatagramSetting.Pair pair : pairs(s)) {
            Background<Boolean> filler = fill(s, pair, new AtomicInteger());
            pair.other().close();
            filler.failure(IOException.class);
            Expect.that(pair.one().isOpen(), "The sender stays open");
        }
    }
}
