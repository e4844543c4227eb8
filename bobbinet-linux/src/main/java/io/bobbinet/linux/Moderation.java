package io.bobbinet.linux;

import io.bobbinet.spi.DatagramVector;
import java.util.concurrent.locks.LockSupport;

/**
 * Has a receiver of batches that was quicker than its sender pause, as network cards do before they interrupt: if it waited for the next
 * datagram at once, the sender would have to wake it for every few of them, which costs more than all else that is done for a datagram.
 *
 * <p>It pauses only in a stream of datagrams: when the last batch, just before, had several. Whoever sends one and waits for the
 * answer is not kept waiting. And only if what comes meanwhile is far less than a socket has room for.
 *
 * <p>Used by the one thread that receives.
 */
final class Moderation {
    /** The timers of the system add some 50 microseconds to that. */
    private static final long PAUSE_NANOS = 20_000;

    private static final long JUST_BEFORE_NANOS = 50_000;
    private static final int FEWEST = 4;
    private static final int MOST = 64;

    /** A socket has room for six times as much by default, counted with what the system keeps for each datagram. */
    private static final int MOST_BYTES = 32 * 1024;

    private boolean stream;
    private long last;

    /** Pauses if that is worth it. An interrupt or a close ends it early, or it ends soon. */
    void pause() {
        if (stream && System.nanoTime() - last < JUST_BEFORE_NANOS) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    void received(DatagramVector batch) {
        int count = batch.size();
        stream = count >= FEWEST && count <= MOST && bytes(batch) <= MOST_BYTES;
        if (stream) {
            last = System.nanoTime();
        }
    }

    private static int bytes(DatagramVector batch) {
        int bytes = 0;
        for (int i = 0; i < batch.size(); i++) {
            bytes += batch.length(i);
        }
        return bytes;
    }
}
