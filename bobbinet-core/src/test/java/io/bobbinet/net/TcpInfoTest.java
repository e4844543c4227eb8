package io.bobbinet.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What the bytes of the system mean, whichever kernel they are of. */
class TcpInfoTest {
    /** As long as the struct of Linux 6.18. */
    private final ByteBuffer struct = ByteBuffer.allocate(280).order(ByteOrder.nativeOrder());

    private TcpInfo info() {
        return TcpInfo.of(struct.array());
    }

    private TcpInfo first(int length) {
        return TcpInfo.of(Arrays.copyOf(struct.array(), length));
    }

    @Test
    void numbersHaveNoSign() {
        struct.put(2, (byte) 200);
        struct.putInt(100, -2);
        struct.putInt(80, Integer.MIN_VALUE);
        assertThat(info().retransmits()).isEqualTo(200);
        assertThat(info().totalRetransmits()).isEqualTo(0xffff_fffeL);
        assertThat(info().congestionWindow()).isEqualTo(0x8000_0000L);
    }

    @Test
    void timesAreMicrosecondsAndAgesAreMilliseconds() {
        struct.putInt(68, 1_500).putInt(72, 7).putInt(8, 204_000).putInt(148, 21);
        struct.putInt(44, 12).putInt(52, -1);
        assertThat(info().rtt()).isEqualTo(Duration.ofNanos(1_500_000));
        assertThat(info().rttVariance()).isEqualTo(Duration.ofNanos(7_000));
        assertThat(info().retransmissionTimeout()).isEqualTo(Duration.ofMillis(204));
        assertThat(info().minRtt()).isEqualTo(Duration.ofNanos(21_000));
        assertThat(info().sinceDataSent()).isEqualTo(Duration.ofMillis(12));
        assertThat(info().sinceDataReceived()).isEqualTo(Duration.ofMillis(0xffff_ffffL));
    }

    @Test
    void aLeastRoundTripThatWasNotMeasuredIsZero() {
        struct.putInt(148, -1);
        assertThat(info().minRtt()).isZero();
    }

    @Test
    void aPacingRateOfAllOnesIsNoLimit() {
        struct.putLong(104, -1L);
        assertThat(info().pacingRate()).isEqualTo(Long.MAX_VALUE);
        struct.putLong(104, 125_000);
        assertThat(info().pacingRate()).isEqualTo(125_000);
    }

    @Test
    void statesAreThoseOfTheKernelInItsOrder() {
        for (TcpInfo.State state : TcpInfo.State.values()) {
            struct.put(0, (byte) (state.ordinal() + 1));
            assertThat(info().state()).isEqualTo(state);
        }
        assertThat(TcpInfo.State.values()[0]).isEqualTo(TcpInfo.State.ESTABLISHED);
        assertThat(TcpInfo.State.values()[6]).isEqualTo(TcpInfo.State.CLOSED);
        struct.put(0, (byte) 13);
        assertThat(info().state()).isEqualTo(TcpInfo.State.OTHER);
        struct.put(0, (byte) 0);
        assertThat(info().state()).isEqualTo(TcpInfo.State.OTHER);
    }

    @Test
    void whatAnOlderKernelDoesNotTellIsZero() {
        Arrays.fill(struct.array(), (byte) 1);
        TcpInfo old = first(104); // Linux 3.14
        assertThat(old.totalRetransmits()).isEqualTo(0x01010101L);
        assertThat(old.pacingRate()).isZero();
        assertThat(old.minRtt()).isZero();
        assertThat(old.bytesAcked()).isZero();
        assertThat(old.bytesSent()).isZero();
        assertThat(first(168).deliveryRate()).isEqualTo(0x0101010101010101L); // Linux 4.9
        assertThat(first(167).deliveryRate()).isZero();
        assertThat(first(0).state()).isEqualTo(TcpInfo.State.OTHER);
    }
}
