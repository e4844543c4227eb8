package io.bobbinet.testkit;

import io.bobbinet.spi.ControlData;
import io.bobbinet.spi.DatagramHandle;
import io.bobbinet.spi.SystemDatagram;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/** What a datagram brings, and to whom it goes. */
final class DatagramChecks {
    private DatagramChecks() {}

    static void addTo(BackendContract contract) {
        contract.addForDatagrams("datagramComesWithItsSender", DatagramChecks::datagramComesWithItsSender);
        contract.addForUdp("datagramsGoToAndComeFromChannelsOfTheJdk", DatagramChecks::jdkPeer);
        contract.addForDatagrams("emptyDatagramIsReceived", DatagramChecks::emptyDatagramIsReceived);
        contract.addForDatagrams("datagramsComeInTheirOrder", DatagramChecks::datagramsComeInTheirOrder);
        contract.addForDatagrams("datagramBeyondTheMaximumIsTruncated", DatagramChecks::truncation);
        contract.addForDatagrams("longestDatagramPasses", DatagramChecks::longestDatagramPasses);
        contract.addForDatagrams("sendLeavesItsBufferAsItIs", DatagramChecks::sendLeavesItsBufferAsItIs);
        contract.addForDatagrams("receiveWaitsForADatagram", DatagramChecks::receiveWaitsForADatagram);
        contract.addForDatagrams("awaitReadableWaitsForADatagram", DatagramChecks::awaitReadable);
        contract.addForDatagrams("awaitReadableNeverReturnsWithoutCause", DatagramChecks::neverReturnsWithoutCause);
        contract.addForDatagrams("connectedSocketHearsItsPeerAlone", DatagramChecks::connectedHearsItsPeerAlone);
        contract.addForDatagrams("concurrentSendsDoNotMix", DatagramChecks::concurrentSendsDoNotMix);
    }

    private static void datagramComesWithItsSender(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        pair.one().send(DatagramSetting.data(1, 2, 3), pair.other().localAddress());
        SystemDatagram datagram = pair.other().receive(100);
        Expect.value(datagram.data(), new byte[] {1, 2, 3}, "What was received");
        Expect.value(datagram.length(), 3, "The length");
        Expect.that(!datagram.isTruncated(), "Nothing is cut off");
        Expect.value(datagram.sender(), pair.one().localAddress(), "The sender");
        Expect.value(datagram.destination(), Optional.empty(), "The destination nobody asked for");
        Expect.value(datagram.control(), ControlData.NONE, "What came beside it");
        pair.other().send(DatagramSetting.data(4), datagram.sender());
        pair.turned().expect(4);
    }

    private static void jdkPeer(DatagramSetting s) throws IOException, InterruptedException {
        DatagramHandle handle = s.bound();
        DatagramChannel peer = s.peer();
        handle.send(DatagramSetting.data(1, 2), peer.getLocalAddress());
        ByteBuffer target = ByteBuffer.allocate(10);
        Expect.value(peer.receive(target), handle.localAddress(), "The sender that the JDK sees");
        Expect.value(target.flip(), DatagramSetting.data(1, 2), "What the JDK gets");
        peer.send(DatagramSetting.data(3), handle.localAddress());
        SystemDatagram answer = handle.receive(10);
        Expect.value(answer.data(), new byte[] {3}, "What was received");
        Expect.value(answer.sender(), peer.getLocalAddress(), "The sender");
    }

    private static void emptyDatagramIsReceived(DatagramSetting s) throws IOException, InterruptedException {
        for (DatagramSetting.Pair pair : List.of(s.pair(), s.connected())) {
            pair.send();
            pair.send(1);
            pair.send();
            pair.expect();
            pair.expect(1);
            pair.expect();
        }
        DatagramSetting.Pair connected = s.connected();
        connected.one().send(ByteBuffer.allocate(0));
        connected.one().send(ByteBuffer.allocateDirect(0));
        connected.one().send(DatagramSetting.data(1));
        connected.expect();
        connected.expect();
        connected.expect(1);
    }

