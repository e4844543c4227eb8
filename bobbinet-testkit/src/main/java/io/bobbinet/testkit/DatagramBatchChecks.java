package io.bobbinet.testkit;

import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.DatagramVector;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Datagrams by the batch are the same as one by one. */
final class DatagramBatchChecks {
    private DatagramBatchChecks() {}

    static void addTo(BackendContract contract) {
        contract.addForDatagrams("batchIsReceivedWithItsSenders", DatagramBatchChecks::receivedWithSenders);
        contract.addFor(DatagramKind.UNIX, "batchKnowsSendersWithoutAName", DatagramBatchChecks::namelessSenders);
        contract.addForDatagrams("batchTakesWhatIsThereAtOnce", DatagramBatchChecks::takesWhatIsThere);
        contract.addForDatagrams("batchIsUsedAgain", DatagramBatchChecks::usedAgain);
        contract.addForDatagrams("batchTellsWhatIsTruncated", DatagramBatchChecks::tellsWhatIsTruncated);
        contract.addForDatagrams("batchIsSentToItsAddresses", DatagramBatchChecks::sentToItsAddresses);
        contract.addForDatagrams("batchIsSentToThePeer", DatagramBatchChecks::sentToThePeer);
        contract.addForDatagrams("batchOfMixedSizesKeepsThem", DatagramBatchChecks::mixedSizes);
        contract.addForDatagrams("batchStopsAtTheDatagramThatFails", DatagramBatchChecks::stopsAtAFailure);
        contract.addForDatagrams("emptyBatchSendsNothing", DatagramBatchChecks::emptyBatch);
        contract.addForDatagrams("batchOfTheLongestPasses", DatagramBatchChecks::longest);
    }

    /** Puts a datagram behind the others of a batch to be sent. */
    private static void add(DatagramVector batch, byte[] data, SocketAddress target) {
        int offset = end(batch);
        batch.memory().put(offset, data);
        batch.add(offset, data.length, data.length, target);
    }

    private static void add(DatagramVector batch, byte[] data) {
        int offset = end(batch);
        batch.memory().put(offset, data);
        batch.add(offset, data.length, data.length);
    }

    private static int end(DatagramVector batch) {
        int last = batch.size() - 1;
        return last < 0 ? 0 : batch.offset(last) + batch.length(last);
    }

    /** Receives batch by batch so many datagrams. */
    private static List<byte[]> receive(DatagramHandle handle, DatagramVector batch, int count)
            throws IOException, InterruptedException {
        List<byte[]> all = new ArrayList<>();
        while (all.size() < count) {
            handle.receive(batch);
            Expect.that(batch.size() > 0, "A batch that was received has a datagram");
            Expect.value(batch.position(), 0, "The position of a batch that was received");
            for (int i = 0; i < batch.size(); i++) {
                all.add(DatagramSetting.bytes(batch, i));
            }
        }
        return all;
    }

    private static void expect(List<byte[]> actual, List<byte[]> expected) {
        Expect.value(actual.size(), expected.size(), "The number of datagrams");
        for (int i = 0; i < expected.size(); i++) {
            Expect.value(actual.get(i), expected.get(i), "The datagram " + i);
        }
    }

    private static void receivedWithSenders(DatagramSetting s) throws IOException, InterruptedException {
        DatagramHandle receiver = s.bound();
        List<DatagramHandle> senders = List.of(s.bound(), s.bound());
        DatagramVector batch = new DatagramVector(8, 100);
        int sent = 0;
        for (int number = 0; number < 6; number++) {
            senders.get(number % 2).send(DatagramSetting.data(number), receiver.localAddress());
        }
        while (sent < 6) {
            receiver.receive(batch);
            for (int i = 0; i < batch.size(); i++, sent++) {
                Expect.value(DatagramSetting.bytes(batch, i), new byte[] {(byte) sent}, "The datagram " + sent);
                Expect.value(batch.fullLength(i), 1, "The length");
                Expect.that(batch.hasAddress(i), "It has a sender");
                Expect.value(batch.address(i), senders.get(sent % 2).localAddress(), "The sender of " + sent);
            }
        }
    }

    private static void namelessSenders(DatagramSetting s) throws IOException, InterruptedException {
        DatagramHandle receiver = s.bound();
        DatagramHandle nameless = s.open();
        DatagramHandle named = s.bound();
        nameless.send(DatagramSetting.data(1), receiver.localAddress());
        named.send(DatagramSetting.data(2), receiver.localAddress());
        DatagramVector batch = new DatagramVector(1, 10);
        for (DatagramHandle sender : List.of(nameless, named)) {
            receiver.receive(batch);
            Expect.value(batch.address(0), sender.localAddress(), "The sender");
        }
    }

    /** UDP may be a moment late with what was sent; never always. */
    private static void takesWhatIsThere(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        DatagramVector batch = new DatagramVector(8, 100);
        for (int round = 0; round < 1_000; round++) {
            for (int i = 0; i < 3; i++) {
                pair.send(round, i);
            }
            pair.other().receive(batch);
            int size = batch.size();
            if (size < 3) {
                receive(pair.other(), batch, 3 - size);
            } else {
                return;
            }
        }
        throw new AssertionError("A batch never takes more than what it has waited for");
    }

