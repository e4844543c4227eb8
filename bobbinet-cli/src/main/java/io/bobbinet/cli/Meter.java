package io.bobbinet.cli;

import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts the bytes of one connection, or of all connections together. */
final class Meter {
    private final LongAdder received = new LongAdder();
    private final LongAdder sent = new LongAdder();
    private final @Nullable Meter total;
    private volatile Runnable onMove = () -> {};

    private Meter(@Nullable Meter total) {
        this.total = total;
    }

    static Meter ofAll() {
        return new Meter(null);
    }

    /** {@return a meter for one connection, whose bytes are counted here too} */
    Meter ofOne() {
        return new Meter(this);
    }

    /** Sets what is to be done whenever bytes have moved. */
    void onMove(Runnable action) {
        onMove = action;
    }

    void received(long count) {
        received.add(count);
        if (total != null) {
            total.received(count);
        }
        onMove.run();
    }

    void sent(long count) {
        sent.add(count);
        if (total != null) {
            total.sent(count);
        }
        onMove.run();
    }

    long received() {
        return received.sum();
    }

    long sent() {
        return sent.sum();
    }

    /** {@return both counts, for people} */
    String summary() {
        return bytes(received()) + " received, " + bytes(sent()) + " sent";
    }

    /** {@return a count in the unit that fits it} */
    static String bytes(long count) {
        if (count < 1024) {
            return count + " B";
        }
        String[] units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
        double value = count;
        int unit = -1;
        // 1023.95 would be printed as 1024.0.
        while (value >= 1023.95 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}