    private static void datagramsComeInTheirOrder(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 10; i++) {
                pair.send(round, i);
            }
            for (int i = 0; i < 10; i++) {
                pair.expect(round, i);
            }
        }
    }

    private static void truncation(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        pair.send(1, 2, 3, 4);
        pair.send(5, 6, 7);
        pair.send(8);
        SystemDatagram cut = pair.other().receive(3);
        Expect.value(cut.data(), new byte[] {1, 2, 3}, "What is left");
        Expect.that(cut.isTruncated(), "It must be marked as truncated");
        Expect.that(cut.length() == 4 || cut.length() == -1, "The length is 4 or not known, and not " + cut.length());
        SystemDatagram whole = pair.other().receive(3);
        Expect.value(whole.data(), new byte[] {5, 6, 7}, "The next");
        Expect.that(!whole.isTruncated(), "It is just as long as the maximum");
        Expect.value(pair.other().receive(Integer.MAX_VALUE).data(), new byte[] {8}, "The last");
    }

    private static void longestDatagramPasses(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        Pattern pattern = new Pattern(1);
        byte[] data = pattern.bytes(0, s.kind.longest());
        for (int max : new int[] {data.length, 65_536, 1 << 20}) {
            pair.one().send(ByteBuffer.wrap(data), pair.other().localAddress());
            SystemDatagram datagram = pair.other().receive(max);
            Expect.value(datagram.data(), data, "The longest datagram");
            Expect.that(!datagram.isTruncated(), "Nothing is cut off");
        }
    }

    private static void sendLeavesItsBufferAsItIs(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.connected();
        ByteBuffer heap = DatagramSetting.data(1, 2, 3, 4, 5);
        ByteBuffer direct = ByteBuffer.allocateDirect(5).put(heap.duplicate()).flip();
        for (ByteBuffer data : List.of(heap, direct, heap.asReadOnlyBuffer(), heap.slice(0, 5))) {
            data.position(1).limit(3);
            pair.one().send(data);
            pair.one().send(data, pair.other().localAddress());
            Expect.value(data.position(), 1, "The position");
            Expect.value(data.limit(), 3, "The limit");
            pair.expect(2, 3);
            pair.expect(2, 3);
        }
    }

    private static void receiveWaitsForADatagram(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        for (int i = 0; i < 5; i++) {
            Background<SystemDatagram> receive = s.start(() -> pair.other().receive(10));
            receive.awaitBlocked();
            pair.send(i);
            Expect.value(receive.value().data(), new byte[] {(byte) i}, "What was waited for");
        }
    }

    private static void awaitReadable(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        for (int i = 0; i < 3; i++) {
            Background<Boolean> waiter = s.start(() -> {
                pair.other().awaitReadable();
                return true;
            });
            waiter.awaitBlocked();
            pair.send();
            waiter.value();
            pair.other().awaitReadable();
            pair.expect();
        }
    }

    /** Late news of a datagram that was received meanwhile must not end a wait. */
    private static void neverReturnsWithoutCause(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        int total = 1_000;
        Semaphore sent = new Semaphore(0);
        Semaphore room = new Semaphore(2);
        Background<Boolean> sender = s.startAside(() -> {
            for (int i = 0; i < total; i++) {
                DatagramSetting.acquire(room);
                sent.release(); // counted before it is there
                pair.send(i);
            }
            return true;
        });
        Background<Boolean> receiver = s.start(() -> {
            for (int i = 0; i < total; i++) {
                pair.other().awaitReadable();
                Expect.that(sent.tryAcquire(), "It returned after datagram " + i + ", with nothing sent");
                pair.other().receive(10);
                room.release();
            }
            return true;
        });
        receiver.value();
        sender.value();
    }

    private static void connectedHearsItsPeerAlone(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.connected();
        DatagramHandle stranger = s.bound();
        SocketAddress target = pair.other().localAddress();
        if (s.kind.isUdp()) {
            stranger.send(DatagramSetting.data(1), target);
        } else {
            Expect.failure(IOException.class, () -> stranger.send(DatagramSetting.data(1), target));
        }
        pair.send(2);
        pair.expect(2);
        stranger.send(DatagramSetting.data(4), stranger.localAddress());
        Expect.value(stranger.receive(10).data(), new byte[] {4}, "What the stranger gets, from itself");
    }

    private static void concurrentSendsDoNotMix(DatagramSetting s) throws IOException, InterruptedException {
        DatagramSetting.Pair pair = s.pair();
        SocketAddress target = pair.other().localAddress();
        int senders = 4;
        int each = 250;
        Semaphore room = new Semaphore(20); // what no receiver's buffer is too small for
        List<Background<Boolean>> sending = new ArrayList<>();
        for (int id = 0; id < senders; id++) {
            int from = id * each;
            sending.add(s.start(() -> {
                for (int i = from; i < from + each; i++) {
                    DatagramSetting.acquire(room);
                    pair.one().send(numbered(i), target);
                }
                return true;
            }));
        }
        BitSet seen = new BitSet();
        for (int i = 0; i < senders * each; i++) {
            ByteBuffer data = ByteBuffer.wrap(pair.other().receive(2_000).data());
            int number = data.getInt(0);
            Expect.value(data, numbered(number), "The datagram " + number);
            Expect.that(!seen.get(number), "The datagram " + number + " came twice");
            seen.set(number);
            room.release();
        }
        sending.forEach(Background::value);
    }

    /** A datagram that tells its number, and of which every byte depends on it. */
    private static ByteBuffer numbered(int number) {
        int length = 4 + number * 37 % 900;
        return ByteBuffer.allocate(length)
                .putInt(number)
                .put(new Pattern(number).bytes(0, length - 4))
                .flip();
    }
}