    private static void usedAgain(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        DatagramVector batch = new DatagramVector(1, 10);
        for (int i = 0; i < 5; i++) {
            Background<Boolean> receive = s.start(() -> {
                pair.other().receive(batch);
                return true;
            });
            receive.awaitBlocked();
            byte[] data = new Pattern(i).bytes(0, 5 - i);
            pair.one().send(ByteBuffer.wrap(data), pair.other().localAddress());
            receive.value();
            Expect.value(batch.size(), 1, "The size");
            Expect.value(DatagramSetting.bytes(batch, 0), data, "The datagram");
            pair.other().send(batch); // back to the sender
            Expect.value(batch.position(), 1, "The position");
            Expect.value(pair.one().receive(10).data(), data, "What came back");
        }
    }

    private static void tellsWhatIsTruncated(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        int[] lengths = {4, 3, 0, 2, 900, 3, 4};
        for (int length : lengths) {
            pair.one().send(new Pattern(length).buffer(0, length), pair.other().localAddress());
        }
        DatagramVector batch = new DatagramVector(lengths.length, 3);
        int number = 0;
        while (number < lengths.length) {
            pair.other().receive(batch);
            for (int i = 0; i < batch.size(); i++, number++) {
                int length = lengths[number];
                byte[] left = new Pattern(length).bytes(0, Math.min(length, 3));
                Expect.value(DatagramSetting.bytes(batch, i), left, "What is left of " + number);
                int told = batch.fullLength(i);
                Expect.that(
                        told == length || (told == -1 && length > 3),
                        "The length of " + number + " is told as " + told + " and is " + length);
            }
        }
    }

    private static void sentToItsAddresses(DatagramSetting s) throws IOException, InterruptedException {
        DatagramHandle sender = s.bound();
        List<DatagramHandle> receivers = List.of(s.bound(), s.bound(), s.bound());
        DatagramVector batch = new DatagramVector(9, 100);
        for (int i = 0; i < 9; i++) {
            // Neighbours of one size and address, and others.
            add(
                    batch,
                    new Pattern(i).bytes(0, 10 + i / 4),
                    receivers.get(i / 2 % 3).localAddress());
        }
        batch.position(1);
        sender.send(batch);
        Expect.value(batch.position(), 9, "The position");
        for (int i = 1; i < 9; i++) {
            byte[] data = receivers.get(i / 2 % 3).receive(100).data();
            Expect.value(data, new Pattern(i).bytes(0, 10 + i / 4), "The datagram " + i);
        }
    }

    private static void sentToThePeer(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.connected();
        DatagramVector batch = new DatagramVector(5, 100);
        DatagramVector target = new DatagramVector(10, 100);
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            all.add(new Pattern(i).bytes(0, i)); // the first is empty
            add(batch, all.get(i));
        }
        for (int i = 0; i < 3; i++) {
            batch.position(0);
            pair.one().send(batch);
            expect(receive(pair.other(), target, 5), all);
        }
    }

    /** Runs of one size, which may travel together, shorter and longer ones between them, and empty ones. */
    private static void mixedSizes(DatagramSetting s) throws IOException, InterruptedException {
        int[] sizes = {100, 100, 100, 50, 200, 200, 0, 200, 200, 200, 1, 1, 1, 300, 0, 0, 7, 100, 100, 101, 101, 99};
        DatagramVector target = new DatagramVector(64, 2_000);
        for (DatagramSetting.Pair pair : List.of(s.pair(), s.connected())) {
            for (int round = 0; round < 5; round++) {
                DatagramVector batch = new DatagramVector(sizes.length, 300);
                List<byte[]> all = new ArrayList<>();
                for (int i = 0; i < sizes.length; i++) {
                    all.add(new Pattern(round * 100L + i).bytes(0, sizes[i]));
                    add(batch, all.get(i), pair.other().localAddress());
                }
                Background<Boolean> sender = s.start(() -> {
                    pair.one().send(batch); // waits, to a UNIX socket, whose queue is short
                    return true;
                });
                expect(receive(pair.other(), target, sizes.length), all);
                sender.value();
            }
        }
    }

    private static void stopsAtAFailure(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        SocketAddress target = pair.other().localAddress();
        DatagramVector batch = new DatagramVector(5, s.kind.tooLong());
        add(batch, new byte[] {0}, target);
        add(batch, new byte[] {1}, target);
        add(batch, new byte[s.kind.tooLong()], target);
        add(batch, new byte[] {3}, target);
        for (int i = 0; i < 2; i++) {
            Expect.failure(SocketException.class, () -> pair.one().send(batch));
            Expect.value(batch.position(), 2, "The position of the one that failed");
        }
        pair.expect(0);
        pair.expect(1);
        batch.position(3);
        pair.one().send(batch);
        Expect.value(batch.position(), 4, "The position at the end");
        pair.expect(3);
    }

    private static void emptyBatch(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        DatagramVector batch = new DatagramVector(2, 10);
        pair.one().send(batch);
        add(batch, new byte[] {1}, pair.other().localAddress());
        batch.position(1);
        pair.one().send(batch);
        pair.send(2);
        pair.expect(2);
    }

    private static void longest(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        byte[] data = new Pattern(5).bytes(0, s.kind.longest());
        for (int room : new int[] {data.length, 66_000, 200_000}) {
            DatagramVector batch = new DatagramVector(2, room);
            add(batch, data, pair.other().localAddress());
            pair.one().send(batch);
            pair.other().receive(batch);
            Expect.value(batch.size(), 1, "The size");
            Expect.value(DatagramSetting.bytes(batch, 0), data, "The longest datagram");
            Expect.value(batch.fullLength(0), data.length, "Its length");
        }
    }
}
