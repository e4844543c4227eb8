package io.bobbinet.linux;

import static io.bobbinet.linux.Constants.IPPROTO_UDP;
import static io.bobbinet.linux.Constants.UDP_SEGMENT;

import io.bobbinet.spi.DatagramVector;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What of a batch can go out as one message, which the system or the network card cuts into datagrams of a size, udp(7)
 * {@code UDP_SEGMENT}: those to the same destination that follow each other and are of the same size; the last may be shorter.
 *
 * <p>A datagram of a segment must not be longer than the way to its destination lets through, where one alone would go in fragments. The
 * system refuses the whole message then. That is remembered, and such datagrams go one by one.
 */
final class Segmentation {
    /** {@code UDP_MAX_SEGMENTS} of the older kernels. */
    private static final int MOST_SEGMENTS = 64;

    /** The longest datagram of IPv4. */
    private static final int MOST_BYTES = 65_507;

    private static final int SLOTS = 64;

    private enum State {
        UNKNOWN,
        ON,
        OFF
    }

    /** Off too once something other than the size was refused. */
    private volatile State state;

    /** Each destination has one place, which the next of the same hash takes over. */
    private final AtomicReferenceArray<@Nullable Refusal> refusals = new AtomicReferenceArray<>(SLOTS);

    /** That segments of a size, and so longer ones, do not go to a destination; null for the peer. */
    private record Refusal(@Nullable Destination to, int size) {
        boolean isFor(@Nullable Destination other) {
            return to == null ? other == null : other != null && to.isFor(other.address());
        }
    }

    Segmentation(int family) {
        state = family == Constants.AF_UNIX ? State.OFF : State.UNKNOWN;
    }

    /** Whether {@link #probe} is to be called first. */
    boolean isUnknown() {
        return state == State.UNKNOWN;
    }

    /** Asks the socket whether its kernel has it: one that does not would send all as one datagram. */
    void probe(int fd) {
        boolean has = Libc.getsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, new byte[4], new int[] {4}) >= 0;
        if (state == State.UNKNOWN) {
            state = has ? State.ON : State.OFF;
        }
    }

    /**
     * Gives the index behind the last datagram that can go with the one at an index, which goes to a destination.
     *
     * @param toPeer whether all go to the peer, whatever their addresses
     */
    int end(DatagramVector batch, int from, @Nullable Destination to, boolean toPeer) {
        int length = batch.length(from);
        if (state != State.ON || length == 0 || isRefused(to, length)) {
            return from + 1;
        }
        int most = Math.min(batch.size(), from + MOST_SEGMENTS);
        int total = length;
        int next = from + 1;
        while (next < most && (toPeer || goesTo(batch, next, to))) {
            int size = batch.length(next);
            total += size;
            if (size == 0 || size > length || total > MOST_BYTES) {
                break;
            }
            next++;
            if (size < length) {
                break;
            }
        }
        return next;
    }

    private static boolean goesTo(DatagramVector batch, int index, @Nullable Destination to) {
        if (to == null || !batch.hasAddress(index)) {
            return to == null && !batch.hasAddress(index);
        }
        return to.isFor(batch.address(index));
    }

    private boolean isRefused(@Nullable Destination to, int size) {
        Refusal refusal = refusals.get(place(to));
        return refusal != null && size >= refusal.size && refusal.isFor(to);
    }

    /**
     * Whether the system may have refused a message because it is several datagrams. A failure of what was sent before can look the
     * same, which ICMP tells late; but that is told once.
     */
    static boolean isRefusal(long result) {
        return isOfSize(result) || Errno.EIO.is(result) || Errno.EOPNOTSUPP.is(result);
    }

    private static boolean isOfSize(long result) {
        return Errno.EMSGSIZE.is(result) || Errno.EINVAL.is(result);
    }

    /**
     * Says that the system has refused a message of several datagrams, and again when it was asked again. They are to be tried one by
     * one.
     *
     * @param result what the call gave
     * @param size the size of each
     */
    void refused(long result, @Nullable Destination to, int size) {
        if (isOfSize(result)) {
            refusals.set(place(to), new Refusal(to, size));
        } else {
            state = State.OFF; // this way out has no checksums, or the packets are transformed
        }
    }

    private static int place(@Nullable Destination to) {
        return to == null ? 0 : (to.address().hashCode() * 0x9e3779b9 >>> 16) & (SLOTS - 1);
    }
}
