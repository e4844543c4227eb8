package io.bobbinet.tests.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.bobbinet.net.Datagram;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.net.Udp;
import io.bobbinet.net.UdpSocket;
import io.bobbinet.task.CancelScope;
import io.bobbinet.task.TaskGroup;
import io.bobbinet.task.TimedOutException;
import io.bobbinet.testing.OnEachBackend;
import io.bobbinet.testing.ThreadKind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several senders, single datagrams and batches mixed, and receives that time out in between: nothing is lost or doubled. */
@OnEachBackend(threads = {ThreadKind.PLATFORM, ThreadKind.TASK})
@DisplayName("UdpStressTest")
@Timeout(60)
class UdpStressTest {
    private static final int SENDERS = 4;
    private static final int EACH = 3_000;
    private static final int UNDER_WAY = 30;
    private static final int LONGEST = 1_400;

    /** One who sends numbered datagrams, and what has come of it. */
    private static final class Sender {
        final UdpSocket socket;
        final Semaphore room = new Semaphore(UNDER_WAY);
        final Random random;

        /** Of the receiver. */
        int received;

        Sender(UdpSocket socket, long seed) {
            this.socket = socket;
            this.random = new Random(seed);
        }

        void send(InetSocketAddress to) throws Exception {
            DatagramBatch<InetSocketAddress> batch = DatagramBatch.allocate(10, LONGEST);
            for (int sent = 0; sent < EACH; ) {
                if (random.nextBoolean()) {
                    room.acquire();
                    socket.send(content(sent++).array(), to);
                    continue;
                }
                int count = Math.min(1 + random.nextInt(10), EACH - sent);
                room.acquire(count);
                batch.clear();
                for (int i = 0; i < count; i++) {
                    batch.add(content(sent++), to);
                }
                while (batch.position() < batch.size()) {
                    CancelScope.moveOnAfter(Duration.ofNanos(random.nextInt(100_000)))
                            .run(() -> socket.sendBatch(batch)); // if it is cut short, the position tells
                }
            }
        }

        /** Checks a datagram and makes room for another. */
        void received(ByteBuffer data, long seed) {
            if (!data.equals(content(received))) {
                throw new AssertionError("Not the datagram " + received + ", which was sent next: " + data
                        + " with the number " + (data.remaining() < 4 ? "?" : data.getInt(data.position())) + "; seed "
                        + seed);
            }
            received++;
            room.release();
        }
    }

    /** A number, and as many bytes more as it says; runs of 7 have the same size. */
    private static ByteBuffer content(int number) {
        byte[] bytes = new byte[4 + number / 7 * 37 % (LONGEST - 4)];
        Arrays.fill(bytes, (byte) number);
        return ByteBuffer.wrap(bytes).putInt(0, number);
    }

    @Test
    void nothingIsLostOrDoubledByReceivesThatTimeOut() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        try (UdpSocket receiver = Udp.binder("127.0.0.1", 0)
                .withOption(StandardSocketOptions.SO_RCVBUF, 1 << 20)
                .bind()) {
            Map<InetSocketAddress, Sender> senders = new HashMap<>();
            for (int i = 0; i < SENDERS; i++) {
                UdpSocket socket = Udp.bind("127.0.0.1", 0);
                senders.put(socket.localAddress(), new Sender(socket, seed + i));
            }
            int[] cut = new int[1];
            TaskGroup.run(group -> {
                senders.values().forEach(sender -> group.fork(() -> sender.send(receiver.localAddress())));
                List<DatagramBatch<InetSocketAddress>> batches = new ArrayList<>();
                for (int count : new int[] {1, 5, 64}) {
                    batches.add(DatagramBatch.allocate(count, LONGEST));
                }
                for (int n = 0; n < SENDERS * EACH; ) {
                    try {
                        n += CancelScope.failAfter(Duration.ofNanos(random.nextInt(100_000)))
                                .call(() -> receive(receiver, senders, batches, random, seed));
                    } catch (TimedOutException e) {
                        cut[0]++;
                    }
                }
            });
            assertThat(senders.values()).extracting(sender -> sender.received).containsOnly(EACH);
            for (Sender sender : senders.values()) {
                UdpPair.assertTalking(receiver, sender.socket); // and no datagram too many
                sender.socket.close();
            }
            System.out.println("UdpStressTest: seed " + seed + ", " + cut[0] + " receives timed out");
        }
    }

    private static int receive(
            UdpSocket receiver,
            Map<InetSocketAddress, Sender> senders,
            List<DatagramBatch<InetSocketAddress>> batches,
            Random random,
            long seed)
            throws IOException {
        int way = random.nextInt(4);
        if (way == 3) {
            Datagram<InetSocketAddress> datagram = receiver.receive();
            senders.get(datagram.peer().orElseThrow()).received(ByteBuffer.wrap(datagram.data()), seed);
            return 1;
        }
        DatagramBatch<InetSocketAddress> batch = batches.get(way);
        receiver.receiveBatch(batch);
        for (int i = 0; i < batch.size(); i++) {
            senders.get(batch.peer(i)).received(batch.data(i), seed);
        }
        return batch.size();
    }
}
