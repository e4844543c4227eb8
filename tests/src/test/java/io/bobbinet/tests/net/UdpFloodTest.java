package io.bobbinet.tests.net;

import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Very many datagrams of random size and content between two sockets, each of which uses one area again and again. The
 * receiver acknowledges, and the sender never has more under way than the system keeps; so none may be lost.
 */
@OnEachBackend
@DisplayName("UdpFloodTest")
@Timeout(60)
class UdpFloodTest extends UdpPair {
    private static final int BATCH = 64;
    private static final int MOST_UNDER_WAY = 2 * BATCH;
    private static final int ACKNOWLEDGED = 32;
    private static final int LONGEST = 3_000;

    /** What datagrams consist of, here and there. */
    private final ByteBuffer material = ByteBuffer.allocateDirect(1 << 16);

    /** The sizes and contents of datagrams, one after the other; sender and receiver have each one that says the same. */
    private final class Script {
        private final RandomGenerator random;
        private final ByteBuffer view = material.duplicate();

        Script(long seed) {
            random = new Random(seed);
        }

        /** The next datagram: most are short, some empty, a few long. */
        ByteBuffer next() {
            int bits = random.nextInt();
            int size = (bits & 63) == 0 ? (bits >>> 6) % LONGEST : (bits >>> 6) & 255;
            int offset = (bits >>> 14) & 0x7fff;
            return view.limit(offset + size).position(offset);
        }
    }

    private interface Side {
        void run(Script script, int count) throws IOException;
    }

    private void flood(int count, Side sender, Side receiver) throws Exception {
        long seed = new Random().nextLong();
        System.out.println("UdpFloodTest: seed " + seed);
        byte[] bytes = new byte[material.capacity()];
        new Random(seed).nextBytes(bytes);
        material.put(0, bytes);
        ours.setOption(StandardSocketOptions.SO_RCVBUF, 1 << 20);
        TaskGroup.run(group -> {
            group.fork(() -> sender.run(new Script(seed), count));
            receiver.run(new Script(seed), count);
        });
        assertTalking(); // and no datagram too many
    }

    /** How far the receiver has come, as the sender knows it. */
    private int awaitRoom(int sent, int acknowledged) throws IOException {
        int known = acknowledged;
        while (sent - known > MOST_UNDER_WAY - BATCH) {
            known = ByteBuffer.wrap(peer.receive(4).data()).getInt();
        }
        return known;
    }

    private int acknowledge(int received, int acknowledged, int count) throws IOException {
        if (received - acknowledged < ACKNOWLEDGED && received < count) {
            return acknowledged;
        }
        ours.send(ByteBuffer.allocate(4).putInt(received).array(), peer.localAddress());
        return received;
    }

    private void awaitLast(int count, int acknowledged) throws IOException {
        int known = acknowledged;
        while (known < count) {
            known = ByteBuffer.wrap(peer.receive(4).data()).getInt();
        }
    }

    private static void assertSame(ByteBuffer data, ByteBuffer expected, int n) {
        if (!data.equals(expected)) {
            throw new AssertionError("The datagram " + n + " is of " + data.remaining() + " bytes, and was of "
                    + expected.remaining() + " when it was sent, or another");
        }
    }

    // -- by batches

    private void sendBatches(Script script, int count) throws IOException {
        DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(BATCH, LONGEST);
        InetSocketAddress to = ours.localAddress();
        int acknowledged = 0;
        for (int sent = 0; sent < count; sent += batch.size()) {
            batch.clear();
            for (int i = Math.min(BATCH, count - sent); i > 0; i--) {
                batch.add(script.next(), to);
            }
            acknowledged = awaitRoom(sent, acknowledged);
            peer.sendBatch(batch);
        }
        awaitLast(count, acknowledged);
    }

    private void receiveBatches(Script script, int count) throws IOException {
        DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(BATCH, LONGEST);
        int acknowledged = 0;
        for (int n = 0; n < count; ) {
            ours.receiveBatch(batch);
            for (int i = 0; i < batch.size(); i++, n++) {
                assertSame(batch.data(i), script.next(), n);
                if (!batch.peer(i).equals(peer.localAddress()) || batch.isTruncated(i)) {
                    throw new AssertionError("The datagram " + n + " came from " + batch.peer(i));
                }
            }
            acknowledged = acknowledge(n, acknowledged, count);
        }
    }

    @Test
    void aMillionDatagramsInBatchesArriveAsTheyWereSent() throws Exception {
        flood(1_000_000, this::sendBatches, this::receiveBatches);
    }

    // -- one by one

    private void sendOneByOne(Script script, int count) throws IOException {
        int acknowledged = 0;
        for (int sent = 0; sent < count; sent++) {
            acknowledged = awaitRoom(sent, acknowledged);
            ByteBuffer next = script.next();
            byte[] data = new byte[next.remaining()];
            next.get(data);
            peer.send(data, ours.localAddress());
        }
        awaitLast(count, acknowledged);
    }

    private void receiveOneByOne(Script script, int count) throws IOException {
        int acknowledged = 0;
        for (int n = 0; n < count; n++) {
            Datagram<InetSocketAddress> datagram = ours.receive();
            assertSame(ByteBuffer.wrap(datagram.data()), script.next(), n);
            if (!datagram.peer().orElseThrow().equals(peer.localAddress()) || datagram.isTruncated()) {
                throw new AssertionError("The datagram " + n + " came as " + datagram);
            }
            acknowledged = acknowledge(n + 1, acknowledged, count);
        }
    }

    @Test
    @Tag("smoke")
    void datagramsOneByOneArriveAsTheyWereSent() throws Exception {
        flood(50_000, this::sendOneByOne, this::receiveOneByOne);
    }

    @Test
    void whatIsSentInBatchesCanBeReceivedOneByOne() throws Exception {
        flood(50_000, this::sendBatches, this::receiveOneByOne);
    }

    @Test
    void whatIsSentOneByOneCanBeReceivedInBatches() throws Exception {
        flood(50_000, this::sendOneByOne, this::receiveBatches);
    }
}
