package io.bobbinet.net;

import io.bobbinet.spi.RawOption;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * What the system knows of a TCP connection at one moment: {@code TCP_INFO} of tcp(7), {@code struct tcp_info} of
 * {@code <linux/tcp.h>}. Asked for by {@link TcpStream#info()}. Linux only.
 *
 * {@snippet file="LinuxExamples.java" region="tcp-info"}
 *
 * <p>Counts begin with the connection. What an older kernel does not tell is 0; each of these says since when it is told.
 * Times are exact to what the kernel counts in, microseconds or, where told, milliseconds.
 *
 * @param state the state of the connection
 * @param rtt the round-trip time, smoothed; zero as long as none was measured
 * @param rttVariance the mean deviation of the round-trip time
 * @param minRtt the least round-trip time of late (five minutes, unless configured otherwise); zero as long as none was
 *     measured, or before Linux 4.6
 * @param retransmissionTimeout after which time a segment that was not acknowledged will be sent again
 * @param retransmits how many times in a row the timeout has passed for the oldest segment; 0 once it was acknowledged
 * @param totalRetransmits how many segments were sent again in all
 * @param unacked how many segments are sent and not acknowledged
 * @param lost how many of these count as lost
 * @param congestionWindow how many segments may be unacknowledged at most, as far as congestion goes
 * @param mss the most bytes of data in a segment that is sent
 * @param receiveMss an estimate of the bytes of data in the peer's segments
 * @param pathMtu the most bytes in a packet on the way to the peer
 * @param bytesSent how many bytes of data were sent, those sent again included; since Linux 4.19
 * @param bytesRetransmitted how many bytes of data were sent again; since Linux 4.19
 * @param bytesAcked how many bytes the peer has acknowledged; the beginning (SYN, on the side that connected) and the end
 *     (FIN) count as one each; since Linux 4.1
 * @param bytesReceived how many bytes of data have come, in order; the end (FIN) counts as one; since Linux 4.1
 * @param bytesNotSent how many bytes wait in the system to be sent for the first time; since Linux 4.6
 * @param deliveryRate the latest measured rate of acknowledged data, in bytes a second; 0 as long as none was measured;
 *     since Linux 4.9
 * @param pacingRate the rate that sending is held down to, in bytes a second; {@link Long#MAX_VALUE} if it is not; since
 *     Linux 3.15
 * @param sinceDataSent how long ago data was sent last, in milliseconds
 * @param sinceDataReceived how long ago data was received last, in milliseconds
 */
public record TcpInfo(
        State state,
        Duration rtt,
        Duration rttVariance,
        Duration minRtt,
        Duration retransmissionTimeout,
        int retransmits,
        long totalRetransmits,
        long unacked,
        long lost,
        long congestionWindow,
        int mss,
        int receiveMss,
        int pathMtu,
        long bytesSent,
        long bytesRetransmitted,
        long bytesAcked,
        long bytesReceived,
        long bytesNotSent,
        long deliveryRate,
        long pacingRate,
        Duration sinceDataSent,
        Duration sinceDataReceived) {

    /** States of a TCP connection, RFC 9293, section 3.3.2. */
    public enum State {
        /** Open in both directions, as far as this side knows. */
        ESTABLISHED,
        /** This side asked for a connection. */
        SYN_SENT,
        /** The peer asked for a connection. */
        SYN_RECEIVED,
        /** This side has ended its direction, which is not acknowledged. */
        FIN_WAIT_1,
        /** This side has ended its direction. */
        FIN_WAIT_2,
        /** Both directions have ended; late packets are waited for. */
        TIME_WAIT,
        /** There is no connection any more: a reset, for instance. */
        CLOSED,
        /** The peer has ended its direction. */
        CLOSE_WAIT,
        /** The peer has ended its direction and then this side, which is not acknowledged. */
        LAST_ACK,
        /** Not a connection but a listener. */
        LISTENING,
        /** Both sides have ended their directions, and the peer has not acknowledged it. */
        CLOSING,
        /** A state that this library does not know. */
        OTHER
    }

    // <netinet/tcp.h>
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;

    /** What to ask for; longer than the struct of any kernel until now (280 bytes), which only ever grows at its end. */
    static final SocketOption<byte[]> OPTION = new RawOption("TCP_INFO", IPPROTO_TCP, TCP_INFO, 512);

    /** The states in the order of {@code <net/tcp_states.h>}, from 1. */
    private static final State[] STATES = State.values();

    /** Reads {@code struct tcp_info}, or as much of it as the kernel knows. */
    static TcpInfo of(byte[] struct) {
        var fields = new Fields(ByteBuffer.wrap(struct).order(ByteOrder.nativeOrder()));
        long minRtt = fields.u32(148);
        return new TcpInfo(
                state(fields.u8(0)),
                micros(fields.u32(68)),
                micros(fields.u32(72)),
                micros(minRtt == 0xffff_ffffL ? 0 : minRtt), // all ones: not measured
                micros(fields.u32(8)),
                fields.u8(2),
                fields.u32(100),
                fields.u32(24),
                fields.u32(32),
                fields.u32(80),
                (int) fields.u32(16),
                (int) fields.u32(20),
                (int) fields.u32(60),
                fields.u64(200),
                fields.u64(208),
                fields.u64(120),
                fields.u64(128),
                fields.u32(144),
                fields.u64(160),
                fields.u64(104),
                Duration.ofMillis(fields.u32(44)),
                Duration.ofMillis(fields.u32(52)));
    }

    private static State state(int number) {
        return number >= 1 && number < STATES.length ? STATES[number - 1] : State.OTHER;
    }

    private static Duration micros(long count) {
        return Duration.of(count, ChronoUnit.MICROS);
    }

    /** The fields by their offset; 0 where the struct is shorter. */
    private record Fields(ByteBuffer struct) {
        int u8(int offset) {
            return offset + Byte.BYTES <= struct.limit() ? Byte.toUnsignedInt(struct.get(offset)) : 0;
        }

        long u32(int offset) {
            return offset + Integer.BYTES <= struct.limit() ? Integer.toUnsignedLong(struct.getInt(offset)) : 0;
        }

        /** More than a {@code long} holds counts as the most it holds. */
        long u64(int offset) {
            long value = offset + Long.BYTES <= struct.limit() ? struct.getLong(offset) : 0;
            return value < 0 ? Long.MAX_VALUE : value;
        }
    }
}
