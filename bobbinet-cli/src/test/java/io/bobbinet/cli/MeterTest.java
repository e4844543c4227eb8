package io.bobbinet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MeterTest {

    @Test
    void printsBytesInTheUnitThatFits() {
        assertThat(Meter.bytes(0)).isEqualTo("0 B");
        assertThat(Meter.bytes(1023)).isEqualTo("1023 B");
        assertThat(Meter.bytes(1024)).isEqualTo("1.0 KiB");
        assertThat(Meter.bytes(1024 * 1024 - 1)).isEqualTo("1.0 MiB");
        assertThat(Meter.bytes(1L << 30)).isEqualTo("1.0 GiB");
        assertThat(Meter.bytes(Long.MAX_VALUE)).isEqualTo("8.0 EiB");
    }

    @Test
    void countsForOneAndForAll() {
        Meter all = Meter.ofAll();
        Meter one = all.ofOne();
        Meter other = all.ofOne();
        one.received(1);
        other.received(2);
        other.sent(4);
        assertThat(one.summary()).isEqualTo("1 B received, 0 B sent");
        assertThat(all.summary()).isEqualTo("3 B received, 4 B sent");
    }
}
