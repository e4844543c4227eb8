package io.bobbinet.testkit;

import io.bobbinet.stream.StreamPair;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * Makes pairs of datagram transports in memory, for tests of what has to live with a network: datagrams between the two are
 * lost, doubled, overtaken and cut as often as is asked for, by the same seed at the same places.
 *
 * {@snippet :
 * try (var pair = MemoryDatagrams.faultless().withLoss(0.1).withSeed(seed).pair()) {
 *     pair.left().command(DatagramFault.LOST, DatagramFault.DOUBLED); // the first is lost, the second comes twice
 *     ...
 * }
 * }
 *
 * <p>Without faults, what one end sends comes at the other in order, as long as that has room, for 64 datagrams unless said
 * otherwise. What finds no room is lost, as with UDP; or its sender waits, as with UNIX sockets. The ends have addresses of
 * UDP, 192.0.2.1 and 192.0.2.2 (RFC 5737), and datagrams the maximum of UDP over IPv4, 65,507 bytes.
 *
 * <p>Immutable.
 */
public final class MemoryDatagrams {
    private static final int DEFAULT_CAPACITY = 64;

    private final int capacity;
    private final boolean waiting;
    private final long seed;
    private final Shares shares;

    /** How often each fault is to happen, from 0 to 1. */
    record Shares(double lost, double doubled, double overtaken, double cut) {

        /** Checks that they are shares of one whole. */
        Shares {
            double sum = lost + doubled + overtaken + cut;
            if (!(Math.min(Math.min(lost, doubled), Math.min(overtaken, cut)) >= 0 && sum <= 1)) {
                throw new IllegalArgumentException("Shares must be 0 or more and 1 together at most: " + this);
            }
        }

        DatagramFault choose(RandomGenerator random) {
            double point = random.nextDouble();
            if (point < lost) {
                return DatagramFault.LOST;
            }
            if (point < lost + doubled) {
                return DatagramFault.DOUBLED;
            }
            if (point < lost + doubled + overtaken) {
                return DatagramFault.OVERTAKEN;
            }
            return point < lost + doubled + overtaken + cut ? DatagramFault.CUT : DatagramFault.NONE;
        }
    }

    private MemoryDatagrams(int capacity, boolean waiting, long seed, Shares shares) {
        this.capacity = capacity;
        this.waiting = waiting;
        this.seed = seed;
        this.shares = shares;
    }

    /**
     * {@return settings without faults}
     */
    public static MemoryDatagrams faultless() {
        return new MemoryDatagrams(DEFAULT_CAPACITY, false, 0, new Shares(0, 0, 0, 0));
    }

    /**
     * {@return these settings with another seed for the faults, 0 if not said}
     *
     * @param newSeed the seed; the two directions draw from it independently
     */
    public MemoryDatagrams withSeed(long newSeed) {
        return new MemoryDatagrams(capacity, waiting, newSeed, shares);
    }

    /**
     * {@return these settings with a share of datagrams that are lost}
     *
     * @param share from 0 to 1; the shares of all faults are 1 together at most
     * @throws IllegalArgumentException if it is not
     */
    public MemoryDatagrams withLoss(double share) {
        return with(new Shares(share, shares.doubled, shares.overtaken, shares.cut));
    }

    /**
     * {@return these settings with a share of datagrams that come twice}
     *
     * @param share from 0 to 1; the shares of all faults are 1 together at most
     * @throws IllegalArgumentException if it is not
     */
    public MemoryDatagrams withDuplication(double share) {
        return with(new Shares(shares.lost, share, shares.overtaken, shares.cut));
    }

    /**
     * {@return these settings with a share of datagrams that are held back until another has come}
     *
     * @param share from 0 to 1; the shares of all faults are 1 together at most
     * @throws IllegalArgumentException if it is not
     */
    public MemoryDatagrams withReordering(double share) {
        return with(new Shares(shares.lost, shares.doubled, share, shares.cut));
    }

    /**
     * {@return these settings with a share of datagrams of which the second half is cut off}
     *
     * @param share from 0 to 1; the shares of all faults are 1 together at most
     * @throws IllegalArgumentException if it is not
     */
    public MemoryDatagrams withTruncation(double share) {
        return with(new Shares(shares.lost, shares.doubled, shares.overtaken, share));
    }

    private MemoryDatagrams with(Shares newShares) {
        return new MemoryDatagrams(capacity, waiting, seed, newShares);
    }

    /**
     * {@return these settings with room for another number of datagrams in each direction}
     *
     * @param datagrams how many, 64 if not said; those that are held back count
     * @throws IllegalArgumentException if it is less than 1
     */
    public MemoryDatagrams withCapacity(int datagrams) {
        if (datagrams < 1) {
            throw new IllegalArgumentException("There must be room for a datagram, not for " + datagrams);
        }
        return new MemoryDatagrams(datagrams, waiting, seed, shares);
    }

    /**
     * {@return these settings with senders that wait for room, as those of UNIX sockets do} A send to an end that is closed
     * fails with {@link java.net.ConnectException} then.
     */
    public MemoryDatagrams withWaitingSenders() {
        return new MemoryDatagrams(capacity, true, seed, shares);
    }

    /**
     * {@return two transports that are connected with each other}
     */
    public StreamPair<MemoryDatagramTransport> pair() {
        Random seeds = new Random(seed);
        InetSocketAddress left = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 4001);
        InetSocketAddress right = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.2"), 4002);
        DatagramLane toRight = lane(left, seeds.nextLong());
        DatagramLane toLeft = lane(right, seeds.nextLong());
        return new StreamPair<>(
                new MemoryDatagramTransport(left, right, toLeft, toRight),
                new MemoryDatagramTransport(right, left, toRight, toLeft));
    }

    private DatagramLane lane(InetSocketAddress sender, long laneSeed) {
        Random random = new Random(laneSeed);
        return new DatagramLane(sender, capacity, waiting, () -> shares.choose(random));
    }

    @Override
    public String toString() {
        return "MemoryDatagrams[" + shares + ", seed " + seed + ", room for " + capacity
                + (waiting ? ", senders wait]" : "]");
    }
}
