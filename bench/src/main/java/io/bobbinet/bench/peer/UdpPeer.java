package io.bobbinet.bench.peer;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One of two programs that exchange datagrams on loopback: it sends or it receives, as it is told.
 *
 * <p>It gets a {@link UdpWork} and the size of a datagram as arguments, and commands on standard input, one a line:
 *
 * <pre>
 *   connect PORT   -> connected LOCAL-PORT
 *   receive 0      -> receiving, from now on
 *   run MILLIS     -> ran DATAGRAMS-SENT NANOTIME-AT-START BYTES-ALLOCATED-SO-FAR
 *   await 0        -> received DATAGRAMS-SO-FAR NANOTIME-OF-THE-LAST BYTES-ALLOCATED-SO-FAR, once no more come
 * </pre>
 *
 * {@link System#nanoTime()} is one clock for all processes of a Linux machine.
 */
interface UdpPeer {
    String HOST = "127.0.0.1";

    /** The receive buffer of every socket: some 2,000 small datagrams, so that a short pause loses none. */
    int RECEIVE_BUFFER = Integer.getInteger("io.bobbinet.bench.rcvbuf", 1_048_576);

    /** How long nothing must have come for all to have come. */
    Duration SILENCE = Duration.ofMillis(10);

    /** Fixes whom it sends to; the answer is its own port. */
    int connect(int port) throws Exception;

    /** Receives until the process ends. */
    void receive() throws Exception;

    /** Sends datagrams for so long; gives their number when all have been handed to the kernel, or have come back. */
    long run(Duration time) throws Exception;

    /** {@return how many datagrams have come, apart from those that came back} */
    AtomicLong received();

    /** Tells the port and does what it is told, until the process that started this one ends. */
    static void obey(UdpPeer peer, int port) {
        Peer.obeying(port, (command, argument) -> answer(peer, command, argument));
    }

    private static String answer(UdpPeer peer, String command, long argument) throws Exception {
        return switch (command) {
            case "connect" -> "connected " + peer.connect((int) argument);
            case "receive" -> {
                Thread.ofPlatform().name("receiver").daemon().start(() -> receive(peer));
                yield "receiving";
            }
            case "run" -> {
                long start = System.nanoTime();
                yield "ran %d %d %d".formatted(peer.run(Duration.ofMillis(argument)), start, allocated());
            }
            case "await" -> "received " + awaitSilence(peer.received()) + " " + allocated();
            default -> throw new IOException("unknown command " + command);
        };
    }

    private static void receive(UdpPeer peer) {
        try {
            peer.receive();
        } catch (Exception e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    private static String awaitSilence(AtomicLong received) throws InterruptedException {
        long count = received.getAcquire();
        long last = System.nanoTime();
        while (System.nanoTime() - last < SILENCE.toNanos()) {
            Thread.sleep(Duration.ofNanos(100_000));
            long now = received.getAcquire();
            if (now != count) {
                count = now;
                last = System.nanoTime();
            }
        }
        return count + " " + last;
    }

    /** Of all threads: what a virtual one allocates counts for its carrier. */
    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getTotalThreadAllocatedBytes();
    }
}
