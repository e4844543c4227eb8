package io.bobbinet.tests.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.bobbinet.net.DatagramBatch;
import io.bobbinet.testing.OnEachBackend;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What batches allocate for each datagram once they are warm: nothing. */
@OnEachBackend
@DisplayName("UdpAllocationTest")
@Timeout(60)
class UdpAllocationTest extends UdpPair {
    private static final int BATCH = 64;
    private static final int ROUNDS = 500;
    private static final int ATTEMPTS = 40;

    /** In bytes for each datagram: less than any object, with some room for what happens once in a while. */
    private static final double BOUND = 8;

    /** One thread sends a batch, receives it, sends it back, and receives it again. */
    private void rounds(DatagramBatch<InetSocketAddress> sent, DatagramBatch<InetSocketAddress> received)
            throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            sent.clear();
            for (int i = 0; i < BATCH; i++) {
                sent.add(50 + i % 3, ours.localAddress());
            }
            peer.sendBatch(sent);
            for (int n = 0; n < BATCH; n += received.size()) {
                ours.receiveBatch(received);
                for (int i = 0; i < received.size(); i++) {
                    assertSize(received.data(i).remaining());
                }
                ours.sendBatch(received);
            }
            for (int n = 0; n < BATCH; n += received.size()) {
                peer.receiveBatch(received);
            }
        }
    }

    private static void assertSize(int size) {
        if (size < 50 || size > 52) {
            throw new AssertionError(size);
        }
    }

    @Test
    void noDatagramCostsAnyHeap() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        DatagramBatch<InetSocketAddress> sent = DatagramBatch.allocate(BATCH, 100);
        DatagramBatch<InetSocketAddress> received = DatagramBatch.allocate(BATCH, 100);
        double least = Double.MAX_VALUE;
        for (int i = 0; i < ATTEMPTS && least >= BOUND; i++) { // until the compiler has seen it often enough
            long before = threads.getCurrentThreadAllocatedBytes();
            rounds(sent, received);
            long bytes = threads.getCurrentThreadAllocatedBytes() - before;
            least = Math.min(least, (double) bytes / (4L * ROUNDS * BATCH));
        }
        assertThat(least).as("bytes for each datagram").isLessThan(BOUND);
    }
}
